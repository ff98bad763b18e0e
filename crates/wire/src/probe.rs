//! Every way to break the constraints of a [`Structure`], each with the answer that is due. For the
//! tests of operations: run each body against the real dispatch and compare.
//!
//! - Each [`Violation`] breaks one thing in an otherwise minimal valid document.
//! - The answers are worked out here from the constraints and the recorded texts, apart from the
//!   code that validates, so that the two check each other.
//! - awsQuery cannot say everything that JSON can: its violations are a list of their own, and
//!   [`form()`] writes any document as a form. [`rest()`] writes it as a request of restJson1, and
//!   [`rest_violations`] are those that such a request can have.

mod expected;
mod form;
mod rest;
#[cfg(test)]
mod tests;

use crate::shape::{List, Map, Number, Shape, Structure, Text, UNBOUNDED, Unit};
use expected::{invalid_value, null_member, wrong_form, wrong_type};
pub use form::form;
pub use rest::{RestRequest, rest, rest_violations};
use serde_json::{Value, json};

/// A request that must be refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// What is broken, such as `filters.1.member.key: given true`.
    pub what: String,
    /// The request.
    pub body: Value,
    /// The exception name that is due.
    pub code: &'static str,
    /// The text that is due, if any.
    pub message: Option<String>,
}

/// The smallest valid request: the required members, each with a valid value.
pub fn minimal(structure: &'static Structure) -> Value {
    document(structure, |member| member.required)
}

/// A valid request with every member.
pub fn complete(structure: &'static Structure) -> Value {
    document(structure, |_| true)
}

/// Every single violation of `structure` in awsJson, nested ones included.
pub fn violations(structure: &'static Structure) -> Vec<Violation> {
    violations_in(Protocol::Json, structure)
}

/// Every single violation of `structure` in awsQuery, nested ones included.
pub fn query_violations(structure: &'static Structure) -> Vec<Violation> {
    violations_in(Protocol::Query, structure)
}

impl Violation {
    /// The request as the form of `action`.
    pub fn form(&self, action: &str, version: &str) -> Vec<u8> {
        form(&self.body, action, version)
    }
}

/// How requests are written: it decides what can be said, and the names of the exceptions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Json,
    Query,
}

impl Protocol {
    /// The exception for a constraint that is not met.
    fn invalid(self) -> &'static str {
        match self {
            Self::Json => "ValidationException",
            Self::Query => "ValidationError",
        }
    }

    /// The exception for a value of the wrong type.
    fn unreadable(self) -> &'static str {
        match self {
            Self::Json => "SerializationException",
            Self::Query => "MalformedInput",
        }
    }

    /// A value of every type. In a form an empty list cannot be told from an empty text.
    fn given(self) -> [Value; 7] {
        let list = match self {
            Self::Json => json!([]),
            Self::Query => json!(["item"]),
        };
        [
            json!("text"),
            json!(1),
            json!(1.5),
            json!(true),
            json!(false),
            list,
            json!({}),
        ]
    }
}

fn violations_in(protocol: Protocol, structure: &'static Structure) -> Vec<Violation> {
    let mut found = Vec::new();
    Place {
        protocol,
        path: String::new(),
        embed: &|document| document,
    }
    .break_structure(structure, &mut found);
    found
}

/// Where in a request a value stands.
struct Place<'a> {
    protocol: Protocol,
    /// In AWS's form; empty for the request itself.
    path: String,
    /// The minimal request with a value put in this place.
    embed: &'a dyn Fn(Value) -> Value,
}

impl Place<'_> {
    fn break_structure(&self, structure: &'static Structure, found: &mut Vec<Violation>) {
        for member in structure.members {
            let with = |value: Value| {
                let mut fields = fields_of(structure, |m| m.required);
                fields.insert(member.name.to_owned(), value);
                (self.embed)(Value::Object(fields))
            };
            let place = Place {
                protocol: self.protocol,
                path: self.path_of_member(member.name),
                embed: &with,
            };
            if member.required {
                let fields = fields_of(structure, |m| m.required && m.name != member.name);
                let absent = (self.embed)(Value::Object(fields));
                found.push(place.violation("absent", absent, null_member(&place.path)));
                place.give_null(found);
            }
            place.break_value(member.shape, found);
        }
    }

    fn break_value(&self, shape: &'static Shape, found: &mut Vec<Violation>) {
        self.give_wrong_types(shape, found);
        for (what, value) in broken_values(shape) {
            let message = invalid_value(shape, &value, &self.path);
            found.push(self.violation(what, (self.embed)(value), message));
        }
        match shape {
            Shape::List(list) => self.break_items(list, found),
            Shape::Map(map) => self.break_entries(map, found),
            Shape::Structure(structure) => self.break_structure(structure, found),
            Shape::Blob { .. } => {
                found.push(self.unreadable("not base64", (self.embed)(json!("*")), None));
            }
            Shape::Text(_)
            | Shape::Integer(_)
            | Shape::Double
            | Shape::Timestamp
            | Shape::Boolean => {}
        }
    }

    /// Breaks one item behind as many valid ones as there may be, up to one more than the fewest.
    fn break_items(&self, list: &'static List, found: &mut Vec<Violation>) {
        let before = list.min.max(1).min(list.max.saturating_sub(1));
        let with = |item: Value| {
            let mut items = vec![example(list.item); before];
            items.push(item);
            (self.embed)(Value::Array(items))
        };
        let place = Place {
            protocol: self.protocol,
            path: format!("{}.{}.member", self.path, before + 1),
            embed: &with,
        };
        place.give_null(found);
        place.break_value(list.item, found);
    }

    /// Breaks the value of one entry.
    fn break_entries(&self, map: &'static Map, found: &mut Vec<Violation>) {
        let with = |value: Value| (self.embed)(json!({ "k": value }));
        let place = Place {
            protocol: self.protocol,
            path: format!("{}.k.member", self.path),
            embed: &with,
        };
        place.give_null(found);
        place.break_value(map.value, found);
    }

    /// Gives `null` where a value is wanted. A form has no way to say it.
    fn give_null(&self, found: &mut Vec<Violation>) {
        if self.protocol == Protocol::Json {
            let body = (self.embed)(Value::Null);
            found.push(self.violation("null", body, null_member(&self.path)));
        }
    }

    fn give_wrong_types(&self, shape: &Shape, found: &mut Vec<Violation>) {
        for value in self.protocol.given() {
            let refusal = match self.protocol {
                Protocol::Json => wrong_type(shape, &value).map(Some),
                Protocol::Query => wrong_form(shape, &value).then_some(None),
            };
            if let Some(message) = refusal {
                let what = format!("given {value}");
                found.push(self.unreadable(&what, (self.embed)(value), message));
            }
        }
    }

    fn violation(&self, what: &str, body: Value, message: String) -> Violation {
        Violation {
            what: format!("{}: {what}", self.path),
            body,
            code: self.protocol.invalid(),
            message: Some(message),
        }
    }

    fn unreadable(&self, what: &str, body: Value, message: Option<String>) -> Violation {
        Violation {
            what: format!("{}: {what}", self.path),
            body,
            code: self.protocol.unreadable(),
            message,
        }
    }

    fn path_of_member(&self, name: &str) -> String {
        let separator = if self.path.is_empty() { "" } else { "." };
        format!("{}{separator}{}", self.path, expected::lower_camel(name))
    }
}

