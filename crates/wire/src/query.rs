//! awsQuery: a form in, XML out.
//!
//! - A parameter given twice is refused, since two readers could each take another one.
//! - SECURITY: the number of parameters is bounded before any is stored.

#[cfg(test)]
mod tests;

use crate::buffer::Body;
use crate::xml::{Element, Writer};
use std::collections::BTreeMap;

/// A request: the action, the version, and the other parameters.
pub struct QueryRequest {
    action: String,
    version: Option<String>,
    parameters: BTreeMap<String, String>,
}

impl QueryRequest {
    /// The operation.
    pub fn action(&self) -> &str {
        &self.action
    }

    /// The version of the API, such as `2011-06-15`.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// The parameter called `name`. `Action` and `Version` are not among them.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }
}

/// Reads a body of type `application/x-www-form-urlencoded`.
pub fn parse(body: &[u8]) -> Result<QueryRequest, QueryRejection> {
    let mut parameters = BTreeMap::new();
    let pairs = body
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty());
    for pair in pairs {
        if parameters.len() == MOST_PARAMETERS {
            return Err(QueryRejection::Malformed);
        }
        let (name, value) = split_at_equals(pair);
        let value = decode(value).ok_or(QueryRejection::Malformed)?;
        let name = decode(name).ok_or(QueryRejection::Malformed)?;
        if parameters.insert(name, value).is_some() {
            return Err(QueryRejection::Malformed);
        }
    }
    let action = parameters
        .remove("Action")
        .filter(|action| !action.is_empty())
        .ok_or(QueryRejection::MissingAction)?;
    Ok(QueryRequest {
        action,
        version: parameters.remove("Version"),
        parameters,
    })
}

/// Why a form was refused before any operation saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryRejection {
    /// A percent sign without two hexadecimal digits, text that is not UTF-8, a parameter given
    /// twice, or too many of them.
    #[error("The query string contains a syntax error.")]
    Malformed,
    /// No `Action`.
    #[error("The request is missing an action or a required parameter.")]
    MissingAction,
}

impl QueryRejection {
    /// The exception name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "MalformedQueryString",
            Self::MissingAction => "MissingAction",
        }
    }

    /// The HTTP status, as AWS lists it among the errors common to its Query services.
    pub fn status(self) -> u16 {
        match self {
            Self::Malformed => 404,
            Self::MissingAction => 400,
        }
    }
}

/// The answer of `action`, whose result `write` writes.
pub fn response(
    namespace: &str,
    action: &str,
    request_id: &str,
    write: impl FnOnce(&mut Element<'_>),
) -> Body {
    Writer::document(&format!("{action}Response"), namespace, |root| {
        root.element(&format!("{action}Result"), write);
        root.element("ResponseMetadata", |metadata| {
            metadata.text("RequestId", request_id);
        });
    })
}

/// The body of an error with HTTP status `status`, which says whose fault it is.
pub fn error_response(
    namespace: &str,
    status: u16,
    code: &str,
    message: &str,
    request_id: &str,
) -> Body {
    let fault = if status >= 500 { "Receiver" } else { "Sender" };
    Writer::document("ErrorResponse", namespace, |root| {
        root.element("Error", |error| {
            error.text("Type", fault);
            error.text("Code", code);
            error.text("Message", message);
        });
        root.text("RequestId", request_id);
    })
}

fn split_at_equals(pair: &[u8]) -> (&[u8], &[u8]) {
    let mut parts = pair.splitn(2, |byte| *byte == b'=');
    (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    )
}

/// Undoes percent-encoding, with `+` for a space.
fn decode(encoded: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex_digit(*rest.next()?)? * 16 + hex_digit(*rest.next()?)?,
            _ => *byte,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// As many parameters as AWS's largest lists could need.
const MOST_PARAMETERS: usize = 10_000;
