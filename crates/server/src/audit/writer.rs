//! Writing to the log, cutting it into segments, and syncing it.

use super::Counters;
use super::log::{Handles, LogFile, Shelf, append_all};
use super::outbox::Durable;
use super::queue::Events;
use super::signing::Closed;
use crate::config::{self, SyncPolicy};
use ::audit::{Chain, Contents, FileName, Hash, Head, Position};
use std::io;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// The end of a log, from which it goes on.
pub(crate) struct End {
    /// The last line.
    pub(super) chain: Chain,
    /// Where the last line stands.
    pub(super) tip: Head,
    /// The segment that is written to.
    pub(super) open: Option<Open>,
    /// Segments that have no digest yet.
    pub(super) closed: Vec<Closed>,
    /// The hash of the last statement.
    pub(super) previous: Hash,
}

/// The segment that is written to.
pub(crate) struct Open {
    /// The number of its first line.
    pub(super) first: u64,
    /// The hash that its first line is chained to.
    pub(super) previous_hash: Hash,
    /// Its file.
    pub(super) handles: Handles,
    /// The whole events in it that were acknowledged, or are about to be.
    pub(super) contents: Contents,
    /// When it was begun.
    pub(super) since: Instant,
}

/// The end of the log. One at a time writes.
pub(super) struct Writer {
    shelf: Arc<dyn Shelf>,
    chain: Chain,
    tip: Head,
    open: Option<Open>,
    closed: Vec<Closed>,
    /// Room for lines.
    lines: Vec<u8>,
    /// Whether the file may be longer than it should: a write failed, and so did the cut after it.
    torn: bool,
    /// What is written and not synced.
    unsynced: Unsynced,
    policy: SyncPolicy,
    segment_bytes: u64,
    segment_age: Duration,
    /// Gone after the last sync, so that who listens knows that nothing follows.
    durable: Option<mpsc::UnboundedSender<Durable>>,
    /// Up to which line everything was synced.
    synced: watch::Sender<u64>,
    breaks: watch::Sender<bool>,
    counters: Arc<Counters>,
}

/// What was written since the last sync began.
#[derive(Default)]
pub(super) struct Unsynced {
    pub(super) any: bool,
    /// The last line among it.
    through: u64,
    /// How many events.
    events: u64,
    /// The outbox numbers among it.
    outbox: Vec<u64>,
}

impl Writer {
    /// Goes on from `end`, all of which was synced. What was closed there is for [`Writer::due`] to
    /// give.
    pub(super) fn new(
        end: End,
        shelf: Arc<dyn Shelf>,
        settings: &config::Audit,
        durable: mpsc::UnboundedSender<Durable>,
        breaks: watch::Sender<bool>,
    ) -> Self {
        Self {
            shelf,
            synced: watch::Sender::new(end.tip.position.sequence),
            chain: end.chain,
            tip: end.tip,
            open: end.open,
            closed: end.closed,
            lines: Vec::new(),
            torn: false,
            unsynced: Unsynced::default(),
            policy: settings.sync,
            segment_bytes: settings.segment_bytes.get(),
            segment_age: settings.segment_age(),
            durable: Some(durable),
            breaks,
            counters: Arc::default(),
        }
    }

    /// Counts in `counters` from now on.
    pub(super) fn counts_in(&mut self, counters: Arc<Counters>) {
        self.counters = counters;
    }

