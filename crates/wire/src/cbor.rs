//! CBOR (RFC 8949), as much of it as rpc-v2-cbor uses: bytes to typed values, and values to bytes.
//!
//! - INVARIANT: the depth of recursion is that of the shape; what the shape does not name is skipped no
//!   deeper than `DEEPEST`. No length that is announced is believed before its bytes are there.
//! - Lengths may be definite or not; a moment has tag 1, with whole or broken seconds. Of a member given
//!   twice the last counts; `null` and `undefined` are an absent member, as in JSON.
//! - What is written has definite lengths and the shortest heads, and doubles of 64 bits.
//! - SECURITY: no input panics, and what it costs is proportional to its size.

mod decoder;
mod encoder;
#[cfg(test)]
mod tests;

pub(crate) use encoder::Encoder;

use crate::parse::{Parsed, float_of, moment_of};
use crate::rejection::Rejection;
use crate::shape::{Shape, Structure};
use crate::value::{Members, Value};
use base::Plaintext;
use decoder::{Decoder, Head};
use std::collections::BTreeMap;

/// Reads `body` as a map with the members of `shape`. An empty body is an empty map. Checks types, not
/// constraints.
///
/// # Errors
/// [`Rejection::Serialization`].
pub fn parse(shape: &'static Structure, body: &[u8]) -> Result<Parsed, Rejection> {
    let read = || {
        if body.is_empty() {
            return Some(Members::empty(shape));
        }
        let mut decoder = Decoder::new(body);
        let head = decoder.head()?;
        let members = read_structure(&mut decoder, head, shape)?;
        decoder.is_at_end().then_some(members)
    };
    match read() {
        Some(members) => Ok(Parsed { members }),
        None => Err(Rejection::Serialization(None)),
    }
}

fn read_structure(
    decoder: &mut Decoder<'_>,
    head: Head,
    shape: &'static Structure,
) -> Option<Members> {
    let mut members = Members::empty(shape);
    let mut left = match head {
        Head::Map(length) => length,
        _ => return None,
    };
    while decoder.goes_on(&mut left)? {
        let name = decoder.text()?;
        let mut known = shape.members.iter().enumerate();
        match known.find(|(_, member)| member.name == name) {
            Some((index, member)) => {
                let value = match read_value(decoder, member.shape)? {
                    Value::Null => None,
                    value => Some(value),
                };
                members.set(index, value);
            }
            None => decoder.skip()?,
        }
    }
    Some(members)
}

fn read_value(decoder: &mut Decoder<'_>, shape: &'static Shape) -> Option<Value> {
    let begin = decoder.clone();
    let head = decoder.head()?;
    if head == Head::Null {
        return Some(Value::Null);
    }
    let value = match (shape, head) {
        (Shape::Text(text), Head::Text(_)) => {
            *decoder = begin;
            let content = decoder.text()?;
            match text.sensitive {
                true => Value::Secret(Plaintext::from(content)),
                false => Value::Text(content),
            }
        }
        (Shape::Blob { .. }, Head::Bytes(_)) => {
            *decoder = begin;
            Value::Secret(Plaintext::new(decoder.bytes()?))
        }
        (Shape::Integer(_), Head::Integer(number)) => Value::Integer(number),
        (Shape::Integer(_), Head::Double(number)) => Value::Integer(truncated(number)),
        (Shape::Double, Head::Integer(number)) => Value::Double(float_of(number)),
        (Shape::Double, Head::Double(number)) if number.is_finite() => Value::Double(number),
        (Shape::Timestamp, Head::Tag(MOMENT)) => match decoder.head()? {
            Head::Integer(seconds) => Value::Timestamp(moment_of(float_of(seconds))),
            Head::Double(seconds) if seconds.is_finite() => Value::Timestamp(moment_of(seconds)),
            _ => return None,
        },
        (Shape::Boolean, Head::Boolean(truth)) => Value::Boolean(truth),
        (Shape::List(list), Head::Array(mut left)) => {
            let mut items = Vec::new();
            while decoder.goes_on(&mut left)? {
                items.push(read_value(decoder, list.item)?);
            }
            Value::List(items)
        }
        (Shape::Map(map), Head::Map(mut left)) => {
            let mut values = BTreeMap::new();
            while decoder.goes_on(&mut left)? {
                let key = decoder.text()?;
                values.insert(key, read_value(decoder, map.value)?);
            }
            Value::Map(values)
        }
        (Shape::Structure(structure), head @ Head::Map(_)) => {
            Value::Structure(read_structure(decoder, head, structure)?)
        }
        _ => return None,
    };
    Some(value)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "`as` truncates a fraction and saturates, as in JSON"
)]
fn truncated(number: f64) -> i64 {
    number as i64
}

/// The tag of seconds after 1970.
const MOMENT: u64 = 1;
/// How deep what nobody asked for may nest.
pub(crate) const DEEPEST: usize = 64;
