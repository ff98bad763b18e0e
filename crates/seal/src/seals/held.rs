use crate::key_bytes::KeyBytes;
use crate::{Envelope, Parameters, RootBundle, SealFailure, SealKind};
use base::Entropy;
use parking_lot::Mutex;
use std::sync::Arc;

/// The key with which a seal wrapped or opened last, so that it can wrap again.
///
/// SECURITY: whoever may read this key in memory may read the root keys there as well.
#[derive(Default)]
pub(super) struct Held(Mutex<Option<Arc<HeldKey>>>);

pub(super) struct HeldKey {
    pub(super) key: KeyBytes,
    pub(super) parameters: Parameters,
}

impl Held {
    pub(super) fn with(key: KeyBytes, parameters: Parameters) -> Self {
        Self(Mutex::new(Some(Arc::new(HeldKey { key, parameters }))))
    }

    /// Wraps with the key that is held, or with the one that `make` gives.
    ///
    /// SECURITY: that one is held only once it opened something: whoever opens the envelope to try it
    /// has to get the key from where it will come from at the next start.
    pub(super) fn wrap(
        &self,
        kind: SealKind,
        bundle: &RootBundle,
        entropy: &dyn Entropy,
        make: impl FnOnce() -> Result<HeldKey, SealFailure>,
    ) -> Result<Envelope, SealFailure> {
        let held = self.0.lock().clone();
        let held = match held {
            Some(held) => held,
            None => Arc::new(make()?),
        };
        let parameters = held.parameters.clone();
        Envelope::under(&held.key.aead()?, kind, parameters, bundle, entropy)
    }

    /// The same, where the key is held from then on: it is made of what can be asked for but once.
    pub(super) fn wrap_and_keep(
        &self,
        kind: SealKind,
        bundle: &RootBundle,
        entropy: &dyn Entropy,
        make: impl FnOnce() -> Result<HeldKey, SealFailure>,
    ) -> Result<Envelope, SealFailure> {
        let is_held = self.0.lock().is_some();
        if !is_held {
            self.keep(make()?);
        }
        self.wrap(kind, bundle, entropy, || Err(SealFailure::NotAtHand(kind)))
    }

    /// Opens with the key that is held when it is that of `envelope`, or with the one that `make`
    /// gives, which is held from then on if it opened.
    pub(super) fn unwrap(
        &self,
        envelope: &Envelope,
        entropy: &Arc<dyn Entropy>,
        make: impl FnOnce() -> Result<KeyBytes, SealFailure>,
    ) -> Result<RootBundle, SealFailure> {
        let held = self.0.lock().clone();
        if let Some(held) = held.filter(|held| held.parameters == envelope.parameters) {
            return envelope.opened(&held.key.aead()?, entropy);
        }
        let key = make()?;
        let bundle = envelope.opened(&key.aead()?, entropy)?;
        let parameters = envelope.parameters.clone();
        self.keep(HeldKey { key, parameters });
        Ok(bundle)
    }

    fn keep(&self, key: HeldKey) {
        *self.0.lock() = Some(Arc::new(key));
    }
}
