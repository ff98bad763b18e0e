//! The store's outbox: events committed together with a change, until the file keeps them. Beside it
//! the store remembers how far the log went, so that the next start sees when its end is gone.

use crate::error::chain;
use ::audit::Position;
use services::{AuditEntry, AuditSink};
use std::collections::HashSet;
use std::error::Error;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use store::{Store, StoreError};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// What is safe in the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Durable {
    /// The events with these numbers of the outbox.
    Events(Vec<u64>),
    /// Everything up to this line, under a signature.
    Head(Position),
}

/// Where events of changes wait, and how far the log went.
pub(crate) trait Outbox: Send + Sync {
    /// The `limit` oldest, with their numbers.
    fn oldest(
        &self,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<(u64, Vec<u8>)>, StoreError>> + Send;

    /// Takes those numbers out.
    fn done(&self, numbers: Vec<u64>) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Remembers that the log goes as far as `head`.
    fn remember(&self, head: Position) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// How far the log went.
    fn remembered(&self) -> impl Future<Output = Result<Option<Position>, StoreError>> + Send;
}

impl Outbox for Store {
    async fn oldest(&self, limit: usize) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        let entries = self.outbox(limit).await?;
        Ok(entries
            .into_iter()
            .map(|entry| (entry.seq, entry.body))
            .collect())
    }

    async fn done(&self, numbers: Vec<u64>) -> Result<(), StoreError> {
        self.outbox_done(numbers).await
    }

    async fn remember(&self, head: Position) -> Result<(), StoreError> {
        let before = self.database().meta(REMEMBERED).await?;
        // A position always serializes, and what does not deserialize is refused at the next start.
        let after = serde_json::to_vec(&head).unwrap_or_default();
        self.database()
            .put_meta(REMEMBERED, before.as_deref(), &after)
            .await
    }

    async fn remembered(&self) -> Result<Option<Position>, StoreError> {
        let stored = self.database().meta(REMEMBERED).await?;
        let read = |stored: Vec<u8>| {
            serde_json::from_slice(&stored).map_err(|_| StoreError::Corrupt { kind: REMEMBERED })
        };
        stored.map(read).transpose()
    }
}

/// Keeps the outbox short, and the store's memory of the log up to date: takes out what is safe in the file, and brings to the file what never
/// got there.
///
/// The latter is left by a client that went away between its change and the event, and by events
/// that the file did not take in time (a full disk).
pub(crate) struct Sweeper<O, S> {
    outbox: O,
    sink: Arc<S>,
    /// Safe in the file, and not yet taken out.
    safe: Vec<u64>,
    /// How far the log is signed, if that is not yet remembered.
    head: Option<Position>,
    /// What was in the outbox at the last look.
    seen: HashSet<u64>,
}

impl<O: Outbox, S: AuditSink> Sweeper<O, S> {
    /// Sweeps `outbox`, whose events go to `sink`.
    pub(crate) fn new(outbox: O, sink: Arc<S>) -> Self {
        Self {
            outbox,
            sink,
            safe: Vec::new(),
            head: None,
            seen: HashSet::new(),
        }
    }

    /// Takes out what `durable` reports as safe, until the writer has ended. Looks for what was
    /// left behind once in a `period`, which must be longer than an event may take to become safe.
    pub(crate) async fn run(
        mut self,
        mut durable: mpsc::UnboundedReceiver<Durable>,
        period: Duration,
    ) {
        let mut looks = interval_at(Instant::now() + period, period);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                more = durable.recv() => {
                    let Some(more) = more else { return };
                    self.note(more);
                    while let Ok(more) = durable.try_recv() {
                        self.note(more);
                    }
                    self.clear().await;
                    self.remember().await;
                }
                _ = looks.tick() => {
                    if let Err(error) = self.deliver().await {
                        tracing::warn!(error = chain(&*error), "audit events wait in the store");
                    }
                }
            }
        }
    }

    fn note(&mut self, durable: Durable) {
        match durable {
            Durable::Events(numbers) => self.safe.extend(numbers),
            Durable::Head(head) => self.head = Some(head),
        }
    }

    /// What cannot be remembered is tried again with the next report.
    async fn remember(&mut self) {
        let Some(head) = self.head else { return };
        match self.outbox.remember(head).await {
            Ok(()) => self.head = None,
            Err(error) => tracing::warn!(%error, "cannot remember the head of the audit log"),
        }
    }

    /// What cannot be taken out is tried again with the next report or look, and at the latest
    /// found in the file when the server starts again.
    async fn clear(&mut self) {
        if self.safe.is_empty() {
            return;
        }
        match self.outbox.done(self.safe.clone()).await {
            Ok(()) => self.safe.clear(),
            Err(error) => tracing::warn!(%error, "cannot clear the audit outbox"),
        }
    }

    /// Brings to the file what was in the outbox at the last look and still is.
    pub(super) async fn deliver(&mut self) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.clear().await;
        let waiting = self.outbox.oldest(MOST_AT_ONCE).await?;
        let seen = waiting.iter().map(|(number, _)| *number).collect();
        let before = std::mem::replace(&mut self.seen, seen);
        for (number, line) in waiting {
            // Written already, and only not yet taken out, are those that are known to be safe.
            if before.contains(&number) && !self.safe.contains(&number) {
                let outbox = Some(number);
                self.sink.append(AuditEntry { line, outbox }).await?;
                self.seen.remove(&number);
            }
        }
        Ok(())
    }
}

const MOST_AT_ONCE: usize = 1_000;
/// The meta value with the head of the log.
const REMEMBERED: &str = "audit_head";
