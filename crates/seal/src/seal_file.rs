//! `seal.json`: the envelopes of a deployment, and how one takes the place of another. They are in a
//! file of the data directory, or in a store that several nodes share ([`Envelopes`]).
//!
//! Rules kept here: every change is one atomic replacement of what this process read before, so that
//! after a crash there is what was before or after it, and of two nodes one is told that the other
//! was quicker; a new envelope is opened again before it takes the place of
//! another; a data directory without the file is sealed by its root key file; whoever was given a way
//! to open the next seal keeps it until an operator begins again or gives the migration up; a
//! migration that an earlier process left goes on once its next seal opened what it wrapped.
//!
//! ```text
//! migration:   current=A            → current=A pending=B → current=B
//! rotation:    current=A(k1)        → current=A(k1,k2)      → current=A(k2)
//! ```

use crate::seals::{self, Collected, Collector, Seal};
use crate::{Envelope, Envelopes, Fingerprint, RootBundle, SealFailure, SealKind};
use base::{Entropy, Plaintext};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

mod reload;

pub use reload::{Again, Reloaded};

/// What `seal.json` says. Nothing of it is secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealState {
    version: u16,
    /// The root keys that every envelope holds, oldest first, to be shown while sealed.
    pub keys: Vec<String>,
    /// The seal in force.
    pub current: Envelope,
    /// During a migration: the seal that comes after it. Opens the same root keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Envelope>,
    /// For the recovery shares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<Envelope>,
    #[serde(skip)]
    stored: Vec<u8>,
}

/// Reads what is in `envelopes`. `None` when there is nothing.
pub fn load(envelopes: &dyn Envelopes) -> Result<Option<SealState>, SealFailure> {
    let content = envelopes.read()?;
    content
        .map(|content| SealState::read(content, envelopes))
        .transpose()
}

impl SealState {
    /// Reads `content`, which is from `envelopes`.
    pub fn read(content: Vec<u8>, envelopes: &dyn Envelopes) -> Result<Self, SealFailure> {
        let unknown = |error: serde_json::Error| envelopes.unknown(error.to_string());
        let Version { version } = serde_json::from_slice(&content).map_err(unknown)?;
        if version != VERSION {
            return Err(envelopes.unknown(format!("it has the form {version}")));
        }
        let mut state: Self = serde_json::from_slice(&content).map_err(unknown)?;
        state.stored = content;
        Ok(state)
    }

    /// As it is stored, by which a change of it is told.
    pub fn stored(&self) -> &[u8] {
        &self.stored
    }

    fn to_content(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut content = serde_json::to_vec_pretty(self)?;
        content.push(b'\n');
        Ok(content)
    }
}

#[derive(Deserialize)]
struct Version {
    version: u16,
}

/// The open seal of a data directory.
pub struct Keeper {
    envelopes: Arc<dyn Envelopes>,
    state: Option<SealState>,
    in_force: InForce,
    next: Option<Arc<dyn Seal>>,
    /// Shares of the next seal that were given so far.
    collector: Option<Collector>,
    /// What another node wrote and nothing here opened.
    shut: Option<Vec<u8>>,
    entropy: Arc<dyn Entropy>,
}

/// What wraps for the seal in force.
enum InForce {
    /// That seal.
    Seal(Arc<dyn Seal>),
    /// Nothing: the recovery shares opened, and the seal in force did not.
    RecoveredBy(Arc<dyn Seal>),
}

/// An envelope of [`SealState`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// That of the seal in force.
    Current,
    /// That of the seal that comes after it.
    Pending,
    /// That of the recovery shares.
    Recovery,
}

impl Keeper {
    /// For a data directory where nothing is in `envelopes`: `seal` has its only root key in a file,
    /// or is its first seal.
    pub fn without_file(
        envelopes: Arc<dyn Envelopes>,
        seal: Arc<dyn Seal>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self {
            envelopes,
            state: None,
            in_force: InForce::Seal(seal),
            next: None,
            collector: None,
            shut: None,
            entropy,
        }
    }

    /// For a data directory of which [`load`] gave `state`, and where `seal` opened what is at
    /// `slot` and found `bundle`. When that was the next seal, its migration is at its end. When it
    /// was the recovery shares, nothing can be written under the seal in force until a migration
    /// gives the data directory another one.
    pub fn opened(
        envelopes: Arc<dyn Envelopes>,
        state: SealState,
        slot: Slot,
        seal: Arc<dyn Seal>,
        entropy: Arc<dyn Entropy>,
        bundle: &RootBundle,
    ) -> Result<Self, SealFailure> {
        let mut keeper = Self::without_file(envelopes, Arc::clone(&seal), entropy);
        keeper.state = Some(state);
        match slot {
            Slot::Current => {}
            Slot::Pending => {
                keeper.next = Some(seal);
                keeper.finish_migration(bundle)?;
            }
            Slot::Recovery => keeper.in_force = InForce::RecoveredBy(seal),
        }
        Ok(keeper)
    }

