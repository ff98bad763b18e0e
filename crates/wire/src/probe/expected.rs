//! The answers that are due, worked out from the constraints alone.

use crate::shape::{Number, Shape, Text};
use serde_json::Value;

/// The text for a value of the wrong JSON type; `None` when the type is right.
pub(super) fn wrong_type(wanted: &Shape, given: &Value) -> Option<String> {
    let name = match (wanted, given) {
        (Shape::List(_), Value::Array(_))
        | (Shape::Map(_) | Shape::Structure(_), Value::Object(_))
        | (Shape::Text(_) | Shape::Blob { .. }, Value::String(_))
        | (Shape::Integer(_) | Shape::Double | Shape::Timestamp, Value::Number(_))
        | (Shape::Boolean, Value::Bool(_))
        | (_, Value::Null) => return None,
        (_, Value::Array(_)) => {
            return Some("Start of list found where not expected".into());
        }
        (_, Value::Object(_)) => {
            return Some("Start of structure or map found where not expected.".into());
        }
        (Shape::List(_), _) => return Some("Expected list or null".into()),
        (Shape::Map(_) | Shape::Structure(_), _) => return Some("Expected null".into()),
        (Shape::Text(_), _) => "a String",
        (Shape::Blob { .. }, _) => "a Blob",
        (Shape::Boolean, _) => "a Boolean",
        (Shape::Double, _) => "a Double",
        (Shape::Timestamp, _) => "milliseconds since epoch",
        (Shape::Integer(Number { long: true, .. }), _) => "a Long",
        (Shape::Integer(Number { long: false, .. }), _) => "an Integer",
    };
    let given = match given {
        Value::String(_) => "STRING",
        Value::Bool(true) => "TRUE",
        Value::Bool(false) => "FALSE",
        _ => "NUMBER",
    };
    Some(format!("{given}_VALUE can not be converted to {name}"))
}

/// Whether `given`, written into a form, cannot be read as a `wanted`.
pub(super) fn wrong_form(wanted: &Shape, given: &Value) -> bool {
    match (wanted, given) {
        (Shape::Map(_), _) => true,
        (_, Value::Array(_)) => !matches!(wanted, Shape::List(_) | Shape::Structure(_)),
        (_, Value::Object(_)) => !matches!(wanted, Shape::Structure(_)),
        // Base64 has four characters for three bytes.
        (Shape::Blob { .. }, _) => !plain(given).len().is_multiple_of(4),
        (Shape::Integer(_), _) => !given.is_i64(),
        (Shape::Double | Shape::Timestamp, _) => !given.is_number(),
        (Shape::Boolean, _) => !given.is_boolean(),
        (Shape::Text(_), _) => false,
        (Shape::List(_) | Shape::Structure(_), _) => true,
    }
}

/// A value that is no list and no structure, as a form writes it.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The text for a required member, or an item, that is absent.
pub(super) fn null_member(path: &str) -> String {
    one_or_more(&[format!(
        "Value null at '{path}' failed to satisfy constraint: Member must not be null"
    )])
}

/// The text for `value`, every rule of `shape` that it breaks in turn, or the one that is told in
/// words.
pub(super) fn invalid_value(shape: &Shape, value: &Value, path: &str) -> String {
    if let Some(rule) = broken_worded_rule(shape, value) {
        return format!("The specified value for {path} is invalid. {rule}");
    }
    let shown = if shape.is_confidential() {
        "Value".to_owned()
    } else {
        format!("Value '{}'", cut(&echo(shape, value)))
    };
    let elements: Vec<String> = broken_rules(shape, value)
        .into_iter()
        .map(|rule| format!("{shown} at '{path}' failed to satisfy constraint: Member must {rule}"))
        .collect();
    one_or_more(&elements)
}

/// `SecretId` as `secretId`.
pub(super) fn lower_camel(name: &str) -> String {
    let (first, rest) = name.split_at_checked(1).unwrap_or_default();
    first.to_lowercase() + rest
}

fn one_or_more(elements: &[String]) -> String {
    let plural = if elements.len() == 1 { "" } else { "s" };
    format!(
        "{} validation error{plural} detected: {}",
        elements.len(),
        elements.join("; ")
    )
}

/// The sentence that stands for a pattern, when `value` breaks it.
fn broken_worded_rule(shape: &Shape, value: &Value) -> Option<&'static str> {
    let (Shape::Text(text), Value::String(value)) = (shape, value) else {
        return None;
    };
    text.pattern
        .filter(|pattern| !(pattern.matches)(value))
        .and(text.worded)
}

fn broken_rules(shape: &Shape, value: &Value) -> Vec<String> {
    match (shape, value) {
        (Shape::Text(text), Value::String(value)) => broken_text_rules(text, value),
        (Shape::Blob { min, max, .. }, Value::String(value)) => {
            let padding = value.bytes().filter(|byte| *byte == b'=').count();
            broken_length_rules(value.len() / 4 * 3 - padding, *min, *max)
        }
        (Shape::List(list), Value::Array(items)) => {
            broken_length_rules(items.len(), list.min, list.max)
        }
        (Shape::Integer(rules), Value::Number(number)) => {
            let number = number.as_i64().unwrap_or_default();
            let least = rules.min.filter(|min| number < *min);
            let most = rules.max.filter(|max| number > *max);
            let least = least.map(|n| format!("have value greater than or equal to {n}"));
            let most = most.map(|n| format!("have value less than or equal to {n}"));
            least.into_iter().chain(most).collect()
        }
        _ => Vec::new(),
    }
}

fn broken_text_rules(text: &Text, value: &str) -> Vec<String> {
    let mut rules = broken_length_rules(text.length(value), text.min, text.max);
    if let Some(pattern) = text.pattern.filter(|pattern| !(pattern.matches)(value)) {
        rules.push(format!(
            "satisfy regular expression pattern: {}",
            pattern.text
        ));
    }
    if !text.one_of.is_empty() && text.one_of.iter().all(|name| *name != value) {
        rules.push(format!(
            "satisfy enum value set: [{}]",
            text.one_of.join(", ")
        ));
    }
    rules
}

fn broken_length_rules(length: usize, min: usize, max: usize) -> Vec<String> {
    if length < min {
        vec![format!("have length greater than or equal to {min}")]
    } else if length > max {
        vec![format!("have length less than or equal to {max}")]
    } else {
        Vec::new()
    }
}

fn echo(shape: &Shape, value: &Value) -> String {
    match (shape, value) {
        (Shape::List(list), Value::Array(items)) => {
            let items: Vec<String> = items.iter().map(|item| echo(list.item, item)).collect();
            format!("[{}]", items.join(", "))
        }
        (Shape::Map(map), Value::Object(fields)) => {
            let values = fields.iter();
            let values = values.map(|(key, value)| format!("{key}={}", echo(map.value, value)));
            format!("{{{}}}", values.collect::<Vec<_>>().join(", "))
        }
        (Shape::Structure(structure), Value::Object(fields)) => {
            let members = structure.members.iter().filter_map(|member| {
                let value = fields.get(member.name)?;
                let name = lower_camel(member.name);
                Some(format!("{name}={}", echo(member.shape, value)))
            });
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        (_, other) => plain(other),
    }
}

/// What is shown of a long value.
fn cut(shown: &str) -> String {
    if shown.chars().count() <= 1_024 {
        return shown.to_owned();
    }
    shown.chars().take(1_024).chain("...".chars()).collect()
}
