//! Writing to the file, and syncing it.

use super::Log;
use super::log::{LogFile, append_all};
use super::queue::Events;
use crate::config::SyncPolicy;
use std::mem;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// The end of the file. One at a time writes.
pub(super) struct Writer {
    file: Box<dyn LogFile>,
    /// How many bytes of the file are whole events that were acknowledged, or are about to be.
    length: u64,
    /// Whether the file may be longer than `length`: a write failed, and so did the cut after it.
    torn: bool,
    /// What is written and not synced.
    unsynced: Unsynced,
    policy: SyncPolicy,
    /// Gone after the last sync, so that who listens knows that nothing follows.
    durable: Option<mpsc::UnboundedSender<Vec<u64>>>,
    breaks: watch::Sender<bool>,
}

/// What was written since the last sync began.
#[derive(Default)]
struct Unsynced {
    any: bool,
    /// The outbox numbers among it.
    outbox: Vec<u64>,
}

impl Writer {
    pub(super) fn new(
        file: Box<dyn LogFile>,
        length: u64,
        policy: SyncPolicy,
        durable: mpsc::UnboundedSender<Vec<u64>>,
        breaks: watch::Sender<bool>,
    ) -> Self {
        Self {
            file,
            length,
            torn: false,
            unsynced: Unsynced::default(),
            policy,
            durable: Some(durable),
            breaks,
        }
    }

    /// Writes `events`, and syncs them when that is the policy. All of them or none.
    pub(super) fn take(&mut self, events: &Events) -> Result<(), &'static str> {
        if let Err(error) = self.write(events) {
            tracing::error!(%error, events = events.count, "cannot write the audit log");
            return Err("the audit log cannot be written");
        }
        if self.policy == SyncPolicy::Always {
            let outcome = self.file.sync();
            let written = mem::take(&mut self.unsynced);
            return self.synced(outcome, written);
        }
        Ok(())
    }

    fn write(&mut self, events: &Events) -> std::io::Result<()> {
        if *self.breaks.borrow() {
            return Err(std::io::Error::other("an earlier sync failed"));
        }
        self.mend()?;
        if let Err(error) = append_all(self.file.as_mut(), &events.lines) {
            // INVARIANT: what was refused is not in the file, and half an event even less.
            self.torn = true;
            let _ = self.mend();
            return Err(error);
        }
        self.length = self.length.saturating_add(events.lines.len() as u64);
        self.unsynced.any = true;
        self.unsynced.outbox.extend(&events.outbox);
        Ok(())
    }

    fn mend(&mut self) -> std::io::Result<()> {
        if self.torn {
            self.file.cut(self.length)?;
            self.torn = false;
        }
        Ok(())
    }

    /// Reports what a sync came to. After one that failed nothing is written any more: the system
    /// may have thrown away what it could not keep, and would not say so again.
    fn synced(
        &mut self,
        outcome: std::io::Result<()>,
        written: Unsynced,
    ) -> Result<(), &'static str> {
        if let Err(error) = outcome {
            tracing::error!(%error, "cannot sync the audit log");
            self.breaks.send_replace(true);
            return Err("the audit log cannot be synced");
        }
        if let Some(durable) = self.durable.as_ref().filter(|_| !written.outbox.is_empty()) {
            // When nobody listens any more, the next start finds them in the file.
            let _ = durable.send(written.outbox);
        }
        Ok(())
    }
}

/// The thread that syncs.
pub(super) struct Syncing {
    pub(super) log: Arc<Log>,
    /// A handle of its own, so that nobody waits for a sync who need not.
    pub(super) twin: Box<dyn LogFile>,
    pub(super) interval: Duration,
}

impl Syncing {
    /// Syncs once in an interval in which something was written, until the log is closed.
    pub(super) fn run(mut self) {
        while self.log.queue.wait_for_news() {
            self.log.queue.wait_for_end(self.interval);
            self.sync();
        }
        self.sync();
        self.log.writer.lock().durable = None;
    }

    fn sync(&mut self) {
        // What a request left behind that was given up before it could write.
        self.log.flush();
        let written = self
            .log
            .with_writer(|writer| mem::take(&mut writer.unsynced));
        if written.any {
            let outcome = self.twin.sync();
            // What failed is on record, and nobody waits for it here.
            let _ = self
                .log
                .with_writer(|writer| writer.synced(outcome, written));
        }
    }
}
