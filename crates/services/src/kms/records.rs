//! What KMS stores.

use base::{AccountId, RegionName, Timestamp};
use serde::{Deserialize, Serialize};
use store::{CodecError, Column, Key, Kind, Record, Value, decode_body, encode_body, key};

/// A symmetric key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KmsKey {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    /// A UUID.
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    /// The material, oldest first; the last one wraps, all unwrap.
    pub(crate) material: Vec<Material>,
}

/// One generation of key material: 32 bytes, sealed by the root key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Material {
    pub(crate) number: u32,
    pub(crate) sealed: Vec<u8>,
}

/// A name for a key, such as `alias/aws/secretsmanager`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Alias {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) name: String,
    pub(crate) key_id: String,
}

impl KmsKey {
    pub(crate) fn key_of(account: &AccountId, region: &RegionName, id: &str) -> Key {
        key![account, region, id]
    }
}

impl Alias {
    pub(crate) fn key_of(account: &AccountId, region: &RegionName, name: &str) -> Key {
        key![account, region, name]
    }
}

/// The kind of [`KmsKey`].
pub(crate) static KEY: Kind = Kind {
    name: "kms_key",
    service: "kms",
    version: 1,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("key_id"),
    ],
    columns: &[],
    indexes: &[],
    cached: true,
};

/// The kind of [`Alias`].
pub(crate) static ALIAS: Kind = Kind {
    name: "kms_alias",
    service: "kms",
    version: 1,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("alias"),
    ],
    columns: &[],
    indexes: &[],
    cached: true,
};

impl Record for KmsKey {
    const KIND: &'static Kind = &KEY;

    fn key(&self) -> Key {
        Self::key_of(&self.account, &self.region, &self.id)
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
        let material: usize = self.material.iter().map(|one| one.sealed.len() + 32).sum();
        std::mem::size_of::<Self>() + self.id.len() + material
    }
}

impl Record for Alias {
    const KIND: &'static Kind = &ALIAS;

    fn key(&self) -> Key {
        Self::key_of(&self.account, &self.region, &self.name)
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
        std::mem::size_of::<Self>() + self.name.len() + self.key_id.len()
    }
}

#[cfg(test)]
mod tests;
