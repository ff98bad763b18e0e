//! The first seal of a data directory.
//!
//! Rules kept here: it is made once, and only where nothing is; its shares leave the process before
//! it is in force, so that no data directory is in shares that nobody has seen. A crash before that
//! leaves a directory without a seal, and shares that are good for nothing.

use super::opening::{Opened, without_file};
use super::{BootError, Layout, Seals};
use crate::files;
use base::{Clock, Plaintext};
use seal::seal_file::Keeper;
use seal::seals::ShamirSeal;
use seal::{Fingerprint, RootBundle, RootKey, Seal, SealKind, file};
use std::path::PathBuf;
use std::sync::Arc;

/// A first seal, of which nothing is on disk yet.
pub(crate) struct FirstSeal {
    keeper: Keeper,
    bundle: RootBundle,
    shares: Vec<Plaintext>,
    /// Where its key is to be, if the key is in a file of its own.
    key_file: Option<PathBuf>,
}

impl FirstSeal {
    /// The seal that the configuration names, or `shares` of which some are needed.
    pub(super) fn prepare(
        layout: &Layout,
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
            keeper: without_file(layout, seals, seal),
            bundle,
            shares: made,
            key_file: is_file.then(|| seals.key_file()),
        })
    }

    /// Puts it into force.
    pub(crate) fn install(mut self) -> Result<Opened, BootError> {
        match &self.key_file {
            Some(path) => {
                let key = self.bundle.newest()?;
                file::create(path, key).map_err(seal::SealFailure::from)?;
            }
            None => self.keeper.replace_bundle(&self.bundle)?,
        }
        Ok(Opened {
            keeper: self.keeper,
            bundle: self.bundle,
        })
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
pub(super) fn refuse_used(layout: &Layout, seals: &Seals) -> Result<(), BootError> {
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