    /// Writes `events`, and syncs them when that is the policy. All of them or none.
    pub(super) fn take(&mut self, events: &Events) -> Result<(), &'static str> {
        if let Err(error) = self.write(events) {
            tracing::error!(%error, events = events.count(), "cannot write the audit log");
            return Err("the audit log cannot be written");
        }
        if self.policy == SyncPolicy::Always {
            let twin = self.open.as_ref().map(|open| &open.handles.twin);
            let outcome = twin.map_or(Ok(()), |twin| twin.sync());
            let written = mem::take(&mut self.unsynced);
            return self.synced(outcome, written);
        }
        Ok(())
    }

    fn write(&mut self, events: &Events) -> io::Result<()> {
        if self.is_broken() {
            return Err(io::Error::other("an earlier sync failed"));
        }
        self.mend()?;
        self.close_when_due()?;
        let before = self.chain.position();
        let outcome = self.write_chained(events);
        if outcome.is_err() {
            // INVARIANT: what was refused is not in the log, and its numbers are taken by others.
            self.chain.set(before);
        }
        outcome
    }

    fn write_chained(&mut self, events: &Events) -> io::Result<()> {
        let previous_hash = self.chain.position().hash;
        let first = self.chain.position().sequence.saturating_add(1);
        self.lines.clear();
        for event in events.iter() {
            let chained = self.chain.append(event, &mut self.lines);
            chained.map_err(io::Error::other)?;
        }
        let open = match &mut self.open {
            Some(open) => open,
            none => none.insert(Open {
                first,
                previous_hash,
                handles: self.shelf.create(&FileName::segment(first))?,
                contents: Contents::default(),
                since: Instant::now(),
            }),
        };
        if let Err(error) = append_all(open.handles.file.as_mut(), &self.lines) {
            // INVARIANT: what was refused is not in the file, and half an event even less.
            self.torn = true;
            let _ = self.mend();
            return Err(error);
        }
        open.contents.add(&self.lines);
        self.tip = Head {
            segment: open.first,
            position: self.chain.position(),
            length: open.contents.length(),
        };
        if self.lines.capacity() > MOST_ROOM_KEPT {
            self.lines = Vec::new();
        }
        let count = events.count() as u64;
        self.counters.written.fetch_add(count, Ordering::Relaxed);
        self.unsynced.any = true;
        self.unsynced.through = self.tip.position.sequence;
        self.unsynced.events = self.unsynced.events.saturating_add(count);
        self.unsynced.outbox.extend(&events.outbox);
        Ok(())
    }

    /// Whether a sync failed.
    pub(super) fn is_broken(&self) -> bool {
        *self.breaks.borrow()
    }

    fn mend(&mut self) -> io::Result<()> {
        if let (true, Some(open)) = (self.torn, &mut self.open) {
            open.handles.file.cut(open.contents.length())?;
            self.torn = false;
        }
        Ok(())
    }

    /// Closes the segment when it is large or old enough. The next event makes another one.
    ///
    /// INVARIANT: between two batches only, and after the file was mended, so that a batch is in one
    /// segment and a closed one ends with a whole event.
    fn close_when_due(&mut self) -> io::Result<()> {
        let is_due = self.open.as_ref().is_some_and(|open| {
            let length = open.contents.length();
            length >= self.segment_bytes || (length > 0 && open.since.elapsed() >= self.segment_age)
        });
        if self.torn || !is_due {
            return Ok(());
        }
        self.close_open()
    }

    /// Closes the segment as it is, and gives the last line. What comes next is in another one.
    pub(super) fn close_now(&mut self) -> io::Result<Position> {
        if self.is_broken() {
            return Err(io::Error::other("an earlier sync failed"));
        }
        self.mend()?;
        if { self.open.as_ref() }.is_some_and(|open| open.contents.length() > 0) {
            self.close_open()?;
        }
        Ok(self.chain.position())
    }

    fn close_open(&mut self) -> io::Result<()> {
        let Some(open) = self.open.take() else {
            return Ok(());
        };
        // INVARIANT: a segment is whole on disk before the next one has a name, so that a loss of power
        // leaves no gap between the two. After that nothing of it is left to sync.
        if let Err(error) = open.handles.twin.sync() {
            self.note_break(&error);
            return Err(error);
        }
        self.closed.push(Closed {
            first: open.first,
            previous_hash: open.previous_hash,
            last: self.chain.position(),
            survey: open.contents.survey(),
        });
        Ok(())
    }

    /// Up to which line everything was synced.
    pub(super) fn watch_synced(&self) -> watch::Receiver<u64> {
        self.synced.subscribe()
    }

    /// What is to be synced and then signed. Each is given once.
    pub(super) fn due(&mut self) -> Due {
        // One that cannot be closed is on record as a break.
        let _ = self.close_when_due();
        Due {
            written: mem::take(&mut self.unsynced),
            open: self
                .open
                .as_ref()
                .map(|open| Arc::clone(&open.handles.twin)),
            closed: mem::take(&mut self.closed),
            tip: self.tip.clone(),
        }
    }

    /// Reports what a sync came to. After one that failed nothing is written any more: the system
    /// may have thrown away what it could not keep, and would not say so again.
    pub(super) fn synced(
        &mut self,
        outcome: io::Result<()>,
        written: Unsynced,
    ) -> Result<(), &'static str> {
        if let Err(error) = outcome {
            self.note_break(&error);
        }
        // INVARIANT: the system tells of a failure once, so a sync that goes well after one that did
        // not says nothing.
        if self.is_broken() {
            return Err("the audit log cannot be synced");
        }
        // With two syncs at once, the later one may be done first.
        self.synced.send_if_modified(|through| {
            let is_further = written.any && *through < written.through;
            if is_further {
                *through = written.through;
            }
            is_further
        });
        let synced = &self.counters.synced;
        synced.fetch_add(written.events, Ordering::Relaxed);
        if !written.outbox.is_empty() {
            self.report(Durable::Events(written.outbox));
        }
        Ok(())
    }

    fn note_break(&self, error: &io::Error) {
        tracing::error!(%error, "cannot sync the audit log");
        self.breaks.send_replace(true);
    }

    /// Has nobody wait for reports any more.
    pub(super) fn stop_reporting(&mut self) {
        self.durable = None;
    }

    /// As if the segment had been begun long ago.
    #[cfg(test)]
    pub(super) fn make_old(&mut self) {
        if let Some(open) = &mut self.open {
            open.since = open.since.checked_sub(self.segment_age).unwrap();
        }
    }

    pub(super) fn report(&self, durable: Durable) {
        if let Some(reports) = &self.durable {
            // When nobody listens any more, the next start finds it in the files.
            let _ = reports.send(durable);
        }
    }
}

/// What is to be synced and then signed.
pub(super) struct Due {
    pub(super) written: Unsynced,
    open: Option<Arc<dyn LogFile>>,
    pub(super) closed: Vec<Closed>,
    pub(super) tip: Head,
}

impl Due {
    /// What is closed was synced when it was closed.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.open.as_ref().map_or(Ok(()), |twin| twin.sync())
    }
}

/// Larger batches are rare, and their room is given back.
const MOST_ROOM_KEPT: usize = 1 << 20;
