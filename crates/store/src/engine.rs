//! What an engine does: rows in, rows out, and whole transactions or nothing.
//!
//! Rules kept by every engine: it is untrusted with content (bodies are sealed before they reach
//! it, and what it returns is checked); a read sees every commit that was acknowledged before it
//! began; a commit validates everything its transaction read and applies all of its writes, or
//! writes nothing.

use crate::query::Plan;
use crate::{Key, Kind, Rev, StoreError, Value};
use base::Timestamp;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use tokio::sync::Notify;

pub(crate) mod memory;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
pub(crate) mod sql;
pub(crate) mod sqlite;

/// An answer to come.
pub(crate) type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Storage of rows, by kind.
pub(crate) trait Engine: Send + Sync {
    /// Makes the tables and indexes of `kinds` that are missing. Called at boot; may block.
    fn prepare(&self, kinds: &[&'static Kind]) -> Result<(), StoreError>;

    /// The row under `key`.
    fn get<'a>(&'a self, kind: &'static Kind, key: &'a Key) -> Pending<'a, Option<Row>>;

    /// The rows that `plan` admits, in its order, no more than its limit.
    fn query<'a>(&'a self, plan: &'a Plan) -> Pending<'a, Vec<Row>>;

    /// Validates and applies `commit`; gives the sequence numbers of its outbox entries.
    fn commit(&self, commit: Commit) -> Pending<'_, Vec<u64>>;

    /// The value of a counter; 0 when it was never counted.
    fn counter<'a>(&'a self, name: &'a str) -> Pending<'a, i64>;

    /// The first `limit` counters whose names begin with `prefix`, in the order of their names.
    fn counters<'a>(&'a self, prefix: &'a str, limit: usize) -> Pending<'a, Vec<(String, i64)>>;

    /// The oldest `limit` outbox entries: sequence number and sealed body.
    fn outbox(&self, limit: usize) -> Pending<'_, Vec<(u64, Vec<u8>)>>;

    /// Removes outbox entries.
    fn outbox_done(&self, seqs: Vec<u64>) -> Pending<'_, ()>;

    /// The other nodes that have left outbox entries.
    fn other_outboxes(&self) -> Pending<'_, Vec<String>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    /// Makes the outbox entries of `node` this node's; gives how many.
    fn adopt_outbox<'a>(&'a self, _node: &'a str) -> Pending<'a, u64> {
        Box::pin(std::future::ready(Ok(0)))
    }

    /// An unsealed value by name.
    fn meta<'a>(&'a self, name: &'a str) -> Pending<'a, Option<Vec<u8>>>;

    /// Sets a meta value when it is `expected` now, else `Conflict`.
    fn put_meta<'a>(
        &'a self,
        name: &'a str,
        expected: Option<&'a [u8]>,
        value: &'a [u8],
    ) -> Pending<'a, ()>;

    /// The present moment by a clock that all nodes share. `None`: there are no other nodes.
    fn now(&self) -> Option<Pending<'_, Timestamp>> {
        None
    }

    /// Waits until every watcher knows all changes of other nodes whose commits were acknowledged
    /// before the answer is first polled. `None`: there are no other nodes.
    fn refresh(&self) -> Option<Pending<'_, ()>> {
        None
    }

    /// Has `watcher` told of the changes of other nodes, as long as it is there.
    #[cfg(feature = "postgres")]
    fn watch(&self, _: std::sync::Weak<dyn Watcher>) {}

    /// Makes everything durable and stops. Later calls answer `Closed`.
    fn close(&self) -> Pending<'_, ()>;

    /// Whether the engine still works, and how much it did.
    fn health(&self) -> &std::sync::Arc<Health>;
}

/// A stored row, as the engine knows it.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) key: Key,
    pub(crate) rev: Rev,
    pub(crate) columns: Vec<Value>,
    pub(crate) body: Vec<u8>,
}

/// Everything that one transaction asks of the engine.
pub(crate) struct Commit {
    pub(crate) reads: Vec<Read>,
    pub(crate) writes: Vec<Write>,
    pub(crate) counts: Vec<Count>,
    pub(crate) outbox: Vec<Vec<u8>>,
    pub(crate) observer: Box<dyn Observer>,
}

/// Something the transaction read, which must still be so.
pub(crate) enum Read {
    /// The row under a key had this revision, or did not exist.
    Row {
        kind: &'static Kind,
        key: Key,
        rev: Option<Rev>,
    },
    /// A query gave exactly these rows.
    Query { plan: Plan, seen: Vec<(Key, Rev)> },
}

