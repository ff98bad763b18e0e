//! Opening the audit file after whatever ended the server.
//!
//! Two things may be wrong. The file may end in the middle of an event: it is cut back to the last
//! whole one. And the store may hold events whose change was committed and which never reached the
//! file, or reached it and were lost before a sync: those that the file does not have are appended.
//!
//! INVARIANT: the outbox is emptied only after the file with all of it was synced. Should the server
//! die during recovery, the next start does it again.
//!
//! Whether the file has an event is decided by its `eventID`, over the file's last
//! [`SEARCHED_BYTES`]. An event leaves the outbox about a second after it is written, so one that
//! is still there and stands further back than that is all but impossible, and would be written a
//! second time, never lost. (It takes a kill, and then a day of requests to a sealed server.)

use super::Outbox;
use super::log::{LogFile as _, append_all};
use crate::files::{self, FileError};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use store::StoreError;

/// Why the audit file could not be made ready.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecoveryError {
    /// The file could not be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// The outbox could not be read or emptied.
    #[error("cannot read the audit events in the store")]
    Outbox(#[from] StoreError),
}

/// Opens the log at `path`, mends its end and appends what only `outbox` holds. Gives the file, open
/// for appending, and its length.
pub(crate) async fn open(path: &Path, outbox: &impl Outbox) -> Result<(File, u64), RecoveryError> {
    let mut log = Log::open(path)?;
    log.cut_torn_end()?;
    let mut written: Option<HashSet<String>> = None;
    loop {
        let waiting = outbox.oldest(BATCH).await?;
        if waiting.is_empty() {
            return Ok((log.file, log.length));
        }
        let known = match &mut written {
            Some(known) => known,
            None => written.insert(log.event_ids()?),
        };
        let mut numbers = Vec::with_capacity(waiting.len());
        let mut missing = Vec::new();
        for (number, body) in waiting {
            numbers.push(number);
            let is_new = event_id(&body).is_none_or(|id| known.insert(id));
            if is_new {
                missing.extend(body.into_iter().map(|b| if b == b'\n' { b' ' } else { b }));
                missing.push(b'\n');
            }
        }
        log.append(&missing)?;
        outbox.done(numbers).await?;
    }
}

/// Appends events to the file while nobody writes it: the server is sealed, and its outbox cannot be
/// read. Returns when they are safe on disk.
pub(crate) fn append(path: &Path, events: &[Vec<u8>]) -> Result<(), FileError> {
    let lines: Vec<u8> = events
        .iter()
        .flat_map(|event| event.iter().chain(b"\n"))
        .copied()
        .collect();
    let mut log = Log::open(path)?;
    log.cut_torn_end()?;
    log.append(&lines)
}

struct Log {
    path: PathBuf,
    file: File,
    length: u64,
}

impl Log {
    fn open(path: &Path) -> Result<Self, FileError> {
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)
            .map_err(FileError::io("open", path))?;
        files::sync_parent(path)?;
        let metadata = file.metadata().map_err(FileError::io("read", path))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            length: metadata.len(),
        })
    }

    /// Cuts the end until the last line is a whole event.
    fn cut_torn_end(&mut self) -> Result<(), FileError> {
        let whole =
            whole_events(&self.file, self.length).map_err(FileError::io("read", &self.path))?;
        if whole < self.length {
            tracing::warn!(
                bytes = self.length - whole,
                "the audit log ended in the middle of an event, which is cut off"
            );
            self.file
                .cut(whole)
                .and_then(|()| self.file.sync())
                .map_err(FileError::io("mend", &self.path))?;
            self.length = whole;
        }
        Ok(())
    }

    /// The ids of the events near the end.
    fn event_ids(&self) -> Result<HashSet<String>, FileError> {
        let start = self.length.saturating_sub(SEARCHED_BYTES);
        let read = || -> io::Result<HashSet<String>> {
            let mut reader = BufReader::new(&self.file);
            reader.seek(SeekFrom::Start(start))?;
            // The first line may begin before `start`; then it has no id that can be read.
            reader
                .split(b'\n')
                .filter_map(|line| line.map(|line| event_id(&line)).transpose())
                .collect()
        };
        read().map_err(FileError::io("read", &self.path))
    }

    fn append(&mut self, lines: &[u8]) -> Result<(), FileError> {
        append_all(&mut self.file, lines)
            .and_then(|()| self.file.sync())
            .map_err(FileError::io("write", &self.path))?;
        self.length = self.length.saturating_add(lines.len() as u64);
        Ok(())
    }
}

/// How many of the first `length` bytes are left when lines that are no events are taken off the
/// end.
fn whole_events(mut file: &File, length: u64) -> io::Result<u64> {
    let mut end = length;
    let mut tail = Vec::new();
    let mut start = length;
    loop {
        // What follows the last newline but one, if `tail` reaches back that far.
        let line = match tail.split_last() {
            Some((b'\n', before)) => before.iter().rposition(|b| *b == b'\n').map(|at| at + 1),
            Some((_, before)) => before.iter().rposition(|b| *b == b'\n').map(|at| at + 1),
            None => None,
        };
        let at = match line {
            Some(at) => at,
            None if start == 0 => 0,
            None => {
                // As much again as is there already, so that a long line costs no more than twice.
                let more = start.min(CHUNK_BYTES.max(tail.len() as u64));
                start -= more;
                let mut chunk = vec![0; usize::try_from(more).unwrap_or(usize::MAX)];
                file.seek(SeekFrom::Start(start))?;
                file.read_exact(&mut chunk)?;
                chunk.append(&mut tail);
                tail = chunk;
                continue;
            }
        };
        let last = tail.get(at..).unwrap_or_default();
        if last.is_empty() || is_event(last) {
            return Ok(end);
        }
        end -= last.len() as u64;
        tail.truncate(at);
    }
}

/// Whether `line` is a JSON object with its newline.
fn is_event(line: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct AnyObject {}

    line.strip_suffix(b"\n").is_some_and(|line| {
        line.starts_with(b"{") && serde_json::from_slice::<AnyObject>(line).is_ok()
    })
}

fn event_id(line: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Event<'a> {
        #[serde(rename = "eventID", borrow)]
        id: Cow<'a, str>,
    }

    let event: Event<'_> = serde_json::from_slice(line).ok()?;
    Some(event.id.into_owned())
}

const BATCH: usize = 1_000;
const CHUNK_BYTES: u64 = 64 << 10;
const SEARCHED_BYTES: u64 = 64 << 20;

#[cfg(test)]
mod tests;
