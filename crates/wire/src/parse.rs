//! From the bytes of a body to typed values.
//!
//! - One pass over the text, driven by the shape; members that the shape does not name are skipped
//!   without being built, however deep they are.
//! - INVARIANT: the depth of recursion is that of the shape, never that of the body.
//! - A body that is not JSON is refused as such even when a wrong type comes first.
//! - COMPAT: an explicit `null` is an absent member; of a member given twice the last counts; a
//!   fraction is truncated and a number out of range becomes the nearest that fits. A number beyond
//!   the range of a double (such as `1e999`) counts as malformed.
//! - COMPAT: a `null` among the items of a list, or the values of a map, has no recorded answer. It keeps its place and is
//!   refused by validation (`Value null at 'tags.1.member' …`), since to drop it silently would act
//!   on less than the caller sent.

mod conversion;
#[cfg(test)]
mod tests;

use crate::field::{Input, Mismatch};
use crate::rejection::Rejection;
use crate::shape::{Map, Shape, Structure};
use crate::unescape::unescape;
use crate::validate::{Quotas, validate};
use crate::value::{Members, Value};
use base::{Plaintext, Timestamp};
use conversion::{Given, refusal};
use data_encoding::BASE64;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;
use zeroize::Zeroizing;

/// Reads `body` as a JSON object with the members of `shape`. Checks types, not constraints.
pub fn parse(shape: &'static Structure, body: &[u8]) -> Result<Parsed, Rejection> {
    let malformed = Rejection::Serialization(None);
    let Ok(text) = std::str::from_utf8(body) else {
        return Err(malformed);
    };
    if !text.trim_start_matches(WHITESPACE).starts_with(['{', '[']) {
        return Err(malformed);
    }
    let refused = Cell::new(None);
    let root = Seed {
        shape: &Shape::Structure(shape),
        refused: &refused,
    };
    let mut json = serde_json::Deserializer::from_str(text);
    match root
        .deserialize(&mut json)
        .and_then(|value| json.end().map(|()| value))
    {
        Ok(Value::Structure(members)) => Ok(Parsed { members }),
        Err(_) if refused.get().is_some() && is_json(text) => {
            Err(Rejection::Serialization(refused.get()))
        }
        _ => Err(malformed),
    }
}

/// A request whose values have the right JSON types.
///
/// INVARIANT: no `Debug` and no `Clone`: it may hold a secret.
pub struct Parsed {
    pub(crate) members: Members,
}

impl Parsed {
    /// Errors, naming every violation, when a constraint of the shape is not met.
    pub fn validate(&self) -> Result<(), Rejection> {
        self.validate_under(&|_| None)
    }

    /// The same, with lengths of quotas that differ from the usual ones.
    ///
    /// # Errors
    /// As [`Parsed::validate`].
    pub fn validate_under(&self, quotas: Quotas<'_>) -> Result<(), Rejection> {
        validate(&self.members, quotas)
    }

    /// Moves the values into the struct. Errors when `T` is not what was parsed for, or when the
    /// request is not valid: mistakes of ours.
    pub fn into_input<T: Input>(self) -> Result<T, Mismatch> {
        T::take(self.members)
    }
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Reads one value of a shape. Where the JSON type is wrong, the text for the client is left in
/// `refused`, as a parser's own error cannot carry it.
#[derive(Clone, Copy)]
struct Seed<'a> {
    shape: &'a Shape,
    refused: &'a Cell<Option<&'static str>>,
}

