//! A key set in a file.

use super::MOST_BYTES;
use crate::error::chain;
use crate::files::{self, FileError};
use parking_lot::Mutex;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::fs::{self, Metadata};
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
        let content = files::read_bounded(&self.path, MOST_BYTES)?;
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
