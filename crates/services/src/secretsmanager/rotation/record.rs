//! What is stored of the rotations of a secret, beside the secret: when a worker is to look at it,
//! the run under way, and those before it.
//!
//! INVARIANT: there is one for every secret whose rotation was ever configured.

use super::moment;
use super::run::{LastCall, Run};
use crate::secretsmanager::model::Secret;
use crate::stored::stored;
use crate::tx::Progress;
use base::{AccountId, RegionName, Timestamp};
use jobs::Job;
use serde::{Deserialize, Serialize};
use std::ops::Bound;
use store::{Column, Index, Key, Kind, Query, Value, key};

/// The rotations of one secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Rotations {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) name: String,
    pub(crate) suffix: String,
    pub(crate) job: Job,
    /// The run under way, or the last one.
    pub(crate) run: Option<Run>,
    /// Those before it, the oldest first.
    pub(crate) past: Vec<Run>,
    /// A rotation is wanted at once, whatever the schedule says.
    pub(crate) wanted: bool,
    /// The end of the window in which a rotation failed.
    pub(crate) failed_until: Option<Timestamp>,
}

impl Rotations {
    /// Of a secret that had none before.
    pub(crate) fn of(secret: &Secret) -> Self {
        Self {
            account: secret.account.clone(),
            region: secret.region.clone(),
            name: secret.name.clone(),
            suffix: secret.suffix.clone(),
            job: Job::default(),
            run: None,
            past: Vec::new(),
            wanted: false,
            failed_until: None,
        }
    }

    pub(crate) fn key_of(secret: &Secret) -> Key {
        key![
            &secret.account,
            &secret.region,
            &secret.name,
            &secret.suffix
        ]
    }

    /// The key of the secret.
    pub(crate) fn secret_key(&self) -> Key {
        Secret::key_of(&self.account, &self.region, &self.name)
    }

    /// The run under way.
    pub(crate) fn in_flight(&self) -> Option<&Run> {
        self.run.as_ref().filter(|run| run.is_in_flight())
    }

    /// The same, to be changed.
    pub(crate) fn in_flight_mut(&mut self) -> Option<&mut Run> {
        self.run.as_mut().filter(|run| run.is_in_flight())
    }

    /// When the schedule has `secret` rotated next.
    pub(crate) fn next_moment(&self, secret: &Secret, now: Timestamp) -> Option<Timestamp> {
        if secret.is_scheduled_for_deletion() {
            return None;
        }
        let rotation = secret.rotation.as_ref()?;
        let window = rotation.window_at(now, self.failed_until)?;
        Some(moment(&secret.arn(), window))
    }

    /// Puts a new run in.
    pub(crate) fn begin(&mut self, run: Run) {
        if let Some(before) = self.run.replace(run) {
            self.past.push(before);
            let excess = self.past.len().saturating_sub(MOST_PAST);
            self.past.drain(..excess);
        }
        self.wanted = false;
        self.failed_until = None;
    }

    /// Completes a call of `called` that came back when that run was over: see
    /// [`Run::returned_late`]. `None`: there is nothing to complete.
    pub(crate) fn complete(&mut self, called: &Run, now: Timestamp, last: &LastCall) -> Option<()> {
        let runs = self.run.iter_mut().chain(&mut self.past);
        let mut late = runs.map(|run| run.returned_late(called, now, last.clone()));
        late.any(|is_it| is_it).then_some(())
    }
}

/// At most `limit` of them that a worker is to look at by `now`, the longest due first.
pub(crate) fn due(now: Timestamp, limit: usize) -> Query {
    jobs::due(BY_LOOK, now, limit)
}

/// Those of the account `account` that a worker is to look at by `now`, the longest due first.
pub(crate) fn due_of(account: &AccountId, now: Timestamp, limit: usize) -> Query {
    jobs::due(BY_ACCOUNT, now, limit).equal(account)
}

/// Those that a worker is to look at after `now`, in that order.
pub(crate) fn later(now: Timestamp) -> Query {
    Query::on(BY_LOOK, 1).from(Bound::Excluded(now))
}

/// The one to be looked at first of the next account that has any, whether it is due or not: of those
/// after the account `after`, and up to `last`.
pub(crate) fn first_of_next(after: Option<&AccountId>, last: Option<&AccountId>) -> Query {
    Query::on(BY_ACCOUNT, 1)
        .from(after.map_or(Bound::Unbounded, Bound::Excluded))
        .to(last.map_or(Bound::Unbounded, Bound::Included))
}

impl Progress for Rotations {}

/// The kind of [`Rotations`].
pub(crate) static ROTATIONS: Kind = Kind {
    name: "secretsmanager_rotation",
    service: "secretsmanager",
    version: 1,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("name"),
        Column::text("suffix"),
    ],
    columns: &[Column::int("look_at")],
    indexes: &[
        Index {
            name: BY_LOOK,
            columns: &["look_at"],
        },
        Index {
            name: BY_ACCOUNT,
            columns: &["account", "look_at"],
        },
    ],
    cached: false,
};

/// The order in which workers are to look at them. Those at rest are not in it.
const BY_LOOK: &str = "by_look";
/// The same for each account.
const BY_ACCOUNT: &str = "by_account";

stored!(
    Rotations as ROTATIONS,
    key: |rotations| key![&rotations.account, &rotations.region, &rotations.name, &rotations.suffix],
    columns: |rotations| vec![Value::from(rotations.job.next_look())],
    weight: |rotations| rotations.name.len()
);

/// Runs that are remembered beside the last one.
const MOST_PAST: usize = 9;

#[cfg(test)]
mod tests;