impl Seed<'_> {
    fn refuse<E: Error>(self, given: Given) -> E {
        self.refused.set(Some(refusal(given, self.shape)));
        E::custom("wrong type")
    }

    fn read_map<'de, A: MapAccess<'de>>(self, rules: &Map, mut map: A) -> Result<Value, A::Error> {
        let seed = Seed {
            shape: rules.value,
            refused: self.refused,
        };
        let mut values = BTreeMap::new();
        while let Some(key) = map.next_key::<String>()? {
            values.insert(key, map.next_value_seed(seed)?);
        }
        Ok(Value::Map(values))
    }

    /// Reads a value that may be a secret, from its text as it stands in the body.
    fn confidential<E: Error>(self, raw: &str) -> Result<Value, E> {
        match raw.as_bytes().first() {
            Some(b'"') => {}
            Some(b'n') => return Ok(Value::Null),
            Some(b't') => return Err(self.refuse(Given::True)),
            Some(b'f') => return Err(self.refuse(Given::False)),
            Some(b'[') => return Err(self.refuse(Given::List)),
            Some(b'{') => return Err(self.refuse(Given::Structure)),
            _ => return Err(self.refuse(Given::Number)),
        }
        let mut content = unescape(raw).map_err(|_| E::custom("not a string"))?;
        if matches!(self.shape, Shape::Blob { .. }) {
            content = decode_base64(&content).ok_or_else(|| E::custom("not base64"))?;
        }
        Ok(Value::Secret(Plaintext::new(std::mem::take(&mut *content))))
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        match self.shape {
            Shape::Text(text) if !text.sensitive => deserializer.deserialize_any(self),
            Shape::Text(_) | Shape::Blob { .. } => {
                self.confidential(<&RawValue>::deserialize(deserializer)?.get())
            }
            _ => deserializer.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of the member's type")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        match self.shape {
            Shape::Text(_) => Ok(Value::Text(text.to_owned())),
            _ => Err(self.refuse(Given::Text)),
        }
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Value, E> {
        match (self.shape, truth) {
            (Shape::Boolean, _) => Ok(Value::Boolean(truth)),
            (_, true) => Err(self.refuse(Given::True)),
            (_, false) => Err(self.refuse(Given::False)),
        }
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        match self.shape {
            Shape::Integer(_) => Ok(Value::Integer(number)),
            Shape::Double | Shape::Timestamp => self.visit_f64(float_of(number)),
            _ => Err(self.refuse(Given::Number)),
        }
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        self.visit_i64(i64::try_from(number).unwrap_or(i64::MAX))
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "`as` truncates a fraction and saturates, which is what is wanted"
    )]
    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        match self.shape {
            Shape::Double => Ok(Value::Double(number)),
            Shape::Timestamp => Ok(Value::Timestamp(moment_of(number))),
            _ => self.visit_i64(number as i64),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let Shape::List(list) = self.shape else {
            return Err(self.refuse(Given::List));
        };
        let seed = Seed {
            shape: list.item,
            refused: self.refused,
        };
        let mut values = Vec::new();
        while let Some(value) = items.next_element_seed(seed)? {
            values.push(value);
        }
        Ok(Value::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let structure = match self.shape {
            Shape::Structure(structure) => structure,
            Shape::Map(rules) => return self.read_map(rules, map),
            _ => return Err(self.refuse(Given::Structure)),
        };
        let mut members = Members::empty(structure);
        while let Some(found) = map.next_key_seed(Key(structure))? {
            let Some((index, shape)) = found else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let seed = Seed {
                shape,
                refused: self.refused,
            };
            members.set(
                index,
                match map.next_value_seed(seed)? {
                    Value::Null => None,
                    value => Some(value),
                },
            );
        }
        Ok(Value::Structure(members))
    }
}

/// Finds the member that a key names.
struct Key(&'static Structure);

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Option<(usize, &'static Shape)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key {
    type Value = Option<(usize, &'static Shape)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        let mut members = self.0.members.iter().enumerate();
        Ok(members
            .find(|(_, member)| member.name == name)
            .map(|(index, member)| (index, member.shape)))
    }
}

/// A whole number as a number.
#[expect(
    clippy::cast_precision_loss,
    reason = "a double is what is wanted, as exact as one is"
)]
pub(crate) const fn float_of(number: i64) -> f64 {
    number as f64
}

/// The moment so many seconds after 1970, to the millisecond; the nearest that there is.
#[expect(
    clippy::cast_possible_truncation,
    reason = "`as` saturates, which is what is wanted"
)]
pub(crate) fn moment_of(seconds: f64) -> Timestamp {
    Timestamp::from_millis((seconds * 1_000.0).round() as i64)
}

/// The bytes that `text` stands for as base64.
pub(crate) fn decode_base64(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; BASE64.decode_len(text.len()).ok()?]);
    let length = BASE64.decode_mut(text, &mut bytes).ok()?;
    bytes.truncate(length);
    Some(bytes)
}

const WHITESPACE: [char; 4] = [' ', '\t', '\n', '\r'];
