//! Which segments are old enough.
//!
//! Rules kept here: from where the last statement of retention ended, everything is gone through in
//! its order, and the first thing that is not as it should be ends it. So no statement ever tells of
//! a segment that somebody else removed.

use crate::files::{self, FileError};
use ::audit::{BEGINNING, FileName, HISTORY, PublicKeys, RETENTION, Said, Segment, Statement};
use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

/// What is old enough.
#[derive(Debug, Default)]
pub(super) struct Expired {
    /// Files, in the order in which they go.
    pub(super) files: Vec<PathBuf>,
    /// How many of them are segments.
    pub(super) segments: usize,
    /// The last line of those that are gone then.
    pub(super) through: u64,
    /// Whether the log from before the chain is gone then.
    pub(super) history: bool,
    /// Why it ends before something that may be old enough, too.
    pub(super) obstacle: Option<Obstacle>,
}

/// What keeps segments from being deleted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Obstacle {
    /// Somebody else removed it.
    #[error("`{0}` is gone, and was not deleted because of its age")]
    Removed(String),
    /// It is unknown what it held.
    #[error("`{0}` has no digest to be believed")]
    Undigested(String),
    /// Digests are missing.
    #[error("what came before `{0}` is unknown")]
    Gap(String),
}

/// What is in the directory of a log.
pub(super) struct Shelved {
    pub(super) dir: PathBuf,
    pub(super) keys: PublicKeys,
    /// What is of this time or later stays.
    pub(super) limit: String,
}

impl Shelved {
    /// What is old enough.
    pub(super) fn expired(&self) -> Result<Expired, FileError> {
        // What was deleted before stays said.
        let mut expired = Expired::default();
        if let Some((_, Said::Retention(before))) = self.said(RETENTION)? {
            expired.through = before.deleted_through;
            expired.history = before.history;
        }
        let history = self.dir.join(HISTORY);
        if files::is_there(&history)? {
            let begun = self.said(BEGINNING)?;
            if begun.is_none_or(|(time, _)| time >= self.limit) {
                return Ok(Expired::default());
            }
            expired.history = true;
            expired.files.push(history);
        }
        self.walk(&mut expired)?;
        Ok(expired)
    }

    fn walk(&self, expired: &mut Expired) -> Result<(), FileError> {
        let there = self.names()?;
        let is_closed = |first: &u64| there.digests.contains(first);
        let last_closed = there.digests.last().copied().unwrap_or(0);
        let done = expired.through;
        let mut all = there.segments.union(&there.digests).peekable();
        while let Some(first) = all.next() {
            let has_file = there.segments.contains(first);
            // Digests stay for ever, and those of what is long gone are not read again.
            let is_behind = |next: &&&u64| ***next <= done.saturating_add(1);
            if !has_file && all.peek().is_some_and(|next| is_behind(&next)) {
                continue;
            }
            let name = FileName::segment(*first);
            let Some((time, segment)) = self.digest(*first)? else {
                // One that is written to has no digest yet, and one that was just closed.
                if is_closed(first) || last_closed > *first {
                    expired.obstacle = Some(Obstacle::Undigested(name));
                }
                break;
            };
            if segment.last_sequence > done {
                let expected = self.after_losses(&there.losses, expired.through)?;
                if segment.first_sequence != expected {
                    expired.obstacle = Some(Obstacle::Gap(name));
                    break;
                }
                // SECURITY: the times of events are the file's, which others may have written; that of
                // the statement is the server's own.
                let event = segment.last_event_time;
                if time >= self.limit || event.is_some_and(|event| event >= self.limit) {
                    break;
                }
                if !has_file {
                    expired.obstacle = Some(Obstacle::Removed(name));
                    break;
                }
                expired.through = segment.last_sequence;
            }
            if has_file {
                expired.segments = expired.segments.saturating_add(1);
                expired.files.push(self.dir.join(name));
                expired.files.push(self.dir.join(FileName::index(*first)));
            }
        }
        Ok(())
    }

    /// The number that follows `through` when the losses that operators took note of are left out.
    fn after_losses(&self, losses: &BTreeSet<u64>, through: u64) -> Result<u64, FileError> {
        let mut next = through.saturating_add(1);
        while losses.contains(&next) {
            match self.said(&FileName::loss(next))? {
                Some((_, Said::Loss(loss))) if loss.last.sequence >= next => {
                    next = loss.last.sequence.saturating_add(1);
                }
                _ => break,
            }
        }
        Ok(next)
    }

    /// When the digest of the segment `first` was signed, and what it says, if it is one of ours.
    fn digest(&self, first: u64) -> Result<Option<(String, Segment)>, FileError> {
        Ok(match self.said(&FileName::digest(first))? {
            Some((time, Said::Segment(segment))) if segment.first_sequence == first => {
                Some((time, segment))
            }
            _ => None,
        })
    }

    /// When a statement of ours was made, and what it says. `None`: there is none to be believed.
    fn said(&self, name: &str) -> Result<Option<(String, Said)>, FileError> {
        let content = files::read_if_there(&self.dir.join(name))?;
        let number = FileName::event_of(name).unwrap_or(u64::MAX);
        let opened = content.and_then(|content| {
            let opened = Statement::open(&content, &self.keys).ok()?;
            opened.of_event(number, &self.keys).ok()
        });
        Ok(opened.map(|opened| (opened.statement.time, opened.statement.said)))
    }

    fn names(&self) -> Result<Names, FileError> {
        let read = || -> io::Result<Names> {
            let mut names = Names::default();
            for entry in std::fs::read_dir(&self.dir)? {
                match FileName::parse(&entry?.file_name().to_string_lossy()) {
                    Some(FileName::Segment(first)) => names.segments.insert(first),
                    Some(FileName::Digest(first)) => names.digests.insert(first),
                    Some(FileName::Loss(first)) => names.losses.insert(first),
                    Some(FileName::Index(_) | FileName::Key(_) | FileName::PublicKey) | None => {
                        continue;
                    }
                };
            }
            Ok(names)
        };
        read().map_err(FileError::io("read", &self.dir))
    }
}

/// The files that there are many of, by their first lines.
#[derive(Default)]
struct Names {
    segments: BTreeSet<u64>,
    digests: BTreeSet<u64>,
    losses: BTreeSet<u64>,
}
