//! The files under the audit log, behind traits so that tests can fill the disk.

use crate::files::{self, FileError};
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file that is only ever appended to.
pub(crate) trait LogFile: Send + Sync {
    /// Writes the beginning of `bytes` at the end, and says how many it took.
    fn append(&mut self, bytes: &[u8]) -> io::Result<usize>;

    /// Drops everything after the first `length` bytes.
    fn cut(&mut self, length: u64) -> io::Result<()>;

    /// Makes everything written survive a loss of power.
    fn sync(&self) -> io::Result<()>;
}

/// Where the files of the log are.
pub(crate) trait Shelf: Send + Sync {
    /// Makes an empty file, so that its name survives a loss of power. One that is there and empty
    /// will do.
    fn create(&self, name: &str) -> io::Result<Handles>;

    /// Puts `content` in the place of the file `name`, all of it or nothing, so that it survives a
    /// loss of power.
    fn put(&self, name: &str, content: &[u8]) -> io::Result<()>;

    /// The content of the file `name`, if there is one.
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>>;
}

/// A file, for who writes to it and for who syncs it.
pub(crate) struct Handles {
    /// Writes.
    pub(super) file: Box<dyn LogFile>,
    /// Syncs, so that nobody waits for it who need not.
    pub(super) twin: Arc<dyn LogFile>,
}

impl Handles {
    /// Two handles to `file`.
    pub(super) fn of(file: File) -> io::Result<Self> {
        Ok(Self {
            twin: Arc::new(file.try_clone()?),
            file: Box::new(file),
        })
    }
}

/// Opened with `O_APPEND`, so that what follows a cut stands at the new end.
impl LogFile for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write(bytes)
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }
}

/// A directory of the system's.
pub(crate) struct Directory(pub(super) PathBuf);

impl Directory {
    /// The one at `path`.
    pub(crate) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }
}

impl Shelf for Directory {
    fn create(&self, name: &str) -> io::Result<Handles> {
        let path = self.0.join(name);
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&path)?;
        if file.metadata()?.len() > 0 {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        files::sync_parent(&path).map_err(plain)?;
        Handles::of(file)
    }

    fn put(&self, name: &str, content: &[u8]) -> io::Result<()> {
        files::write(&self.0.join(name), 0o600, content).map_err(plain)
    }

    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        files::read_if_there(&self.0.join(name)).map_err(plain)
    }
}

/// What the system said.
fn plain(error: FileError) -> io::Error {
    match error {
        FileError::Io { source, .. } => source,
        other => io::Error::other(other),
    }
}

/// Appends all of `bytes`. On an error, some of it may have been written.
pub(super) fn append_all(file: &mut dyn LogFile, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let taken = match file.append(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(taken) => taken,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        bytes = bytes.get(taken..).unwrap_or_default();
    }
    Ok(())
}

pub(super) const READ_BYTES: usize = 256 << 10;
