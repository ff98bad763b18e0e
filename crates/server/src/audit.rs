//! The audit file: one JSON object a line, in `DIR/audit/audit.log`.
//!
//! Rules kept here:
//! - an answer leaves only after its event was written (`services` waits for [`FileSink::append`]
//!   and refuses the request when it fails or takes too long);
//! - one thread writes, all that waits in one `write`, so that the file never holds half an event
//!   between two others;
//! - INVARIANT: an event that was committed with a change stays in the store's outbox until the
//!   file that holds it was synced, so a loss of power loses no record of a change;
//! - a write that fails refuses the requests that waited for it and leaves the file as it was; the
//!   next one tries again. A sync that fails ends the server: what the system said it had kept may
//!   be gone.

mod event;
mod log;
mod outbox;
mod recovery;
mod writer;

pub(crate) use event::AdminEvent;
pub(crate) use outbox::{Outbox, Sweeper};
pub(crate) use recovery::{RecoveryError, open};

use crate::config;
use log::LogFile;
use parking_lot::{Condvar, Mutex};
use services::{AppendFuture, AuditEntry, AuditError, AuditSink};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use writer::Writer;

/// Takes events and writes them to the audit file, on a thread of its own.
pub(crate) struct FileSink {
    queue: Arc<Queue>,
    deadline: Duration,
    broken: watch::Receiver<bool>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl FileSink {
    /// Starts to write to `file`, which holds `length` bytes. The outbox numbers of events that are
    /// safe in the file are sent to `durable`.
    pub(crate) fn start(
        file: Box<dyn LogFile>,
        length: u64,
        settings: &config::Audit,
        durable: mpsc::UnboundedSender<Vec<u64>>,
    ) -> std::io::Result<Self> {
        let queue = Arc::new(Queue::default());
        let (breaks, broken) = watch::channel(false);
        let writer = Writer::new(file, length, settings, Arc::clone(&queue), durable, breaks);
        let thread = std::thread::Builder::new()
            .name(String::from("audit"))
            .spawn(move || writer.run())?;
        Ok(Self {
            queue,
            deadline: settings.deadline(),
            broken,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Whether the last attempt to write went well, or was long enough ago to try again.
    pub(crate) fn is_taking(&self) -> bool {
        !self.queue.failing.load(Ordering::Relaxed) && !*self.broken.borrow()
    }

    /// Turns true when a sync failed, after which nothing is written any more.
    pub(crate) fn broken(&self) -> watch::Receiver<bool> {
        self.broken.clone()
    }

    /// Writes and syncs what waits, and ends the thread. What comes later is refused.
    pub(crate) fn close(&self) {
        self.queue.close();
        if let Some(thread) = self.thread.lock().take() {
            // A writer that panicked has said so in the log, and refused what waited.
            let _ = thread.join();
        }
    }
}

impl AuditSink for FileSink {
    fn append(&self, entry: AuditEntry) -> AppendFuture<'_> {
        Box::pin(async move {
            let nudge = Nudge(&self.queue);
            let written = self.queue.push(entry)?;
            // The other requests that this thread has at hand come first, so that the writer is
            // woken once for all of them.
            tokio::task::yield_now().await;
            drop(nudge);
            match tokio::time::timeout(self.deadline, written).await {
                Ok(Ok(outcome)) => outcome,
                Ok(Err(_)) => Err(refusal("the audit log is closed")),
                Err(_) => Err(refusal("the audit log took too long")),
            }
        })
    }
}

impl Drop for FileSink {
    fn drop(&mut self) {
        self.queue.close();
    }
}

/// Wakes the writer when dropped: also when the request that waited was given up.
struct Nudge<'a>(&'a Queue);

impl Drop for Nudge<'_> {
    fn drop(&mut self) {
        self.0.arrived.notify_one();
    }
}

/// What waits for the writer.
#[derive(Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
    failing: AtomicBool,
}

#[derive(Default)]
struct Waiting {
    entries: Vec<Entry>,
    bytes: usize,
    closed: bool,
}

/// One event and who waits for it.
struct Entry {
    line: Vec<u8>,
    outbox: Option<u64>,
    written: oneshot::Sender<Result<(), AuditError>>,
}

impl Queue {
    fn push(
        &self,
        entry: AuditEntry,
    ) -> Result<oneshot::Receiver<Result<(), AuditError>>, AuditError> {
        // SECURITY: a newline inside would let the content of one event pose as another.
        if entry.line.is_empty() || entry.line.contains(&b'\n') {
            return Err(refusal("the event is not one line"));
        }
        let (written, outcome) = oneshot::channel();
        let mut waiting = self.waiting.lock();
        if waiting.closed {
            return Err(refusal("the audit log is closed"));
        }
        let bytes = waiting.bytes.saturating_add(entry.line.len());
        if bytes > MOST_WAITING_BYTES {
            return Err(refusal("too many events wait for the audit log"));
        }
        waiting.bytes = bytes;
        waiting.entries.push(Entry {
            line: entry.line,
            outbox: entry.outbox,
            written,
        });
        Ok(outcome)
    }

    fn close(&self) {
        self.waiting.lock().closed = true;
        self.arrived.notify_one();
    }
}

fn refusal(text: &str) -> AuditError {
    AuditError(String::from(text))
}

/// Beyond this, events are refused at once instead of filling the memory.
const MOST_WAITING_BYTES: usize = 64 << 20;

#[cfg(test)]
mod tests;
