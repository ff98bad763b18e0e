//! Documents with their doubts resolved one way or the other.
//!
//! A test of a condition is open when only a request could tell the value of its key. A statement
//! with an open test may apply or not, so a question about it has two ends: the one where every
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
    let statement = statements(&mut document).into_iter().nth(index);
    let condition = statement
        .and_then(|statement| statement.get("Condition"))
        .and_then(Value::as_object);
    condition
        .into_iter()
        .flat_map(Map::values)
        .filter_map(Value::as_object)
        .flat_map(Map::keys)
        .filter(|key| is_open(key))
        .cloned()
        .collect()
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
    let denies = statement.get("Effect").and_then(Value::as_str) == Some("Deny");
    let Some(condition) = statement
        .get_mut("Condition")
        .and_then(Value::as_object_mut)
    else {
        return false;
    };
    let mut found = false;
    for tests in condition.values_mut().filter_map(Value::as_object_mut) {
        let before = tests.len();
        tests.retain(|key, _| !is_open(key));
        found |= tests.len() < before;
    }
    if !found {
        return false;
    }
    let applies = match resolve {
        Resolve::All => true,
        Resolve::Hopefully => !denies,
        Resolve::Warily => denies,
    };
    condition.retain(|_, tests| tests.as_object().is_none_or(|tests| !tests.is_empty()));
    if !applies {
        *condition = Map::new();
        condition.insert(String::from("Null"), json!({ NOT_ONCE: "false" }));
    } else if condition.is_empty() {
        statement.remove("Condition");
    }
    true
}

#[cfg(test)]
mod tests;
