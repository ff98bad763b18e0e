//! The first seal of a data directory.
//!
//! Rules kept here: it is made once, and only where nothing is; its shares leave the process before
//! it is in force, so that no data directory is in shares that nobody has seen. A crash before that
//! leaves a directory without a seal, and shares that are good for nothing. Over a store that other
//! nodes share, what is in the store decides, and the seal of whoever is first.

use super::opening::{Opened, without_file};
use super::{BootError, Place, Seals};
use crate::files;
use base::{Clock, Plaintext};
use seal::seal_file::Keeper;
use seal::seals::ShamirSeal;
use seal::{Fingerprint, RootBundle, RootKey, Seal, SealFailure, SealKind, file};
use std::path::PathBuf;
use std::sync::Arc;

/// A first seal, of which nothing is on disk yet.
pub(crate) struct FirstSeal {
    keeper: Keeper,
    bundle: RootBundle,
    shares: Vec<Plaintext>,
    /// Where its key is to be, if the key is in a file of its own.
    key_file: Option<PathBuf>,
    seals: Seals,
}

impl FirstSeal {
    /// The seal that the configuration names, or `shares` of which some are needed.
    pub(super) fn prepare(
        place: &Place,
        seals: &Seals,
        clock: &dyn Clock,
        shares: Option<(u8, u8)>,
    ) -> Result<Self, BootError> {
        let entropy = || Arc::clone(&seals.entropy);
        let kind = seals.config.kind;
        let (seal, made): (Arc<dyn Seal>, _) = match (kind, shares) {
            (SealKind::Shamir, Some((shares, threshold))) => {
                let (seal, made) = ShamirSeal::create(shares, threshold, entropy())?;
                (Arc::new(seal), made)
            }
            (SealKind::Shamir, None) => return Err(BootError::NeedsShares),
            (_, Some(_)) => return Err(BootError::NoShares(kind)),
            (_, None) => {
                let seal = seals.first(kind)?.ok_or(BootError::NotSetUp(kind))?;
                (seal, Vec::new())
            }
        };
        let is_file = kind == SealKind::File;
        let bundle = if is_file {
            RootBundle::of_first(RootKey::generate(entropy())?)
        } else {
            RootBundle::generate(entropy(), clock.now())?
        };
        Ok(Self {
            keeper: without_file(place, seals, seal),
            bundle,
            shares: made,
            key_file: is_file.then(|| seals.key_file()),
            seals: seals.clone(),
        })
    }

    /// Puts it into force.
    ///
    /// # Errors
    /// [`SealFailure::Changed`] when another node of the deployment was quicker, and nothing is left
    /// of this one.
    pub(crate) fn install(mut self) -> Result<Opened, BootError> {
        if let Some(path) = &self.key_file {
            let key = self.bundle.newest()?;
            file::create(path, key).map_err(SealFailure::from)?;
        }
        // A file that is one process's own is enough by itself.
        if self.key_file.is_none() || self.keeper.is_shared() {
            self.write_envelopes()?;
        }
        Ok(Opened {
            keeper: self.keeper,
            bundle: self.bundle,
            seals: self.seals,
        })
    }

    /// SECURITY: the key file goes only when it is certain that nothing was sealed under it: it was
    /// made a moment ago, and another node's root keys are in force.
    fn write_envelopes(&mut self) -> Result<(), BootError> {
        let written = self.keeper.replace_bundle(&self.bundle);
        if let (Err(SealFailure::Changed), Some(path)) = (&written, &self.key_file) {
            files::remove_if_there(path)?;
        }
        Ok(written?)
    }

    /// Which seal it is.
    pub(crate) fn kind(&self) -> SealKind {
        self.keeper.kind()
    }

    /// The name of its root key.
    pub(crate) fn root_key(&self) -> Option<Fingerprint> {
        self.bundle.keys().last().map(|key| key.fingerprint)
    }

    /// Its shares, to be shown before it is in force.
    pub(crate) fn shares(&self) -> &[Plaintext] {
        &self.shares
    }
}

/// Errors when something is there already.
pub(super) fn refuse_used(place: &Place, seals: &Seals) -> Result<(), BootError> {
    if let Some(store) = place.shared() {
        let has_envelopes = place.envelopes().read()?.is_some();
        return match has_envelopes || store.is_used()? {
            true => Err(BootError::Deployed),
            false => Ok(()),
        };
    }
    let layout = &place.layout;
    let traces = [
        layout.seal(),
        layout.store(),
        layout.aws_credentials(),
        seals.key_file(),
    ];
    for path in traces {
        if files::is_there(&path)? {
            return Err(BootError::NotNew(path));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
