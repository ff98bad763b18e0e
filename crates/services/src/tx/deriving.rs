//! Transactions that leave no audit event by themselves: what they store came with a call whose event tells
//! of it, or is made from what is in the log.

use super::{Ledger, Tx};
use crate::authorize::Permit;
use base::CommonError;
use std::collections::HashMap;
use store::{Key, Query, Record, Rev, StoreError, Versioned};

/// A record that needs no audit event of its own: it is written together with the event of the call that
/// brought it, or made from events or metrics; it is removed without one.
pub(crate) trait Derived: Record {}

/// A transaction that stores [`Derived`] records only. Dropping it rolls it back.
pub(crate) struct Deriving<'a> {
    tx: Tx<'a>,
    counted: HashMap<String, Counted>,
    writes: usize,
    bytes: usize,
}

/// A counter as a transaction knows it.
#[derive(Default)]
struct Counted {
    /// What others stored, as it was when it was asked for first.
    stored: Option<i64>,
    /// What this transaction adds.
    added: i64,
}

/// A transaction of an operation, lent to what stores [`Derived`] records in it.
///
/// INVARIANT: what was written before it was lent cannot be committed but with an event.
pub(crate) struct Lent<'a> {
    deriving: Deriving<'a>,
    /// Whether nothing was written before.
    is_pure: bool,
}

impl<'a> Lent<'a> {
    pub(super) fn of(tx: Tx<'a>) -> Self {
        Self {
            is_pure: !tx.has_written,
            deriving: Deriving::of(tx),
        }
    }

    /// To store records in.
    pub(crate) fn derive(&mut self) -> &mut Deriving<'a> {
        &mut self.deriving
    }

    /// The transaction again.
    pub(crate) fn into_tx(self) -> Tx<'a> {
        self.deriving.tx
    }

    /// Stores what was written, if that is nothing but [`Derived`] records.
    ///
    /// # Errors
    /// As [`Deriving::commit`]; [`CommonError::Internal`] when something else was written.
    pub(crate) async fn commit_derived(self) -> Result<(), CommonError> {
        if !self.is_pure {
            return Err(CommonError::internal("a change without its event"));
        }
        self.deriving.commit().await
    }
}

impl<'a> Deriving<'a> {
    pub(super) fn new(ledger: &'a Ledger) -> Self {
        Self::of(ledger.begin())
    }

    fn of(tx: Tx<'a>) -> Self {
        Self {
            tx,
            counted: HashMap::new(),
            writes: 0,
            bytes: 0,
        }
    }

    /// The record with this key, of any kind.
    pub(crate) async fn get<R: Record>(
        &mut self,
        key: &Key,
    ) -> Result<Option<Versioned<R>>, StoreError> {
        self.tx.get(key).await
    }

    /// Records of any kind in the order of an index.
    pub(crate) async fn query<R: Record>(
        &mut self,
        query: &Query,
    ) -> Result<Vec<Versioned<R>>, StoreError> {
        self.tx.query(query).await
    }

    /// Stores a new record.
    pub(crate) fn insert<R: Derived>(&mut self, own: &Permit, record: R) {
        self.note(&record);
        self.tx.insert(own, record);
    }

    /// Replaces the record that was read with revision `rev`.
    pub(crate) fn update<R: Derived>(&mut self, own: &Permit, record: R, rev: Rev) {
        self.note(&record);
        self.tx.update(own, record, rev);
    }

    /// Removes the record that was read with revision `rev`.
    pub(crate) fn delete<R: Derived>(&mut self, own: &Permit, key: &Key, rev: Rev) {
        self.tx.delete::<R>(own, key, rev);
    }

    /// Adds to a counter, without a limit.
    pub(crate) fn count(&mut self, own: &Permit, counter: &str, delta: i64) {
        self.tx.count(own, counter, delta, None);
        let counted = self.counted.entry(counter.to_owned()).or_default();
        counted.added = counted.added.saturating_add(delta);
    }

    /// The value of a counter, with what this transaction adds to it. Others may add to it meanwhile.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn counted(&mut self, counter: &str) -> Result<i64, StoreError> {
        let known = self.counted.get(counter);
        let added = known.map_or(0, |counted| counted.added);
        if let Some(stored) = known.and_then(|counted| counted.stored) {
            return Ok(stored.saturating_add(added));
        }
        let stored = self.tx.ledger.counted(counter).await?;
        let counted = self.counted.entry(counter.to_owned()).or_default();
        counted.stored = Some(stored);
        Ok(stored.saturating_add(added))
    }

    /// Whether so much was written that it is time to commit, and to go on in another transaction.
    pub(crate) fn is_full(&self) -> bool {
        self.writes >= MOST_WRITES || self.bytes >= MOST_BYTES
    }

    fn note<R: Record>(&mut self, record: &R) {
        self.writes = self.writes.saturating_add(1);
        self.bytes = self.bytes.saturating_add(record.weight());
    }

    /// Stores what was written, all of it or nothing.
    ///
    /// # Errors
    /// [`CommonError::Conflict`] when another transaction came between; a failure of the store.
    pub(crate) async fn commit(self) -> Result<(), CommonError> {
        self.tx.inner.commit(Vec::new()).await?;
        Ok(())
    }
}

/// What one transaction is to write, about.
const MOST_WRITES: usize = 2_000;
/// The same in bytes.
const MOST_BYTES: usize = 16 << 20;
