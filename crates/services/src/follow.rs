//! What follows the audit log: it goes through all events in their order, and keeps what it makes of
//! them together with how far it is.
//!
//! Rules kept here:
//! - a follower sees every event that a request left, once: what it stores and its cursor are one
//!   transaction;
//! - it never keeps a request waiting, and one follower never another;
//! - it stores [`Derived`] records only, which need no event of their own: the events that they are
//!   made of tell of them.

use crate::app::{App, FollowerBehind};
use crate::audit::EventHead;
use crate::authorize::Permit;
use crate::cloudtrail::ToLogGroups;
use crate::events::RuleFollower;
use crate::ports::StreamedEvent;
use crate::stored::stored;
use crate::tx::{Derived, Deriving};
use base::CommonError;
use serde::{Deserialize, Serialize};
use std::future::Future;
use store::{Column, Key, Kind, Versioned, key};

/// Goes through the audit log. One that has never run begins with the next event to come.
pub(crate) trait Follower: Sync {
    /// What its cursor is stored under. Never to be changed.
    const NAME: &'static str;

    /// How many events it takes at once.
    const MOST: usize = 1_000;

    /// Makes of `events` what is to be made of them. It may run again for the same events, of which
    /// nothing was stored then.
    ///
    /// # Errors
    /// When the store fails. An event that cannot be understood is to be passed over.
    fn take(
        &self,
        app: &App,
        own: &Permit,
        tx: &mut Deriving<'_>,
        events: &[Followed<'_>],
    ) -> impl Future<Output = Result<(), CommonError>> + Send;
}

/// An event as followers see it.
pub(crate) struct Followed<'a> {
    /// CloudTrail's record, one JSON object.
    pub(crate) record: &'a [u8],
    /// What routes it.
    pub(crate) head: EventHead<'a>,
}

/// Gives every follower what comes next in the log, and tells whether there was anything.
///
/// # Errors
/// The last failure, after all had their turn.
pub(crate) async fn all(app: &App, own: &Permit) -> Result<bool, CommonError> {
    let turns = [
        app.accesses.follow(app, own).await,
        step(app, own, &ToLogGroups).await,
        step(app, own, &RuleFollower).await,
    ];
    let mut outcome = Ok(false);
    for turn in turns {
        outcome = match (outcome, turn) {
            (Ok(any), Ok(one)) => Ok(any || one),
            (Err(error), Ok(_)) | (_, Err(error)) => Err(error),
        };
    }
    outcome
}

/// How far each follower is behind the log.
///
/// # Errors
/// When the store fails.
pub(crate) async fn behind(app: &App) -> Result<Vec<FollowerBehind>, CommonError> {
    let newest = app.stream.newest();
    let behind = |follower, after: u64| FollowerBehind {
        follower,
        events: newest.saturating_sub(after),
    };
    let mut all = vec![behind("access", app.accesses.read_through(app).await?)];
    let mut tx = app.ledger.derive();
    for (follower, name) in [("rules", RuleFollower::NAME), ("trails", ToLogGroups::NAME)] {
        let found = Cursor::find(&mut tx, name).await?;
        // One that has never run begins with the next event.
        let after = found.map_or(newest, |found| found.record.after());
        all.push(behind(follower, after));
    }
    Ok(all)
}

/// Gives `follower` what comes next in the log, and tells whether there was anything.
///
/// # Errors
/// When the log or the store fails; then it is where it was.
pub(crate) async fn step<F: Follower>(
    app: &App,
    own: &Permit,
    follower: &F,
) -> Result<bool, CommonError> {
    retried(|| try_step(app, own, follower)).await
}

/// Does `step` again when others come between.
///
/// # Errors
/// Those of `step`.
pub(crate) async fn retried<T, F>(mut step: impl FnMut() -> F) -> Result<T, CommonError>
where
    F: Future<Output = Result<T, CommonError>>,
{
    for _ in 0..MOST_TRIES {
        match step().await {
            Err(CommonError::Conflict) => tokio::task::yield_now().await,
            outcome => return outcome,
        }
    }
    Err(CommonError::Conflict)
}

async fn try_step<F: Follower>(app: &App, own: &Permit, follower: &F) -> Result<bool, CommonError> {
    let mut tx = app.ledger.derive();
    let found = Cursor::find(&mut tx, F::NAME).await?;
    let after = match &found {
        Some(found) => found.record.after,
        None => app.stream.newest(),
    };
    let events = app.stream.read(after, F::MOST).await?;
    let last = events.last().map(|event| event.sequence);
    if found.is_some() && last.is_none() {
        return Ok(false);
    }
    let followed: Vec<Followed<'_>> = events.iter().filter_map(Followed::of).collect();
    follower.take(app, own, &mut tx, &followed).await?;
    Cursor::put(&mut tx, own, found, F::NAME, last.unwrap_or(after));
    tx.commit().await?;
    Ok(last.is_some())
}

impl<'a> Followed<'a> {
    /// That of `event`. `None`: it cannot be understood.
    pub(crate) fn of(event: &'a StreamedEvent) -> Option<Self> {
        Some(Self {
            record: &event.record,
            head: EventHead::of(&event.record)?,
        })
    }
}

/// How far a follower is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cursor {
    follower: String,
    /// The number of the last event that it took.
    after: u64,
}

impl Cursor {
    /// That of `follower`, if it ever ran.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn find(
        tx: &mut Deriving<'_>,
        follower: &str,
    ) -> Result<Option<Versioned<Self>>, CommonError> {
        Ok(tx.get::<Self>(&Self::key_of(follower)).await?)
    }

    /// Puts one in the place of `found`.
    pub(crate) fn put(
        tx: &mut Deriving<'_>,
        own: &Permit,
        found: Option<Versioned<Self>>,
        follower: &str,
        after: u64,
    ) {
        let cursor = Self {
            follower: follower.to_owned(),
            after,
        };
        match found {
            None => tx.insert(own, cursor),
            Some(found) => tx.update(own, cursor, found.rev),
        }
    }

    /// The number of the last event that was taken; 0 before the first.
    pub(crate) fn after(&self) -> u64 {
        self.after
    }

    fn key_of(follower: &str) -> Key {
        key![follower]
    }
}

impl Derived for Cursor {}

stored!(
    Cursor as CURSOR,
    key: |cursor| Cursor::key_of(&cursor.follower),
    columns: |_cursor| Vec::new(),
    weight: |cursor| cursor.follower.len()
);

/// The kind of [`Cursor`].
pub(crate) static CURSOR: Kind = Kind {
    name: "follow_cursor",
    service: "follow",
    version: 1,
    key: &[Column::text("follower")],
    columns: &[],
    indexes: &[],
    cached: false,
};

/// How often a step is tried that others come between.
const MOST_TRIES: usize = 50;

#[cfg(test)]
mod tests;
