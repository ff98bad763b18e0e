//! The audit log: one JSON object a line, chained and signed, in the segments of `DIR/audit`.
//!
//! Rules kept here:
//! - an answer leaves only after its event was written (`services` waits for [`FileSink::append`]
//!   and refuses the request when it fails or takes too long);
//! - who has an event writes it, together with all that wait at that moment, in one `write`: no
//!   other thread has to be woken first, and a thread with many requests at hand writes once for
//!   all of them. Who finds somebody writing leaves it to them;
//! - INVARIANT: an event that was committed with a change stays in the store's outbox until the
//!   file that holds it was synced, so a loss of power loses no record of a change;
//! - a write that fails refuses the requests that waited for it and leaves the file as it was; the
//!   next one tries again. A sync that fails ends the server: what the system said it had kept may
//!   be gone;
//! - every line is chained to the one before as it is written; what is synced is signed within a
//!   second, and the store remembers how far (`::audit` has the form, and verifies it).
//!
//! A disk that hangs holds up the thread that happens to write, with all its connections; requests
//! on the others are refused when their time is up.

mod event;
#[cfg(test)]
mod fixtures;
mod history;
mod key;
mod log;
mod outbox;
mod queue;
mod recovery;
mod refusals;
mod replacing;
mod retention;
mod signer;
mod signing;
mod sinks;
mod stream;
mod syncing;
#[cfg(strongroom_unaudited)]
mod unaudited;
mod writer;

pub(crate) use event::AdminEvent;
pub(crate) use history::History;
pub(crate) use key::{KeyStore, KeyStoreError};
pub(crate) use log::{Directory, Shelf};
pub(crate) use outbox::{Durable, Outbox, Sweeper};
pub(crate) use recovery::{Accepted, RecoveryError, append, open};
pub(crate) use refusals::{Batch, Refusals, Refused};
pub(crate) use replacing::{KeyReplacement, Replaced};
pub(crate) use retention::{Retention, Steady};
pub(crate) use signer::Signer;
pub(crate) use sinks::{SinkState, Sinks, SinksError, Surroundings};
pub(crate) use stream::LogStream;

use crate::config;
use ::audit::SigningKey;
use parking_lot::Mutex;
use queue::Queue;
use services::{AppendFuture, AuditEntry, AuditSink};
use signing::Signing;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use syncing::Syncing;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;
use writer::{End, Writer};

/// Takes events and writes them to the audit log.
pub(crate) struct FileSink {
    log: Arc<Log>,
    deadline: Duration,
    broken: watch::Receiver<bool>,
    synced: watch::Receiver<u64>,
    syncing: Mutex<Option<JoinHandle<()>>>,
}

impl FileSink {
    /// Goes on with the log from `end`, on `shelf`. What is safe there is sent to `durable`.
    pub(crate) fn start(
        end: End,
        shelf: Arc<dyn Shelf>,
        signer: Arc<Signer>,
        settings: &config::Audit,
        durable: mpsc::UnboundedSender<Durable>,
    ) -> std::io::Result<Self> {
        let (breaks, broken) = watch::channel(false);
        let signing = Signing::new(signer, Arc::clone(&shelf), end.previous);
        let counters = Arc::new(Counters::default());
        let mut writer = Writer::new(end, shelf, settings, durable, breaks);
        writer.counts_in(Arc::clone(&counters));
        let synced = writer.watch_synced();
        let first = Some(writer.due());
        let log = Arc::new(Log {
            queue: Queue::default(),
            writer: Mutex::new(writer),
            failed: Mutex::new(None),
            counters,
            asked: Mutex::default(),
            is_replacing_key: AtomicBool::new(false),
        });
        let syncing = Syncing {
            log: Arc::clone(&log),
            signing,
            interval: settings.sync_interval(),
            first,
        };
        let thread = std::thread::Builder::new()
            .name(String::from("audit-sync"))
            .spawn(move || syncing.run())?;
        Ok(Self {
            log,
            deadline: settings.deadline(),
            broken,
            synced,
            syncing: Mutex::new(Some(thread)),
        })
    }

    /// Whether the last attempt to write went well, or was long enough ago to try again.
    pub(crate) fn is_taking(&self) -> bool {
        let failed = *self.log.failed.lock();
        failed.is_none_or(|moment| moment.elapsed() > RECOVERY) && !*self.broken.borrow()
    }

    /// How many events came to what since the start.
    pub(crate) fn counts(&self) -> AuditCounts {
        let counters = &self.log.counters;
        // What is safe first, so that it is never more than what was written.
        let synced = counters.synced.load(Ordering::Relaxed);
        AuditCounts {
            synced,
            written: counters.written.load(Ordering::Relaxed),
            refused: counters.refused.load(Ordering::Relaxed),
        }
    }

