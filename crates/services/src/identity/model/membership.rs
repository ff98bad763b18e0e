use super::folded;
use crate::stored::stored;
use base::AccountId;
use serde::{Deserialize, Serialize};
use store::{Column, Key, Kind, key};

/// That a user is in a group: lists the users of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Membership {
    pub(crate) account: AccountId,
    pub(crate) group: String,
    pub(crate) user: String,
}

impl Membership {
    pub(crate) fn key_of(account: &AccountId, group: &str, user: &str) -> Key {
        key![account, folded(group), folded(user)]
    }
}

/// The kind of [`Membership`].
pub(crate) static MEMBERSHIP: Kind = Kind {
    name: "iam_membership",
    service: "iam",
    version: 1,
    key: &[
        Column::text("account"),
        Column::text("group_name"),
        Column::text("user_name"),
    ],
    columns: &[],
    indexes: &[],
    cached: false,
};

stored!(Membership as MEMBERSHIP,
    key: |it| Self::key_of(&it.account, &it.group, &it.user),
    columns: |_it| Vec::new(),
    weight: |it| it.group.len() + it.user.len());
