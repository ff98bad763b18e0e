//! The resource policy of a secret.
//!
//! Apart from the secret, so that lists and reads of secrets without one carry nothing of it; the
//! secret says whether there is one.

use super::model::Secret;
use crate::document::ResourceDocument;
use crate::stored::stored;
use base::{AccountId, RegionName};
use serde::{Deserialize, Serialize};
use store::{Column, Key, Kind, key};

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

stored!(
    ResourcePolicy as RESOURCE_POLICY,
    key: |policy| key![&policy.account, &policy.region, &policy.secret],
    columns: |_policy| Vec::new(),
    weight: |policy| policy.secret.len() + policy.document.weight()
);

/// The one name that may be written.
pub(crate) const DEFAULT_NAME: &str = "default";
/// What audit events and explanations call it.
pub(crate) const TITLE: &str = "resource policy default";
