//! awsQuery: a form in, XML out.
//!
//! - A parameter given twice is refused, since two readers could each take another one.
//! - SECURITY: the number of parameters is bounded before any is stored.
//! - SECURITY: a value may be a bearer token. It is decoded into memory of its full size that is
//!   overwritten when dropped, and from there moved, not copied, into a [`base::Plaintext`].

mod input;
#[cfg(test)]
mod tests;

use crate::buffer::Body;
use crate::xml::{NotText, Output, Writer};
use std::cmp::Ordering;
use zeroize::Zeroizing;

/// A request: the action, the version, and the other parameters.
///
/// INVARIANT: no `Debug` and no `Clone`: it may hold a secret.
pub struct QueryRequest {
    action: String,
    version: Option<String>,
    /// INVARIANT: in ascending order by [`Parameter::compare`], each name once.
    parameters: Vec<Parameter>,
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
        let found = find(&self.parameters, name)?;
        self.parameters
            .get(found)
            .map(|parameter| parameter.value.as_str())
    }
}

/// One pair of a form, decoded.
struct Parameter {
    name: String,
    value: Zeroizing<String>,
}

impl Parameter {
    /// The part of the name from byte `start` to the next dot; `None` when the name ends before.
    fn segment(&self, start: usize) -> Option<&str> {
        self.name.get(start..)?.split('.').next()
    }

    /// Orders by one part of the name after the other. So a name stands right before the names that
    /// continue it, and all that begin with the same parts stand together; in the order of bytes
    /// `Tag-x` would come between `Tag` and `Tag.Key`.
    fn compare(&self, name: &str) -> Ordering {
        self.name.split('.').cmp(name.split('.'))
    }
}

/// Reads a body of type `application/x-www-form-urlencoded`.
pub fn parse(body: &[u8]) -> Result<QueryRequest, QueryRejection> {
    let mut parameters = pairs(body)?;
    parameters.sort_unstable_by(|one, other| one.compare(&other.name));
    let each_once = parameters.is_sorted_by(|one, next| one.name != next.name);
    if !each_once {
        return Err(QueryRejection::Malformed);
    }
    let action = take(&mut parameters, "Action")
        .filter(|action| !action.is_empty())
        .ok_or(QueryRejection::MissingAction)?;
    Ok(QueryRequest {
        action,
        version: take(&mut parameters, "Version"),
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

/// The answer of `action`. Errors as [`Writer::document`] does.
pub fn response<T: Output>(
    namespace: &str,
    action: &str,
    request_id: &str,
    output: &T,
) -> Result<Body, NotText> {
    Writer::document(&format!("{action}Response"), namespace, |root| {
        if T::HAS_RESULT {
            root.element(&format!("{action}Result"), |result| output.write(result));
        }
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
    Writer::public_document("ErrorResponse", namespace, |root| {
        root.element("Error", |error| {
            error.text("Type", fault);
            error.text("Code", code);
            error.text("Message", message);
        });
        root.text("RequestId", request_id);
    })
}

/// The pairs in the order of the form, `Action` and `Version` among them.
fn pairs(body: &[u8]) -> Result<Vec<Parameter>, QueryRejection> {
    let mut parameters = Vec::new();
    let pairs = body
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty());
    for pair in pairs {
        if parameters.len() == MOST_PARAMETERS {
            return Err(QueryRejection::Malformed);
        }
        let (name, value) = split_at_equals(pair);
        let mut name = decode(name).ok_or(QueryRejection::Malformed)?;
        parameters.push(Parameter {
            name: std::mem::take(&mut *name),
            value: decode(value).ok_or(QueryRejection::Malformed)?,
        });
    }
    Ok(parameters)
}

/// Where among sorted `parameters` the one called `name` stands.
fn find(parameters: &[Parameter], name: &str) -> Option<usize> {
    parameters
        .binary_search_by(|parameter| parameter.compare(name))
        .ok()
}

/// Removes the parameter called `name`. Gives its value.
fn take(parameters: &mut Vec<Parameter>, name: &str) -> Option<String> {
    let found = find(parameters, name)?;
    let mut parameter = parameters.remove(found);
    Some(std::mem::take(&mut *parameter.value))
}

fn split_at_equals(pair: &[u8]) -> (&[u8], &[u8]) {
    let mut parts = pair.splitn(2, |byte| *byte == b'=');
    (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    )
}

/// Undoes percent-encoding, with `+` for a space.
fn decode(encoded: &[u8]) -> Option<Zeroizing<String>> {
    // SECURITY: decoding never lengthens, so this never grows and leaves no copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(encoded.len()));
    let mut rest = encoded.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex_digit(*rest.next()?)? * 16 + hex_digit(*rest.next()?)?,
            _ => *byte,
        });
    }
    // SECURITY: looked at before the bytes are moved, as an error would own them and free them as
    // they are.
    std::str::from_utf8(&bytes).ok()?;
    String::from_utf8(std::mem::take(&mut *bytes))
        .ok()
        .map(Zeroizing::new)
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
