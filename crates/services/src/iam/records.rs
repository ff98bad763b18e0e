//! What IAM stores.

use base::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{CodecError, Column, Index, Key, Kind, Record, Value, decode_body, encode_body, key};

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) id: AccountId,
    pub(crate) created: Timestamp,
    /// The id of the root user's access key.
    pub(crate) root_access_key_id: String,
}

/// An access key. Its secret is sealed once more inside the record, so that the cache of records
/// holds no secret in the clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AccessKey {
    pub(crate) id: String,
    pub(crate) account: AccountId,
    pub(crate) created: Timestamp,
    pub(crate) sealed_secret: Vec<u8>,
}

impl Account {
    pub(crate) fn key_of(id: &AccountId) -> Key {
        key![id]
    }
}

impl AccessKey {
    pub(crate) fn key_of(id: &str) -> Key {
        key![id]
    }
}

/// The kind of [`Account`].
pub(crate) static ACCOUNT: Kind = Kind {
    name: "iam_account",
    service: "iam",
    version: 1,
    key: &[Column::text("account")],
    columns: &[],
    indexes: &[],
    cached: true,
};

/// The kind of [`AccessKey`].
pub(crate) static ACCESS_KEY: Kind = Kind {
    name: "iam_access_key",
    service: "iam",
    version: 1,
    key: &[Column::text("access_key_id")],
    columns: &[Column::text("account")],
    indexes: &[Index {
        name: "by_account",
        columns: &["account"],
    }],
    cached: true,
};

impl Record for Account {
    const KIND: &'static Kind = &ACCOUNT;

    fn key(&self) -> Key {
        Self::key_of(&self.id)
    }

    fn columns(&self) -> Vec<Value> {
        Vec::new()
    }

    fn encode(&self) -> Result<Vec<u8>, CodecError> {
        encode_body(self)
    }

    fn decode(version: u16, body: &[u8]) -> Result<Self, CodecError> {
        match version {
            1 => decode_body(body),
            _ => Err(CodecError::UnknownVersion(version)),
        }
    }

    fn weight(&self) -> usize {
        std::mem::size_of::<Self>() + self.root_access_key_id.len()
    }
}

impl Record for AccessKey {
    const KIND: &'static Kind = &ACCESS_KEY;

    fn key(&self) -> Key {
        Self::key_of(&self.id)
    }

    fn columns(&self) -> Vec<Value> {
        vec![Value::from(&self.account)]
    }

    fn encode(&self) -> Result<Vec<u8>, CodecError> {
        encode_body(self)
    }

    fn decode(version: u16, body: &[u8]) -> Result<Self, CodecError> {
        match version {
            1 => decode_body(body),
            _ => Err(CodecError::UnknownVersion(version)),
        }
    }

    fn weight(&self) -> usize {
        std::mem::size_of::<Self>() + self.id.len() + self.sealed_secret.len()
    }
}

#[cfg(test)]
mod tests;
