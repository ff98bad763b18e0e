//! The thread that syncs the log, signs it, and gives it another key.

use super::outbox::Durable;
use super::signing::{BETWEEN_HEADS, Replacement, Signing};
use super::writer::Due;
use super::{Asked, Log};
use std::mem;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// The thread that syncs and signs.
pub(super) struct Syncing {
    pub(super) log: Arc<Log>,
    pub(super) signing: Signing,
    pub(super) interval: Duration,
    /// What the last server left unsynced and unsigned.
    pub(super) first: Option<Due>,
}

impl Syncing {
    /// Syncs and signs once in an interval in which something was written, until the log is closed.
    pub(super) fn run(mut self) {
        let mut is_owing = self.first.take().is_some_and(|due| self.finish(due, false));
        loop {
            let patience = if is_owing { BETWEEN_HEADS } else { LOOK_AT_AGE };
            if !self.log.queue.wait_for_news(patience) {
                break;
            }
            self.log.queue.wait_for_end(self.interval);
            is_owing = self.sync(false);
        }
        self.sync(true);
        self.log.writer.lock().stop_reporting();
    }

    /// Whether something is left to do.
    fn sync(&mut self, is_end: bool) -> bool {
        // What a request left behind that was given up before it could write.
        self.log.flush();
        let asked = self.take_asked();
        let (due, after) = self.log.with_writer(|writer| {
            let after = asked.as_ref().map(|_| writer.close_now());
            (writer.due(), after.transpose())
        });
        match (asked, after) {
            (Some((next, told)), Ok(Some(after))) => {
                let replacement = Replacement { next, after, told };
                self.signing.replace(replacement);
            }
            // Who asked is told by the end of what it waits on.
            (Some(_), Err(error)) => {
                tracing::error!(%error, "the key of the audit log is not replaced");
            }
            (Some(_), Ok(None)) | (None, _) => {}
        }
        self.finish(due, is_end)
    }

    /// The key that somebody asked for, unless another one is on its way.
    fn take_asked(&self) -> Option<Asked> {
        let mut asked = self.log.asked.lock();
        let taken = asked.take().filter(|_| !self.signing.is_replacing());
        if taken.is_some() {
            // Under the lock, so that nobody finds neither.
            self.log.is_replacing_key.store(true, Ordering::Release);
        }
        taken
    }

    fn finish(&mut self, mut due: Due, is_end: bool) -> bool {
        if due.written.any {
            let outcome = due.sync();
            let written = mem::take(&mut due.written);
            let is_safe = self
                .log
                .with_writer(|writer| writer.synced(outcome, written));
            if is_safe.is_err() {
                // What failed is on record, and nothing will be written any more.
                return false;
            }
        }
        if self.log.is_broken() {
            return false;
        }
        let signed = self.signing.sign(due.closed, &due.tip, is_end);
        if !self.signing.is_replacing() {
            self.log.is_replacing_key.store(false, Ordering::Release);
        }
        if let Some(head) = signed.head {
            self.log
                .with_writer(|writer| writer.report(Durable::Head(head)));
        }
        signed.is_owing
    }
}

/// How often the age of a segment is looked at while nothing is written.
const LOOK_AT_AGE: Duration = Duration::from_secs(60);
