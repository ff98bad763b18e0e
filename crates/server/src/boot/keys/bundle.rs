//! The envelopes of the root keys: read anew before each change, and changed one by one.

use super::{Keys, KeysError};
use crate::boot::Seals;
use crate::boot::place::SEAL;
use seal::seal_file::{Keeper, Reloaded};
use seal::{RootBundle, Seal, SealFailure, SealKind};
use std::sync::Arc;

impl Keys {
    /// Has `act` change what the envelopes hold; again when another node came between.
    pub(super) async fn change<T: Send + 'static>(
        &self,
        act: impl Fn(&mut Keeper, &RootBundle) -> Result<T, SealFailure> + Send + Sync + 'static,
    ) -> Result<T, KeysError> {
        let act = Arc::new(act);
        for _ in 0..TRIES {
            self.reload_bundle().await?;
            let (act, kept) = (Arc::clone(&act), Arc::clone(&self.kept.lock()));
            match self.with_keeper(move |keeper| act(keeper, &kept)).await {
                Err(KeysError::Seal(SealFailure::Changed)) => {}
                other => return other,
            }
        }
        Err(SealFailure::Changed.into())
    }

    /// Uses `bundle`, which the envelopes hold from now on. What seals stays as it is.
    pub(super) fn keep(&self, bundle: RootBundle) -> Result<(), KeysError> {
        self.roots.hold(bundle.with_those_of(&self.roots.bundle())?);
        *self.kept.lock() = Arc::new(bundle);
        Ok(())
    }

    /// Takes over what another node wrote.
    pub(super) async fn reload_bundle(&self) -> Result<(), KeysError> {
        if !self.is_shared {
            return Ok(());
        }
        let stored = self.database.meta(SEAL).await?;
        let is_same = {
            let keeper = self.keeper.lock();
            stored.as_deref() == keeper.state().map(seal::seal_file::SealState::stored)
        };
        if is_same {
            return Ok(());
        }
        let (in_use, seals) = (self.roots.bundle(), self.seals.clone());
        let reloaded = self
            .with_keeper(move |keeper| keeper.reload(&in_use, &|kind| unasked(&seals, kind)))
            .await?;
        match reloaded {
            Reloaded::Same => Ok(()),
            Reloaded::Changed(bundle) => self.keep(bundle),
        }
    }
}

/// What the envelopes hold now, where they may be others than those of `keeper`.
pub(super) async fn reloaded(
    mut keeper: Keeper,
    bundle: RootBundle,
    seals: &Seals,
) -> Result<(Keeper, RootBundle), SealFailure> {
    let seals = seals.clone();
    let reload = move || {
        let reloaded = keeper.reload(&bundle, &|kind| unasked(&seals, kind))?;
        Ok(match reloaded {
            Reloaded::Same => (keeper, bundle),
            Reloaded::Changed(next) => (keeper, next),
        })
    };
    let died = |error| SealFailure::Store {
        action: "ask for",
        source: Box::new(error),
    };
    tokio::task::spawn_blocking(reload).await.map_err(died)?
}

/// The seal of `kind` as it is set up here, if nobody has to be asked for it.
fn unasked(seals: &Seals, kind: SealKind) -> Result<Option<Arc<dyn Seal>>, SealFailure> {
    match kind {
        SealKind::Passphrase | SealKind::Shamir => Ok(None),
        SealKind::File | SealKind::Command | SealKind::Pkcs11 => seals.opening(kind),
    }
}

/// More than other nodes can come between.
const TRIES: u32 = 8;
