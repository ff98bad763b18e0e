//! The request that a message for an API destination becomes.
//!
//! - What the connection says wins over what the target says.
//! - COMPAT: the headers are AWS's. Members for the body are added to a JSON object, over those that it has;
//!   another body is left as it is.
//!
//! SECURITY: a value for the path or the query is escaped byte by byte, so that it stays in its place. It may
//! still be `..`: where the URL leads is for the messenger to judge, which looks at the whole of it. Secrets
//! are written into buffers that are overwritten, and that were made large enough not to be moved.

use super::credentials::Secrets;
use super::headers;
use super::records::{ApiDestination, Authorization, Connection, Place};
use crate::ports::{Composed, Invoked, NotSent};
use base::Plaintext;
use data_encoding::BASE64;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// The request.
///
/// # Errors
/// Why there is none, for good.
pub(super) fn compose(
    destination: &ApiDestination,
    connection: &Connection,
    secrets: &Secrets,
    invoked: &Invoked<'_>,
) -> Result<Composed, NotSent> {
    let added = added(connection, secrets)?;
    let (public, secret) = header_lines(connection, secrets, &added, invoked);
    let body = match destination.method.has_body() {
        true => body(invoked.body, &added),
        false => Plaintext::new(Vec::new()),
    };
    Ok(Composed {
        method: destination.method.name(),
        url: url(&destination.endpoint, invoked, &added)?,
        headers: public,
        secrets: secret,
        body,
        per_second: destination.per_second,
    })
}

/// A URL that `endpoint` may become, to be looked at. `None`: it has no path where wildcards could be.
pub(super) fn sample(endpoint: &str) -> Option<String> {
    let (origin, path, query) = split(endpoint)?;
    (!origin.contains('*')).then(|| format!("{origin}{}{query}", path.replace('*', "x")))
}

/// A parameter that a connection adds.
struct Added<'a> {
    place: Place,
    key: &'a str,
    value: &'a str,
    is_secret: bool,
}

fn added<'a>(connection: &'a Connection, secrets: &'a Secrets) -> Result<Vec<Added<'a>>, NotSent> {
    let mut values = secrets.values.iter();
    let parameters = connection.parameters.iter().flatten();
    let added = parameters.map(|parameter| {
        let value = match &parameter.value {
            Some(value) => value.as_str(),
            None => std::str::from_utf8(values.next()?.expose()).ok()?,
        };
        Some(Added {
            place: parameter.place,
            key: &parameter.key,
            value,
            is_secret: parameter.value.is_none(),
        })
    });
    let added: Option<Vec<_>> = added.collect();
    added.ok_or_else(|| NotSent::for_good("the connection cannot be read"))
}

/// The value of a header.
enum Line {
    Public(String),
    Secret(Plaintext),
}

type Lines = (Vec<(String, String)>, Vec<(String, Plaintext)>);

fn header_lines(
    connection: &Connection,
    secrets: &Secrets,
    added: &[Added<'_>],
    invoked: &Invoked<'_>,
) -> Lines {
    let mut lines = BTreeMap::new();
    let public = |value: &str| Line::Public(value.to_owned());
    lines.insert(String::from("content-type"), public(CONTENT_TYPE));
    for (key, value) in invoked.headers {
        lines.insert(key.to_ascii_lowercase(), public(value));
    }
    for one in added.iter().filter(|one| one.place == Place::Header) {
        let value = match one.is_secret {
            true => Line::Secret(Plaintext::new(one.value.as_bytes().to_vec())),
            false => public(one.value),
        };
        lines.insert(one.key.to_ascii_lowercase(), value);
    }
    let (name, value) = match &connection.authorization {
        Authorization::Basic { username } => (
            String::from("authorization"),
            basic(username, &secrets.credential),
        ),
        Authorization::ApiKey { name } => (
            name.to_ascii_lowercase(),
            Plaintext::new(secrets.credential.expose().to_vec()),
        ),
    };
    lines.insert(name, Line::Secret(value));
    lines.retain(|name, _| !headers::is_taken_out(name));
    for (name, value) in OWN_HEADERS {
        lines.insert(name.to_owned(), public(value));
    }
    let mut split = (Vec::new(), Vec::new());
    for (name, line) in lines {
        match line {
            Line::Public(value) => split.0.push((name, value)),
            Line::Secret(value) => split.1.push((name, value)),
        }
    }
    split
}

fn basic(username: &str, password: &Plaintext) -> Plaintext {
    let mut pair = Zeroizing::new(Vec::with_capacity(username.len() + 1 + password.len()));
    pair.extend_from_slice(username.as_bytes());
    pair.push(b':');
    pair.extend_from_slice(password.expose());
    let mut value = b"Basic ".to_vec();
    let start = value.len();
    value.resize(start + BASE64.encode_len(pair.len()), 0);
    if let Some(encoded) = value.get_mut(start..) {
        BASE64.encode_mut(&pair, encoded);
    }
    Plaintext::new(value)
}

fn url(endpoint: &str, invoked: &Invoked<'_>, added: &[Added<'_>]) -> Result<Plaintext, NotSent> {
    let (origin, path, query) =
        split(endpoint).ok_or_else(|| NotSent::for_good("the endpoint is no URL"))?;
    let own = added.iter().filter(|one| one.place == Place::Query);
    let is_own = |key: &str| own.clone().any(|one| one.key == key);
    let given = invoked.query.iter().filter(|(key, _)| !is_own(key));
    let given = given.map(|(key, value)| (key.as_str(), value.as_str()));
    let pairs = given.chain(own.clone().map(|one| (one.key, one.value)));
    let room = endpoint.len()
        + 3 * invoked.path.iter().map(String::len).sum::<usize>()
        + pairs
            .clone()
            .map(|(key, value)| 3 * (key.len() + value.len()) + 2)
            .sum::<usize>();
    let mut url = Zeroizing::new(Vec::with_capacity(room));
    url.extend_from_slice(origin.as_bytes());
    let mut values = invoked.path.iter();
    for (position, piece) in path.split('*').enumerate() {
        if position > 0 {
            let value = values.next();
            let value = value.ok_or_else(|| NotSent::for_good(TOO_FEW_VALUES))?;
            push_escaped(&mut url, value);
        }
        url.extend_from_slice(piece.as_bytes());
    }
    url.extend_from_slice(query.as_bytes());
    let mut has_query = !query.is_empty();
    for (key, value) in pairs {
        url.push(if has_query { b'&' } else { b'?' });
        has_query = true;
        push_escaped(&mut url, key);
        url.push(b'=');
        push_escaped(&mut url, value);
    }
    Ok(Plaintext::new(std::mem::take(&mut *url)))
}

