//! Which files there are.

use super::VerifyError;
use crate::names::{BEGINNING, FileName, HEAD, HISTORY, RETENTION};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// The files of a log, or some of them.
#[derive(Default)]
pub(super) struct Files {
    /// Whether all must be there.
    pub(super) is_whole: bool,
    pub(super) beginning: Option<PathBuf>,
    pub(super) head: Option<PathBuf>,
    pub(super) retention: Option<PathBuf>,
    pub(super) history: Option<PathBuf>,
    pub(super) segments: BTreeMap<u64, PathBuf>,
    digests: BTreeMap<u64, PathBuf>,
    losses: BTreeMap<u64, PathBuf>,
    keys: BTreeMap<u64, PathBuf>,
    /// The names of those that are no regular files, and so are none of the others.
    pub(super) irregular: Vec<String>,
    /// The directory, if all are in one.
    dir: PathBuf,
}

/// What follows one another.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    /// The statement that another key signs from this line on.
    Key(u64),
    /// The statement of a loss that begins with this line.
    Loss(u64),
    /// The segment that begins with this line, or its digest alone.
    Segment(u64),
}

impl Files {
    /// All that is in `dir`.
    pub(super) fn of_directory(dir: &Path) -> Result<Self, VerifyError> {
        let unreadable = |error| VerifyError::Read(dir.to_owned(), error);
        let mut files = Self {
            is_whole: true,
            dir: dir.to_owned(),
            ..Self::default()
        };
        for entry in fs::read_dir(dir).map_err(unreadable)? {
            files.add(entry.map_err(unreadable)?.path())?;
        }
        files.irregular.sort();
        Ok(files)
    }

    /// `paths`. The digests beside the segments among them are found later.
    pub(super) fn given(paths: &[PathBuf]) -> Result<Self, VerifyError> {
        let mut files = Self::default();
        for path in paths {
            if !files.add(path.clone())? {
                return Err(VerifyError::Foreign(path.clone()));
            }
        }
        Ok(files)
    }

    /// Takes in what is at `path`. Whether that is the name of a file of a log.
    fn add(&mut self, path: PathBuf) -> Result<bool, VerifyError> {
        let name = shown(&path);
        let is_irregular = is_irregular(&path, !self.is_whole)?;
        let of_many = match name.as_str() {
            _ if is_irregular && is_of_a_log(&name) => {
                self.irregular.push(name);
                return Ok(true);
            }
            BEGINNING => return Ok(fill(&mut self.beginning, path)),
            HEAD => return Ok(fill(&mut self.head, path)),
            RETENTION => return Ok(fill(&mut self.retention, path)),
            HISTORY => return Ok(fill(&mut self.history, path)),
            other => match FileName::parse(other) {
                Some(FileName::Segment(first)) => (&mut self.segments, first),
                Some(FileName::Digest(first)) => (&mut self.digests, first),
                Some(FileName::Loss(first)) => (&mut self.losses, first),
                Some(FileName::Key(first)) => (&mut self.keys, first),
                // An index is made from its segment, and proves nothing.
                Some(FileName::Index(_) | FileName::PublicKey) => return Ok(true),
                None => return Ok(false),
            },
        };
        of_many.0.insert(of_many.1, path);
        Ok(true)
    }

    /// Everything in its order.
    pub(super) fn items(&self) -> Vec<Item> {
        let firsts: BTreeSet<u64> = self
            .segments
            .keys()
            .chain(self.digests.keys())
            .copied()
            .collect();
        let keys = self.keys.keys().map(|first| (*first, 0));
        let losses = self.losses.keys().map(|first| (*first, 1));
        let segments = firsts.into_iter().map(|first| (first, 2));
        let all: BTreeSet<(u64, u8)> = keys.chain(losses).chain(segments).collect();
        all.into_iter()
            .map(|(first, kind)| match kind {
                0 => Item::Key(first),
                1 => Item::Loss(first),
                _ => Item::Segment(first),
            })
            .collect()
    }

