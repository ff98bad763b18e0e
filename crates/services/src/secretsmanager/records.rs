//! What Secrets Manager stores: secrets, and apart from them their values.

use super::model::Secret;
use super::versions::Versions;
use crate::ports::KeyChoice;
use base::{AccountId, RegionName, Timestamp};
use serde::{Deserialize, Serialize};
use store::{
    CodecError, Column, Index, Key, Kind, Query, Record, Value, decode_body, encode_body, key,
};

/// The value of one version: encrypted under a data key, which KMS wrapped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SecretValue {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) name: String,
    pub(crate) suffix: String,
    pub(crate) version_id: String,
    /// When the version was made.
    pub(crate) created: Timestamp,
    /// The day of its last read, at midnight UTC.
    pub(crate) accessed: Option<Timestamp>,
    pub(crate) form: Form,
    /// The data key, wrapped under each of the KMS keys that may open it.
    pub(crate) wrapped_keys: Vec<WrappedKey>,
    /// Nonce, ciphertext and tag.
    pub(crate) ciphertext: Vec<u8>,
    /// The version that this is a copy of, for the time of a test: the data key and the ciphertext are
    /// bound to that one's id.
    pub(crate) copy_of: Option<String>,
}

impl SecretValue {
    /// The id of the version that the data key and the ciphertext are bound to.
    pub(crate) fn bound_to(&self) -> &str {
        self.copy_of.as_deref().unwrap_or(&self.version_id)
    }
}

/// A data key as one KMS key wrapped it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WrappedKey {
    pub(crate) key: KeyChoice,
    pub(crate) blob: Vec<u8>,
}

/// Which of its two members a value came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Form {
    /// `SecretString`.
    Text,
    /// `SecretBinary`.
    Binary,
}

impl Secret {
    pub(crate) fn key_of(account: &AccountId, region: &RegionName, name: &str) -> Key {
        key![account, region, name]
    }

    /// The key of the value of the version `id`.
    pub(crate) fn value_key(&self, id: &str) -> Key {
        key![&self.account, &self.region, &self.name, &self.suffix, id]
    }

    /// At most `limit` of its versions, oldest first.
    pub(crate) fn versions_by_age(&self, limit: usize) -> Query {
        Query::on(BY_AGE, limit)
            .equal(&self.account)
            .equal(&self.region)
            .equal(&self.name)
            .equal(&self.suffix)
    }
}

/// The kind of [`Secret`].
pub(crate) static SECRET: Kind = Kind {
    name: "secretsmanager_secret",
    service: "secretsmanager",
    version: 3,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("name"),
    ],
    columns: &[
        Column::int("created"),
        Column::int("changed"),
        Column::int("accessed"),
        Column::int("purge_at"),
    ],
    indexes: &[
        Index {
            name: BY_CREATED,
            columns: &["account", "region", "created"],
        },
        Index {
            name: BY_CHANGED,
            columns: &["account", "region", "changed"],
        },
        Index {
            name: BY_ACCESSED,
            columns: &["account", "region", "accessed"],
        },
        Index {
            name: BY_PURGE,
            columns: &["purge_at"],
        },
    ],
    cached: true,
};

/// The kind of [`SecretValue`].
pub(crate) static VALUE: Kind = Kind {
    name: "secretsmanager_value",
    service: "secretsmanager",
    version: 2,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("name"),
        Column::text("suffix"),
        Column::text("version_id"),
    ],
    columns: &[Column::int("created")],
    indexes: &[Index {
        name: BY_AGE,
        columns: &["account", "region", "name", "suffix", "created"],
    }],
    cached: true,
};

/// The versions of each secret, oldest first.
pub(crate) const BY_AGE: &str = "by_age";
/// The order of creation.
pub(crate) const BY_CREATED: &str = "by_created";
/// The order of the last change.
pub(crate) const BY_CHANGED: &str = "by_changed";
/// The order of the last read; secrets never read come first.
pub(crate) const BY_ACCESSED: &str = "by_accessed";
/// The order in which secrets scheduled for deletion are due. Others are not in it.
pub(crate) const BY_PURGE: &str = "by_purge";

impl Record for Secret {
    const KIND: &'static Kind = &SECRET;

    fn key(&self) -> Key {
        Self::key_of(&self.account, &self.region, &self.name)
    }

    fn columns(&self) -> Vec<Value> {
        vec![
            Value::from(self.created),
            Value::from(self.changed),
            Value::from(self.accessed.map_or(NEVER, Timestamp::as_millis)),
            Value::from(self.deletion.as_ref().map(|deletion| deletion.due)),
        ]
    }

    fn encode(&self) -> Result<Vec<u8>, CodecError> {
        encode_body(self)
    }

    fn decode(version: u16, body: &[u8]) -> Result<Self, CodecError> {
        match version {
            1 => decode_body::<v1::Secret>(body)
                .map(v2::Secret::from)
                .map(Self::from),
            2 => decode_body::<v2::Secret>(body).map(Self::from),
            3 => decode_body(body),
            _ => Err(CodecError::UnknownVersion(version)),
        }
    }

