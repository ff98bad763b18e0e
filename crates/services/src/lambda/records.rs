//! How functions are stored.
//!
//! A function's zip file is a record of its own, so that nothing but a run reads it.

use super::model::Function;
pub(crate) use super::queue::QUEUED_EVENT;
pub(crate) use super::run_log::RUN_LOG;
use crate::stored::stored;
use base::{AccountId, RegionName};
use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::sync::Arc;
use store::{Column, Key, Kind, key};

/// The kind of [`Function`]. Not cached: its environment is not to stay in memory.
pub(crate) static FUNCTION: Kind = Kind {
    name: "lambda_function",
    service: "lambda",
    version: 1,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("name"),
    ],
    columns: &[],
    indexes: &[],
    cached: false,
};

/// The kind of [`FunctionCode`].
pub(crate) static CODE: Kind = Kind {
    name: "lambda_code",
    service: "lambda",
    version: 1,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("name"),
    ],
    columns: &[],
    indexes: &[],
    cached: false,
};

/// The zip file of a function.
#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct FunctionCode {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) name: String,
    pub(crate) zip: Bytes,
}

impl Function {
    pub(crate) fn key_of(account: &AccountId, region: &RegionName, name: &str) -> Key {
        key![account, region, name]
    }
}

stored!(
    Function as FUNCTION,
    key: |function| Function::key_of(&function.account, &function.region, &function.name),
    columns: |_function| Vec::new(),
    weight: |_function| 0
);

stored!(
    FunctionCode as CODE,
    key: |code| Function::key_of(&code.account, &code.region, &code.name),
    columns: |_code| Vec::new(),
    weight: |code| code.zip.0.len()
);

/// Bytes, stored in one piece and shared in memory.
#[derive(Clone)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct Bytes(pub(crate) Arc<[u8]>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(AnyBytes)
    }
}

struct AnyBytes;

impl<'de> Visitor<'de> for AnyBytes {
    type Value = Bytes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes")
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
        Ok(Bytes(bytes.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Bytes, A::Error> {
        Err(A::Error::custom("bytes are one piece"))
    }
}

#[cfg(test)]
mod tests;
