//! What follows the audit log: it goes through all events in their order, and keeps what it makes of
//! them together with how far it is.
//!
//! Rules kept here:
//! - a follower sees every event that a request left, once: what it stores and its cursor are one
//!   transaction;
//! - it never keeps a request waiting, and one follower never another: they take their steps side by side,
//!   and one that others come between all the time takes smaller ones;
//! - a step is bounded, in the events that it reads and in what it stores: a follower that has made enough
//!   of some events leaves the others to its next step;
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

    /// Whether anything could come of an event. While nothing can, the log is passed over unread.
    ///
    /// INVARIANT: it is asked in the transaction that passes over the log, so whatever comes to need the
    /// events, of all accounts, hears of every one behind it.
    ///
    /// # Errors
    /// When the store fails.
    fn is_needed(
        &self,
        tx: &mut Deriving<'_>,
    ) -> impl Future<Output = Result<bool, CommonError>> + Send;

    /// Makes of `events` what is to be made of them, and gives how many of them it took: one at least, if
    /// there are any; what is left comes again. It may run again for the same events, of which nothing was
    /// stored then.
    ///
    /// # Errors
    /// When the store fails. An event that cannot be understood is to be passed over.
    fn take(
        &self,
        app: &App,
        own: &Permit,
        tx: &mut Deriving<'_>,
        events: &[Followed<'_>],
    ) -> impl Future<Output = Result<usize, CommonError>> + Send;
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
    let (accesses, trails, rules) = tokio::join!(
        app.accesses.follow(app, own),
        step(app, own, &ToLogGroups),
        step(app, own, &RuleFollower),
    );
    let turns = [accesses, trails, rules];
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
    retried_with_fewer(F::MOST, async |most| {
        try_step(app, own, follower, most).await
    })
    .await
}

/// Does `step` again when others come between, each time with half as much at once: what is done sooner
/// is interrupted less.
///
/// # Errors
/// Those of `step`.
pub(crate) async fn retried_with_fewer<T>(
    mut most: usize,
    mut step: impl AsyncFnMut(usize) -> Result<T, CommonError>,
) -> Result<T, CommonError> {
    for _ in 0..MOST_TRIES {
        match step(most).await {
            Err(CommonError::Conflict) => {
                most = (most / 2).max(1);
                tokio::task::yield_now().await;
            }
            outcome => return outcome,
        }
    }
    Err(CommonError::Conflict)
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

async fn try_step<F: Follower>(
    app: &App,
    own: &Permit,
    follower: &F,
    most: usize,
) -> Result<bool, CommonError> {
    let mut tx = app.ledger.derive();
    let found = Cursor::find(&mut tx, F::NAME).await?;
    let newest = app.stream.newest();
    let after = match &found {
        // One beyond the log is of a log that was put back: what comes now is new.
        Some(found) => found.record.after.min(newest),
        None => newest,
    };
    let is_known = { found.as_ref() }.is_some_and(|found| found.record.after == after);
    if !follower.is_needed(&mut tx).await? {
        if !is_known || after < newest {
            Cursor::put(&mut tx, own, found, F::NAME, newest);
            tx.commit().await?;
        }
        return Ok(false);
    }
    let events = app.stream.read(after, most).await?;
    let last = events.last().map(|event| event.sequence);
    if is_known && last.is_none() {
        return Ok(false);
    }
    let understood = events
        .iter()
        .filter_map(|event| Some((event.sequence, Followed::of(event)?)));
    let (sequences, followed): (Vec<u64>, Vec<Followed<'_>>) = understood.unzip();
    let taken = follower.take(app, own, &mut tx, &followed).await?;
    let reached = match sequences.get(taken) {
        // Everything before the first that was left.
        Some(left) => left.saturating_sub(1).max(after),
        None => last.unwrap_or(after),
    };
    Cursor::put(&mut tx, own, found, F::NAME, reached);
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
