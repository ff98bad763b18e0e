//! The file under the audit log, behind a trait so that tests can fill the disk.

use std::fs::File;
use std::io::{self, Write as _};

/// A file that is only ever appended to.
pub(crate) trait LogFile: Send {
    /// Writes the beginning of `bytes` at the end, and says how many it took.
    fn append(&mut self, bytes: &[u8]) -> io::Result<usize>;

    /// Drops everything after the first `length` bytes.
    fn cut(&mut self, length: u64) -> io::Result<()>;

    /// Makes everything written survive a loss of power.
    fn sync(&mut self) -> io::Result<()>;
}

/// Opened with `O_APPEND`, so that what follows a cut stands at the new end.
impl LogFile for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write(bytes)
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
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
