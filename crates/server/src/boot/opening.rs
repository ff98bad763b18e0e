//! Getting at the root keys, at the start.
//!
//! Rules kept here: root keys are made only while there is no store; what `seal.json` says is in
//! force, whatever the configuration names; a seal that does not open is no reason to try a weaker
//! one. A data directory that shares could open, or that may be opened later, starts sealed.
//!
//! Over a store that other nodes share, what is in the store says whether the deployment is new, and
//! not what is in the data directory; and of two nodes that start it at once one makes the root keys.
//! A node that has nothing that opens them is refused, and makes none.

use super::door::Door;
use super::first::FirstSeal;
use super::{BootError, Place, Seals};
use crate::files;
use base::Clock;
use seal::file::FileSealError;
use seal::seal_file::{self, Keeper, SealState, Slot};
use seal::{Envelope, RootBundle, Seal, SealFailure, SealKind};
use std::sync::Arc;

mod shared;

/// The root keys, and the seal that keeps them.
pub(crate) struct Opened {
    /// The seal and its file.
    pub(crate) keeper: Keeper,
    /// The root keys.
    pub(crate) bundle: RootBundle,
    /// The seals that are set up, for what another node may change.
    pub(crate) seals: Seals,
}

/// How far a start got.
pub(crate) enum Opening {
    /// The root keys are here.
    Open(Box<Opened>),
    /// Somebody has to open the seal.
    Sealed(Box<Door>),
}

/// Opens the seal of the data directory, or makes the first one.
///
/// Blocks.
pub(super) fn open(place: &Place, seals: &Seals, clock: &dyn Clock) -> Result<Opening, BootError> {
    if let Some(store) = place.shared() {
        return shared::open(place, store, seals, clock);
    }
    let layout = &place.layout;
    let has_store = files::is_there(&layout.store())?;
    if !has_store && files::is_there(&layout.aws_credentials())? {
        return Err(BootError::NoStore {
            store: layout.store(),
            credentials: layout.aws_credentials(),
        });
    }
    match seal_file::load(place.envelopes().as_ref())? {
        Some(state) => reopen(place, seals, state),
        None if files::is_there(&seals.key_file())? => by_file(place, seals),
        None if has_store => Err(no_root_key(place, seals)),
        None => first(place, seals, clock),
    }
}

/// Nothing tells which of the two the data directory had: a rotated or migrated one has `seal.json`
/// whatever the configuration names.
fn no_root_key(place: &Place, seals: &Seals) -> BootError {
    let layout = &place.layout;
    let (envelopes, key) = (layout.seal(), seals.key_file());
    let (likely, other) = match seals.config.kind {
        SealKind::File => (key, envelopes),
        SealKind::Passphrase | SealKind::Command | SealKind::Pkcs11 | SealKind::Shamir => {
            (envelopes, key)
        }
    };
    BootError::NoRootKey {
        likely,
        other,
        store: layout.store(),
    }
}

/// A data directory whose root key file has its only root key.
fn by_file(place: &Place, seals: &Seals) -> Result<Opening, BootError> {
    let wanted = seals.config.kind;
    if wanted != SealKind::File {
        tracing::warn!(
            "the data directory is sealed by its root key file: run `strongroom seal migrate --to \
             {wanted}`"
        );
    }
    let seal = seals.file();
    let bundle = seal.own_bundle()?;
    let keeper = without_file(place, seals, Arc::new(seal));
    Ok(Opening::Open(Box::new(Opened {
        keeper,
        bundle,
        seals: seals.clone(),
    })))
}

fn first(place: &Place, seals: &Seals, clock: &dyn Clock) -> Result<Opening, BootError> {
    if seals.config.kind == SealKind::Shamir {
        return Err(BootError::NeedsInit);
    }
    let first = FirstSeal::prepare(place, seals, clock, None)?;
    Ok(Opening::Open(Box::new(first.install()?)))
}

