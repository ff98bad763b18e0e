//! A sealed server, and what opens it.
//!
//! SECURITY: shares and passphrases come over the admin socket, are kept in memory that is
//! overwritten, and are in no log and no text of ours. A wrong one changes nothing.
//!
//! Each attempt is at what the envelopes are then: another node may have given the deployment another
//! seal, or rotated its root keys, since this one started.

use super::opening::{Opened, attempt, opened};
use super::{Place, Seals};
use base::Plaintext;
use parking_lot::Mutex;
use seal::seal_file::{self, SealState, Slot};
use seal::seals::{Collected, Collector};
use seal::shamir::{Share, ShareError};
use seal::{Envelope, SealFailure, SealKind};
use std::sync::Arc;

/// Opens a sealed data directory.
pub(crate) struct Door {
    place: Place,
    seals: Seals,
    state: Mutex<SealState>,
    collectors: Mutex<Vec<(Slot, Collector)>>,
    /// Why the start did not open it.
    why: Mutex<String>,
}

/// What became of an attempt.
pub(crate) enum Attempt {
    /// It is open.
    Open(Box<Opened>),
    /// More shares are needed.
    More,
}

impl Door {
    /// For what `state` has, which `failure` kept shut.
    pub(super) fn new(
        place: Place,
        seals: Seals,
        state: SealState,
        failure: SealFailure,
    ) -> Result<Self, SealFailure> {
        Ok(Self {
            collectors: Mutex::new(collectors(&state, &seals)?),
            why: Mutex::new(failure.to_string()),
            place,
            seals,
            state: Mutex::new(state),
        })
    }

    /// Takes one share: of the seal in force, of the one that comes after it, or of recovery.
    pub(crate) fn share(&self, text: &[u8]) -> Result<Attempt, SealFailure> {
        let share = Share::parse(text)?;
        let state = self.read_anew()?;
        let mut collectors = self.collectors.lock();
        let wanted = collectors.first().map(|(_, first)| first.set().to_owned());
        let found = collectors
            .iter_mut()
            .find(|(_, collector)| collector.set() == share.set());
        let Some((slot, collector)) = found else {
            return Err(match wanted {
                Some(wanted) => SealFailure::Share(ShareError::OtherSet {
                    number: share.number(),
                    set: share.set(),
                    wanted,
                }),
                None => SealFailure::NotAtHand(SealKind::Shamir),
            });
        };
        let collected = collector.add(text)?;
        if !collected.is_enough() {
            return Ok(Attempt::More);
        }
        match self.with_shares(&state, *slot, collector) {
            Ok(opened) => Ok(Attempt::Open(Box::new(opened))),
            Err(failure) => {
                collector.forget();
                Err(failure)
            }
        }
    }

    /// Tries the passphrase.
    pub(crate) fn passphrase(&self, passphrase: &[u8]) -> Result<Attempt, SealFailure> {
        let make = |kind| match kind {
            SealKind::Passphrase => {
                let given = Plaintext::new(passphrase.to_vec());
                Ok(Some(self.seals.passphrase(given)))
            }
            _ => Ok(None),
        };
        self.attempt(&make)
    }

    /// Tries again what needs nobody: the file, the program, the token.
    pub(crate) fn again(&self) -> Result<Attempt, SealFailure> {
        self.attempt(&|kind| match kind {
            SealKind::Passphrase => Ok(None),
            other => self.seals.opening(other),
        })
    }

    /// What `seal.json` said when it was last read.
    pub(crate) fn state(&self) -> SealState {
        self.state.lock().clone()
    }

    /// How far the shares are, of each set that is of use.
    pub(crate) fn collected(&self) -> Vec<(String, Collected)> {
        let collectors = self.collectors.lock();
        let told = collectors
            .iter()
            .map(|(_, collector)| (collector.set().to_owned(), collector.collected()));
        told.collect()
    }

    /// Why it is sealed.
    pub(crate) fn why(&self) -> String {
        self.why.lock().clone()
    }

    fn attempt(
        &self,
        make: &dyn Fn(SealKind) -> Result<Option<Arc<dyn seal::Seal>>, SealFailure>,
    ) -> Result<Attempt, SealFailure> {
        let state = self.read_anew()?;
        let opened = attempt(&self.place, &self.seals, &state, make);
        opened
            .map(|opened| Attempt::Open(Box::new(opened)))
            .inspect_err(|failure| *self.why.lock() = failure.to_string())
    }

    fn with_shares(
        &self,
        state: &SealState,
        slot: Slot,
        collector: &Collector,
    ) -> Result<Opened, SealFailure> {
        let (seal, bundle) = collector.open()?;
        let seal = Arc::new(seal);
        opened(&self.place, &self.seals, state, slot, seal, bundle)
    }

    /// What the envelopes are now. Shares that were given stay as long as they are of use.
    fn read_anew(&self) -> Result<SealState, SealFailure> {
        let found = seal_file::load(self.place.envelopes().as_ref())?;
        let mut state = self.state.lock();
        let Some(found) = found.filter(|found| found != &*state) else {
            return Ok(state.clone());
        };
        let mut before = std::mem::take(&mut *self.collectors.lock());
        let mut anew = collectors(&found, &self.seals)?;
        for (slot, collector) in &mut anew {
            // The end of a migration moves an envelope to another slot.
            let wanted = envelope(&found, *slot);
            let given = before
                .iter_mut()
                .find(|(one, _)| envelope(&state, *one) == wanted);
            if let Some((_, given)) = given {
                std::mem::swap(collector, given);
            }
        }
        *self.collectors.lock() = anew;
        *state = found.clone();
        Ok(found)
    }
}

/// For the shares of each envelope of `state` that has any.
fn collectors(state: &SealState, seals: &Seals) -> Result<Vec<(Slot, Collector)>, SealFailure> {
    [Slot::Current, Slot::Pending, Slot::Recovery]
        .into_iter()
        .filter_map(|slot| Some((slot, envelope(state, slot)?)))
        .filter(|(_, envelope)| envelope.kind == SealKind::Shamir)
        .map(|(slot, envelope)| Ok((slot, Collector::of(envelope, Arc::clone(&seals.entropy))?)))
        .collect()
}

fn envelope(state: &SealState, slot: Slot) -> Option<&Envelope> {
    match slot {
        Slot::Current => Some(&state.current),
        Slot::Pending => state.pending.as_ref(),
        Slot::Recovery => state.recovery.as_ref(),
    }
}
