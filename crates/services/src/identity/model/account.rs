use crate::stored::stored;
use base::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Column, Key, Kind, key};

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) id: AccountId,
    pub(crate) created: Timestamp,
    /// The id of the root user's access key.
    pub(crate) root_access_key_id: String,
}

impl Account {
    pub(crate) fn key_of(id: &AccountId) -> Key {
        key![id]
    }
}

/// The kind of [`Account`].
pub(crate) static ACCOUNT: Kind = Kind {
    name: "iam_account",
    service: "iam",
    version: 1,
    key: &[Column::text("account")],
    columns: &[],
    indexes: &[],
    cached: true,
};

stored!(Account as ACCOUNT,
    key: |it| Self::key_of(&it.id),
    columns: |_it| Vec::new(),
    weight: |it| it.root_access_key_id.len());
