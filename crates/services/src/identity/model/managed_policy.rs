use super::{arn, folded};
use crate::document::IdentityDocument;
use crate::stored::stored;
use crate::tags::Tags;
use base::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Column, Key, Kind, key};

/// A customer managed policy, with its versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ManagedPolicy {
    pub(crate) account: AccountId,
    pub(crate) name: String,
    /// Begins and ends with a slash.
    pub(crate) path: String,
    /// The unique id, `ANPA…`.
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) description: Option<String>,
    pub(crate) tags: Tags,
    /// At most five, oldest first; never empty.
    pub(crate) versions: Vec<PolicyVersion>,
    /// The number of the version that is in force.
    pub(crate) default_version: u32,
    /// The number that the next version gets. Numbers are never used again.
    pub(crate) next_version: u32,
}

/// One version of a managed policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PolicyVersion {
    /// The API writes it as `v1`.
    pub(crate) number: u32,
    pub(crate) created: Timestamp,
    pub(crate) document: IdentityDocument,
}

impl ManagedPolicy {
    pub(crate) fn key_of(account: &AccountId, name: &str) -> Key {
        key![account, folded(name)]
    }

    /// The policy's ARN.
    pub(crate) fn arn(&self) -> String {
        arn(&self.account, "policy", &self.path, &self.name)
    }

    /// The version with this number.
    pub(crate) fn version(&self, number: u32) -> Option<&PolicyVersion> {
        self.versions.iter().find(|one| one.number == number)
    }

    /// The version that is in force.
    pub(crate) fn in_force(&self) -> Option<&PolicyVersion> {
        self.version(self.default_version)
    }
}

/// The kind of [`ManagedPolicy`].
pub(crate) static MANAGED_POLICY: Kind = Kind {
    name: "iam_policy",
    service: "iam",
    version: 1,
    key: &[Column::text("account"), Column::text("name")],
    columns: &[],
    indexes: &[],
    cached: true,
};

stored!(ManagedPolicy as MANAGED_POLICY,
    key: |it| Self::key_of(&it.account, &it.name),
    columns: |_it| Vec::new(),
    weight: |it| it.path.len()
        + 2 * it.name.len()
        + it.tags.weight()
        + it.description.as_ref().map_or(0, String::len)
        + it.versions.iter().map(|one| one.document.weight() + 24).sum::<usize>());