    /// Whether other nodes write the envelopes too.
    pub fn is_shared(&self) -> bool {
        self.envelopes.is_shared()
    }

    /// Whether only the recovery shares opened it.
    pub fn is_recovered(&self) -> bool {
        matches!(self.in_force, InForce::RecoveredBy(_))
    }

    /// What the file says. `None`: there is none, and the root key file has the only root key.
    pub fn state(&self) -> Option<&SealState> {
        self.state.as_ref()
    }

    /// The kind of what opened it: of the seal in force, or of the recovery shares.
    pub fn kind(&self) -> SealKind {
        match &self.in_force {
            InForce::Seal(seal) | InForce::RecoveredBy(seal) => seal.kind(),
        }
    }

    /// Writes `bundle` in the place of the one before, under the seal in force and for the recovery
    /// shares. A migration that was begun goes on with it. One that an earlier process left refuses
    /// it, since nothing here can wrap the new bundle for it before [`Keeper::resume_migration`].
    pub fn replace_bundle(&mut self, bundle: &RootBundle) -> Result<(), SealFailure> {
        let current = self.under_current(bundle)?;
        let pending = self.under_next(bundle)?;
        let recovery = self.recovery_for(bundle)?;
        self.write(bundle, current, pending, recovery)
    }

    /// Begins a migration: from now on `next` opens the data directory too.
    pub fn begin_migration(
        &mut self,
        next: Arc<dyn Seal>,
        bundle: &RootBundle,
    ) -> Result<(), SealFailure> {
        let pending = self.verified(next.as_ref(), bundle)?;
        let (current, recovery) = match &self.state {
            Some(state) => (state.current.clone(), state.recovery.clone()),
            None => (self.under_current(bundle)?, None),
        };
        self.write(bundle, current, Some(pending), recovery)?;
        self.next = Some(next);
        Ok(())
    }

    /// Goes on with the migration that was begun, of this process or an earlier one: `next` is its
    /// next seal, and shows it by opening what was wrapped for it.
    ///
    /// SECURITY: what it opens must be the bundle in force. An envelope of an earlier migration that
    /// somebody put in the place of this one's is refused.
    pub fn resume_migration(
        &mut self,
        next: Arc<dyn Seal>,
        bundle: &RootBundle,
    ) -> Result<(), SealFailure> {
        let opened = next.unwrap(self.pending()?)?;
        if !opened.is_same_as(bundle) {
            return Err(SealFailure::OtherKeys(next.kind()));
        }
        self.next = Some(next);
        Ok(())
    }

    /// Takes one share of the next seal. When there are enough of them, the migration goes on as by
    /// [`Keeper::resume_migration`]. An error leaves the shares that were given before, unless all
    /// of them together open nothing.
    pub fn give_share(
        &mut self,
        text: &[u8],
        bundle: &RootBundle,
    ) -> Result<Collected, SealFailure> {
        let mut collector = match self.collector.take() {
            Some(collector) => collector,
            None => Collector::of(self.pending()?, Arc::clone(&self.entropy))?,
        };
        let collected = match collector.add(text) {
            Ok(collected) if collected.is_enough() => collected,
            other => {
                self.collector = Some(collector);
                return Ok(other?);
            }
        };
        let (seal, _) = collector.open()?;
        self.resume_migration(Arc::new(seal), bundle)?;
        Ok(collected)
    }

    /// Ends a migration: from now on only the new seal opens the data directory.
    pub fn finish_migration(&mut self, bundle: &RootBundle) -> Result<(), SealFailure> {
        self.refuse_inherited()?;
        let pending = self.pending()?.clone();
        let next = self.next.clone().ok_or(SealFailure::NoMigration)?;
        let recovery = self.state.as_ref().and_then(|state| state.recovery.clone());
        self.write(bundle, pending, None, recovery)?;
        self.in_force = InForce::Seal(next);
        self.next = None;
        Ok(())
    }

    /// Gives a migration up, whoever began it: the next seal opens nothing any more.
    pub fn abandon_migration(&mut self, bundle: &RootBundle) -> Result<(), SealFailure> {
        let state = self.state.as_ref().filter(|state| state.pending.is_some());
        let Some(state) = state else {
            return Err(SealFailure::NoMigration);
        };
        let (current, recovery) = (state.current.clone(), state.recovery.clone());
        self.write(bundle, current, None, recovery)?;
        self.next = None;
        Ok(())
    }