fn reopen(place: &Place, seals: &Seals, state: SealState) -> Result<Opening, BootError> {
    if state.current.kind != seals.config.kind && state.pending.is_none() {
        tracing::warn!(
            "the data directory is sealed by `{}`, and the configuration names `{}`",
            state.current.kind,
            seals.config.kind
        );
    }
    match attempt(place, seals, &state, &|kind| seals.opening(kind)) {
        Ok(opened) => {
            if let Some(kind) = opened.keeper.inherited() {
                tracing::warn!("{}", SealFailure::Inherited(kind));
            }
            Ok(Opening::Open(Box::new(opened)))
        }
        Err(failure) if can_wait(&state) => {
            let door = Door::new(place.clone(), seals.clone(), state, failure)?;
            Ok(Opening::Sealed(Box::new(door)))
        }
        Err(failure) => Err(failure.into()),
    }
}

/// Opens what `state` has with the seals that `make` gives, the one in force first.
pub(super) fn attempt(
    place: &Place,
    seals: &Seals,
    state: &SealState,
    make: &dyn Fn(SealKind) -> Result<Option<Arc<dyn Seal>>, SealFailure>,
) -> Result<Opened, SealFailure> {
    let mut failure = None;
    let slots = [
        (Slot::Current, Some(&state.current)),
        (Slot::Pending, state.pending.as_ref()),
    ];
    for (slot, envelope) in slots {
        let Some(envelope) = envelope else { continue };
        match with_seal(envelope, make) {
            Ok((seal, bundle)) => return opened(place, seals, state, slot, seal, bundle),
            Err(refused) => failure = failure.or(Some(refused)),
        }
    }
    let failure = failure.unwrap_or(SealFailure::WrongKey(state.current.kind));
    Err(match failure {
        SealFailure::File(FileSealError::Missing(path)) if opens_otherwise(state) => {
            SealFailure::NoKeyFile(path)
        }
        other => other,
    })
}

/// Whether something else than a root key file opens it too.
fn opens_otherwise(state: &SealState) -> bool {
    let pending = state.pending.as_ref();
    state.recovery.is_some() || pending.is_some_and(|pending| pending.kind != SealKind::File)
}

fn with_seal(
    envelope: &Envelope,
    make: &dyn Fn(SealKind) -> Result<Option<Arc<dyn Seal>>, SealFailure>,
) -> Result<(Arc<dyn Seal>, RootBundle), SealFailure> {
    let seal = make(envelope.kind)?.ok_or(SealFailure::NotAtHand(envelope.kind))?;
    let bundle = seal.unwrap(envelope)?;
    Ok((seal, bundle))
}

/// Whether somebody could open it while the server runs.
fn can_wait(state: &SealState) -> bool {
    let envelopes = [Some(&state.current), state.pending.as_ref()];
    let is_more_than_a_file = envelopes
        .into_iter()
        .flatten()
        .any(|envelope| envelope.kind != SealKind::File);
    is_more_than_a_file || state.recovery.is_some()
}

/// Of a deployment without envelopes.
pub(super) fn without_file(place: &Place, seals: &Seals, seal: Arc<dyn Seal>) -> Keeper {
    Keeper::without_file(place.envelopes(), seal, Arc::clone(&seals.entropy))
}

/// Of a data directory where `seal` opened what `state` has at `slot`.
pub(super) fn opened(
    place: &Place,
    seals: &Seals,
    state: &SealState,
    slot: Slot,
    seal: Arc<dyn Seal>,
    bundle: RootBundle,
) -> Result<Opened, SealFailure> {
    let (envelopes, state) = (place.envelopes(), state.clone());
    let entropy = Arc::clone(&seals.entropy);
    let keeper = Keeper::opened(envelopes, state, slot, seal, entropy, &bundle)?;
    Ok(Opened {
        keeper,
        bundle,
        seals: seals.clone(),
    })
}

#[cfg(test)]
mod tests;
