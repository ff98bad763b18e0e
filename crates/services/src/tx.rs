//! A transaction as the services see it.
//!
//! INVARIANT: the store is reached only through a [`Ledger`], every write takes a [`Permit`], and a
//! transaction ends only with an audit event. Dropping a [`Tx`] rolls it back. [`Recorded`] is the
//! proof that the event is in the log, and a reply cannot be made without it.
//!
//! Operations that one operation calls inside its own transaction end theirs in [`Within`]: what they
//! wrote and their events are that one's to commit.
//!
//! The exceptions: [`Ledger::note`] stores a record that says it is [`Unaudited`], by itself, and
//! [`Ledger::advance`] one that says it is the [`Progress`] of work, and [`Ledger::derive`] records that
//! are [`Derived`]: made from the log itself, or brought by a call whose event tells of it.

mod deriving;
mod within;

pub(crate) use self::deriving::{Derived, Deriving, Lent};
pub(crate) use self::within::Within;

use crate::audit::{AppendFuture, AuditEntry, AuditError, AuditSink};
use crate::authorize::Permit;
use base::{AwsError, CommonError};
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use store::{Key, Kind, Query, Record, Rev, Store, StoreError, Versioned};

/// The records and the audit log: what is changed in one is told in the other.
#[derive(Clone)]
pub(crate) struct Ledger {
    store: Store,
    audit: Arc<dyn AuditSink>,
}

/// A serializable transaction.
pub(crate) struct Tx<'a> {
    ledger: &'a Ledger,
    inner: store::Tx,
    has_written: bool,
    /// Of whose transaction it is a part.
    within: Option<&'a Within>,
}

/// The audit events of one answer or piece of work, each a JSON line. There is always one.
pub(crate) struct Lines {
    own: Vec<u8>,
    more: Vec<Vec<u8>>,
}

impl Lines {
    /// The event of the answer itself.
    pub(crate) fn of(own: Vec<u8>) -> Self {
        Self {
            own,
            more: Vec::new(),
        }
    }

    /// And those of its parts and consequences.
    #[must_use]
    pub(crate) fn and(mut self, more: Vec<Vec<u8>>) -> Self {
        self.more.extend(more);
        self
    }

    fn into_vec(self) -> Vec<Vec<u8>> {
        std::iter::once(self.own).chain(self.more).collect()
    }
}

/// A record whose changes no audit event tells of: a note of ours about requests whose own events
/// are in the log. Only the latest is kept.
pub(crate) trait Unaudited: Record {
    /// Whether it replaces `stored`, which has the same key.
    fn is_later_than(&self, stored: &Self) -> bool;
}

/// How far work of the server's own is: who is at it, and which step is next. No audit event tells of
/// that. What the work brings about is told by events, in transactions that end with them.
pub(crate) trait Progress: Record + Clone {}

impl Ledger {
    /// The records of `store`, whose changes are told to `audit`.
    pub(crate) fn new(store: Store, audit: Arc<dyn AuditSink>) -> Self {
        Self { store, audit }
    }

