//! Verification of a log as it lies in its files, without the server.
//!
//! Rules kept here: a problem is named with its file and line, and the rest is verified all the
//! same, from the next signed point on; of each file the first problem is told; nothing is excused
//! but by a signed statement.

mod files;
mod report;

pub use report::{Accepted, Gone, Problem, Report, SignedHead};

use crate::chain::Position;
use crate::hash::Hash;
use crate::keys::PublicKeys;
use crate::names::{BEGINNING, HEAD, HISTORY, RETENTION};
use crate::statement::{Beginning, Head, Loss, Opened, Retention, Said, Segment, Statement};
use crate::walk::{Trouble, Walk, survey, walk};
use files::{Files, Item};
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

/// Why nothing could be verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// A file could not be read.
    #[error("cannot read `{}`", .0.display())]
    Read(PathBuf, #[source] io::Error),
    /// A file of another kind.
    #[error("`{}` is no file of an audit log", .0.display())]
    Foreign(PathBuf),
    /// There is no statement that could be believed.
    #[error("nothing there is signed by a known key, so nothing can be said of it")]
    NothingSigned,
}

/// Verifies the whole log in the directory `dir`. A server may be writing to it.
pub fn verify(dir: &Path, keys: &PublicKeys) -> Result<Report, VerifyError> {
    // What the head says was written before it, so it is read first.
    let head = files::content(&dir.join(HEAD))?;
    let files = Files::of_directory(dir)?;
    Verification::new(files, keys).run(head)
}

/// Verifies some files of a log: segments, with the digests beside them, and other statements. What
/// was before the first and after the last of them is not looked for.
pub fn verify_files(paths: &[PathBuf], keys: &PublicKeys) -> Result<Report, VerifyError> {
    let files = Files::given(paths)?;
    let head = match &files.head {
        Some(path) => files::content(path)?,
        None => None,
    };
    Verification::new(files, keys).run(head)
}

struct Verification<'a> {
    files: Files,
    keys: &'a PublicKeys,
    deployment: Option<String>,
    head: Option<(Opened, Head)>,
    retention: Option<Retention>,
    /// The line before the next one. `None`: not known.
    expected: Option<Position>,
    /// The hash of the last statement. `None`: not known.
    previous: Option<Hash>,
    /// The hashes of all statements so far.
    statements: HashSet<Hash>,
    /// Whether the head's line was found as the head has it.
    is_head_found: bool,
    report: Report,
}

impl<'a> Verification<'a> {
    fn new(files: Files, keys: &'a PublicKeys) -> Self {
        Self {
            files,
            keys,
            deployment: None,
            head: None,
            retention: None,
            expected: None,
            previous: None,
            statements: HashSet::new(),
            is_head_found: false,
            report: Report::default(),
        }
    }

    fn run(mut self, head: Option<Vec<u8>>) -> Result<Report, VerifyError> {
        self.take_head(head);
        self.take_beginning()?;
        let items = self.files.items();
        let last = items.last().copied();
        for item in items {
            match item {
                Item::Loss(first) => self.take_loss(first)?,
                Item::Segment(first) => self.take_segment(first, Some(item) == last)?,
            }
        }
        self.finish_head();
        if self.deployment.is_none() {
            return Err(VerifyError::NothingSigned);
        }
        self.report.deployment = self.deployment;
        Ok(self.report)
    }

    /// Opens a statement, and tells what is wrong with it.
    fn open(&mut self, name: &str, content: &[u8]) -> Option<Opened> {
        let opened = match Statement::open(content, self.keys) {
            Ok(opened) => opened,
            Err(error) => {
                self.report.problem(name, None, error.into());
                return None;
            }
        };
        let theirs = &opened.statement.deployment;
        let ours = self.deployment.get_or_insert_with(|| theirs.clone());
        if ours != theirs {
            let trouble = Trouble::OtherDeployment(theirs.clone());
            self.report.problem(name, None, trouble);
            return None;
        }
        Some(opened)
    }

