//! The thread that writes.

use super::log::{LogFile, append_all};
use super::{Entry, Queue, refusal};
use crate::config::{self, SyncPolicy};
use std::mem;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// Writes what the queue holds, batch by batch.
pub(super) struct Writer {
    file: Box<dyn LogFile>,
    /// How many bytes of the file are whole events that were acknowledged, or are about to be.
    length: u64,
    /// Whether the file may be longer than `length`: a write failed, and so did the cut after it.
    torn: bool,
    /// Since when something is written and not synced.
    dirty: Option<Instant>,
    /// The outbox numbers of what is written and not synced.
    covered: Vec<u64>,
    policy: SyncPolicy,
    interval: Duration,
    queue: Arc<Queue>,
    durable: mpsc::UnboundedSender<Vec<u64>>,
    breaks: watch::Sender<bool>,
    buffer: Vec<u8>,
}

impl Writer {
    pub(super) fn new(
        file: Box<dyn LogFile>,
        length: u64,
        settings: &config::Audit,
        queue: Arc<Queue>,
        durable: mpsc::UnboundedSender<Vec<u64>>,
        breaks: watch::Sender<bool>,
    ) -> Self {
        Self {
            file,
            length,
            torn: false,
            dirty: None,
            covered: Vec::new(),
            policy: settings.sync,
            interval: settings.sync_interval(),
            queue,
            durable,
            breaks,
            buffer: Vec::new(),
        }
    }

    /// Writes until the queue is closed and empty.
    pub(super) fn run(mut self) {
        while let Some(batch) = self.next() {
            self.take(batch);
        }
        self.sync();
    }

    /// What waits. Empty when nothing came by the time that a sync or a second look is due.
    fn next(&self) -> Option<Vec<Entry>> {
        let mut waiting = self.queue.waiting.lock();
        while waiting.entries.is_empty() {
            if waiting.closed {
                return None;
            }
            match self.wake_at() {
                None => self.queue.arrived.wait(&mut waiting),
                Some(moment) => {
                    let left = moment.saturating_duration_since(Instant::now());
                    if left.is_zero() || self.queue.arrived.wait_for(&mut waiting, left).timed_out()
                    {
                        break;
                    }
                }
            }
        }
        waiting.bytes = 0;
        Some(mem::take(&mut waiting.entries))
    }

    fn wake_at(&self) -> Option<Instant> {
        if let Some(since) = self.dirty {
            return Some(since + self.interval);
        }
        let failing = self.queue.failing.load(Ordering::Relaxed);
        failing.then(|| Instant::now() + RECOVERY)
    }

    fn take(&mut self, batch: Vec<Entry>) {
        if batch.is_empty() {
            // Nothing to write for a while: what failed may work by now, and the next event tells.
            self.queue.failing.store(false, Ordering::Relaxed);
        } else if let Err(error) = self.write(&batch) {
            tracing::error!(%error, events = batch.len(), "cannot write the audit log");
            self.queue.failing.store(true, Ordering::Relaxed);
            answer(batch, Err("the audit log cannot be written"));
            return;
        } else if self.policy == SyncPolicy::Interval {
            answer(batch, Ok(()));
        } else if self.sync() {
            answer(batch, Ok(()));
            return;
        } else {
            answer(batch, Err("the audit log cannot be synced"));
            return;
        }
        if self
            .dirty
            .is_some_and(|since| since.elapsed() >= self.interval)
        {
            self.sync();
        }
    }

    fn write(&mut self, batch: &[Entry]) -> std::io::Result<()> {
        if *self.breaks.borrow() {
            return Err(std::io::Error::other("an earlier sync failed"));
        }
        self.buffer.clear();
        for entry in batch {
            self.buffer.extend_from_slice(&entry.line);
            self.buffer.push(b'\n');
        }
        self.mend()?;
        if let Err(error) = append_all(self.file.as_mut(), &self.buffer) {
            // INVARIANT: what was refused is not in the file, and half an event even less.
            self.torn = true;
            let _ = self.mend();
            return Err(error);
        }
        self.length = self.length.saturating_add(self.buffer.len() as u64);
        self.buffer.shrink_to(KEPT_BUFFER);
        self.dirty.get_or_insert_with(Instant::now);
        self.covered
            .extend(batch.iter().filter_map(|entry| entry.outbox));
        self.queue.failing.store(false, Ordering::Relaxed);
        Ok(())
    }

    fn mend(&mut self) -> std::io::Result<()> {
        if self.torn {
            self.file.cut(self.length)?;
            self.torn = false;
        }
        Ok(())
    }

    /// Whether everything written is safe now.
    fn sync(&mut self) -> bool {
        if self.dirty.take().is_none() {
            return true;
        }
        if let Err(error) = self.file.sync() {
            // The system may have thrown away what it could not keep, and would not say so again.
            tracing::error!(%error, "cannot sync the audit log");
            self.breaks.send_replace(true);
            return false;
        }
        if !self.covered.is_empty() {
            // Nobody listens any more only at the very end; the next start finds them in the file.
            let _ = self.durable.send(mem::take(&mut self.covered));
        }
        true
    }
}

fn answer(batch: Vec<Entry>, outcome: Result<(), &str>) {
    for entry in batch {
        // Who gave up waiting has refused the request already.
        let _ = entry.written.send(outcome.map_err(refusal));
    }
}

/// How long a failure keeps the server from calling itself ready.
const RECOVERY: Duration = Duration::from_secs(1);
const KEPT_BUFFER: usize = 1 << 20;