fn document(structure: &'static Structure, wanted: fn(&crate::Member) -> bool) -> Value {
    Value::Object(fields_of(structure, wanted))
}

fn fields_of(
    structure: &'static Structure,
    wanted: impl Fn(&crate::Member) -> bool,
) -> serde_json::Map<String, Value> {
    let members = structure.members.iter().filter(|member| wanted(member));
    members
        .map(|member| (member.name.to_owned(), example(member.shape)))
        .collect()
}

/// A valid value.
fn example(shape: &'static Shape) -> Value {
    match shape {
        Shape::Text(Text {
            pattern: Some(pattern),
            ..
        }) => json!(pattern.example),
        Shape::Text(text) => match text.one_of.first() {
            Some(name) => json!(name),
            None => text_of(text.min.max(1).min(text.max)),
        },
        Shape::Blob { min, max, .. } => blob_of((*min).max(1).min(*max)),
        Shape::Integer(number) => json!(number.min.or(number.max).unwrap_or(1)),
        Shape::Double => json!(1.5),
        Shape::Timestamp => json!(1_768_478_400),
        Shape::Boolean => json!(true),
        Shape::List(list) => list_of(list, list.min.max(1).min(list.max)),
        Shape::Map(map) => json!({ "k": example(map.value) }),
        Shape::Structure(structure) => complete(structure),
    }
}

/// Values of the right type that break a constraint of `shape` itself, not of a part of it.
fn broken_values(shape: &'static Shape) -> Vec<(&'static str, Value)> {
    match shape {
        Shape::Text(text) => broken_texts(text),
        Shape::Blob { min, max, .. } => broken_lengths(*min, *max, blob_of),
        Shape::Integer(number) => broken_numbers(number),
        Shape::List(list) => broken_lengths(list.min, list.max, |length| list_of(list, length)),
        Shape::Double | Shape::Timestamp | Shape::Boolean | Shape::Map(_) | Shape::Structure(_) => {
            Vec::new()
        }
    }
}

fn broken_texts(text: &Text) -> Vec<(&'static str, Value)> {
    let mut broken = broken_lengths(text.min, text.max, text_of);
    if text.unit == Unit::Bytes && text.max != UNBOUNDED {
        let too_many_bytes = "é".repeat(text.max / 2 + 1);
        broken.push(("too long in bytes", json!(too_many_bytes)));
    }
    if let Some(pattern) = text.pattern {
        broken.push(("against the pattern", json!(pattern.counterexample)));
    }
    if !text.one_of.is_empty() {
        broken.push(("outside the set", json!("no-such-value")));
        broken.push(("outside the set, empty", json!("")));
    }
    broken
}

fn broken_lengths(
    min: usize,
    max: usize,
    value_of: impl Fn(usize) -> Value,
) -> Vec<(&'static str, Value)> {
    let mut broken = Vec::new();
    if let Some(length) = min.checked_sub(1) {
        broken.push(("too short", value_of(length)));
    }
    if let Some(length) = max.checked_add(1) {
        broken.push(("too long", value_of(length)));
    }
    broken
}

fn broken_numbers(number: &Number) -> Vec<(&'static str, Value)> {
    let below = number.min.and_then(|min| min.checked_sub(1));
    let above = number.max.and_then(|max| max.checked_add(1));
    let below = below.map(|value| ("too small", json!(value)));
    let above = above.map(|value| ("too large", json!(value)));
    below.into_iter().chain(above).collect()
}

fn text_of(length: usize) -> Value {
    json!("x".repeat(length))
}

fn blob_of(length: usize) -> Value {
    json!(data_encoding::BASE64.encode(&vec![b'x'; length]))
}

fn list_of(list: &'static List, length: usize) -> Value {
    Value::Array(vec![example(list.item); length])
}