    fn take_head(&mut self, content: Option<Vec<u8>>) {
        let Some(content) = content else {
            if self.files.is_whole {
                self.report.problem(HEAD, None, Trouble::Removed);
            }
            return;
        };
        let Some(opened) = self.open(HEAD, &content) else {
            return;
        };
        let Said::Head(head) = opened.statement.said.clone() else {
            self.report.problem(HEAD, None, Trouble::Misplaced);
            return;
        };
        self.report.head = Some(SignedHead {
            sequence: head.position.sequence,
            hash: head.position.hash,
            time: opened.statement.time.clone(),
        });
        self.head = Some((opened, head));
    }

    fn take_beginning(&mut self) -> Result<(), VerifyError> {
        self.retention = self.latest_retention()?;
        let content = match &self.files.beginning {
            Some(path) => files::content(path)?,
            None => None,
        };
        let Some(content) = content else {
            if self.files.is_whole {
                self.report.problem(BEGINNING, None, Trouble::Removed);
            }
            return Ok(());
        };
        let Some(opened) = self.open(BEGINNING, &content) else {
            return Ok(());
        };
        let Said::Beginning(beginning) = opened.statement.said else {
            self.report.problem(BEGINNING, None, Trouble::Misplaced);
            return Ok(());
        };
        self.statements.insert(opened.hash);
        self.previous = Some(opened.hash);
        self.expected = Some(beginning.position);
        self.take_history(&beginning)
    }

    /// The statement of what was deleted, as it is now.
    fn latest_retention(&mut self) -> Result<Option<Retention>, VerifyError> {
        let content = match &self.files.retention {
            Some(path) => files::content(path)?,
            None => None,
        };
        let Some(content) = content else {
            return Ok(None);
        };
        let Some(opened) = self.open(RETENTION, &content) else {
            return Ok(None);
        };
        let Said::Retention(retention) = opened.statement.said else {
            self.report.problem(RETENTION, None, Trouble::Misplaced);
            return Ok(None);
        };
        Ok(Some(retention))
    }

    fn take_history(&mut self, beginning: &Beginning) -> Result<(), VerifyError> {
        let Some(history) = beginning.history else {
            if self.files.history.is_some() {
                self.report.problem(HISTORY, None, Trouble::Unexpected);
            }
            return Ok(());
        };
        let opened = match &self.files.history {
            Some(path) => files::opened(path)?,
            None => None,
        };
        let Some(file) = opened else {
            if self.retention.as_ref().is_some_and(|said| said.history) {
                self.report.gone.push(Gone::History);
            } else if self.files.is_whole {
                self.report.problem(HISTORY, None, Trouble::Removed);
            }
            return Ok(());
        };
        let found = survey(BufReader::with_capacity(BUFFER_BYTES, file))
            .map_err(|error| VerifyError::Read(HISTORY.into(), error))?;
        if (found.length, found.sha256) == (history.length, history.sha256) {
            self.report.history_bytes = Some(history.length);
        } else {
            self.report.problem(HISTORY, None, Trouble::Changed);
        }
        Ok(())
    }

    /// Notes that a statement follows the one before.
    fn connect(&mut self, name: &str, opened: &Opened) {
        let before = opened.statement.previous;
        if self.previous.is_some() && before != self.previous {
            self.report.problem(name, None, Trouble::Disconnected);
        }
        self.statements.insert(opened.hash);
        self.previous = Some(opened.hash);
    }

    fn take_loss(&mut self, first: u64) -> Result<(), VerifyError> {
        let path = self.files.loss(first);
        let name = files::shown(&path);
        let Some(content) = files::content(&path)? else {
            return Ok(());
        };
        let Some(opened) = self.open(&name, &content) else {
            self.forget();
            return Ok(());
        };
        self.connect(&name, &opened);
        let Said::Loss(loss) = opened.statement.said else {
            self.report.problem(&name, None, Trouble::Misplaced);
            return Ok(());
        };
        if loss.after.sequence.saturating_add(1) == first {
            self.begins_in_place(&name, first, Some(loss.after.hash));
        } else {
            self.report.problem(&name, None, Trouble::Misplaced);
        }
        self.accept_loss(loss, opened.statement.time);
        Ok(())
    }

