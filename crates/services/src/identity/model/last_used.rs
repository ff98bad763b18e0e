use crate::stored::stored;
use crate::tx::Unaudited;
use base::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Column, Key, Kind, key};

/// When an access key or a role was last used, as noted about once a minute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LastUsed {
    /// The access key's id or the role's unique id.
    pub(crate) id: String,
    pub(crate) at: Timestamp,
    /// The service that was called, such as `secretsmanager`.
    pub(crate) service: String,
    pub(crate) region: String,
}

impl LastUsed {
    pub(crate) fn key_of(id: &str) -> Key {
        key![id]
    }
}

impl Unaudited for LastUsed {
    fn is_later_than(&self, stored: &Self) -> bool {
        self.at > stored.at
    }
}

/// The kind of [`LastUsed`].
pub(crate) static LAST_USED: Kind = Kind {
    name: "iam_last_used",
    service: "iam",
    version: 1,
    key: &[Column::text("id")],
    columns: &[],
    indexes: &[],
    cached: false,
};

stored!(LastUsed as LAST_USED,
    key: |it| Self::key_of(&it.id),
    columns: |_it| Vec::new(),
    weight: |it| it.id.len() + it.service.len() + it.region.len());