    /// Begins a transaction.
    pub(crate) fn begin(&self) -> Tx<'_> {
        Tx {
            ledger: self,
            inner: self.store.begin(),
            has_written: false,
            within: None,
        }
    }

    /// How many rows a query finds, up to its limit.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn count_rows(
        &self,
        (kind, query): (&'static Kind, Query),
    ) -> Result<usize, CommonError> {
        Ok(self.store.count(kind, &query).await?)
    }

    /// The first `limit` counters whose names begin with `prefix`.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn counters(
        &self,
        prefix: &str,
        limit: usize,
    ) -> Result<Vec<(String, i64)>, CommonError> {
        Ok(self.store.counters(prefix, limit).await?)
    }

    /// Begins a transaction that only reads: it remembers nothing, so reading a key twice may give two
    /// answers, and its writes are refused.
    pub(crate) fn begin_reading(&self) -> Tx<'_> {
        Tx {
            ledger: self,
            inner: self.store.begin_reading(),
            has_written: false,
            within: None,
        }
    }

    /// Begins a transaction over records that are made from the audit log.
    pub(crate) fn derive(&self) -> Deriving<'_> {
        Deriving::new(self)
    }

    /// The value of a counter at this moment, outside of any transaction.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn counted(&self, counter: &str) -> Result<i64, StoreError> {
        self.store.counter(counter).await
    }

    /// Gives `work` every record that `due` finds, one after the other: each does what is to be done
    /// in a transaction of its own. What somebody else is at is left to the next call, and one that
    /// fails keeps no other from its turn.
    ///
    /// # Errors
    /// The last failure, after all that can be done is.
    pub(crate) async fn sweep<R: Record, E, F>(
        &self,
        due: Query,
        mut work: impl FnMut(Arc<R>) -> F,
    ) -> Result<(), E>
    where
        E: AwsError + From<CommonError>,
        F: Future<Output = Result<(), E>>,
    {
        let mut page = due.with_limit(PAGE);
        let mut failed = Ok(());
        loop {
            let found = self.begin().query::<R>(&page).await;
            let found = found.map_err(CommonError::from)?;
            let is_last = found.len() < PAGE;
            let next = found.last().map(|last| page.cursor(last.record.as_ref()));
            for one in found {
                match work(one.record).await {
                    Err(error) if !error.is_conflict() => failed = Err(error),
                    Ok(()) | Err(_) => {}
                }
            }
            match next {
                Some(cursor) if !is_last => page = page.after(cursor),
                _ => return failed,
            }
        }
    }

    /// Stores `record` with no audit event, unless a later one is there or another writer is at it.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn note<R: Unaudited>(
        &self,
        permit: &Permit,
        record: R,
    ) -> Result<(), CommonError> {
        let mut tx = self.begin();
        match tx.get::<R>(&record.key()).await? {
            None => tx.insert(permit, record),
            Some(found) if record.is_later_than(&found.record) => {
                tx.update(permit, record, found.rev);
            }
            Some(_) => return Ok(()),
        }
        match tx.inner.commit(Vec::new()).await.map_err(CommonError::from) {
            Ok(_) | Err(CommonError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Changes the progress stored under `key` with no audit event. `step` runs again when another
    /// writer came between, and gives `None` to leave everything as it is.
    ///
    /// # Errors
    /// When the store fails; [`CommonError::Conflict`] when others come between all the time.
    pub(crate) async fn advance<R: Progress, T>(
        &self,
        _: &Permit,
        key: &Key,
        mut step: impl FnMut(&mut R) -> Option<T>,
    ) -> Result<Option<T>, CommonError> {
        for _ in 0..MOST_ADVANCES {
            let mut tx = self.store.begin();
            let done = jobs::advance(&mut tx, key, &mut step).await?;
            match tx.commit(Vec::new()).await.map_err(CommonError::from) {
                Ok(_) => return Ok(done),
                Err(CommonError::Conflict) => tokio::task::yield_now().await,
                Err(error) => return Err(error),
            }
        }
        Err(CommonError::Conflict)
    }

    /// Removes the progress stored under `key` with no audit event, if `is_over` says so: the work is done.
    ///
    /// # Errors
    /// When the store fails; [`CommonError::Conflict`] when others come between all the time.
    pub(crate) async fn forget<R: Progress>(
        &self,
        _: &Permit,
        key: &Key,
        is_over: impl Fn(&R) -> bool,
    ) -> Result<(), CommonError> {
        for _ in 0..MOST_ADVANCES {
            let mut tx = self.store.begin();
            let found = tx.get::<R>(key).await?;
            let Some(found) = found.filter(|found| is_over(&found.record)) else {
                return Ok(());
            };
            tx.delete::<R>(key, found.rev);
            match tx.commit(Vec::new()).await.map_err(CommonError::from) {
                Ok(_) => return Ok(()),
                Err(CommonError::Conflict) => tokio::task::yield_now().await,
                Err(error) => return Err(error),
            }
        }
        Err(CommonError::Conflict)
    }

    /// Records what changed nothing, such as a refusal, and what went before it.
    ///
    /// # Errors
    /// When the audit log failed: then nothing may be answered.
    pub(crate) async fn record(
        &self,
        line: Vec<u8>,
        before: Vec<Vec<u8>>,
    ) -> Result<(), AuditError> {
        let lines = before.into_iter().chain([line]);
        self.append(lines.map(|line| AuditEntry { line, outbox: None }))
            .await
    }

    /// Appends events in their order, waiting for all of them together.
    async fn append(&self, entries: impl Iterator<Item = AuditEntry>) -> Result<(), AuditError> {
        let mut waiting: Vec<AppendFuture<'_>> =
            entries.map(|entry| self.audit.append(entry)).collect();
        poll_fn(|context| {
            let mut failed = None;
            waiting.retain_mut(|one| match one.as_mut().poll(context) {
                Poll::Pending => true,
                Poll::Ready(outcome) => {
                    failed = failed.take().or(outcome.err());
                    false
                }
            });
            match failed {
                Some(error) => Poll::Ready(Err(error)),
                None if waiting.is_empty() => Poll::Ready(Ok(())),
                None => Poll::Pending,
            }
        })
        .await
    }
}

/// Proof that an answer's audit event is in the log.
#[derive(Debug)]
pub(crate) struct Recorded(());

/// An operation's output together with the proof that it may leave.
pub(crate) struct Reply<O> {
    output: O,
}

impl Recorded {
    /// The answer that this record is about.
    pub(crate) fn reply<O>(self, output: O) -> Reply<O> {
        Reply { output }
    }
}

impl<O> Reply<O> {
    /// The output, to be encoded.
    pub(crate) fn into_output(self) -> O {
        self.output
    }
}

impl<'a> Tx<'a> {
    /// Lends the transaction to what stores [`Derived`] records in it.
    pub(crate) fn lend(self) -> Lent<'a> {
        Lent::of(self)
    }

    /// The record with this key.
    pub(crate) async fn get<R: Record>(
        &mut self,
        key: &Key,
    ) -> Result<Option<Versioned<R>>, StoreError> {
        self.inner.get(key).await
    }

    /// Records in the order of an index.
    pub(crate) async fn query<R: Record>(
        &mut self,
        query: &Query,
    ) -> Result<Vec<Versioned<R>>, StoreError> {
        self.inner.query(query).await
    }

    /// Shows `each` every record that `query` finds, a page of its own size at a time.
    pub(crate) async fn every<R: Record>(
        &mut self,
        query: Query,
        mut each: impl FnMut(Arc<R>),
    ) -> Result<(), StoreError> {
        let mut page = query.with_limit(PAGE);
        loop {
            let found = self.query::<R>(&page).await?;
            let is_last = found.len() < PAGE;
            let next = found.last().map(|last| page.cursor(last.record.as_ref()));
            found.into_iter().for_each(|one| each(one.record));
            match next {
                Some(cursor) if !is_last => page = page.after(cursor),
                _ => return Ok(()),
            }
        }
    }

    /// Stores a new record.
    pub(crate) fn insert<R: Record>(&mut self, _: &Permit, record: R) {
        self.has_written = true;
        self.inner.insert(record);
    }

    /// Replaces the record that was read with revision `rev`.
    pub(crate) fn update<R: Record>(&mut self, _: &Permit, record: R, rev: Rev) {
        self.has_written = true;
        self.inner.update(record, rev);
    }

    /// Removes the record that was read with revision `rev`.
    pub(crate) fn delete<R: Record>(&mut self, _: &Permit, key: &Key, rev: Rev) {
        self.has_written = true;
        self.inner.delete::<R>(key, rev);
    }

    /// Adds to a counter, up to a limit.
    pub(crate) fn count(&mut self, _: &Permit, counter: &str, delta: i64, max: Option<i64>) {
        self.has_written = true;
        self.inner.count(counter, delta, max);
    }

    /// Commits the writes together with their audit events, and resolves when both are safe.
    /// Without writes it is [`Tx::finish`].
    ///
    /// # Errors
    /// [`CommonError::Conflict`] when nothing was written because another transaction came
    /// between; [`CommonError::Internal`] otherwise. After a failure of the audit log the change
    /// may stand, with its event in the store's outbox: the caller is refused all the same.
    pub(crate) async fn commit(self, events: impl Into<Lines>) -> Result<Recorded, CommitError> {
        if let Some(within) = self.within {
            return Ok(within.give_back(self, events.into())?);
        }
        if !self.has_written {
            return Ok(self.finish(events).await?);
        }
        let events = events.into().into_vec();
        let numbers = self.inner.commit(events.clone()).await?;
        let entries = events.into_iter().zip(numbers);
        let entries = entries.map(|(line, number)| AuditEntry {
            line,
            outbox: Some(number),
        });
        let appended = self.ledger.append(entries).await;
        appended.map_err(CommonError::internal)?;
        Ok(Recorded(()))
    }

    /// Ends a transaction that changed nothing, and resolves when its events are in the log.
    ///
    /// # Errors
    /// [`CommonError::Internal`] when the audit log failed: then nothing may be revealed.
    pub(crate) async fn finish(self, events: impl Into<Lines>) -> Result<Recorded, CommonError> {
        if let Some(within) = self.within {
            return within.give_back(self, events.into());
        }
        let events = events.into().into_vec();
        let entries = events.into_iter();
        let entries = entries.map(|line| AuditEntry { line, outbox: None });
        let appended = self.ledger.append(entries).await;
        appended.map_err(CommonError::internal)?;
        Ok(Recorded(()))
    }
}

/// Why a commit failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommitError {
    /// A counter stood at its limit; nothing was written.
    #[error("a quota is exhausted")]
    LimitReached,
    /// See [`CommonError`].
    #[error(transparent)]
    Common(#[from] CommonError),
}

impl From<StoreError> for CommitError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::LimitReached { .. } => Self::LimitReached,
            other => Self::Common(other.into()),
        }
    }
}