    fn accept_loss(&mut self, loss: Loss, time: String) {
        self.expected = Some(loss.last);
        self.note_head(loss.last);
        self.report.accepted.push(Accepted {
            first: loss.after.sequence.saturating_add(1),
            last: loss.last.sequence,
            reason: loss.reason,
            time,
        });
    }

    /// Tells when what begins with the line `first`, after a line of the hash `hash`, does not
    /// follow what was before. Whether it does, or that is not known.
    fn begins_in_place(&mut self, name: &str, first: u64, hash: Option<Hash>) -> bool {
        let Some(before) = self.expected else {
            return true;
        };
        let expected = before.sequence.saturating_add(1);
        let trouble = if first > expected {
            Trouble::Missing(expected, first.saturating_sub(1))
        } else if first < expected {
            let found = first;
            Trouble::OutOfOrder { found, expected }
        } else if hash.is_some_and(|hash| hash != before.hash) {
            Trouble::NotTheSigned(before.sequence)
        } else {
            return true;
        };
        self.report.problem(name, None, trouble);
        false
    }

    /// Notes a line that is signed elsewhere too.
    fn note_head(&mut self, position: Position) {
        if let Some((_, head)) = &self.head {
            self.is_head_found |= head.position == position;
        }
    }

    /// From here on it is not known what comes next.
    fn forget(&mut self) {
        self.expected = None;
        self.previous = None;
    }

    fn take_segment(&mut self, first: u64, is_last: bool) -> Result<(), VerifyError> {
        let path = self.files.digest(first);
        let name = files::shown(&path);
        let Some(content) = files::content(&path)? else {
            return self.take_open(first, is_last);
        };
        let Some(opened) = self.open(&name, &content) else {
            self.previous = None;
            return self.take_open(first, is_last);
        };
        self.connect(&name, &opened);
        match opened.statement.said {
            Said::Segment(segment) if segment.first_sequence == first => {
                self.take_closed(&name, &segment)
            }
            _ => {
                self.report.problem(&name, None, Trouble::Misplaced);
                self.take_open(first, is_last)
            }
        }
    }

    /// A segment that has a digest.
    fn take_closed(&mut self, digest: &str, segment: &Segment) -> Result<(), VerifyError> {
        let first = segment.first_sequence;
        self.begins_in_place(digest, first, Some(segment.first_previous_hash));
        self.expected = Some(segment.last());
        self.note_head(segment.last());
        let path = self.files.segment(first);
        let name = files::shown(&path);
        let Some(file) = files::opened(&path)? else {
            self.take_gone(&name, segment)?;
            return Ok(());
        };
        let start = Position {
            sequence: first.saturating_sub(1),
            hash: segment.first_previous_hash,
        };
        let walk = self.walk(&path, file, Some(start))?;
        let last = walk.last.map_or(start.sequence, |last| last.sequence);
        let next_line = walk.events.saturating_add(1);
        let trouble = match walk.trouble {
            Some((line, trouble)) if last < segment.last_sequence => Some((line, trouble)),
            _ if last < segment.last_sequence => {
                let expected = segment.last_sequence;
                let found = last;
                Some((next_line, Trouble::EndsEarly { found, expected }))
            }
            Some((line, _)) => Some((line, Trouble::GoesOn(segment.last_sequence))),
            None if last > segment.last_sequence || walk.length != segment.length => {
                Some((next_line, Trouble::GoesOn(segment.last_sequence)))
            }
            None if walk.last != Some(segment.last()) => {
                Some((walk.events, Trouble::NotTheSigned(last)))
            }
            None => None,
        };
        if let Some((line, trouble)) = trouble {
            self.report.problem(&name, Some(line), trouble);
        }
        Ok(())
    }

