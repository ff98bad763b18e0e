//! Events that functions are called with without being waited for: they wait in the store.
//!
//! As on AWS an event is tried three times, a minute and two after a failure, and for six hours at
//! most. It is tried at least once: whoever crashes in a run leaves it to be run again.

use super::records::Bytes;
use crate::authorize::Permit;
use crate::stored::stored;
use crate::tx::Tx;
use base::{AccountId, RegionName, Timestamp};
use serde::{Deserialize, Serialize};
use std::ops::Bound;
use store::{Column, Index, Kind, Query, Record as _, Value, key};

/// The kind of [`QueuedEvent`].
pub(crate) static QUEUED_EVENT: Kind = Kind {
    name: "lambda_queued_event",
    service: "lambda",
    version: 1,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("request_id"),
    ],
    columns: &[Column::int("due")],
    indexes: &[Index {
        name: BY_DUE,
        columns: &["due"],
    }],
    cached: false,
};

/// One event.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct QueuedEvent {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) request_id: String,
    pub(crate) function: String,
    pub(crate) payload: Bytes,
    pub(crate) queued: Timestamp,
    /// How often it was tried.
    pub(crate) attempts: u32,
    /// When it is to be tried next.
    pub(crate) due: Timestamp,
}

/// What an event is known by while it is claimed: no two claims of it are equal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Claim {
    attempts: u32,
    due: Timestamp,
}

impl QueuedEvent {
    /// The claim, after the event was claimed.
    pub(crate) fn claim(&self) -> Claim {
        Claim {
            attempts: self.attempts,
            due: self.due,
        }
    }

    /// Puts it in the store, if there is room for it.
    pub(crate) fn insert(self, tx: &mut Tx<'_>, permit: &Permit) {
        let counter = counter(&self.account, &self.region);
        tx.count(permit, &counter, 1, Some(MOST_WAITING));
        tx.insert(permit, self);
    }

    /// Takes it out of the store.
    pub(crate) fn remove(&self, tx: &mut Tx<'_>, permit: &Permit, rev: store::Rev) {
        tx.count(permit, &counter(&self.account, &self.region), -1, None);
        tx.delete::<Self>(permit, &self.key(), rev);
    }

    /// When it is tried again after a failure at `now`. `None` when it is not.
    pub(crate) fn next_attempt(&self, now: Timestamp) -> Option<Timestamp> {
        let next = now.plus_seconds(60 * i64::from(self.attempts));
        let is_tried_again =
            self.attempts < MOST_ATTEMPTS && next < self.queued.plus_seconds(MOST_SECONDS);
        is_tried_again.then_some(next)
    }
}

/// Events that are due at `now`, the longest due first.
pub(crate) fn due(now: Timestamp, limit: usize) -> Query {
    Query::on(BY_DUE, limit).to(Bound::Included(now.as_millis()))
}

stored!(
    QueuedEvent as QUEUED_EVENT,
    key: |event| key![&event.account, &event.region, event.request_id.as_str()],
    columns: |event| vec![Value::Int(event.due.as_millis())],
    weight: |event| event.payload.0.len()
);

/// The counter of events that wait.
fn counter(account: &AccountId, region: &RegionName) -> String {
    format!("lambda/events/{account}/{region}")
}

const BY_DUE: &str = "by_due";
const MOST_ATTEMPTS: u32 = 3;
const MOST_SECONDS: i64 = 6 * 3_600;
/// Of an account in a Region: with the largest events about 1 GB.
const MOST_WAITING: i64 = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_tried_three_times_within_six_hours() {
        let queued = Timestamp::from_millis(0);
        let event = |attempts| QueuedEvent {
            account: AccountId::parse("123456789012").unwrap(),
            region: RegionName::parse("us-east-1").unwrap(),
            request_id: String::from("r"),
            function: String::from("f"),
            payload: Bytes((*b"{}").into()),
            queued,
            attempts,
            due: queued,
        };

        assert_eq!(event(1).next_attempt(queued), Some(queued.plus_seconds(60)));
        assert_eq!(
            event(2).next_attempt(queued),
            Some(queued.plus_seconds(120))
        );
        assert_eq!(event(3).next_attempt(queued), None);
        assert_eq!(event(1).next_attempt(queued.plus_seconds(6 * 3_600)), None);
    }
}
