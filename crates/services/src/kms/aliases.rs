//! Names of keys.
//!
//! INVARIANT: the key that an alias names has it in its list of aliases, and no other key has.

use base::{AccountId, RegionName, Timestamp};
use serde::{Deserialize, Serialize};
use store::{CodecError, Column, Key, Kind, Record, Value, decode_body, encode_body, key};

/// A name for a key, such as `alias/aws/secretsmanager`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Alias {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    /// With the `alias/` in front.
    pub(crate) name: String,
    pub(crate) key_id: String,
    /// `None` for aliases of a release that did not note it.
    pub(crate) created: Option<Timestamp>,
    /// When it was last made to name another key, or else `created`.
    pub(crate) updated: Option<Timestamp>,
}

impl Alias {
    pub(crate) fn key_of(account: &AccountId, region: &RegionName, name: &str) -> Key {
        key![account, region, name]
    }

    /// `arn:aws:kms:<region>:<account>:alias/<name>`.
    pub(crate) fn arn(&self) -> String {
        super::model::arn(&self.region, &self.account, &self.name)
    }
}

/// The kind of [`Alias`].
pub(crate) static ALIAS: Kind = Kind {
    name: "kms_alias",
    service: "kms",
    version: 2,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("alias"),
    ],
    columns: &[],
    indexes: &[],
    cached: true,
};

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
            1 => decode_body::<v1::Alias>(body).map(Self::from),
            2 => decode_body(body),
            _ => Err(CodecError::UnknownVersion(version)),
        }
    }

    fn weight(&self) -> usize {
        size_of::<Self>() + self.name.len() + self.key_id.len()
    }
}

/// The form of version 1: without dates.
mod v1 {
    use base::{AccountId, RegionName};
    use serde::Deserialize;

    #[derive(Deserialize)]
    pub(super) struct Alias {
        pub(super) account: AccountId,
        pub(super) region: RegionName,
        pub(super) name: String,
        pub(super) key_id: String,
    }
}

impl From<v1::Alias> for Alias {
    fn from(old: v1::Alias) -> Self {
        Self {
            account: old.account,
            region: old.region,
            name: old.name,
            key_id: old.key_id,
            created: None,
            updated: None,
        }
    }
}
