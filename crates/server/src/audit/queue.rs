//! What waits to be written, and those who wait for it.

use parking_lot::{Condvar, Mutex};
use services::{AuditEntry, AuditError};
use std::mem;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::timeout;

/// Events in the order in which they came.
#[derive(Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    /// Told of the first event after a sync, and of the end.
    news: Condvar,
}

#[derive(Default)]
struct Waiting {
    events: Events,
    batch: Arc<Batch>,
    /// Whether something came since the last look of [`Queue::wait_for_news`].
    is_new: bool,
    /// Whether somebody waits for more than a write.
    is_urgent: bool,
    closed: bool,
}

/// The events of one write.
#[derive(Default)]
pub(super) struct Events {
    /// One after the other.
    bytes: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
    /// The outbox numbers of those that have one.
    pub(super) outbox: Vec<u64>,
}

impl Events {
    /// How many there are.
    pub(super) const fn count(&self) -> usize {
        self.ends.len()
    }

    /// Each by itself.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(start, end)| self.bytes.get(start..*end).unwrap_or_default())
    }

    fn push(&mut self, event: &[u8]) {
        self.bytes.extend_from_slice(event);
        self.ends.push(self.bytes.len());
    }
}

/// Those who wait for one write.
#[derive(Default)]
pub(super) struct Batch {
    outcome: OnceLock<Result<(), &'static str>>,
    finished: Notify,
}

impl Queue {
    /// Puts an event behind the others. Gives the batch that it will be written with.
    pub(super) fn push(&self, entry: AuditEntry) -> Result<Arc<Batch>, AuditError> {
        // SECURITY: a newline inside would let the content of one event pose as another.
        if entry.line.contains(&b'\n') {
            return Err(refusal("the event is not one line"));
        }
        if !entry.line.starts_with(b"{") || !entry.line.ends_with(b"}") || entry.line.len() < 2 {
            return Err(refusal("the event is not a JSON object"));
        }
        let mut waiting = self.waiting.lock();
        if waiting.closed {
            return Err(refusal("the audit log is closed"));
        }
        let bytes = waiting.events.bytes.len().saturating_add(entry.line.len());
        if bytes > MOST_WAITING_BYTES {
            return Err(refusal("too many events wait for the audit log"));
        }
        waiting.events.push(&entry.line);
        waiting.events.outbox.extend(entry.outbox);
        if !mem::replace(&mut waiting.is_new, true) {
            self.news.notify_one();
        }
        Ok(Arc::clone(&waiting.batch))
    }

    /// Whether anything waits.
    pub(super) fn has_waiting(&self) -> bool {
        self.waiting.lock().events.count() > 0
    }

    /// All that waits, and those who wait for it. What comes later is another batch.
    pub(super) fn take(&self) -> Option<(Arc<Batch>, Events)> {
        let mut waiting = self.waiting.lock();
        if waiting.events.count() == 0 {
            return None;
        }
        Some((
            mem::take(&mut waiting.batch),
            mem::take(&mut waiting.events),
        ))
    }

    /// Blocks until an event came since the last call, and no longer than `patience`. Whether the
    /// queue is open.
    pub(super) fn wait_for_news(&self, patience: Duration) -> bool {
        let mut waiting = self.waiting.lock();
        let is_idle = |waiting: &mut Waiting| !waiting.is_new && !waiting.closed;
        self.news.wait_while_for(&mut waiting, is_idle, patience);
        waiting.is_new = false;
        !waiting.closed
    }

    /// Ends the wait for news, and the one that follows it: somebody waits for more than a write.
    pub(super) fn hurry(&self) {
        let mut waiting = self.waiting.lock();
        waiting.is_new = true;
        waiting.is_urgent = true;
        self.news.notify_all();
    }

    /// Blocks for `time`, or until it is urgent or the queue is closed.
    pub(super) fn wait_for_end(&self, time: Duration) {
        let mut waiting = self.waiting.lock();
        // News are of no interest for now, and leave no mark that would be missed.
        let is_idle = |waiting: &mut Waiting| !waiting.is_urgent && !waiting.closed;
        self.news.wait_while_for(&mut waiting, is_idle, time);
        waiting.is_urgent = false;
    }

    /// From now on takes nothing.
    pub(super) fn close(&self) {
        self.waiting.lock().closed = true;
        self.news.notify_all();
    }
}

impl Batch {
    /// Tells those who wait.
    pub(super) fn finish(&self, outcome: Result<(), &'static str>) {
        // A batch is taken once and so finished once.
        let _ = self.outcome.set(outcome);
        self.finished.notify_waiters();
    }

    /// Waits for the write, for `deadline` at the most.
    pub(super) async fn outcome(&self, deadline: Duration) -> Result<(), AuditError> {
        let mut finished = pin!(self.finished.notified());
        finished.as_mut().enable();
        if self.outcome.get().is_none() {
            // Nobody is left in it when the time is up: it is written, and answered to no one.
            let _ = timeout(deadline, finished).await;
        }
        match self.outcome.get() {
            Some(outcome) => outcome.map_err(refusal),
            None => Err(refusal("the audit log took too long")),
        }
    }
}

/// An error for the operator.
pub(super) fn refusal(text: &str) -> AuditError {
    AuditError(String::from(text))
}

/// Beyond this, events are refused at once instead of filling the memory.
const MOST_WAITING_BYTES: usize = 64 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_beyond_the_room_for_waiting_are_refused() {
        let queue = Queue::default();
        queue.waiting.lock().events.bytes = vec![b' '; MOST_WAITING_BYTES - 1];

        let line = b"{}".to_vec();
        let refused = queue.push(AuditEntry { line, outbox: None });

        assert_eq!(
            refused.err().map(|error| error.0).as_deref(),
            Some("too many events wait for the audit log")
        );
    }

    #[test]
    fn what_comes_after_a_take_is_another_batch() {
        let queue = Queue::default();
        let push = |line: &str, outbox| {
            queue
                .push(AuditEntry {
                    line: line.into(),
                    outbox,
                })
                .unwrap()
        };

        let first = push(r#"{"a":1}"#, Some(1));
        let second = push("{}", None);
        let (taken, events) = queue.take().unwrap();
        let third = push("{ }", None);

        assert!(Arc::ptr_eq(&first, &second) && Arc::ptr_eq(&first, &taken));
        assert!(!Arc::ptr_eq(&first, &third));
        let taken: Vec<&[u8]> = events.iter().collect();
        assert_eq!(taken, [br#"{"a":1}"#.as_slice(), b"{}"]);
        assert_eq!((events.count(), &events.outbox), (2, &vec![1]));
        assert_eq!(
            queue.take().unwrap().1.iter().next(),
            Some(b"{ }".as_slice())
        );
        assert!(queue.take().is_none());
    }
}
