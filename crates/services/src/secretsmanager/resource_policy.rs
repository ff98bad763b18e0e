//! The resource policy of a secret.
//!
//! Apart from the secret, so that lists and reads of secrets without one carry nothing of it; the
//! secret says whether there is one.

use super::model::Secret;
use crate::document::ResourceDocument;
use base::{AccountId, RegionName};
use serde::{Deserialize, Serialize};
use store::{CodecError, Column, Key, Kind, Record, Value, decode_body, encode_body, key};

/// The policy attached to a secret under the name `default`, the only one there is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ResourcePolicy {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) secret: String,
    pub(crate) document: ResourceDocument,
}

impl ResourcePolicy {
    /// The key of the policy of `secret`.
    pub(crate) fn key_of(secret: &Secret) -> Key {
        key![&secret.account, &secret.region, &secret.name]
    }

    /// The policy of `secret`.
    pub(crate) fn of(secret: &Secret, document: ResourceDocument) -> Self {
        Self {
            account: secret.account.clone(),
            region: secret.region.clone(),
            secret: secret.name.clone(),
            document,
        }
    }
}

/// The kind of [`ResourcePolicy`].
pub(crate) static RESOURCE_POLICY: Kind = Kind {
    name: "secretsmanager_resource_policy",
    service: "secretsmanager",
    version: 1,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("secret"),
    ],
    columns: &[],
    indexes: &[],
    cached: true,
};

impl Record for ResourcePolicy {
    const KIND: &'static Kind = &RESOURCE_POLICY;

    fn key(&self) -> Key {
        key![&self.account, &self.region, &self.secret]
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
        size_of::<Self>() + self.secret.len() + self.document.weight()
    }
}

/// The one name that may be written.
pub(crate) const DEFAULT_NAME: &str = "default";
/// What audit events and explanations call it.
pub(crate) const TITLE: &str = "resource policy default";
