//! The file seal: the root key in a file that only the server's user can read.
//!
//! Rules kept here: a key file is made once and never overwritten; it appears whole or not at all;
//! one that others could read, or that is not intact, is refused.
//!
//! The file is one line, `strongroom-root-key-v1:<key in base64>:<checksum>`. The checksum is there
//! to tell a damaged copy at once, before the data seems not to open.

use crate::key_bytes::{BASE64_SIZE, KeyBytes};
use crate::{RootKey, durable};
use aws_lc_rs::digest::{self, SHA256};
use base::{Entropy, SealError};
use data_encoding::HEXLOWER;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Why a root key file could not be made or used. The text tells the operator what to do.
#[derive(Debug, thiserror::Error)]
pub enum FileSealError {
    /// The checksum does not fit the key.
    #[error("the root key file `{}` is damaged; restore it from your copy", .0.display())]
    Damaged(PathBuf),
    /// There is a file already.
    #[error("the root key file `{}` exists already and is never overwritten", .0.display())]
    Exists(PathBuf),
    /// The group or others have some permission on the file.
    #[error(
        "the root key file `{path}` is open to others (mode {mode:04o}); \
         find out who may have read it, then run `chmod 600 {path}`",
        path = .path.display()
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The operating system refused.
    #[error("cannot {action} the root key file `{}`", .path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The content is not a root key.
    #[error(
        "the file `{}` does not hold a root key of this version; restore it from your copy",
        .0.display()
    )]
    Malformed(PathBuf),
    /// There is no such file.
    #[error(
        "there is no root key file `{}`; restore it from your copy, since the data cannot be \
         opened without it",
        .0.display()
    )]
    Missing(PathBuf),
    /// The path names a directory, a device or the like.
    #[error("the root key file `{}` is not a regular file", .0.display())]
    NotAFile(PathBuf),
    /// The key could not be made ready.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// Writes `root` to a new file at `path`, readable by its owner only, and returns when it is safely
/// on disk. Errors when there is a file already.
pub fn create(path: &Path, root: &RootKey) -> Result<(), FileSealError> {
    let failed = |action| {
        move |source: io::Error| FileSealError::Io {
            action,
            path: path.to_owned(),
            source,
        }
    };
    // A whole file is written under another name first, so that a crash leaves no half key at
    // `path`. What an earlier crash left under that name is either a key that was never in use or
    // a second name of the file at `path`, so that removing it takes nothing away.
    let draft = draft_of(path);
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed("prepare")(error)),
        _ => Ok(()),
    }?;
    let written = durable::write_new(&draft, &line_of(root));
    // Linking, unlike renaming, fails when there is a file already.
    let linked =
        written
            .map_err(failed("write"))
            .and_then(|()| match fs::hard_link(&draft, path) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    Err(FileSealError::Exists(path.to_owned()))
                }
                other => other.map_err(failed("create")),
            });
    let removed = fs::remove_file(&draft);
    linked?;
    removed.map_err(failed("tidy up beside"))?;
    durable::sync_directory_of(path).map_err(failed("write"))
}

/// Reads the root key at `path`. Its nonces will come from `entropy`.
pub fn load(path: &Path, entropy: Arc<dyn Entropy>) -> Result<RootKey, FileSealError> {
    let failed = |source: io::Error| match source.kind() {
        ErrorKind::NotFound => FileSealError::Missing(path.to_owned()),
        _ => FileSealError::Io {
            action: "read",
            path: path.to_owned(),
            source,
        },
    };
    // Looked at before it is opened, since opening a pipe would wait; and again once it is open,
    // since only then is it sure to be the same file.
    refuse_unsafe(path, &fs::metadata(path).map_err(failed)?)?;
    let file = File::open(path).map_err(failed)?;
    refuse_unsafe(path, &file.metadata().map_err(failed)?)?;
    let mut content = Zeroizing::new(Vec::with_capacity(LONGEST_FILE));
    file.take(LONGEST_FILE as u64)
        .read_to_end(&mut content)
        .map_err(failed)?;
    Ok(RootKey::of_bytes(read_line(path, &content)?, entropy)?)
}

fn refuse_unsafe(path: &Path, metadata: &Metadata) -> Result<(), FileSealError> {
    if !metadata.is_file() {
        return Err(FileSealError::NotAFile(path.to_owned()));
    }
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(FileSealError::Exposed {
            path: path.to_owned(),
            mode,
        });
    }
    Ok(())
}

fn line_of(root: &RootKey) -> Zeroizing<Vec<u8>> {
    let key = root.to_base64();
    let mut line = Zeroizing::new(Vec::with_capacity(LONGEST_FILE));
    line.extend_from_slice(PREFIX);
    line.extend_from_slice(key.as_slice());
    line.push(b':');
    line.extend_from_slice(checksum(key.as_slice()).as_bytes());
    line.push(b'\n');
    line
}

fn read_line(path: &Path, content: &[u8]) -> Result<KeyBytes, FileSealError> {
    let malformed = || FileSealError::Malformed(path.to_owned());
    let line = content.strip_suffix(b"\n").unwrap_or(content);
    let fields = line.strip_prefix(PREFIX).ok_or_else(malformed)?;
    let (key, rest) = fields
        .split_first_chunk::<BASE64_SIZE>()
        .ok_or_else(malformed)?;
    let [b':', sum @ ..] = rest else {
        return Err(malformed());
    };
    if sum.len() != CHECKSUM_SIZE {
        return Err(malformed());
    }
    if sum != checksum(key).as_bytes() {
        return Err(FileSealError::Damaged(path.to_owned()));
    }
    KeyBytes::from_base64(key).map_err(|_| malformed())
}

/// Eight hexadecimal digits over the version and the key.
fn checksum(key: &[u8]) -> String {
    let mut context = digest::Context::new(&SHA256);
    context.update(PREFIX);
    context.update(key);
    let mut sum = HEXLOWER.encode(context.finish().as_ref());
    sum.truncate(CHECKSUM_SIZE);
    sum
}

/// `root.key.new` for `root.key`.
fn draft_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}

const PREFIX: &[u8] = b"strongroom-root-key-v1:";
const CHECKSUM_SIZE: usize = 8;
const LONGEST_FILE: usize = 128;

#[cfg(test)]
mod tests;
