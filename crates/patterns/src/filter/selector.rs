//! `$.requestParameters.names[0]`: where in a JSON event something stands.

use super::error::Malformed;
use super::scanner::Scanner;
use serde_json::Value;
use std::fmt::{self, Write as _};

/// A place, or with `[*]` several, in an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    steps: Vec<Step>,
    /// As the pattern wrote it.
    text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Every,
    Index(usize),
    Member(String),
}

impl Selector {
    /// Reads a selector that comes next.
    pub(super) fn parse(scanner: &mut Scanner<'_>) -> Result<Self, Malformed> {
        if !scanner.take("$") {
            return Err(scanner.wrong("a selector begins with `$`"));
        }
        let mut steps = Vec::new();
        loop {
            if scanner.take(".") {
                // `$.["a b"]` is `$["a b"]`.
                if scanner.peek() != Some('[') {
                    steps.push(Step::Member(member(scanner)?));
                }
            } else if scanner.take("[") {
                steps.push(bracketed(scanner)?);
            } else if steps.is_empty() {
                return Err(scanner.wrong("a selector goes on with `.` or `[`"));
            } else {
                let mut text = String::from("$");
                for step in &steps {
                    // Writing to a `String` cannot fail.
                    let _ = write!(text, "{step}");
                }
                return Ok(Self { steps, text });
            }
        }
    }

    /// In one spelling, such as `$.a[0]`.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether any value that it selects in `json` is one that `admits` says.
    pub(super) fn any(&self, json: &Value, admits: &dyn Fn(&Value) -> bool) -> bool {
        any(&self.steps, json, admits)
    }

    /// The first value in `json` that it selects, if it is a number, a string or a Boolean.
    pub(super) fn scalar_in(&self, json: &Value) -> Option<String> {
        first(&self.steps, json).and_then(shown)
    }
}

/// Each value is looked at once, however many `[*]` there are.
fn any(steps: &[Step], value: &Value, admits: &dyn Fn(&Value) -> bool) -> bool {
    match steps {
        [] => admits(value),
        [Step::Every, rest @ ..] => {
            let items = value.as_array();
            items.is_some_and(|items| items.iter().any(|item| any(rest, item, admits)))
        }
        [step, rest @ ..] => step.of(value).is_some_and(|inner| any(rest, inner, admits)),
    }
}

fn first<'a>(steps: &[Step], value: &'a Value) -> Option<&'a Value> {
    match steps {
        [] => Some(value),
        [Step::Every, rest @ ..] => value.as_array()?.iter().find_map(|item| first(rest, item)),
        [step, rest @ ..] => first(rest, step.of(value)?),
    }
}

impl Step {
    fn of<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        match self {
            Self::Every => None,
            Self::Index(index) => value.as_array()?.get(*index),
            Self::Member(name) => value.as_object()?.get(name),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every => f.write_str("[*]"),
            Self::Index(index) => write!(f, "[{index}]"),
            Self::Member(name) if name.chars().all(is_of_name) => write!(f, ".{name}"),
            Self::Member(name) => write!(f, ".[\"{name}\"]"),
        }
    }
}

/// A value as text.
pub(super) fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn member(scanner: &mut Scanner<'_>) -> Result<String, Malformed> {
    if scanner.peek() == Some('"') {
        return scanner.quoted();
    }
    match scanner.take_while(is_of_name) {
        "" => Err(scanner.wrong("the name of a member is missing")),
        name => Ok(name.to_owned()),
    }
}

/// What is between `[`, which was taken, and `]`.
fn bracketed(scanner: &mut Scanner<'_>) -> Result<Step, Malformed> {
    scanner.skip_spaces();
    let step = match scanner.peek() {
        Some('*') => {
            scanner.next();
            Step::Every
        }
        Some('"' | '\'') => Step::Member(scanner.quoted()?),
        _ => {
            let digits = scanner.take_while(|c| c.is_ascii_digit());
            let index = digits.parse();
            Step::Index(index.map_err(|_| scanner.wrong("an index is a number or `*`"))?)
        }
    };
    scanner.skip_spaces();
    if !scanner.take("]") {
        return Err(scanner.wrong("a `]` is missing"));
    }
    Ok(step)
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | ':' | '@' | '#')
}
