//! Documents as requests of restJson1.

use super::expected::lower_camel;
use super::form::percent_encoded;
use super::{Violation, violations};
use crate::rest::Http;
use crate::shape::Structure;
use data_encoding::BASE64;
use serde_json::{Map, Value};

/// A request of restJson1, unsigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestRequest {
    /// The path, encoded.
    pub path: String,
    /// The query string, encoded and without the question mark.
    pub query: String,
    /// The headers of the operation's own.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// `document` as a request for the operation `http`. `None` where restJson1 has no way to say it: a
/// label that is empty or no text, a list of nothing in the query, a `null` there or in headers.
pub fn rest(document: &Value, http: &'static Http) -> Option<RestRequest> {
    let mut members = document.as_object()?.clone();
    let mut path = String::new();
    for segment in http.path.split('/').skip(1) {
        path.push('/');
        match segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) {
            None => path.push_str(segment),
            Some(label) => {
                let text = members.remove(label)?;
                let text = text.as_str().filter(|text| !text.is_empty())?;
                path.push_str(&percent_encoded(text));
            }
        }
    }
    let mut pairs = Vec::new();
    for (member, parameter) in http.query {
        match members.remove(*member) {
            None => {}
            Some(Value::Array(items)) if items.is_empty() => return None,
            Some(Value::Array(items)) => {
                for item in &items {
                    pairs.push((*parameter, plain(item)?));
                }
            }
            Some(value) => pairs.push((*parameter, plain(&value)?)),
        }
    }
    let mut headers = Vec::new();
    for (member, header) in http.headers {
        if let Some(value) = members.remove(*member) {
            headers.push((*header, plain(&value)?));
        }
    }
    let query: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", percent_encoded(value)))
        .collect();
    Some(RestRequest {
        path,
        query: query.join("&"),
        headers,
        body: body(members, http)?,
    })
}

/// Every single violation of `structure` that a request for the operation `http` can have.
pub fn rest_violations(structure: &'static Structure, http: &'static Http) -> Vec<Violation> {
    let bound: Vec<String> = structure
        .members
        .iter()
        .map(|member| member.name)
        .filter(|name| stands_outside_the_body(name, http))
        .map(lower_camel)
        .collect();
    let is_bound = |what: &str| {
        let place = what.split([':', '.']).next().unwrap_or_default();
        bound.iter().any(|name| name == place)
    };
    let mut found = violations(structure);
    // Outside the body all values are texts.
    found.retain(|one| one.code != "SerializationException" || !is_bound(&one.what));
    found.retain(|one| rest(&one.body, http).is_some());
    found
}

fn stands_outside_the_body(member: &str, http: &Http) -> bool {
    let mut bound = http.query.iter().chain(http.headers);
    bound.any(|(name, _)| *name == member)
        || http.payload == Some(member)
        || http.path.contains(&format!("{{{member}}}"))
}

fn body(mut members: Map<String, Value>, http: &Http) -> Option<Vec<u8>> {
    match http.payload {
        None if members.is_empty() => Some(Vec::new()),
        None => Some(Value::Object(members).to_string().into_bytes()),
        Some(payload) => match members.remove(payload) {
            None => Some(Vec::new()),
            Some(Value::String(text)) => BASE64.decode(text.as_bytes()).ok(),
            Some(_) => None,
        },
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