/// What comes before the path, the path, and the query with its mark.
fn split(endpoint: &str) -> Option<(&str, &str, &str)> {
    let host = endpoint.find("://")? + 3;
    let rest = endpoint.get(host..)?;
    let path = host + rest.find(['/', '?']).unwrap_or(rest.len());
    let (origin, rest) = endpoint.split_at_checked(path)?;
    let (path, query) = rest.split_at_checked(rest.find('?').unwrap_or(rest.len()))?;
    Some((origin, path, query))
}

fn push_escaped(url: &mut Vec<u8>, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            url.push(byte);
        } else {
            let digit = |value: u8| HEX.get(usize::from(value)).copied().unwrap_or_default();
            url.extend_from_slice(&[b'%', digit(byte >> 4), digit(byte & 0xf)]);
        }
    }
}

/// The body, with the members that the connection adds.
fn body(text: &str, added: &[Added<'_>]) -> Plaintext {
    let own = added.iter().filter(|one| one.place == Place::Body);
    let object = serde_json::from_str::<Map<String, Value>>(text).ok();
    let object = object.filter(|_| own.clone().next().is_some());
    let Some(mut object) = object else {
        return Plaintext::new(text.as_bytes().to_vec());
    };
    // Of a member given twice the last value counts.
    let members: BTreeMap<&str, &str> = own.map(|one| (one.key, one.value)).collect();
    object.retain(|key, _| !members.contains_key(key.as_str()));
    let rest = Value::Object(object).to_string();
    let rest = rest.strip_suffix('}').unwrap_or_default();
    let pairs = members.iter();
    let pairs = pairs.map(|(key, value)| MOST_ESCAPED * (key.len() + value.len()) + 6);
    let mut body = Zeroizing::new(Vec::with_capacity(rest.len() + pairs.sum::<usize>() + 1));
    body.extend_from_slice(rest.as_bytes());
    let mut is_first = rest == "{";
    for (key, value) in members {
        if !is_first {
            body.push(b',');
        }
        is_first = false;
        push_quoted(&mut body, key);
        body.push(b':');
        push_quoted(&mut body, value);
    }
    body.push(b'}');
    Plaintext::new(std::mem::take(&mut *body))
}

fn push_quoted(body: &mut Vec<u8>, text: &str) {
    // Writing text to a buffer cannot fail.
    let _ = serde_json::to_writer(body, text);
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";
/// A control character in JSON.
const MOST_ESCAPED: usize = 6;
const CONTENT_TYPE: &str = "application/json; charset=utf-8";
/// Beside those that say how the request is transported.
const OWN_HEADERS: [(&str, &str); 3] = [
    ("accept-encoding", "gzip,deflate"),
    ("range", "bytes=0-1048575"),
    ("user-agent", "Amazon/EventBridge/ApiDestinations"),
];
const TOO_FEW_VALUES: &str =
    "the path of the endpoint has more wildcards than the target has values";

#[cfg(test)]
mod tests;
