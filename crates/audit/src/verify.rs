//! Verification of a log as it lies in its files, without the server.
//!
//! Rules kept here: a problem is named with its file and line, and the rest is verified all the
//! same, from the next signed point on; of each file the first problem is told; nothing is excused
//! but by a signed statement; a key that was replaced stands for what is before that, and nothing else;
//! in a log's own directory nothing is read but regular files, so that
//! neither a pipe holds it up nor a link leads it elsewhere.

mod beginnings;
mod files;
mod heads;
mod keys;
mod losses;
mod report;
mod segments;

pub use report::{Accepted, Gone, KeyChanged, Problem, Report, SignedHead};

use crate::chain::Position;
use crate::hash::Hash;
use crate::keys::{KeyId, PublicKeys};
use crate::names::{FileName, HEAD};
use crate::statement::{Head, Opened, Retention, Statement};
use crate::walk::Trouble;
use files::{Files, Item};
use heads::Newer;
use std::collections::HashSet;
use std::io;
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
    let head = files::content(&dir.join(HEAD), false)?;
    let files = Files::of_directory(dir)?;
    let keys = keys::followed(&files, head.as_deref(), keys)?;
    Verification::new(files, &keys).run(head)
}

/// Verifies some files of a log: segments, with the digests beside them, and other statements. What
/// was before the first and after the last of them is not looked for.
pub fn verify_files(paths: &[PathBuf], keys: &PublicKeys) -> Result<Report, VerifyError> {
    let files = Files::given(paths)?;
    let head = match &files.head {
        Some(path) => files.content(path)?,
        None => None,
    };
    let keys = keys::followed(&files, head.as_deref(), keys)?;
    Verification::new(files, &keys).run(head)
}

struct Verification<'a> {
    files: Files,
    keys: &'a PublicKeys,
    deployment: Option<String>,
    head: Option<(Opened, Head)>,
    retention: Option<Retention>,
    /// The key that signed what was deleted.
    retention_key: Option<KeyId>,
    /// The line before the next one. `None`: not known.
    expected: Option<Position>,
    /// Whether only the number is known that the log begins with.
    is_unanchored: bool,
    /// The hash of the last statement. `None`: not known.
    previous: Option<Hash>,
    /// The statements that the head does not know of.
    newer: Option<Newer>,
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
            retention_key: None,
            expected: None,
            is_unanchored: false,
            previous: None,
            newer: None,
            statements: HashSet::new(),
            is_head_found: false,
            report: Report::default(),
        }
    }

    fn run(mut self, head: Option<Vec<u8>>) -> Result<Report, VerifyError> {
        for name in &self.files.irregular {
            self.report.problem(name, None, Trouble::NotAFile);
        }
        self.take_head(head.as_deref());
        self.take_beginning()?;
        let items = self.files.items();
        let last = items.last().copied();
        for item in items {
            match item {
                Item::Key(first) => self.take_key(first)?,
                Item::Loss(first) => self.take_loss(first)?,
                Item::Segment(first) => self.take_segment(first, Some(item) == last)?,
            }
        }
        self.finish_head(head.as_deref())?;
        if self.deployment.is_none() {
            return Err(VerifyError::NothingSigned);
        }
        self.report.deployment = self.deployment;
        Ok(self.report)
    }

    /// Opens a statement, and tells what is wrong with it.
    fn open(&mut self, name: &str, content: &[u8]) -> Option<Opened> {
        let opened = Statement::open(content, self.keys);
        let opened = opened.and_then(|opened| match FileName::event_of(name) {
            Some(number) => opened.of_event(number, self.keys),
            None => Ok(opened),
        });
        let opened = match opened {
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

    /// Notes that a statement follows the one before.
    fn connect(&mut self, name: &str, opened: &Opened) {
        let before = opened.statement.previous;
        if self.previous.is_some() && before != self.previous {
            self.report.problem(name, None, Trouble::Disconnected);
        }
        self.statements.insert(opened.hash);
        self.previous = Some(opened.hash);
        self.note_newer(name, opened);
    }

    /// Tells when what begins with the line `first`, after a line of the hash `hash`, does not
    /// follow what was before. Whether it does, or that is not known.
    fn begins_in_place(&mut self, name: &str, first: u64, hash: Option<Hash>) -> bool {
        let is_unanchored = std::mem::take(&mut self.is_unanchored);
        let (expected, before) = match self.expected {
            Some(before) => (before.sequence.saturating_add(1), Some(before)),
            None if is_unanchored => (FIRST, None),
            None => return true,
        };
        let trouble = if first > expected {
            Trouble::Missing(expected, first.saturating_sub(1))
        } else if first < expected {
            let found = first;
            Trouble::OutOfOrder { found, expected }
        } else if let (Some(hash), Some(before)) = (hash, before)
            && hash != before.hash
        {
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
}

/// The number of the first event of a log.
const FIRST: u64 = 1;
const BUFFER_BYTES: usize = 1 << 20;

#[cfg(test)]
mod tests;
