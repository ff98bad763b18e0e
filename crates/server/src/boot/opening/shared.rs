//! The root keys of a deployment whose store other nodes share.

use super::{Opened, Opening, first, reopen, without_file};
use crate::boot::place::SharedStore;
use crate::boot::{BootError, Place, Seals};
use crate::files;
use base::Clock;
use seal::file::FileSealError;
use seal::seal_file::{self, SealState};
use seal::{EnvelopeFile, Fingerprint, KeyRing, SealFailure, SealKind};
use std::sync::Arc;

/// Opens what the store has, or makes the first seal of a store that is new.
pub(super) fn open(
    place: &Place,
    store: &SharedStore,
    seals: &Seals,
    clock: &dyn Clock,
) -> Result<Opening, BootError> {
    for _ in 0..TRIES {
        // INVARIANT: in this order. A first start writes the envelopes before anything else, so a
        // store that was in use and has none got its content from elsewhere.
        let is_used = store.is_used()?;
        let state = seal_file::load(place.envelopes().as_ref())?;
        let opening = match state {
            Some(state) => reopen(place, seals, state),
            None if is_used => bring(place, store, seals),
            None => begin(place, seals, clock),
        };
        match opening {
            // Another node was quicker, and its root keys are the deployment's.
            Err(BootError::Unsealed(SealFailure::Changed)) => {}
            Err(BootError::Unsealed(SealFailure::File(FileSealError::Missing(path)))) => {
                return Err(BootError::NoKeyHere(path));
            }
            other => return other,
        }
    }
    Err(SealFailure::Changed.into())
}

/// The first start. A root key file that is there already is used: it was put there for this, or an
/// earlier start got no further.
fn begin(place: &Place, seals: &Seals, clock: &dyn Clock) -> Result<Opening, BootError> {
    if seals.config.kind == SealKind::File && files::is_there(&seals.key_file())? {
        return with_key_file(place, seals);
    }
    first(place, seals, clock)
}

/// Brings what opens a store that was moved here: this data directory is the one that it had.
///
/// SECURITY: nothing is written that is not of this store, since it would keep what is from ever being
/// written. Envelopes that only a person opens say which keys they hold, and are opened next.
fn bring(place: &Place, store: &SharedStore, seals: &Seals) -> Result<Opening, BootError> {
    let ring = store.ring()?;
    let file = EnvelopeFile::at(place.layout.seal());
    if let Some(state) = seal_file::load(file.as_ref())? {
        if !ring.is_none_or(|ring| has_key_of(&state, &ring)) {
            return Err(BootError::OtherDeployment(place.layout.seal()));
        }
        place.envelopes().replace(None, state.stored())?;
        tracing::info!("the envelopes of `seal.json` are in the store from now on");
        return reopen(place, seals, state);
    }
    if !files::is_there(&seals.key_file())? {
        return Err(BootError::NoKeyHere(seals.key_file()));
    }
    if let Some(ring) = ring {
        KeyRing::from_sealed(
            &seals.file().own_bundle()?,
            &ring,
            Arc::clone(&seals.entropy),
        )?;
    }
    with_key_file(place, seals)
}

/// Puts the root key file that is here into force.
fn with_key_file(place: &Place, seals: &Seals) -> Result<Opening, BootError> {
    let seal = seals.file();
    let bundle = seal.own_bundle()?;
    let mut keeper = without_file(place, seals, Arc::new(seal));
    keeper.replace_bundle(&bundle)?;
    Ok(Opening::Open(Box::new(Opened {
        keeper,
        bundle,
        seals: seals.clone(),
    })))
}

/// Whether `state` says that it holds the root key of `ring`.
fn has_key_of(state: &SealState, ring: &[u8]) -> bool {
    let wanted = Fingerprint::of_sealed(ring).map(|name| name.to_string());
    wanted.is_none_or(|wanted| state.keys.contains(&wanted))
}

/// One start comes first, so the second time there is something.
const TRIES: usize = 3;

#[cfg(test)]
mod tests;
