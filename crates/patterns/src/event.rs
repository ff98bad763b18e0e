//! EventBridge's event patterns, which are SNS's filter policies too.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>
//!
//! A pattern is an object of the form of the event. Its leaves are lists: a field matches when one of
//! its values is admitted by one item of the list. Rules:
//!
//! - every field of the pattern has to match; `$or` holds objects of which one has to;
//! - a field that is an array has each of its items as a value; fields inside objects of an array match
//!   only if they do in one and the same item;
//! - `exists` asks for values alone: an object, or an array without items, is none.
//!
//! COMPAT: numbers are compared as numbers of one form: `300` is not `300.0`, as on AWS, but `3.0e2` is
//! `300.0`. `$or` is always the operator.

mod compile;
mod condition;
mod text;

pub use self::compile::{Invalid, Limits};

use self::condition::Condition;
use crate::steps;
use serde_json::{Map, Value};
use std::cell::OnceCell;

/// A compiled pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct EventPattern {
    root: Fields,
    /// Places of the event where something asks for there being nothing.
    absent: Vec<Vec<String>>,
}

/// The fields of an object, all of which have to match.
#[derive(Clone, Debug, Default, PartialEq)]
struct Fields {
    named: Vec<(String, Node)>,
    /// `$or`: one of each list has to match.
    either: Vec<Self>,
}

/// What a field has to be.
#[derive(Clone, Debug, PartialEq)]
enum Node {
    /// An object, or a list of them.
    Object(Fields),
    /// A value.
    Leaf(Leaf),
}

/// What a value has to be.
#[derive(Clone, Debug, PartialEq)]
struct Leaf {
    /// One of these.
    conditions: Vec<Condition>,
    /// Which of [`EventPattern::absent`] it is, if one of the conditions is that nothing stands there.
    absent: Option<usize>,
}

/// One event while a pattern is held against it.
///
/// SECURITY: whether there is a value at a place is found out once, however many items of arrays ask.
struct Matching<'a> {
    event: &'a Value,
    pattern: &'a EventPattern,
    is_there: Vec<OnceCell<bool>>,
}

impl EventPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// [`Invalid`]: why `text` is none.
    pub fn parse(text: &str, limits: Limits) -> Result<Self, Invalid> {
        compile::compile(text, limits)
    }

    /// Whether `event` is one that the pattern means. What is no object never is.
    pub fn matches(&self, event: &Value) -> bool {
        match event {
            Value::Object(members) => {
                let is_there = self.absent.iter().map(|_| OnceCell::new()).collect();
                let matching = Matching {
                    event,
                    pattern: self,
                    is_there,
                };
                self.root.match_object(members, &matching)
            }
            _ => false,
        }
    }
}

impl Fields {
    /// Whether `value`, or an item of it, is an object with these fields.
    fn match_value(&self, value: Option<&Value>, matching: &Matching<'_>) -> bool {
        match value {
            Some(Value::Object(members)) => self.match_object(members, matching),
            Some(Value::Array(items)) if !items.is_empty() => items
                .iter()
                .any(|item| self.match_value(Some(item), matching)),
            // Whatever is not there has no field, which may be what is asked for.
            _ => self.match_object(&Map::new(), matching),
        }
    }

    fn match_object(&self, members: &Map<String, Value>, matching: &Matching<'_>) -> bool {
        steps::add(1);
        let named = self.named.iter().all(|(name, node)| {
            let value = members.get(name);
            match node {
                Node::Object(fields) => fields.match_value(value, matching),
                Node::Leaf(leaf) => leaf.matches(value, matching),
            }
        });
        let has_alternative = || {
            let mut alternatives = self.either.iter();
            alternatives.any(|fields| fields.match_object(members, matching))
        };
        named && (self.either.is_empty() || has_alternative())
    }
}

impl Leaf {
    fn matches(&self, value: Option<&Value>, matching: &Matching<'_>) -> bool {
        let admits = |value: &Value| self.conditions.iter().any(|one| one.admits(value));
        if value.is_some_and(|value| any_leaf(value, &admits)) {
            return true;
        }
        self.absent.is_some_and(|place| !matching.has(place))
    }
}

impl Matching<'_> {
    /// Whether there is a value at one of [`EventPattern::absent`] in any branch of the event.
    fn has(&self, place: usize) -> bool {
        match (self.is_there.get(place), self.pattern.absent.get(place)) {
            (Some(known), Some(path)) => *known.get_or_init(|| any_at(self.event, path)),
            // Every place that a leaf has is there. What is not known to be absent is not.
            _ => true,
        }
    }
}

/// Whether one of the values that `value` is, or its items are, `holds`.
fn any_leaf(value: &Value, holds: &impl Fn(&Value) -> bool) -> bool {
    steps::add(1);
    match value {
        Value::Array(items) => items.iter().any(|item| any_leaf(item, holds)),
        Value::Object(_) => false,
        _ => holds(value),
    }
}

/// Whether there is a value at `path` in any branch of `event`.
fn any_at(event: &Value, path: &[String]) -> bool {
    steps::add(1);
    match (path.split_first(), event) {
        (None, value) => any_leaf(value, &|_| true),
        (Some(_), Value::Array(items)) => items.iter().any(|item| any_at(item, path)),
        (Some((name, rest)), Value::Object(members)) => {
            members.get(name).is_some_and(|value| any_at(value, rest))
        }
        (Some(_), _) => false,
    }
}

#[cfg(test)]
mod tests;