    /// Where a segment is, or would be: beside its digest.
    pub(super) fn segment(&self, first: u64) -> PathBuf {
        let beside = || match self.digests.get(&first) {
            Some(digest) => digest.with_file_name(FileName::segment(first)),
            None => self.dir.join(FileName::segment(first)),
        };
        self.segments.get(&first).cloned().unwrap_or_else(beside)
    }

    /// Where the digest of a segment is, or would be.
    pub(super) fn digest(&self, first: u64) -> PathBuf {
        let there = self.digests.get(&first).cloned();
        // A running server may have written it since the directory was listed.
        there.unwrap_or_else(|| self.segment(first).with_file_name(FileName::digest(first)))
    }

    pub(super) fn loss(&self, first: u64) -> PathBuf {
        let there = self.losses.get(&first).cloned();
        there.unwrap_or_else(|| self.dir.join(FileName::loss(first)))
    }

    pub(super) fn key(&self, first: u64) -> PathBuf {
        let there = self.keys.get(&first).cloned();
        there.unwrap_or_else(|| self.dir.join(FileName::key(first)))
    }

    /// From which lines on other keys sign, the first one first.
    pub(super) fn key_changes(&self) -> impl DoubleEndedIterator<Item = u64> {
        self.keys.keys().copied()
    }

    /// Where the losses are.
    pub(super) fn losses(&self) -> impl Iterator<Item = &Path> {
        self.losses.values().map(PathBuf::as_path)
    }

    /// The head as it is by now.
    pub(super) fn head_now(&self) -> Result<Option<Vec<u8>>, VerifyError> {
        self.content(&self.dir.join(HEAD))
    }

    /// The file at `path`. `None` when there is no regular file.
    pub(super) fn opened(&self, path: &Path) -> Result<Option<File>, VerifyError> {
        opened(path, !self.is_whole)
    }

    /// The content of a statement's file. `None` when there is no regular file.
    pub(super) fn content(&self, path: &Path) -> Result<Option<Vec<u8>>, VerifyError> {
        content(path, !self.is_whole)
    }
}

/// The file's name, for people.
pub(super) fn shown(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// The content of the statement's file at `path`, to which links lead if it `follows` them.
pub(super) fn content(path: &Path, follows: bool) -> Result<Option<Vec<u8>>, VerifyError> {
    let Some(file) = opened(path, follows)? else {
        return Ok(None);
    };
    let mut content = Vec::new();
    file.take(MOST_STATEMENT_BYTES)
        .read_to_end(&mut content)
        .map_err(|error| VerifyError::Read(path.to_owned(), error))?;
    Ok(Some(content))
}

/// SECURITY: looked at before it is opened, since opening a pipe waits for whoever writes to it.
fn opened(path: &Path, follows: bool) -> Result<Option<File>, VerifyError> {
    match metadata(path, follows)? {
        Some(metadata) if metadata.is_file() => {}
        Some(_) | None => return Ok(None),
    }
    unless_missing(path, File::open(path))
}

/// Whether there is something at `path` that is no regular file.
fn is_irregular(path: &Path, follows: bool) -> Result<bool, VerifyError> {
    Ok(match metadata(path, follows)? {
        Some(metadata) => !metadata.is_file(),
        // A link that leads nowhere, or nothing at all.
        None => metadata(path, false)?.is_some(),
    })
}

fn metadata(path: &Path, follows: bool) -> Result<Option<Metadata>, VerifyError> {
    let found = if follows {
        fs::metadata(path)
    } else {
        fs::symlink_metadata(path)
    };
    unless_missing(path, found)
}

fn unless_missing<T>(path: &Path, found: io::Result<T>) -> Result<Option<T>, VerifyError> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(VerifyError::Read(path.to_owned(), error)),
    }
}

fn is_of_a_log(name: &str) -> bool {
    [BEGINNING, HEAD, RETENTION, HISTORY].contains(&name) || FileName::parse(name).is_some()
}

fn fill(place: &mut Option<PathBuf>, path: PathBuf) -> bool {
    *place = Some(path);
    true
}

/// Statements are far shorter.
const MOST_STATEMENT_BYTES: u64 = 64 << 10;
