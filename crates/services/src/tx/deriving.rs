//! Transactions that leave no audit event by themselves: what they store came with a call whose event tells
//! of it, or is made from what is in the log.

use super::{Ledger, Tx};
use crate::authorize::Permit;
use base::CommonError;
use store::{Key, Query, Record, Rev, StoreError, Versioned};

/// A record that needs no audit event of its own: it is written together with the event of the call that
/// brought it, or made from events or metrics; it is removed without one.
pub(crate) trait Derived: Record {}

/// A transaction that stores [`Derived`] records only. Dropping it rolls it back.
pub(crate) struct Deriving<'a>(Tx<'a>);

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
            deriving: Deriving(tx),
        }
    }

    /// To store records in.
    pub(crate) fn derive(&mut self) -> &mut Deriving<'a> {
        &mut self.deriving
    }

    /// The transaction again.
    pub(crate) fn into_tx(self) -> Tx<'a> {
        self.deriving.0
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
        Self(ledger.begin())
    }

    /// The record with this key, of any kind.
    pub(crate) async fn get<R: Record>(
        &mut self,
        key: &Key,
    ) -> Result<Option<Versioned<R>>, StoreError> {
        self.0.get(key).await
    }

    /// Records of any kind in the order of an index.
    pub(crate) async fn query<R: Record>(
        &mut self,
        query: &Query,
    ) -> Result<Vec<Versioned<R>>, StoreError> {
        self.0.query(query).await
    }

    /// Stores a new record.
    pub(crate) fn insert<R: Derived>(&mut self, own: &Permit, record: R) {
        self.0.insert(own, record);
    }

    /// Replaces the record that was read with revision `rev`.
    pub(crate) fn update<R: Derived>(&mut self, own: &Permit, record: R, rev: Rev) {
        self.0.update(own, record, rev);
    }

    /// Removes the record that was read with revision `rev`.
    pub(crate) fn delete<R: Derived>(&mut self, own: &Permit, key: &Key, rev: Rev) {
        self.0.delete::<R>(own, key, rev);
    }

    /// Adds to a counter, without a limit.
    pub(crate) fn count(&mut self, own: &Permit, counter: &str, delta: i64) {
        self.0.count(own, counter, delta, None);
    }

    /// Stores what was written, all of it or nothing.
    ///
    /// # Errors
    /// [`CommonError::Conflict`] when another transaction came between; a failure of the store.
    pub(crate) async fn commit(self) -> Result<(), CommonError> {
        self.0.inner.commit(Vec::new()).await?;
        Ok(())
    }
}
