//! Signing: digests of closed segments, the head, and where another key begins.
//!
//! Rules kept here: nothing is signed that was not synced before; a statement is there whole or not
//! at all; what could not be written is tried again, and loses nothing meanwhile: the chain in
//! memory goes on, and the next head or digest covers it; what a
//! digest says is told by who wrote the segment, not read from the file again.

use super::log::Shelf;
use super::signer::Signer;
use crate::error::chain;
use ::audit::{FileName, HEAD, Hash, Head, Position, Said, Segment, SigningKey, Survey};
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// A segment that nothing is written to any more, that was synced, and that has no digest yet.
pub(crate) struct Closed {
    /// The number of its first line.
    pub(super) first: u64,
    /// The hash that its first line is chained to.
    pub(super) previous_hash: Hash,
    /// Its last line.
    pub(super) last: Position,
    /// What was written to it.
    pub(super) survey: Survey,
}

impl Closed {
    /// What its digest says.
    ///
    /// SECURITY: it is what was written here, so whatever else is in the file by now is found.
    pub(super) fn said(&self) -> Said {
        Said::Segment(Segment {
            first_sequence: self.first,
            first_previous_hash: self.previous_hash,
            last_sequence: self.last.sequence,
            last_hash: self.last.hash,
            length: self.survey.length,
            sha256: self.survey.sha256,
            first_event_time: self.survey.first_event_time.clone(),
            last_event_time: self.survey.last_event_time.clone(),
        })
    }
}

/// Another key, which is to sign what comes behind the line `after`.
pub(super) struct Replacement {
    pub(super) next: Arc<SigningKey>,
    pub(super) after: Position,
    /// Who waits for it: told of the first event that the key stands for.
    pub(super) told: oneshot::Sender<u64>,
}

/// What is signed, and what is not yet.
pub(super) struct Signing {
    signer: Arc<Signer>,
    shelf: Arc<dyn Shelf>,
    /// The last statement.
    previous: Hash,
    waiting: VecDeque<Closed>,
    replacement: Option<Replacement>,
    /// Who waits for the head of a new key, and its first event.
    to_tell: Option<(oneshot::Sender<u64>, u64)>,
    /// The last line and the statement that the head names.
    head: Option<(Position, Hash)>,
    head_signed: Option<Instant>,
    is_failing: bool,
}

/// What came of it.
#[derive(Default)]
pub(super) struct Signed {
    /// The head, if it is a new one.
    pub(super) head: Option<Position>,
    /// Whether something is left to sign.
    pub(super) is_owing: bool,
}

impl Signing {
    pub(super) fn new(signer: Arc<Signer>, shelf: Arc<dyn Shelf>, previous: Hash) -> Self {
        Self {
            signer,
            shelf,
            previous,
            waiting: VecDeque::new(),
            replacement: None,
            to_tell: None,
            head: None,
            head_signed: None,
            is_failing: false,
        }
    }

    /// Signs what was synced: the segments `closed`, and that the log goes as far as `tip`, the
    /// latter once a second at most unless it is the end.
    pub(super) fn sign(&mut self, closed: Vec<Closed>, tip: &Head, is_end: bool) -> Signed {
        self.waiting.extend(closed);
        let outcome = self
            .replace_key()
            .and_then(|()| self.close_waiting(u64::MAX))
            .and_then(|()| self.sign_head(tip, is_end));
        match outcome {
            Ok(signed) => {
                self.is_failing = false;
                if let Some((told, first)) = self.to_tell.take() {
                    // Who asked may have given up.
                    let _ = told.send(first);
                }
                signed
            }
            Err(error) => {
                // Told once, or a full disk would be filled with it.
                if !std::mem::replace(&mut self.is_failing, true) {
                    tracing::error!(error = chain(&error), "cannot sign the audit log yet");
                }
                Signed {
                    head: None,
                    is_owing: true,
                }
            }
        }
    }

    /// Has another key sign as soon as what is before it is signed.
    pub(super) fn replace(&mut self, replacement: Replacement) {
        self.replacement = Some(replacement);
    }

    /// Whether another key is on its way, or has signed no head yet.
    pub(super) const fn is_replacing(&self) -> bool {
        self.replacement.is_some() || self.to_tell.is_some()
    }

    /// INVARIANT: until the statement of the key is there for sure, nothing is signed that comes after it: no
    /// digest and no head.
    fn replace_key(&mut self) -> io::Result<()> {
        let Some(replacement) = &self.replacement else {
            return Ok(());
        };
        let (after, next) = (replacement.after, Arc::clone(&replacement.next));
        self.close_waiting(after.sequence)?;
        let shelf = Arc::clone(&self.shelf);
        let place = (self.previous, after);
        self.previous = self.signer.replace(shelf.as_ref(), place, &next)?;
        tracing::info!(key = %next.public().id(), "the audit log is signed by this key from now on");
        let replaced = self.replacement.take();
        self.to_tell = replaced.map(|it| (it.told, after.sequence.saturating_add(1)));
        Ok(())
    }

    /// Signs the segments that wait and begin no later than with `last`.
    fn close_waiting(&mut self, last: u64) -> io::Result<()> {
        while let Some(closed) = self.waiting.front().filter(|closed| closed.first <= last) {
            let content = self.signer.sign(Some(self.previous), closed.said());
            let content = content.map_err(io::Error::other)?;
            self.shelf.put(&FileName::digest(closed.first), &content)?;
            self.previous = Hash::of(&content);
            self.waiting.pop_front();
        }
        Ok(())
    }

    fn sign_head(&mut self, tip: &Head, is_end: bool) -> io::Result<Signed> {
        let head = (tip.position, self.previous);
        if self.head == Some(head) {
            return Ok(Signed::default());
        }
        // A digest is followed by a head at once, so that one which does not name the last of them is
        // an older one.
        let is_named = { self.head }.is_some_and(|(_, previous)| previous == self.previous);
        let is_early = is_named
            && self
                .head_signed
                .is_some_and(|moment| moment.elapsed() < BETWEEN_HEADS);
        if is_early && !is_end {
            return Ok(Signed {
                head: None,
                is_owing: true,
            });
        }
        let content = self
            .signer
            .sign(Some(self.previous), Said::Head(tip.clone()));
        let content = content.map_err(io::Error::other)?;
        self.shelf.put(HEAD, &content)?;
        self.head = Some(head);
        self.head_signed = Some(Instant::now());
        Ok(Signed {
            head: Some(tip.position),
            is_owing: false,
        })
    }
}

pub(super) const BETWEEN_HEADS: Duration = Duration::from_secs(1);