impl From<CommitError> for CommonError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::LimitReached => Self::internal("a counter stood at its limit"),
            CommitError::Common(error) => error,
        }
    }
}

/// How often [`Ledger::advance`] tries.
const MOST_ADVANCES: usize = 50;
/// How many records [`Tx::every`] reads at once.
const PAGE: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::model::Membership;
    use crate::secretsmanager::world::World;
    use base::AccountId;

    #[tokio::test]
    async fn every_record_is_shown_once_however_many_pages_there_are() {
        let account = AccountId::parse("123456789012").unwrap();
        let app = World::new().app;
        for members in [0, 1, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE] {
            let group = format!("g{members}");
            let mut expected: Vec<String> = (0..members).map(|n| format!("u{n}")).collect();
            expected.sort_unstable();
            let mut tx = app.ledger.begin();
            for user in &expected {
                let membership = Membership {
                    account: account.clone(),
                    group: group.clone(),
                    user: user.clone(),
                };
                tx.insert(&Permit::of_tests(), membership);
            }
            tx.commit(Lines::of(b"{}".to_vec())).await.unwrap();

            let mut shown = Vec::new();
            let query = Query::primary(1).equal(&account).equal(group.as_str());
            let mut tx = app.ledger.begin();
            tx.every(query, |one: Arc<Membership>| shown.push(one.user.clone()))
                .await
                .unwrap();

            assert_eq!(shown, expected);
        }
    }
}
