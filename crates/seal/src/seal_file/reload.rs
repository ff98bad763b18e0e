//! Taking over what another node wrote.

use super::{InForce, Keeper, SealState};
use crate::seals::Seal;
use crate::{RootBundle, SealFailure, SealKind};
use std::sync::Arc;

/// Makes the seal of a kind as it is set up here. `None`: it is not, or somebody would have to be
/// asked.
pub type Again<'a> = &'a dyn Fn(SealKind) -> Result<Option<Arc<dyn Seal>>, SealFailure>;

/// What became of the envelopes since they were read.
pub enum Reloaded {
    /// Nothing.
    Same,
    /// Another node wrote them, and they hold this bundle.
    Changed(RootBundle),
}

impl Keeper {
    /// Reads what another node may have written meanwhile, where there are other nodes. What nothing
    /// here opens is tried once: only who starts anew has another seal.
    ///
    /// INVARIANT: what is written next is wrapped by what opened the envelope that it takes the place
    /// of. So a node that missed a migration never puts the old seal back into force.
    ///
    /// # Errors
    /// [`SealFailure::Shut`] when it does not open here: then nothing is taken over, and whatever
    /// would be written is refused with [`SealFailure::Changed`].
    /// [`SealFailure::Bundle`] when it holds no later bundle than `in_use`: somebody played back what
    /// was there before.
    pub fn reload(
        &mut self,
        in_use: &RootBundle,
        again: Again<'_>,
    ) -> Result<Reloaded, SealFailure> {
        if !self.envelopes.is_shared() {
            return Ok(Reloaded::Same);
        }
        let before = self.state.as_ref().map(|state| state.stored.as_slice());
        let content = match (self.envelopes.read()?, before) {
            (Some(content), Some(before)) if content == before => return Ok(Reloaded::Same),
            (None, None) => return Ok(Reloaded::Same),
            (None, Some(_)) => return Err(SealFailure::Gone),
            (Some(content), _) => content,
        };
        let is_known = self.shut.as_ref() == Some(&content);
        let state = SealState::read(content, self.envelopes.as_ref())?;
        if is_known {
            return Err(SealFailure::Shut(state.current.kind));
        }
        let Some((in_force, bundle)) = self.opener(&state, again) else {
            let kind = state.current.kind;
            self.shut = Some(state.stored);
            return Err(SealFailure::Shut(kind));
        };
        bundle.with_those_of(in_use)?;
        self.take_over(state, in_force, &bundle);
        Ok(Reloaded::Changed(bundle))
    }

    /// What opens `state`: what has opened before, or else what is set up here now.
    fn opener(&self, state: &SealState, again: Again<'_>) -> Option<(InForce, RootBundle)> {
        let own = match &self.in_force {
            InForce::Seal(seal) => Some(Arc::clone(seal)),
            InForce::RecoveredBy(_) => None,
        };
        // A migration that was begun here may have been ended elsewhere.
        for seal in [own, self.next.clone()].into_iter().flatten() {
            if let Ok(bundle) = seal.unwrap(&state.current) {
                return Some((InForce::Seal(seal), bundle));
            }
        }
        if let Ok(Some(seal)) = again(state.current.kind)
            && let Ok(bundle) = seal.unwrap(&state.current)
        {
            return Some((InForce::Seal(seal), bundle));
        }
        match (&self.in_force, &state.recovery) {
            (InForce::RecoveredBy(seal), Some(recovery)) => {
                let bundle = seal.unwrap(recovery).ok()?;
                Some((InForce::RecoveredBy(Arc::clone(seal)), bundle))
            }
            _ => None,
        }
    }

    fn take_over(&mut self, state: SealState, in_force: InForce, bundle: &RootBundle) {
        let pending = |state: &SealState| state.pending.clone();
        let is_same_migration = self.state.as_ref().and_then(pending) == pending(&state);
        if !is_same_migration {
            // They were given for the envelope before.
            self.collector = None;
        }
        self.next = self.next.take().filter(|next| {
            let opened = state.pending.as_ref().map(|pending| next.unwrap(pending));
            matches!(opened, Some(Ok(opened)) if opened.is_same_as(bundle))
        });
        self.in_force = in_force;
        self.state = Some(state);
        self.shut = None;
    }
}
