//! How keys are stored.

use super::model::KmsKey;
use base::{AccountId, RegionName};
use store::{CodecError, Column, Key, Kind, Record, Value, decode_body, encode_body, key};

pub(crate) use super::aliases::ALIAS;
pub(crate) use super::dues::DUE;
pub(crate) use super::grants::GRANT;

impl KmsKey {
    pub(crate) fn key_of(account: &AccountId, region: &RegionName, id: &str) -> Key {
        key![account, region, id]
    }
}

/// The kind of [`KmsKey`].
pub(crate) static KEY: Kind = Kind {
    name: "kms_key",
    service: "kms",
    version: 2,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("key_id"),
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
            1 => decode_body::<v1::KmsKey>(body).map(Self::from),
            2 => decode_body(body),
            _ => Err(CodecError::UnknownVersion(version)),
        }
    }

    fn weight(&self) -> usize {
        let material: usize = self.material.iter().map(|one| one.sealed.len() + 48).sum();
        let aliases: usize = self.aliases.iter().map(|name| name.len() + 24).sum();
        size_of::<Self>()
            + self.id.len()
            + self.description.len()
            + self.policy.weight()
            + self.tags.weight()
            + aliases
            + material
    }
}

/// The form of version 1: all keys were Secrets Manager's own.
mod v1 {
    use base::{AccountId, RegionName, Timestamp};
    use serde::Deserialize;

    #[derive(Deserialize)]
    pub(super) struct KmsKey {
        pub(super) account: AccountId,
        pub(super) region: RegionName,
        pub(super) id: String,
        pub(super) created: Timestamp,
        pub(super) material: Vec<Material>,
    }

    #[derive(Deserialize)]
    pub(super) struct Material {
        pub(super) number: u32,
        pub(super) sealed: Vec<u8>,
    }
}

impl From<v1::KmsKey> for KmsKey {
    fn from(old: v1::KmsKey) -> Self {
        let material = old.material.into_iter().map(|one| super::model::Material {
            number: one.number,
            sealed: one.sealed,
            created: old.created,
            cause: super::model::Cause::Creation,
        });
        let material = material.collect();
        let mut key = Self::managed(
            SECRETS_MANAGER,
            old.account,
            old.region,
            old.id,
            old.created,
        );
        key.material = material;
        // Nothing is due that is not in the list of what is.
        key.rotation = None;
        key
    }
}

/// Whose keys there were before there was a KMS API.
const SECRETS_MANAGER: &str = "secretsmanager";

#[cfg(test)]
mod tests;
