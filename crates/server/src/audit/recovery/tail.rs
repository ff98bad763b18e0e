//! The end of the log, for who writes to it alone.

use crate::audit::log::append_all;
use crate::files::{self, FileError};
use ::audit::{BEGINNING, Chain, ChainedLine, Contents, FileName, HEAD, HISTORY, Hash, Head};
use ::audit::{Position, RETENTION};
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
    /// What is in it, where that matters.
    pub(super) contents: Contents,
}

/// The end of the log.
pub(super) struct Tail {
    dir: PathBuf,
    pub(super) chain: Chain,
    pub(super) open: Option<(File, OpenAt)>,
    /// Whether the file ends in the middle of a line.
    is_torn: bool,
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
            is_torn: false,
        };
        if let Some(open) = open {
            let path = dir.join(FileName::segment(open.first));
            let file = open_to_append(&path)?;
            tail.is_torn = ends_within_a_line(&file).map_err(FileError::io("read", &path))?;
            // INVARIANT: what an earlier process wrote and did not sync survives from here on, before
            // anybody relies on having found it.
            file.sync_data().map_err(FileError::io("sync", &path))?;
            files::sync_parent(&path)?;
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
        if std::mem::take(&mut self.is_torn) {
            lines.push(b'\n');
        }
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
                    contents: Contents::default(),
                };
                none.insert((file, open))
            }
        };
        let path = self.dir.join(FileName::segment(open.first));
        append_all(file, &lines)
            .and_then(|()| file.sync_data())
            .map_err(FileError::io("write", &path))?;
        open.contents.add(&lines);
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
pub(in crate::audit) fn names(dir: &Path) -> Result<Vec<String>, FileError> {
    let read = || -> io::Result<Vec<String>> {
        fs::read_dir(dir)?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect()
    };
    read().map_err(FileError::io("read", dir))
}

/// Refuses a directory in which something that has the name of a file of a log is none. Opening a pipe
/// would wait for whoever writes to it.
pub(super) fn refuse_irregular(dir: &Path) -> Result<(), FileError> {
    for name in names(dir)?.into_iter().filter(|name| is_of_a_log(name)) {
        let path = dir.join(name);
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_file() => {}
            Ok(_) => return Err(FileError::NotAFile { path }),
            // A link that leads nowhere is as good as a removal.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(FileError::io("read", &path)(error)),
        }
    }
    Ok(())
}

fn is_of_a_log(name: &str) -> bool {
    [BEGINNING, HEAD, HISTORY, RETENTION].contains(&name) || FileName::parse(name).is_some()
}

/// Where a file would end if lines that `is_whole` does not take were taken off its end, and the last
/// line then.
pub(super) fn last_whole_line(
    path: &Path,
    is_whole: impl Fn(&[u8]) -> bool,
) -> Result<(u64, Option<Vec<u8>>), FileError> {
    let read = || {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        whole_lines(&file, length, &is_whole)
    };
    read().map_err(FileError::io("read", path))
}

/// Whether the line at `head` ends where `head` says.
pub(super) fn is_at(file: &File, head: &Head) -> io::Result<bool> {
    if file.metadata()?.len() < head.length {
        return Ok(false);
    }
    let (end, line) = whole_lines(file, head.length, is_chained)?;
    let position = line.as_deref().and_then(ChainedLine::parse);
    Ok(end == head.length && position.map(|line| line.position) == Some(head.position))
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

fn ends_within_a_line(mut file: &File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
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
