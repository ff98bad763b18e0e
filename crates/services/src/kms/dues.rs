//! What is to be done to a key at a moment to come: its deletion, the renewal of its material.
//!
//! INVARIANT: saved together with the key ([`save`]), so that no job has to look through all keys.
//! Records of their own and not columns of the key: tables of keys were made without such columns, and
//! the store adds none to a table that is there.

use super::model::{KmsKey, State};
use crate::authorize::Permit;
use crate::stored::stored;
use crate::tx::Tx;
use base::{AccountId, CommonError, RegionName, Timestamp};
use serde::{Deserialize, Serialize};
use std::ops::Bound;
use store::{Column, Index, Key, Kind, Query, Record as _, Rev, Value, key};

/// One thing to be done to one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Due {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) key_id: String,
    pub(crate) what: What,
    pub(crate) at: Timestamp,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum What {
    Deletion,
    Rotation,
}

impl What {
    fn name(self) -> &'static str {
        match self {
            Self::Deletion => "deletion",
            Self::Rotation => "rotation",
        }
    }
}

impl Due {
    fn key_of(key: &KmsKey, what: What) -> Key {
        key![&key.account, &key.region, &key.id, what.name()]
    }

    fn of(key: &KmsKey, what: What, at: Timestamp) -> Self {
        Self {
            account: key.account.clone(),
            region: key.region.clone(),
            key_id: key.id.clone(),
            what,
            at,
        }
    }
}

/// What is to be done to `key`, and when, if at all.
fn moments(key: &KmsKey) -> [(What, Option<Timestamp>); 2] {
    let deletion = match key.state {
        State::PendingDeletion { due } => Some(due),
        State::Enabled | State::Disabled => None,
    };
    // A key that is not in use is not renewed; it is as soon as it is in use again.
    let rotation = key.rotation.filter(|_| key.state == State::Enabled);
    [
        (What::Deletion, deletion),
        (What::Rotation, rotation.map(|rotation| rotation.next)),
    ]
}

/// Stores a new key.
pub(crate) fn insert(tx: &mut Tx<'_>, permit: &Permit, key: KmsKey) {
    for (what, at) in moments(&key) {
        if let Some(at) = at {
            tx.insert(permit, Due::of(&key, what, at));
        }
    }
    tx.insert(permit, key);
}

/// Replaces the key that was read with revision `rev`.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn save(
    tx: &mut Tx<'_>,
    permit: &Permit,
    key: KmsKey,
    rev: Rev,
) -> Result<(), CommonError> {
    for (what, at) in moments(&key) {
        set(tx, permit, &key, what, at).await?;
    }
    tx.update(permit, key, rev);
    Ok(())
}

/// Removes the key that was read with revision `rev`.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn remove(
    tx: &mut Tx<'_>,
    permit: &Permit,
    key: &KmsKey,
    rev: Rev,
) -> Result<(), CommonError> {
    for what in [What::Deletion, What::Rotation] {
        set(tx, permit, key, what, None).await?;
    }
    tx.delete::<KmsKey>(permit, &key.key(), rev);
    Ok(())
}

async fn set(
    tx: &mut Tx<'_>,
    permit: &Permit,
    key: &KmsKey,
    what: What,
    at: Option<Timestamp>,
) -> Result<(), CommonError> {
    let name = Due::key_of(key, what);
    match (tx.get::<Due>(&name).await?, at) {
        (Some(found), Some(at)) if found.record.at == at => {}
        (Some(found), Some(at)) => tx.update(permit, Due::of(key, what, at), found.rev),
        (Some(found), None) => tx.delete::<Due>(permit, &name, found.rev),
        (None, Some(at)) => tx.insert(permit, Due::of(key, what, at)),
        (None, None) => {}
    }
    Ok(())
}

/// The kind of [`Due`].
pub(crate) static DUE: Kind = Kind {
    name: "kms_due",
    service: "kms",
    version: 1,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("key_id"),
        Column::text("what"),
    ],
    columns: &[Column::int("due_at")],
    indexes: &[Index {
        name: BY_MOMENT,
        columns: &["what", "due_at"],
    }],
    cached: false,
};

/// The order in which things of one sort are due.
const BY_MOMENT: &str = "by_moment";

/// What of one sort is due at `now`, the longest due first.
pub(crate) fn until(what: What, now: Timestamp) -> Query {
    Query::on(BY_MOMENT, 1)
        .equal(what.name())
        .to(Bound::Included(now))
}

stored!(
    Due as DUE,
    key: |due| key![&due.account, &due.region, &due.key_id, due.what.name()],
    columns: |due| vec![Value::from(due.at)],
    weight: |due| due.key_id.len()
);