    /// Turns true when a sync failed, after which nothing is written any more.
    pub(crate) fn broken(&self) -> watch::Receiver<bool> {
        self.broken.clone()
    }

    /// The number of the last event that survives a loss of power, with all before it. Begins with
    /// the last one that was found at the start.
    pub(crate) fn synced(&self) -> watch::Receiver<u64> {
        self.synced.clone()
    }

    /// Has `next` sign the log from now on. Tells of the first event that it stands for, once it does; when
    /// that is not to come, it ends without.
    pub(crate) fn replace_key(&self, next: Arc<SigningKey>) -> oneshot::Receiver<u64> {
        let (told, tells) = oneshot::channel();
        *self.log.asked.lock() = Some((next, told));
        self.log.queue.hurry();
        tells
    }

    /// Whether a key is on its way.
    pub(crate) fn is_replacing_key(&self) -> bool {
        self.log.is_replacing_key.load(Ordering::Acquire) || self.log.asked.lock().is_some()
    }

    /// Writes, syncs and signs what waits, and ends. What comes later is refused.
    pub(crate) fn close(&self) {
        self.log.queue.close();
        if let Some(thread) = self.syncing.lock().take() {
            // A thread that panicked has said so in the log.
            let _ = thread.join();
        }
    }
}

/// Where the services' events go.
#[cfg(not(strongroom_unaudited))]
pub(crate) fn for_services(sink: &Arc<FileSink>) -> Arc<dyn AuditSink> {
    Arc::clone(sink) as Arc<dyn AuditSink>
}

#[cfg(strongroom_unaudited)]
pub(crate) use unaudited::for_services;

impl AuditSink for FileSink {
    fn append(&self, entry: AuditEntry) -> AppendFuture<'_> {
        Box::pin(async move {
            let batch = self.log.queue.push(entry)?;
            let flush = Flush(&self.log);
            // The other requests that this thread has at hand come first, so that one write takes
            // the events of all of them.
            tokio::task::yield_now().await;
            drop(flush);
            batch.outcome(self.deadline).await
        })
    }
}

impl Drop for FileSink {
    fn drop(&mut self) {
        self.log.queue.close();
    }
}

/// Writes what waits when dropped: also when the request that waited was given up.
struct Flush<'a>(&'a Log);

impl Drop for Flush<'_> {
    fn drop(&mut self) {
        self.0.flush();
    }
}

/// How many events came to what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AuditCounts {
    /// Written to the file.
    pub(crate) written: u64,
    /// Safe from a loss of power.
    pub(crate) synced: u64,
    /// Not written, and their requests refused.
    pub(crate) refused: u64,
}

impl AuditCounts {
    /// Written, and not safe yet.
    pub(crate) fn unsynced(self) -> u64 {
        self.written.saturating_sub(self.synced)
    }
}

#[derive(Default)]
struct Counters {
    written: AtomicU64,
    synced: AtomicU64,
    refused: AtomicU64,
}

/// What waits, and the file.
struct Log {
    queue: Queue,
    writer: Mutex<Writer>,
    /// When writing failed last, unless it went well since.
    failed: Mutex<Option<Instant>>,
    counters: Arc<Counters>,
    /// Another key that is to sign.
    asked: Mutex<Option<Asked>>,
    /// Whether one was taken from there and does not sign yet.
    is_replacing_key: AtomicBool,
}

/// A key that is to sign, and who waits for that.
type Asked = (Arc<SigningKey>, oneshot::Sender<u64>);

impl Log {
    /// Writes what waits, unless somebody is at it.
    fn flush(&self) {
        while self.queue.has_waiting() {
            // INVARIANT: whoever holds the file looks at the queue again after letting go of it, so
            // what was put there before this attempt is not forgotten.
            let Some(mut writer) = self.writer.try_lock() else {
                return;
            };
            let Some((batch, events)) = self.queue.take() else {
                return;
            };
            let outcome = writer.take(&events);
            drop(writer);
            if outcome.is_err() {
                self.counters
                    .refused
                    .fetch_add(events.count() as u64, Ordering::Relaxed);
            }
            self.note(&outcome);
            batch.finish(outcome);
        }
    }

    /// Does something else with the file than writing what waits, and then that.
    fn with_writer<T>(&self, act: impl FnOnce(&mut Writer) -> T) -> T {
        let done = act(&mut self.writer.lock());
        self.flush();
        done
    }

    fn is_broken(&self) -> bool {
        self.with_writer(|writer| writer.is_broken())
    }

    fn note(&self, outcome: &Result<(), &'static str>) {
        let mut failed = self.failed.lock();
        match outcome {
            Ok(()) if failed.is_none() => {}
            Ok(()) => *failed = None,
            Err(_) => *failed = Some(Instant::now()),
        }
    }
}

/// How long a failure keeps the server from calling itself ready.
const RECOVERY: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;
