use base::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{CodecError, Column, Index, Key, Kind, Record, Value, decode_body, encode_body, key};

/// An access key. Its secret is sealed once more inside the record, so that the cache of records
/// holds no secret in the clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AccessKey {
    pub(crate) id: String,
    pub(crate) account: AccountId,
    /// The name of the user whose key it is. `None`: the account's root.
    pub(crate) user: Option<String>,
    pub(crate) status: KeyStatus,
    pub(crate) created: Timestamp,
    pub(crate) sealed_secret: Vec<u8>,
}

/// Whether requests may be signed with an access key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum KeyStatus {
    Active,
    Inactive,
}

impl KeyStatus {
    /// As the API writes it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Inactive => "Inactive",
        }
    }
}

impl AccessKey {
    pub(crate) fn key_of(id: &str) -> Key {
        key![id]
    }
}

/// The kind of [`AccessKey`]. Version 1 knew the keys of roots only.
pub(crate) static ACCESS_KEY: Kind = Kind {
    name: "iam_access_key",
    service: "iam",
    version: 2,
    key: &[Column::text("access_key_id")],
    columns: &[Column::text("account")],
    indexes: &[Index {
        name: "by_account",
        columns: &["account"],
    }],
    cached: true,
};

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
            1 => decode_body::<v1::AccessKey>(body).map(Self::from),
            2 => decode_body(body),
            _ => Err(CodecError::UnknownVersion(version)),
        }
    }

    fn weight(&self) -> usize {
        size_of::<Self>()
            + self.id.len()
            + self.sealed_secret.len()
            + self.user.as_ref().map_or(0, String::len)
    }
}

/// The form of version 1.
mod v1 {
    use base::{AccountId, Timestamp};
    use serde::Deserialize;

    #[derive(Deserialize)]
    pub(super) struct AccessKey {
        pub(super) id: String,
        pub(super) account: AccountId,
        pub(super) created: Timestamp,
        pub(super) sealed_secret: Vec<u8>,
    }
}

impl From<v1::AccessKey> for AccessKey {
    fn from(old: v1::AccessKey) -> Self {
        Self {
            id: old.id,
            account: old.account,
            user: None,
            status: KeyStatus::Active,
            created: old.created,
            sealed_secret: old.sealed_secret,
        }
    }
}