    /// The next seal of a migration that an earlier process left and that was not resumed. Nothing
    /// here can wrap for it.
    pub fn inherited(&self) -> Option<SealKind> {
        let pending = self.state.as_ref()?.pending.as_ref()?;
        self.next.is_none().then_some(pending.kind)
    }

    /// How many shares of the next seal were given, and what stands in each of them.
    pub fn collected(&self) -> Option<(&str, Collected)> {
        let collector = self.collector.as_ref()?;
        Some((collector.set(), collector.collected()))
    }

    /// Makes new recovery shares, which are shown once, and gives the bundle that has their key.
    /// Earlier ones are good for nothing any more.
    pub fn make_recovery(
        &mut self,
        bundle: &RootBundle,
        shares: u8,
        threshold: u8,
    ) -> Result<(RootBundle, Vec<Plaintext>), SealFailure> {
        let (bundle, recovery, texts) =
            seals::recovery_envelope(bundle, shares, threshold, &self.entropy)?;
        let current = self.under_current(&bundle)?;
        let pending = self.under_next(&bundle)?;
        self.write(&bundle, current, pending, Some(recovery))?;
        Ok((bundle, texts))
    }

    /// Takes the recovery shares out of force, and gives the bundle without their key.
    pub fn remove_recovery(&mut self, bundle: &RootBundle) -> Result<RootBundle, SealFailure> {
        let bundle = bundle.with_recovery(None);
        let current = self.under_current(&bundle)?;
        let pending = self.under_next(&bundle)?;
        self.write(&bundle, current, pending, None)?;
        Ok(bundle)
    }

    fn pending(&self) -> Result<&Envelope, SealFailure> {
        let pending = self.state.as_ref().and_then(|state| state.pending.as_ref());
        pending.ok_or(SealFailure::NoMigration)
    }

    fn recovery_for(&self, bundle: &RootBundle) -> Result<Option<Envelope>, SealFailure> {
        let old = self
            .state
            .as_ref()
            .and_then(|state| state.recovery.as_ref());
        old.map(|old| seals::rewrap_recovery(old, bundle, self.entropy.as_ref()))
            .transpose()
    }

    fn under_current(&self, bundle: &RootBundle) -> Result<Envelope, SealFailure> {
        match &self.in_force {
            InForce::Seal(seal) => self.verified(seal.as_ref(), bundle),
            InForce::RecoveredBy(_) => Err(SealFailure::Recovered),
        }
    }

    /// INVARIANT: no envelope is left out of a change of the bundle, or dropped by it.
    fn under_next(&self, bundle: &RootBundle) -> Result<Option<Envelope>, SealFailure> {
        self.refuse_inherited()?;
        let next = self.next.as_ref();
        next.map(|next| self.verified(next.as_ref(), bundle))
            .transpose()
    }

    fn refuse_inherited(&self) -> Result<(), SealFailure> {
        match self.inherited() {
            Some(kind) => Err(SealFailure::Inherited(kind)),
            None => Ok(()),
        }
    }

    /// The envelope of `bundle` under `seal`.
    ///
    /// INVARIANT: it opens, and holds what it should, before anything relies on it.
    fn verified(&self, seal: &dyn Seal, bundle: &RootBundle) -> Result<Envelope, SealFailure> {
        let envelope = seal.wrap(bundle)?;
        let opened = seal.unwrap(&envelope)?;
        if !opened.is_same_as(bundle) {
            return Err(SealFailure::WrongKey(seal.kind()));
        }
        Ok(envelope)
    }

    fn write(
        &mut self,
        bundle: &RootBundle,
        current: Envelope,
        pending: Option<Envelope>,
        recovery: Option<Envelope>,
    ) -> Result<(), SealFailure> {
        let mut state = SealState {
            version: VERSION,
            keys: names_of(bundle),
            current,
            pending,
            recovery,
            stored: Vec::new(),
        };
        let content = state.to_content();
        let content = content.map_err(|error| self.envelopes.unknown(error.to_string()))?;
        let before = self.state.as_ref().map(SealState::stored);
        self.envelopes.replace(before, &content)?;
        state.stored = content;
        self.state = Some(state);
        // They were given for the envelope before.
        self.collector = None;
        Ok(())
    }
}

fn names_of(bundle: &RootBundle) -> Vec<String> {
    let keys = bundle.keys();
    let names = keys
        .iter()
        .map(|key| Fingerprint::to_string(&key.fingerprint));
    names.collect()
}

const VERSION: u16 = 1;

#[cfg(test)]
mod tests;
