//! Documents with their doubts resolved one way or the other.
//!
//! A test of a condition is open when only a request could tell the value of its key, or of a
//! variable in its operands; so is a resource with such a variable. A statement with something open
//! may apply or not, so a question about it has two ends: the one where every
//! open `Allow` applies and no open `Deny` does, and the opposite one. Where both ends agree, the
//! answer holds for every request.

use super::circumstances::NOT_ONCE;
use serde_json::{Map, Value, json};

/// What is made of statements with open tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resolve {
    /// Each applies if its other tests do.
    All,
    /// Those that allow apply, those that deny do not.
    Hopefully,
    /// Those that deny apply, those that allow do not.
    Warily,
}

/// The document `text` resolved one way. `None` when nothing in it is open, or it is none.
pub(super) fn resolved(
    text: &str,
    resolve: Resolve,
    is_open: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let mut document: Value = serde_json::from_str(text).ok()?;
    let mut has_changed = false;
    for statement in statements(&mut document) {
        has_changed |= resolve_statement(statement, resolve, is_open);
    }
    has_changed.then(|| document.to_string())
}

/// The open keys of the statement at `index`, as written.
pub(super) fn open_keys(text: &str, index: usize, is_open: &dyn Fn(&str) -> bool) -> Vec<String> {
    let Ok(mut document) = serde_json::from_str::<Value>(text) else {
        return Vec::new();
    };
    let statements = statements(&mut document);
    let Some(statement) = statements.get(index) else {
        return Vec::new();
    };
    let mut keys = Vec::new();
    for member in RESOURCES.iter().filter_map(|name| statement.get(*name)) {
        keys.extend(open_variables(member, is_open));
    }
    let condition = statement.get("Condition").and_then(Value::as_object);
    let tests = condition
        .into_iter()
        .flat_map(Map::values)
        .filter_map(Value::as_object);
    for (key, operands) in tests.flatten() {
        keys.extend(is_open(key).then(|| key.clone()));
        keys.extend(open_variables(operands, is_open));
    }
    keys
}

/// The statements of a document, which may be one without a list around it.
fn statements(document: &mut Value) -> Vec<&mut Map<String, Value>> {
    match document.get_mut("Statement") {
        Some(Value::Array(list)) => list.iter_mut().filter_map(Value::as_object_mut).collect(),
        Some(Value::Object(one)) => vec![one],
        _ => Vec::new(),
    }
}

/// Whether there was something to resolve.
fn resolve_statement(
    statement: &mut Map<String, Value>,
    resolve: Resolve,
    is_open: &dyn Fn(&str) -> bool,
) -> bool {
    let mut found = false;
    for name in RESOURCES {
        if let Some(resources) = statement.get_mut(*name) {
            found |= widen(resources, is_open);
        }
    }
    if let Some(condition) = statement
        .get_mut("Condition")
        .and_then(Value::as_object_mut)
    {
        for tests in condition.values_mut().filter_map(Value::as_object_mut) {
            let before = tests.len();
            tests.retain(|key, operands| {
                !is_open(key) && open_variables(operands, is_open).is_empty()
            });
            found |= tests.len() < before;
        }
        condition.retain(|_, tests| tests.as_object().is_none_or(|tests| !tests.is_empty()));
        if condition.is_empty() {
            statement.remove("Condition");
        }
    }
    let denies = statement.get("Effect").and_then(Value::as_str) == Some("Deny");
    let applies = match resolve {
        Resolve::All => true,
        Resolve::Hopefully => !denies,
        Resolve::Warily => denies,
    };
    if found && !applies {
        let never = json!({ "Null": { NOT_ONCE: "false" } });
        statement.insert(String::from("Condition"), never);
    }
    found
}

/// Puts a wildcard for every open variable. Whether there was one.
fn widen(resources: &mut Value, is_open: &dyn Fn(&str) -> bool) -> bool {
    match resources {
        Value::String(text) => {
            let open: Vec<_> = variables(text)
                .filter(|variable| is_open(variable.key))
                .map(|variable| variable.written.to_owned())
                .collect();
            for written in &open {
                *text = text.replace(written, "*");
            }
            !open.is_empty()
        }
        Value::Array(list) => list
            .iter_mut()
            .fold(false, |found, one| widen(one, is_open) | found),
        _ => false,
    }
}

/// The open keys that variables in `value`, a text or a list of texts, stand for.
fn open_variables(value: &Value, is_open: &dyn Fn(&str) -> bool) -> Vec<String> {
    match value {
        Value::String(text) => variables(text)
            .map(|variable| variable.key)
            .filter(|key| is_open(key))
            .map(str::to_owned)
            .collect(),
        Value::Array(list) => list
            .iter()
            .flat_map(|one| open_variables(one, is_open))
            .collect(),
        _ => Vec::new(),
    }
}

/// `${key}`, or `${key, 'default'}`.
struct Variable<'a> {
    written: &'a str,
    key: &'a str,
}

fn variables(text: &str) -> impl Iterator<Item = Variable<'_>> {
    text.match_indices("${").filter_map(|(start, _)| {
        let rest = text.get(start..)?;
        let written = rest.get(..=rest.find('}')?)?;
        let inner = written.strip_prefix("${")?.strip_suffix('}')?;
        let key = inner.split(',').next()?.trim();
        // `${*}` and its like stand for the characters themselves.
        (key.len() > 1).then_some(Variable { written, key })
    })
}

const RESOURCES: &[&str] = &["Resource", "NotResource"];

#[cfg(test)]
mod tests;
