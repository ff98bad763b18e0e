//! Which files there are.

use super::VerifyError;
use crate::names::{BEGINNING, FileName, HEAD, HISTORY, RETENTION};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
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
}

/// What follows one another.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
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
            ..Self::default()
        };
        for entry in fs::read_dir(dir).map_err(unreadable)? {
            files.add(entry.map_err(unreadable)?.path());
        }
        Ok(files)
    }

    /// `paths`. The digests beside the segments among them are found later.
    pub(super) fn given(paths: &[PathBuf]) -> Result<Self, VerifyError> {
        let mut files = Self::default();
        for path in paths {
            if !files.add(path.clone()) {
                return Err(VerifyError::Foreign(path.clone()));
            }
        }
        Ok(files)
    }

    /// Whether it is a file of a log.
    fn add(&mut self, path: PathBuf) -> bool {
        let name = shown(&path);
        match name.as_str() {
            BEGINNING => self.beginning = Some(path),
            HEAD => self.head = Some(path),
            RETENTION => self.retention = Some(path),
            HISTORY => self.history = Some(path),
            other => {
                let of_many = match FileName::parse(other) {
                    Some(FileName::Segment(first)) => (&mut self.segments, first),
                    Some(FileName::Digest(first)) => (&mut self.digests, first),
                    Some(FileName::Loss(first)) => (&mut self.losses, first),
                    // An index is made from its segment, and proves nothing.
                    Some(FileName::Index(_) | FileName::PublicKey) => return true,
                    None => return false,
                };
                of_many.0.insert(of_many.1, path);
            }
        }
        true
    }

    /// Everything in its order.
    pub(super) fn items(&self) -> Vec<Item> {
        let firsts: BTreeSet<u64> = self
            .segments
            .keys()
            .chain(self.digests.keys())
            .copied()
            .collect();
        let losses = self.losses.keys().map(|first| (*first, 0));
        let segments = firsts.into_iter().map(|first| (first, 1));
        let all: BTreeSet<(u64, u8)> = losses.chain(segments).collect();
        all.into_iter()
            .map(|(first, kind)| match kind {
                0 => Item::Loss(first),
                _ => Item::Segment(first),
            })
            .collect()
    }

    pub(super) fn segment(&self, first: u64) -> PathBuf {
        let there = self.segments.get(&first).cloned();
        there.unwrap_or_else(|| PathBuf::from(FileName::segment(first)))
    }

    /// Where the digest of a segment is, or would be.
    pub(super) fn digest(&self, first: u64) -> PathBuf {
        let there = self.digests.get(&first).cloned();
        // A running server may have written it since the directory was listed.
        there.unwrap_or_else(|| self.segment(first).with_file_name(FileName::digest(first)))
    }

    pub(super) fn loss(&self, first: u64) -> PathBuf {
        let there = self.losses.get(&first).cloned();
        there.unwrap_or_else(|| PathBuf::from(FileName::loss(first)))
    }
}

/// The file's name, for people.
pub(super) fn shown(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// The content of a statement's file. `None` when it is not there.
pub(super) fn content(path: &Path) -> Result<Option<Vec<u8>>, VerifyError> {
    let Some(file) = opened(path)? else {
        return Ok(None);
    };
    let mut content = Vec::new();
    file.take(MOST_STATEMENT_BYTES)
        .read_to_end(&mut content)
        .map_err(|error| VerifyError::Read(path.to_owned(), error))?;
    Ok(Some(content))
}

/// The file at `path`. `None` when it is not there.
pub(super) fn opened(path: &Path) -> Result<Option<File>, VerifyError> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(VerifyError::Read(path.to_owned(), error)),
    }
}

/// Statements are far shorter.
const MOST_STATEMENT_BYTES: u64 = 64 << 10;
