//! restJson1: the operation is method and path, its members stand in path, query, headers and body.
//!
//! - Where each member stands is declared once, by [`Http`]; what is not named there is a member of
//!   the JSON body.
//! - SECURITY: a member is read from the place that it is declared for and from no other: one of the
//!   path is never taken from the body, which the signature binds less closely to what it names.
//! - SECURITY: a label is one whole segment. It is decoded once, after the path was cut, so an
//!   encoded slash in an ARN never makes another path of it.
//! - A parameter given twice is refused unless its member is a list, since two readers could each
//!   take another one. Parameters that no member is bound to are ignored.
//! - SECURITY: `+` in a query is a space, as the signature has it. In a path it stands for itself.
//! - COMPAT: a slash at the end of a path does not count.

mod answer;
mod decoding;
#[cfg(test)]
mod tests;

pub use answer::{Answer, Fault, NoContent, error_body};

use crate::parse::{self, Parsed};
use crate::rejection::Rejection;
use crate::shape::{Shape, Structure};
use crate::value::{Members, Value};
use base::Plaintext;
use decoding::decode;

/// How an operation is written down in HTTP.
#[derive(Debug)]
pub struct Http {
    /// Such as `GET`.
    pub method: &'static str,
    /// The path, with labels that name members: `/2015-03-31/functions/{FunctionName}`.
    pub path: &'static str,
    /// Members in the query, each with the name of its parameter.
    pub query: &'static [(&'static str, &'static str)],
    /// Members in headers, each with the name of its header in lower case.
    pub headers: &'static [(&'static str, &'static str)],
    /// The member that is the whole body, a blob.
    pub payload: Option<&'static str>,
    /// The status of a success.
    pub status: u16,
    /// How many bytes the body may have, where that is more than usual.
    pub largest_body: Option<usize>,
}

/// A request as it came in.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The path as sent.
    pub path: &'a str,
    /// The query string as sent, without the question mark.
    pub query: &'a str,
    /// The value of a header, by its name in lower case.
    pub header: &'a (dyn Fn(&str) -> Option<&'a str> + Sync),
    /// The whole body.
    pub body: &'a [u8],
}

impl Http {
    /// An operation without members outside path and body.
    pub const fn new(method: &'static str, path: &'static str, status: u16) -> Self {
        Self {
            method,
            path,
            query: &[],
            headers: &[],
            payload: None,
            status,
            largest_body: None,
        }
    }

    /// The same, with members in the query.
    #[must_use]
    pub const fn query(mut self, query: &'static [(&'static str, &'static str)]) -> Self {
        self.query = query;
        self
    }

    /// The same, with members in headers.
    #[must_use]
    pub const fn headers(mut self, headers: &'static [(&'static str, &'static str)]) -> Self {
        self.headers = headers;
        self
    }

    /// The same, whose body is this member.
    #[must_use]
    pub const fn payload(mut self, member: &'static str) -> Self {
        self.payload = Some(member);
        self
    }

    /// The same, whose body may have as many bytes.
    #[must_use]
    pub const fn with_body_of(mut self, bytes: usize) -> Self {
        self.largest_body = Some(bytes);
        self
    }

    /// Whether a request with this method and path is for the operation.
    pub fn matches(&self, method: &str, path: &str) -> bool {
        self.method == method && self.has_path(path)
    }

    /// Whether `path` is one of the operation's, whatever the method.
    pub fn has_path(&self, path: &str) -> bool {
        let mut sent = segments(path);
        let mut declared = segments(self.path);
        loop {
            match (declared.next(), sent.next()) {
                (None, None) => return true,
                (Some(declared), Some(sent)) => {
                    let fits = match label(declared) {
                        Some(_) => !sent.is_empty(),
                        None => declared == sent,
                    };
                    if !fits {
                        return false;
                    }
                }
                _ => return false,
            }
        }
    }

    /// Reads the members of `shape` from a request for the operation. Checks types, not constraints.
    ///
    /// # Errors
    /// [`Rejection::Serialization`].
    pub fn read(
        &self,
        shape: &'static Structure,
        request: Request<'_>,
    ) -> Result<Parsed, Rejection> {
        let mut members = self.read_body(shape, request.body)?;
        self.read_path(&mut members, shape, request.path)?;
        self.read_query(&mut members, shape, request.query)?;
        for (member, header) in self.headers {
            let (index, shape) = find(shape, member)?;
            let value = (request.header)(header).map(|text| scalar(text.to_owned(), shape));
            members.set(index, value.transpose()?);
        }
        Ok(Parsed { members })
    }

