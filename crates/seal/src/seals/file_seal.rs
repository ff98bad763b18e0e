use super::Seal;
use crate::{Envelope, Fingerprint, Parameters, RootBundle, RootKey, SealFailure, SealKind, file};
use base::Entropy;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The root keys under a key in a file ([`crate::file`]).
///
/// COMPAT: a data directory without `seal.json` is one whose only root key is the one in the file
/// itself; such a file is good for ever. From the first rotation on the file's key also wraps the
/// bundle.
pub struct FileSeal {
    path: PathBuf,
    entropy: Arc<dyn Entropy>,
}

impl FileSeal {
    /// The seal of the file at `path`, whether or not there is one yet.
    pub fn new(path: PathBuf, entropy: Arc<dyn Entropy>) -> Self {
        Self { path, entropy }
    }

    /// Makes the file, with a new key.
    pub fn create(path: PathBuf, entropy: Arc<dyn Entropy>) -> Result<Self, SealFailure> {
        file::create(&path, &RootKey::generate(Arc::clone(&entropy))?)?;
        Ok(Self::new(path, entropy))
    }

    /// The bundle of a data directory that has no envelope: the file's own key.
    pub fn own_bundle(&self) -> Result<RootBundle, SealFailure> {
        Ok(RootBundle::of_first(self.key()?))
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn key(&self) -> Result<RootKey, SealFailure> {
        Ok(file::load(&self.path, Arc::clone(&self.entropy))?)
    }
}

impl Seal for FileSeal {
    fn kind(&self) -> SealKind {
        SealKind::File
    }

    fn wrap(&self, bundle: &RootBundle) -> Result<Envelope, SealFailure> {
        let key = self.key()?;
        let parameters = Parameters::default().with_text(KEY, &key.fingerprint().to_string());
        Envelope::under(
            &key.bundle_key()?,
            SealKind::File,
            parameters,
            bundle,
            self.entropy.as_ref(),
        )
    }

    fn unwrap(&self, envelope: &Envelope) -> Result<RootBundle, SealFailure> {
        envelope.expect(SealKind::File)?;
        let made_with = Fingerprint::parse(envelope.text(KEY)?);
        let made_with = made_with.ok_or_else(|| envelope.malformed(KEY))?;
        let key = self.key()?;
        if key.fingerprint() != made_with {
            return Err(SealFailure::WrongKey(SealKind::File));
        }
        envelope.opened(&key.bundle_key()?, &self.entropy)
    }
}

/// Which file's key it was.
const KEY: &str = "key";

#[cfg(test)]
mod tests;
