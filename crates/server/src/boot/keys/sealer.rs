//! The ring as the store of one of several nodes seals with it.

use super::Keys;
use base::{Context, Plaintext, Renewal, SealError, Sealed, Sealer};
use seal::KeyRing;
use std::sync::Arc;

/// Seals and opens with the ring, and takes in the keys that other nodes made when one is missed.
pub(super) struct SharedRing {
    ring: Arc<KeyRing>,
    keys: Arc<Keys>,
}

impl SharedRing {
    pub(super) fn of(keys: &Arc<Keys>) -> Self {
        Self {
            ring: keys.ring(),
            keys: Arc::clone(keys),
        }
    }
}

impl Sealer for SharedRing {
    fn seal(&self, context: Context<'_>, plaintext: &[u8]) -> Result<Sealed, SealError> {
        self.ring.seal(context, plaintext)
    }

    fn open(&self, context: Context<'_>, sealed: &[u8]) -> Result<Plaintext, SealError> {
        self.ring.open(context, sealed)
    }

    fn needs_reseal(&self, sealed: &[u8]) -> bool {
        self.ring.needs_reseal(sealed)
    }

    fn renew(&self) -> Option<Renewal<'_>> {
        Some(Box::pin(async { Ok(self.keys.renew().await?) }))
    }
}
