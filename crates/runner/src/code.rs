//! A function's zip, and what it unpacks to.
//!
//! Rules kept here: a zip is hostile. No name leaves the directory that it is unpacked into,
//! neither by `..` nor through a symbolic link; what it unpacks to is counted while it is written,
//! whatever its headers say; nothing of it is owned by, or writable for, anyone but the server.

mod cache;
mod unpack;

use std::io;
use std::sync::Arc;

pub(crate) use cache::Cache;

/// A function's zip, and the digest that it is looked up by.
#[derive(Clone)]
pub struct Code {
    zip: Arc<[u8]>,
    sha256: [u8; 32],
}

impl Code {
    /// Takes `zip`, whose SHA-256 is known to be `sha256`. If what lies unpacked has that digest, it is
    /// run and `zip` is not looked at. If nothing has, the digest is computed, and a wrong one does no
    /// harm.
    pub fn new(zip: impl Into<Arc<[u8]>>, sha256: [u8; 32]) -> Self {
        let zip = zip.into();
        Self { zip, sha256 }
    }

    /// The same under the digest that it really has.
    fn digested(&self) -> Self {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &self.zip);
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(digest.as_ref());
        Self::new(Arc::clone(&self.zip), sha256)
    }
}

/// Why a zip is refused.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    /// It is no zip, or a damaged one.
    #[error("the code is not a readable zip: {0}")]
    Unreadable(String),
    /// A name leads out of the function's directory, or is none.
    #[error("the zip names `{0}`, which is not inside the function's directory")]
    Outside(String),
    /// A symbolic link leads out, or nowhere.
    #[error("the zip has the link `{0}`, which does not lead to a file of its own")]
    Link(String),
    /// Two entries want the same name.
    #[error("the zip names `{0}` twice")]
    Twice(String),
    /// It holds too many entries.
    #[error("the zip has more than {most} entries", most = unpack::MOST_ENTRIES)]
    TooMany,
    /// It unpacks to too much.
    #[error("the zip unpacks to more than {most} bytes", most = unpack::MOST_BYTES)]
    TooLarge,
    /// It could not be written.
    #[error("could not unpack the code: {0}")]
    Write(#[from] io::Error),
}
