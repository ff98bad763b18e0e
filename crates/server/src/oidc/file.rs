//! A key set in a file.

use super::MOST_BYTES;
use crate::error::chain;
use crate::files::FileError;
use parking_lot::Mutex;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::fs::{self, File, Metadata};
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A key set in a file, read again when the file changes.
pub(super) struct KeyFile {
    path: PathBuf,
    read: Mutex<Option<Read>>,
}

struct Read {
    stamp: Stamp,
    set: Arc<[u8]>,
}

/// What changes when a file is written, or another is put in its place.
#[derive(PartialEq, Eq)]
struct Stamp([i64; 4], [u64; 3]);

/// Why a file or an answer gives no key set.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotAKeySet {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("`{}` is not a file", .0.display())]
    NotAFile(PathBuf),
    #[error("`{}` is larger than {MOST_BYTES} bytes", .0.display())]
    TooLarge(PathBuf),
    #[error("not a JSON Web Key Set")]
    Malformed(#[from] serde_json::Error),
}

impl KeyFile {
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            read: Mutex::default(),
        }
    }

    /// The file's content. An error is told to the operator and to the caller.
    ///
    /// Reads in place: a local file of some kilobytes takes microseconds.
    pub(super) fn key_set(&self) -> Result<Arc<[u8]>, String> {
        self.current().map_err(|error| {
            let reason = chain(&error);
            tracing::warn!(file = %self.path.display(), reason, "cannot use an issuer's key file");
            reason
        })
    }

    fn current(&self) -> Result<Arc<[u8]>, NotAKeySet> {
        let metadata = fs::metadata(&self.path).map_err(FileError::io("read", &self.path))?;
        let stamp = Stamp::of(&metadata);
        let mut read = self.read.lock();
        if let Some(read) = &*read
            && read.stamp == stamp
        {
            return Ok(Arc::clone(&read.set));
        }
        *read = None;
        let content = read_bounded(&self.path, &metadata)?;
        check(&content)?;
        let set: Arc<[u8]> = content.into();
        *read = Some(Read {
            stamp,
            set: Arc::clone(&set),
        });
        Ok(set)
    }
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self(
            [
                metadata.mtime(),
                metadata.mtime_nsec(),
                metadata.ctime(),
                metadata.ctime_nsec(),
            ],
            [metadata.dev(), metadata.ino(), metadata.size()],
        )
    }
}

/// What is at `path`, if it is a file of a size that we take.
pub(super) fn read_small(path: &Path) -> Result<Vec<u8>, NotAKeySet> {
    let metadata = fs::metadata(path).map_err(FileError::io("read", path))?;
    read_bounded(path, &metadata)
}

/// Whether `content` is a key set in its form; what the keys are worth is seen when one is needed.
pub(super) fn check(content: &[u8]) -> Result<(), NotAKeySet> {
    #[derive(Deserialize)]
    struct KeySet {
        #[serde(rename = "keys")]
        _keys: Vec<IgnoredAny>,
    }
    let _: KeySet = serde_json::from_slice(content)?;
    Ok(())
}

fn read_bounded(path: &Path, metadata: &Metadata) -> Result<Vec<u8>, NotAKeySet> {
    // Opening a pipe would wait for somebody to write.
    if !metadata.is_file() {
        return Err(NotAKeySet::NotAFile(path.to_owned()));
    }
    let mut content = Vec::new();
    let file = File::open(path).map_err(FileError::io("read", path))?;
    let most = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX);
    file.take(most.saturating_add(1))
        .read_to_end(&mut content)
        .map_err(FileError::io("read", path))?;
    if content.len() > MOST_BYTES {
        return Err(NotAKeySet::TooLarge(path.to_owned()));
    }
    Ok(content)
}
