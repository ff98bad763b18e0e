use crate::{SealFailure, durable};
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the envelopes of a deployment are kept. Calls block.
pub trait Envelopes: Send + Sync {
    /// What is there now. `None`: nothing was ever written.
    fn read(&self) -> Result<Option<Vec<u8>>, SealFailure>;

    /// Puts `content` in the place of `expected`, durably and all at once.
    ///
    /// # Errors
    /// [`SealFailure::Changed`] when something else is there now, and nothing was written. Any other
    /// error: it may be written, or come to be later; who goes on with `expected` is then told
    /// [`SealFailure::Changed`].
    fn replace(&self, expected: Option<&[u8]>, content: &[u8]) -> Result<(), SealFailure>;

    /// Whether other nodes write there too.
    fn is_shared(&self) -> bool;

    /// The failure of a content that is none of ours, for `reason`.
    fn unknown(&self, reason: String) -> SealFailure;
}

/// A file that is one process's alone: `seal.json`.
pub struct EnvelopeFile(PathBuf);

impl EnvelopeFile {
    /// The file at `path`, whether or not there is one yet.
    pub fn at(path: impl Into<PathBuf>) -> Arc<dyn Envelopes> {
        Arc::new(Self(path.into()))
    }

    fn failed<'a>(
        &'a self,
        action: &'static str,
    ) -> impl Fn(std::io::Error) -> SealFailure + use<'a> {
        let path: &Path = &self.0;
        move |source| SealFailure::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }
}

impl Envelopes for EnvelopeFile {
    fn read(&self) -> Result<Option<Vec<u8>>, SealFailure> {
        let failed = self.failed("read");
        let file = match File::open(&self.0) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            other => other.map_err(&failed)?,
        };
        let mut content = Vec::new();
        file.take(MOST_BYTES + 1)
            .read_to_end(&mut content)
            .map_err(&failed)?;
        if content.len() as u64 > MOST_BYTES {
            return Err(self.unknown(String::from("it is too long")));
        }
        Ok(Some(content))
    }

    /// Nobody else writes it, so what was there is what was expected.
    fn replace(&self, _: Option<&[u8]>, content: &[u8]) -> Result<(), SealFailure> {
        durable::replace(&self.0, content).map_err(self.failed("write"))
    }

    fn is_shared(&self) -> bool {
        false
    }

    fn unknown(&self, reason: String) -> SealFailure {
        SealFailure::UnknownFile {
            path: self.0.clone(),
            reason,
        }
    }
}

const MOST_BYTES: u64 = 1 << 20;