    fn weight(&self) -> usize {
        let tags: usize = self
            .tags()
            .map(|(key, value)| key.len() + value.len() + 48)
            .sum();
        let versions: usize = self
            .versions
            .labelled()
            .map(|one| one.id.len() + 72 + one.stages.iter().map(|s| s.len() + 24).sum::<usize>())
            .sum();
        std::mem::size_of::<Self>()
            + self.name.len()
            + tags
            + versions
            + self
                .rotation
                .as_ref()
                .map_or(0, |rotation| rotation.function.len() + 96)
            + self.description.as_ref().map_or(0, String::len)
    }
}

impl Record for SecretValue {
    const KIND: &'static Kind = &VALUE;

    fn key(&self) -> Key {
        key![
            &self.account,
            &self.region,
            &self.name,
            &self.suffix,
            &self.version_id
        ]
    }

    fn columns(&self) -> Vec<Value> {
        vec![Value::from(self.created)]
    }

    fn encode(&self) -> Result<Vec<u8>, CodecError> {
        encode_body(self)
    }

    fn decode(version: u16, body: &[u8]) -> Result<Self, CodecError> {
        match version {
            1 => decode_body::<v1::SecretValue>(body).map(Self::from),
            2 => decode_body(body),
            _ => Err(CodecError::UnknownVersion(version)),
        }
    }

    fn weight(&self) -> usize {
        let keys: usize = self
            .wrapped_keys
            .iter()
            .map(|one| one.blob.len() + 48)
            .sum();
        std::mem::size_of::<Self>()
            + self.name.len()
            + self.version_id.len()
            + keys
            + self.ciphertext.len()
    }
}

/// The forms of version 1: before resource policies, and before copies of values.
mod v1 {
    use super::{Form, WrappedKey, v2};
    use crate::ports::KeyChoice;
    use crate::secretsmanager::model::Deletion;
    use crate::tags::Tags;
    use base::{AccountId, RegionName, Timestamp};
    use serde::Deserialize;

    #[derive(Deserialize)]
    pub(super) struct Secret {
        pub(super) account: AccountId,
        pub(super) region: RegionName,
        pub(super) name: String,
        pub(super) suffix: String,
        pub(super) description: Option<String>,
        pub(super) key: KeyChoice,
        pub(super) tags: Option<Tags>,
        pub(super) versions: v2::Versions,
        pub(super) created: Timestamp,
        pub(super) changed: Timestamp,
        pub(super) accessed: Option<Timestamp>,
        pub(super) deletion: Option<Deletion>,
    }

    #[derive(Deserialize)]
    pub(super) struct SecretValue {
        pub(super) account: AccountId,
        pub(super) region: RegionName,
        pub(super) name: String,
        pub(super) suffix: String,
        pub(super) version_id: String,
        pub(super) created: Timestamp,
        pub(super) accessed: Option<Timestamp>,
        pub(super) form: Form,
        pub(super) wrapped_keys: Vec<WrappedKey>,
        pub(super) ciphertext: Vec<u8>,
    }
}

/// The form of version 2: before rotations.
mod v2 {
    use crate::ports::KeyChoice;
    use crate::secretsmanager::model::Deletion;
    use crate::secretsmanager::versions::Version;
    use crate::tags::Tags;
    use base::{AccountId, RegionName, Timestamp};
    use serde::Deserialize;

    #[derive(Deserialize)]
    pub(super) struct Secret {
        pub(super) account: AccountId,
        pub(super) region: RegionName,
        pub(super) name: String,
        pub(super) suffix: String,
        pub(super) description: Option<String>,
        pub(super) key: KeyChoice,
        pub(super) tags: Option<Tags>,
        pub(super) versions: Versions,
        pub(super) created: Timestamp,
        pub(super) changed: Timestamp,
        pub(super) accessed: Option<Timestamp>,
        pub(super) deletion: Option<Deletion>,
        pub(super) has_resource_policy: bool,
    }

    #[derive(Deserialize)]
    pub(super) struct Versions {
        pub(super) labelled: Vec<Version>,
        pub(super) deprecated: usize,
    }
}

impl From<v1::Secret> for v2::Secret {
    fn from(old: v1::Secret) -> Self {
        Self {
            account: old.account,
            region: old.region,
            name: old.name,
            suffix: old.suffix,
            description: old.description,
            key: old.key,
            tags: old.tags,
            versions: old.versions,
            created: old.created,
            changed: old.changed,
            accessed: old.accessed,
            deletion: old.deletion,
            has_resource_policy: false,
        }
    }
}

impl From<v2::Secret> for Secret {
    fn from(old: v2::Secret) -> Self {
        Self {
            account: old.account,
            region: old.region,
            name: old.name,
            suffix: old.suffix,
            description: old.description,
            key: old.key,
            tags: old.tags,
            versions: Versions::of_old(old.versions.labelled, old.versions.deprecated),
            created: old.created,
            changed: old.changed,
            accessed: old.accessed,
            deletion: old.deletion,
            has_resource_policy: old.has_resource_policy,
            rotation: None,
        }
    }
}

impl From<v1::SecretValue> for SecretValue {
    fn from(old: v1::SecretValue) -> Self {
        Self {
            account: old.account,
            region: old.region,
            name: old.name,
            suffix: old.suffix,
            version_id: old.version_id,
            created: old.created,
            accessed: old.accessed,
            form: old.form,
            wrapped_keys: old.wrapped_keys,
            ciphertext: old.ciphertext,
            copy_of: None,
        }
    }
}

/// Before every read.
const NEVER: i64 = 0;

#[cfg(test)]
mod tests;