    fn read_body(&self, shape: &'static Structure, body: &[u8]) -> Result<Members, Rejection> {
        let mut members = match self.payload {
            None if !body.is_empty() => parse::parse(shape, body)?.members,
            _ => Members::empty(shape),
        };
        if let Some(payload) = self.payload
            && !body.is_empty()
        {
            let (index, _) = find(shape, payload)?;
            let bytes = Plaintext::new(body.to_vec());
            members.set(index, Some(Value::Secret(bytes)));
        }
        Ok(members)
    }

    fn read_path(
        &self,
        members: &mut Members,
        shape: &'static Structure,
        path: &str,
    ) -> Result<(), Rejection> {
        for (declared, sent) in segments(self.path).zip(segments(path)) {
            if let Some(member) = label(declared) {
                let (index, shape) = find(shape, member)?;
                let text = decode(sent).ok_or(UNREADABLE)?;
                members.set(index, Some(scalar(text, shape)?));
            }
        }
        Ok(())
    }

    fn read_query(
        &self,
        members: &mut Members,
        shape: &'static Structure,
        query: &str,
    ) -> Result<(), Rejection> {
        let mut given = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            // SECURITY: bounded before anything is kept.
            if given.len() == MOST_PARAMETERS {
                return Err(UNREADABLE);
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            given.push((
                decode(&name.replace('+', " ")).ok_or(UNREADABLE)?,
                decode(&value.replace('+', " ")).ok_or(UNREADABLE)?,
            ));
        }
        for (member, parameter) in self.query {
            let (index, shape) = find(shape, member)?;
            let of_member = given.iter_mut().filter(|(name, _)| name == parameter);
            let mut values = of_member.map(|(_, value)| std::mem::take(value));
            let value = match shape {
                Shape::List(list) => {
                    let items = values.map(|value| scalar(value, list.item));
                    let items = items.collect::<Result<Vec<_>, _>>()?;
                    (!items.is_empty()).then_some(Value::List(items))
                }
                _ => {
                    let value = values.next();
                    if values.next().is_some() {
                        return Err(UNREADABLE);
                    }
                    value.map(|value| scalar(value, shape)).transpose()?
                }
            };
            members.set(index, value);
        }
        Ok(())
    }
}

/// One value that is written as plain text.
fn scalar(text: String, shape: &Shape) -> Result<Value, Rejection> {
    match shape {
        Shape::Text(rules) if rules.sensitive => Ok(Value::Secret(Plaintext::from(text))),
        Shape::Text(_) => Ok(Value::Text(text)),
        Shape::Integer(_) => text.parse().map(Value::Integer).map_err(|_| UNREADABLE),
        Shape::Boolean => match text.as_str() {
            "true" => Ok(Value::Boolean(true)),
            "false" => Ok(Value::Boolean(false)),
            _ => Err(UNREADABLE),
        },
        // No operation of a REST service has one outside its body.
        Shape::Double
        | Shape::Timestamp
        | Shape::Blob { .. }
        | Shape::List(_)
        | Shape::Map(_)
        | Shape::Structure(_) => Err(UNREADABLE),
    }
}

/// The member called `name`, and its place. An error where a declaration names one that is not there.
fn find(shape: &'static Structure, name: &str) -> Result<(usize, &'static Shape), Rejection> {
    let mut members = shape.members.iter().enumerate();
    members
        .find(|(_, member)| member.name == name)
        .map(|(index, member)| (index, member.shape))
        .ok_or(UNREADABLE)
}

/// The parts of a path between its slashes.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    let path = path.strip_prefix('/').unwrap_or(path);
    path.strip_suffix('/').unwrap_or(path).split('/')
}

/// The member that a segment of a declared path stands for.
fn label(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

const UNREADABLE: Rejection = Rejection::Serialization(None);

/// More than any operation's lists could need.
const MOST_PARAMETERS: usize = 1_000;
