//! The end of the log, for who writes to it alone.

use crate::audit::log::append_all;
use crate::files::{self, FileError};
use ::audit::{Chain, ChainedLine, FileName, Hash, Position};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The segment that is written to.
pub(super) struct OpenAt {
    /// The number of its first line.
    pub(super) first: u64,
    /// The hash that its first line is chained to, where that matters.
    pub(super) previous_hash: Option<Hash>,
    /// How long ago its first event was.
    pub(super) age: Duration,
}

/// The end of the log.
pub(super) struct Tail {
    dir: PathBuf,
    pub(super) chain: Chain,
    pub(super) open: Option<(File, OpenAt)>,
    pub(super) length: u64,
}

impl Tail {
    /// The end of `deployment`'s log in `dir`, whose last line is `last` and is in `open`.
    pub(super) fn at(
        dir: &Path,
        deployment: &str,
        last: Position,
        open: Option<OpenAt>,
    ) -> Result<Self, FileError> {
        let mut tail = Self {
            dir: dir.to_owned(),
            chain: Chain::after(deployment, last),
            open: None,
            length: 0,
        };
        if let Some(open) = open {
            let path = dir.join(FileName::segment(open.first));
            let file = open_to_append(&path)?;
            let metadata = file.metadata().map_err(FileError::io("read", &path))?;
            // INVARIANT: what an earlier process wrote and did not sync survives from here on, before
            // anybody relies on having found it.
            file.sync_data().map_err(FileError::io("sync", &path))?;
            files::sync_parent(&path)?;
            tail.length = metadata.len();
            tail.open = Some((file, open));
        }
        Ok(tail)
    }

    /// Appends `events`, and returns when they are safe on disk.
    pub(super) fn append(&mut self, events: &[Vec<u8>]) -> Result<(), FileError> {
        if events.is_empty() {
            return Ok(());
        }
        let before = self.chain.position();
        let mut lines = Vec::new();
        for event in events {
            let one_line: Vec<u8> = event
                .iter()
                .map(|b| if *b == b'\n' { b' ' } else { *b })
                .collect();
            if self.chain.append(&one_line, &mut lines).is_err() {
                // What is no object is kept all the same, as a text of one.
                let text = String::from_utf8_lossy(&one_line);
                let kept = serde_json::json!({ "unreadableEvent": text }).to_string();
                let _ = self.chain.append(kept.as_bytes(), &mut lines);
            }
        }
        let (file, open) = match &mut self.open {
            Some(open) => open,
            none => {
                let first = before.sequence.saturating_add(1);
                let path = self.dir.join(FileName::segment(first));
                let file = open_to_append(&path)?;
                files::sync_parent(&path)?;
                let open = OpenAt {
                    first,
                    previous_hash: Some(before.hash),
                    age: Duration::ZERO,
                };
                none.insert((file, open))
            }
        };
        let path = self.dir.join(FileName::segment(open.first));
        append_all(file, &lines)
            .and_then(|()| file.sync_data())
            .map_err(FileError::io("write", &path))?;
        self.length = self.length.saturating_add(lines.len() as u64);
        Ok(())
    }
}

/// The segments in `dir`, by their first lines.
pub(super) fn segments(dir: &Path) -> Result<BTreeSet<u64>, FileError> {
    let names = names(dir)?;
    let firsts = names.iter().filter_map(|name| match FileName::parse(name) {
        Some(FileName::Segment(first)) => Some(first),
        _ => None,
    });
    Ok(firsts.collect())
}

/// The names of the files in `dir`.
pub(super) fn names(dir: &Path) -> Result<Vec<String>, FileError> {
    let read = || -> io::Result<Vec<String>> {
        fs::read_dir(dir)?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect()
    };
    read().map_err(FileError::io("read", dir))
}

/// Cuts the end of a file until the last line is one that `is_whole` takes. Gives that line.
pub(super) fn cut_torn_end(
    path: &Path,
    is_whole: impl Fn(&[u8]) -> bool,
) -> Result<Option<Vec<u8>>, FileError> {
    let file = open_to_append(path)?;
    let length = { file.metadata() }
        .map_err(FileError::io("read", path))?
        .len();
    let (whole, last) =
        whole_lines(&file, length, is_whole).map_err(FileError::io("read", path))?;
    if whole < length {
        tracing::warn!(
            bytes = length - whole,
            "the audit log ended in the middle of an event, which is cut off"
        );
        cut(path, whole)?;
    }
    Ok(last)
}

/// Drops everything after the first `length` bytes of a file.
pub(super) fn cut(path: &Path, length: u64) -> Result<(), FileError> {
    let file = open_to_append(path)?;
    file.set_len(length)
        .and_then(|()| file.sync_data())
        .map_err(FileError::io("mend", path))
}

/// Whether `line` is a JSON object with its newline.
pub(super) fn is_event(line: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct AnyObject {}

    line.strip_suffix(b"\n").is_some_and(|line| {
        line.starts_with(b"{") && serde_json::from_slice::<AnyObject>(line).is_ok()
    })
}

/// Whether `line` is an event with its place in the chain.
pub(super) fn is_chained(line: &[u8]) -> bool {
    ChainedLine::parse(line).is_some() && is_event(line)
}

fn open_to_append(path: &Path) -> Result<File, FileError> {
    OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .map_err(FileError::io("open", path))
}

/// How many of the first `length` bytes are left when lines that are not whole are taken off the
/// end, and the last line of those.
fn whole_lines(
    mut file: &File,
    length: u64,
    is_whole: impl Fn(&[u8]) -> bool,
) -> io::Result<(u64, Option<Vec<u8>>)> {
    let mut end = length;
    let mut tail = Vec::new();
    let mut start = length;
    loop {
        // What follows the last newline but one, if `tail` reaches back that far.
        let line = match tail.split_last() {
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
        if last.is_empty() {
            return Ok((end, None));
        }
        if is_whole(last) {
            return Ok((end, Some(last.to_vec())));
        }
        end -= last.len() as u64;
        tail.truncate(at);
    }
}

const CHUNK_BYTES: u64 = 64 << 10;
