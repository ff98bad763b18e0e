use super::{Grants, arn, folded};
use crate::document::TrustDocument;
use crate::stored::stored;
use crate::tags::Tags;
use base::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Column, Key, Kind, key};

/// A role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Role {
    pub(crate) account: AccountId,
    pub(crate) name: String,
    /// Begins and ends with a slash.
    pub(crate) path: String,
    /// The unique id, `AROA…`.
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    pub(crate) description: Option<String>,
    /// Who may assume the role.
    pub(crate) trust: TrustDocument,
    /// How long a session may last at most: 3,600 to 43,200.
    pub(crate) max_session_seconds: u32,
    pub(crate) tags: Tags,
    /// The ARN of the policy that bounds what the others may grant.
    pub(crate) boundary: Option<String>,
    pub(crate) grants: Grants,
}

impl Role {
    pub(crate) fn key_of(account: &AccountId, name: &str) -> Key {
        key![account, folded(name)]
    }

    /// The role's ARN.
    pub(crate) fn arn(&self) -> String {
        arn(&self.account, "role", &self.path, &self.name)
    }
}

/// The kind of [`Role`].
pub(crate) static ROLE: Kind = Kind {
    name: "iam_role",
    service: "iam",
    version: 1,
    key: &[Column::text("account"), Column::text("name")],
    columns: &[],
    indexes: &[],
    cached: true,
};

stored!(Role as ROLE,
    key: |it| Self::key_of(&it.account, &it.name),
    columns: |_it| Vec::new(),
    weight: |it| it.path.len()
        + 2 * it.name.len()
        + it.trust.weight()
        + it.grants.weight()
        + it.tags.weight()
        + it.description.as_ref().map_or(0, String::len)
        + it.boundary.as_ref().map_or(0, String::len));
