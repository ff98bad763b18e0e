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
            None => self.keep(make()?),
        };
        let parameters = held.parameters.clone();
        Envelope::under(&held.key.aead()?, kind, parameters, bundle, entropy)
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

    fn keep(&self, key: HeldKey) -> Arc<HeldKey> {
        let key = Arc::new(key);
        *self.0.lock() = Some(Arc::clone(&key));
        key
    }
}
