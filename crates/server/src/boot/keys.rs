//! The root key and the key ring that it seals.

use super::{BootError, Layout};
use crate::files;
use base::{Clock, Entropy};
use seal::{KeyRing, RingKey, RootKey};
use std::sync::Arc;
use store::Database;

/// The root key and the ring.
pub(crate) struct Keys {
    root: Arc<RootKey>,
    ring: Arc<KeyRing>,
    database: Database,
    clock: Arc<dyn Clock>,
}

impl Keys {
    /// Opens the ring in `database`, or makes the first one.
    pub(super) async fn open(
        root: RootKey,
        database: Database,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, BootError> {
        let ring = match database.meta(RING).await? {
            Some(sealed) => KeyRing::from_sealed(&root, &sealed, entropy)?,
            None => {
                let ring = KeyRing::generate(entropy, clock.now())?;
                let sealed = ring.to_sealed(&root)?;
                database.put_meta(RING, None, &sealed.0).await?;
                ring
            }
        };
        Ok(Self {
            root: Arc::new(root),
            ring: Arc::new(ring),
            database,
            clock,
        })
    }

    /// The root key.
    pub(crate) fn root(&self) -> Arc<RootKey> {
        Arc::clone(&self.root)
    }

    /// The ring.
    pub(crate) fn ring(&self) -> Arc<KeyRing> {
        Arc::clone(&self.ring)
    }

    /// The keys of the ring, oldest first.
    pub(crate) fn list(&self) -> Vec<RingKey> {
        self.ring.keys()
    }

    /// Which root key it is.
    pub(crate) fn fingerprint(&self) -> &str {
        self.root.fingerprint()
    }

    /// Adds a key to the ring, which seals from now on.
    ///
    /// INVARIANT: the ring is in the store before it is used, so a crash at any point leaves every
    /// record with its key.
    pub(crate) async fn rotate(&self) -> Result<(), BootError> {
        let rotated = self.ring.prepare_rotation(&self.root, self.clock.now())?;
        let stored = self.database.meta(RING).await?;
        self.database
            .put_meta(RING, stored.as_deref(), &rotated.sealed().0)
            .await?;
        rotated.install();
        Ok(())
    }
}

/// The root key of the data directory. Made when there is neither key nor store.
pub(super) fn root_key(layout: &Layout, entropy: Arc<dyn Entropy>) -> Result<RootKey, BootError> {
    let key = layout.root_key();
    let has_key = files::is_there(&key)?;
    if !files::is_there(&layout.store())? {
        let credentials = layout.aws_credentials();
        if files::is_there(&credentials)? {
            return Err(BootError::NoStore {
                store: layout.store(),
                credentials,
            });
        }
        if !has_key {
            seal::file::create(&key, &RootKey::generate(Arc::clone(&entropy))?)?;
        }
    } else if !has_key {
        return Err(BootError::NoRootKey {
            key,
            store: layout.store(),
        });
    }
    Ok(seal::file::load(&key, entropy)?)
}

const RING: &str = "key_ring";
