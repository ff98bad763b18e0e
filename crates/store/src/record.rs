use crate::{CodecError, Key, Kind, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Something that is stored: one row of its kind.
pub trait Record: Sized + Send + Sync + 'static {
    /// The declaration of the kind.
    const KIND: &'static Kind;

    /// The values of the key columns.
    fn key(&self) -> Key;

    /// The values of the further columns, in the declared order.
    fn columns(&self) -> Vec<Value>;

    /// The body of version [`Kind::version`], before it is sealed. Usually [`encode_body`].
    fn encode(&self) -> Result<Vec<u8>, CodecError>;

    /// Reads a body of any version ever written, upgrading it. A pure function.
    ///
    /// Usually a `match` on `version` with [`decode_body`] of the stored form in each arm.
    fn decode(version: u16, body: &[u8]) -> Result<Self, CodecError>;

    /// About how many bytes of memory a decoded record takes; bounds the cache.
    fn weight(&self) -> usize;
}

/// The revision of a stored row.
///
/// Random when the row is inserted and one more with every update, so a body of a row that was
/// deleted does not open in a row made later under the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rev(pub(crate) i64);

impl Rev {
    /// The revision as a number.
    pub fn as_i64(self) -> i64 {
        self.0
    }

    /// The revision that an update of this one makes.
    pub(crate) fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

/// A record as it was read, with its revision.
#[derive(Debug)]
pub struct Versioned<R> {
    /// The record, shared with the cache.
    pub record: Arc<R>,
    /// The revision to give to `update` or `delete`.
    pub rev: Rev,
}

impl<R> Clone for Versioned<R> {
    fn clone(&self) -> Self {
        Self {
            record: Arc::clone(&self.record),
            rev: self.rev,
        }
    }
}

/// The compact binary form of `stored`, for [`Record::encode`].
pub fn encode_body<T: Serialize>(stored: &T) -> Result<Vec<u8>, CodecError> {
    postcard::to_allocvec(stored).map_err(|_| CodecError::NotEncodable)
}

/// Reads what [`encode_body`] made, for [`Record::decode`]. Errors on bytes left over.
pub fn decode_body<T: DeserializeOwned>(body: &[u8]) -> Result<T, CodecError> {
    match postcard::take_from_bytes(body) {
        Ok((stored, [])) => Ok(stored),
        _ => Err(CodecError::NotDecodable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_reads_back_and_nothing_else_does() {
        let body = encode_body(&(7_u32, "seven")).unwrap();

        assert_eq!(
            decode_body::<(u32, String)>(&body),
            Ok((7, String::from("seven")))
        );
        assert_eq!(
            decode_body::<(u32, String)>(&[body.as_slice(), b"!"].concat()),
            Err(CodecError::NotDecodable)
        );
        assert_eq!(
            decode_body::<(u32, String)>(&body[..body.len() - 1]),
            Err(CodecError::NotDecodable)
        );
    }
}
