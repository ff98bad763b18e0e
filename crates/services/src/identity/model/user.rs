use super::{Grants, arn, folded};
use crate::stored::stored;
use crate::tags::Tags;
use base::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Column, Key, Kind, key};

/// A user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct User {
    pub(crate) account: AccountId,
    pub(crate) name: String,
    /// Begins and ends with a slash.
    pub(crate) path: String,
    /// The unique id, `AIDA…`: never used again, unlike the name.
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    pub(crate) tags: Tags,
    /// The ARN of the policy that bounds what the others may grant.
    pub(crate) boundary: Option<String>,
    pub(crate) grants: Grants,
    /// The names of the groups that the user is in, in the order of joining.
    pub(crate) groups: Vec<String>,
    /// The ids of the user's access keys, oldest first.
    pub(crate) access_keys: Vec<String>,
}

impl User {
    pub(crate) fn key_of(account: &AccountId, name: &str) -> Key {
        key![account, folded(name)]
    }

    /// The user's ARN.
    pub(crate) fn arn(&self) -> String {
        arn(&self.account, "user", &self.path, &self.name)
    }
}

/// The kind of [`User`].
pub(crate) static USER: Kind = Kind {
    name: "iam_user",
    service: "iam",
    version: 1,
    key: &[Column::text("account"), Column::text("name")],
    columns: &[],
    indexes: &[],
    cached: true,
};

stored!(User as USER,
    key: |it| Self::key_of(&it.account, &it.name),
    columns: |_it| Vec::new(),
    weight: |it| it.path.len()
        + 2 * it.name.len()
        + it.grants.weight()
        + it.tags.weight()
        + it.boundary.as_ref().map_or(0, String::len)
        + it.groups.iter().chain(&it.access_keys).map(|text| text.len() + 24).sum::<usize>());