/// A change of one row.
pub(crate) struct Write {
    pub(crate) kind: &'static Kind,
    pub(crate) key: Key,
    pub(crate) change: Change,
}

/// What happens to the row.
pub(crate) enum Change {
    /// The key must be free.
    Insert { row: Row },
    /// The row must have the revision `was`.
    Update { row: Row, was: Rev },
    /// The row must have the revision `was`.
    Delete { was: Rev },
}

/// A change of a counter. Counting conflicts with nothing.
pub(crate) struct Count {
    pub(crate) name: String,
    pub(crate) delta: i64,
    /// The highest value that counting up may reach.
    pub(crate) max: Option<i64>,
}

impl Count {
    /// The counter's new value, or why it may not have it.
    pub(crate) fn of(&self, value: i64) -> Result<i64, StoreError> {
        let next = value.checked_add(self.delta);
        let next = next.ok_or_else(|| self.limit_reached())?;
        self.allows(next).map(|()| next)
    }

    /// Whether the counter may have `next` as its new value.
    pub(crate) fn allows(&self, next: i64) -> Result<(), StoreError> {
        if self.delta > 0 && self.max.is_some_and(|max| next > max) {
            return Err(self.limit_reached());
        }
        Ok(())
    }

    pub(crate) fn limit_reached(&self) -> StoreError {
        StoreError::LimitReached {
            counter: self.name.clone(),
        }
    }
}

/// Told by the engine when the changes of a transaction become visible.
///
/// INVARIANT: `before` runs when the transaction will be committed unless the storage fails, and
/// before any reader can see it; `after` runs when every later reader sees it (`committed`) or
/// none ever will. An engine that does not know the outcome never calls `after`.
pub(crate) trait Observer: Send {
    fn before(&mut self);
    fn after(&mut self, committed: bool);
}

/// Told by an engine what other nodes have changed.
#[cfg(feature = "postgres")]
pub(crate) trait Watcher: Send + Sync {
    /// The row under `key` is another one.
    fn changed(&self, kind: &str, key: &Key);

    /// Any row may be another one.
    fn anything(&self);
}

/// Whether an engine still works, and how much it did.
#[derive(Debug, Default)]
pub(crate) struct Health {
    state: AtomicU8,
    failure: Notify,
    pub(crate) commits: AtomicU64,
    pub(crate) batches: AtomicU64,
    pub(crate) conflicts: AtomicU64,
}

impl Health {
    /// Errors when the engine takes no more calls.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        match self.state.load(Ordering::Acquire) {
            OPEN => Ok(()),
            CLOSED => Err(StoreError::Closed),
            _ => Err(StoreError::Failed),
        }
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.state.load(Ordering::Acquire) == FAILED
    }

    pub(crate) fn fail(&self) {
        self.state.store(FAILED, Ordering::Release);
        self.failure.notify_waiters();
    }

    /// Closes, unless the engine has failed.
    pub(crate) fn close(&self) {
        let _ = self
            .state
            .compare_exchange(OPEN, CLOSED, Ordering::AcqRel, Ordering::Acquire);
    }

    /// Waits until the engine fails.
    pub(crate) async fn until_failed(&self) {
        let failure = self.failure.notified();
        tokio::pin!(failure);
        failure.as_mut().enable();
        if !self.has_failed() {
            failure.await;
        }
    }
}

const OPEN: u8 = 0;
const CLOSED: u8 = 1;
const FAILED: u8 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    fn count(delta: i64, max: Option<i64>) -> Count {
        Count {
            name: String::from("secrets"),
            delta,
            max,
        }
    }

    #[test]
    fn a_limit_binds_only_counting_up() {
        assert_eq!(count(1, Some(3)).of(2).unwrap(), 3);
        assert!(matches!(
            count(1, Some(3)).of(3),
            Err(StoreError::LimitReached { counter }) if counter == "secrets"
        ));
        assert_eq!(count(-1, Some(3)).of(9).unwrap(), 8);
        assert_eq!(count(1, None).of(9).unwrap(), 10);
    }

    #[test]
    fn a_counter_does_not_overflow() {
        assert!(matches!(
            count(1, None).of(i64::MAX),
            Err(StoreError::LimitReached { .. })
        ));
    }

    #[tokio::test]
    async fn failure_is_final_and_wakes_those_who_wait() {
        let health = std::sync::Arc::new(Health::default());
        assert!(health.check().is_ok());

        let ((), ()) = tokio::join!(health.until_failed(), async { health.fail() });
        health.close();

        assert!(matches!(health.check(), Err(StoreError::Failed)));
        health.until_failed().await;
    }
}