    fn take_gone(&mut self, name: &str, segment: &Segment) -> Result<(), VerifyError> {
        // A running server may have deleted it since.
        self.retention = self.latest_retention()?;
        let through = self
            .retention
            .as_ref()
            .map_or(0, |said| said.deleted_through);
        if segment.last_sequence <= through {
            self.report.gone.push(Gone::Events {
                first: segment.first_sequence,
                last: segment.last_sequence,
            });
        } else {
            self.report.problem(name, None, Trouble::Removed);
        }
        Ok(())
    }

    /// A segment that has no digest yet.
    fn take_open(&mut self, first: u64, is_last: bool) -> Result<(), VerifyError> {
        let path = self.files.segment(first);
        let name = files::shown(&path);
        let Some(file) = files::opened(&path)? else {
            // Only a digest that cannot be believed is there, or a name that leads nowhere.
            self.report.problem(&name, None, Trouble::Removed);
            self.forget();
            return Ok(());
        };
        let start = if self.begins_in_place(&name, first, None) {
            self.expected
        } else {
            None
        };
        let walk = self.walk(&path, file, start)?;
        let seen = walk
            .last
            .map_or(first.saturating_sub(1), |last| last.sequence);
        let signed = self
            .head
            .as_ref()
            .map_or(0, |(_, head)| head.position.sequence);
        let unsigned = seen.saturating_sub(signed.max(first.saturating_sub(1)));
        self.report.unsigned_events = self.report.unsigned_events.saturating_add(unsigned);
        self.expected = walk.last.or(self.expected);
        match walk.trouble {
            Some((_, Trouble::Incomplete)) if is_last && seen >= signed => {
                self.report.has_torn_end = true;
            }
            Some((line, trouble)) => {
                self.report.problem(&name, Some(line), trouble);
                self.forget();
            }
            None => {}
        }
        Ok(())
    }

    fn walk(
        &mut self,
        path: &Path,
        file: File,
        start: Option<Position>,
    ) -> Result<Walk, VerifyError> {
        let watch = self
            .head
            .as_ref()
            .map_or(0, |(_, head)| head.position.sequence);
        let deployment = self.deployment.clone().unwrap_or_default();
        let reader = BufReader::with_capacity(BUFFER_BYTES, file);
        let walk = walk(reader, &deployment, start, &[watch])
            .map_err(|error| VerifyError::Read(path.to_owned(), error))?;
        self.report.add(&walk);
        if let (Some((position, end)), Some((_, head))) = (walk.watched.first(), &self.head) {
            let is_same = (*position, *end) == (head.position, head.length);
            if is_same && self.files.segment(head.segment) == path {
                self.is_head_found = true;
            }
        }
        Ok(walk)
    }

    /// Whether the log reaches the signed head.
    fn finish_head(&mut self) {
        let Some((opened, head)) = self.head.take() else {
            return;
        };
        if !self.files.is_whole {
            return;
        }
        let is_known = |hash| self.statements.contains(&hash);
        if !opened.statement.previous.is_some_and(is_known) {
            self.report.problem(HEAD, None, Trouble::Disconnected);
        }
        if self.is_head_found || head.position.sequence == 0 {
            return;
        }
        let name = files::shown(&self.files.segment(head.segment));
        let expected = head.position.sequence;
        let found = self.report.last_sequence;
        let trouble = if !self.files.segments.contains_key(&head.segment) {
            Trouble::Removed
        } else if found < expected {
            Trouble::EndsEarly { found, expected }
        } else {
            Trouble::NotTheSigned(expected)
        };
        self.report.problem(&name, None, trouble);
    }
}

const BUFFER_BYTES: usize = 1 << 20;

#[cfg(test)]
mod tests;
