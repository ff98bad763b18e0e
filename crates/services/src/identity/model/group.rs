use super::{Grants, arn, folded};
use crate::stored::stored;
use base::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Column, Key, Kind, key};

/// A group of users. Groups hold users only, so there are no cycles to guard against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) account: AccountId,
    pub(crate) name: String,
    /// Begins and ends with a slash.
    pub(crate) path: String,
    /// The unique id, `AGPA…`.
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    pub(crate) grants: Grants,
}

impl Group {
    pub(crate) fn key_of(account: &AccountId, name: &str) -> Key {
        key![account, folded(name)]
    }

    /// The group's ARN.
    pub(crate) fn arn(&self) -> String {
        arn(&self.account, "group", &self.path, &self.name)
    }
}

/// The kind of [`Group`].
pub(crate) static GROUP: Kind = Kind {
    name: "iam_group",
    service: "iam",
    version: 1,
    key: &[Column::text("account"), Column::text("name")],
    columns: &[],
    indexes: &[],
    cached: true,
};

stored!(Group as GROUP,
    key: |it| Self::key_of(&it.account, &it.name),
    columns: |_it| Vec::new(),
    weight: |it| it.path.len() + 2 * it.name.len() + it.grants.weight());
