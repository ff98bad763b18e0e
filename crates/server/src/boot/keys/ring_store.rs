//! The ring and its sealed bytes in the store.
//!
//! INVARIANT: the ring in the store is replaced only in the place of the bytes whose keys are all in the
//! ring here. So no key that any node ever stored is lost, and no id is given twice: whoever was
//! slower takes in what the other wrote, and decides again.

use crate::boot::BootError;
use crate::boot::place::{RING, put};
use base::{Clock, Entropy, Timestamp};
use seal::{KeyRing, RingError, RootBundle, RootKeys};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::{Database, StoreError};
use tokio::sync::Mutex;

/// The ring of a process, and what the store had when it was last looked at.
pub(super) struct StoredRing {
    ring: Arc<KeyRing>,
    database: Database,
    /// The sealed bytes that the ring here was made of, or has taken in, or has become.
    loaded: Mutex<Vec<u8>>,
    /// How many looks began, and the last of them that ended well.
    began: AtomicU64,
    ended: AtomicU64,
}

/// Why the ring was not stored or read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RingStoreError {
    /// The ring.
    #[error(transparent)]
    Ring(#[from] RingError),
    /// The store.
    #[error("cannot read or store the key ring")]
    Store(#[from] StoreError),
    /// There was one.
    #[error("the key ring is gone from the store: put it back from your backup")]
    Gone,
}

/// What a first ring is made of.
pub(super) struct New<'a> {
    pub(super) clock: &'a dyn Clock,
    pub(super) entropy: &'a Arc<dyn Entropy>,
}

impl StoredRing {
    /// Opens the ring in `database` with `bundle`, or makes the first one. Of several nodes that do so
    /// at once one makes it.
    pub(super) async fn open(
        database: &Database,
        bundle: &RootBundle,
        new: New<'_>,
    ) -> Result<Self, BootError> {
        for _ in 0..TRIES {
            let entropy = Arc::clone(new.entropy);
            if let Some(sealed) = database.meta(RING).await? {
                let ring = KeyRing::from_sealed(bundle, &sealed, entropy)?;
                return Ok(Self::of(database, ring, sealed));
            }
            let ring = KeyRing::generate(entropy, new.clock.now())?;
            let sealed = ring.to_sealed(bundle.key(bundle.oldest_number())?)?.0;
            match put(database, RING, None, &sealed).await {
                Ok(()) => return Ok(Self::of(database, ring, sealed)),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }

    fn of(database: &Database, ring: KeyRing, sealed: Vec<u8>) -> Self {
        Self {
            ring: Arc::new(ring),
            database: database.clone(),
            loaded: Mutex::new(sealed),
            began: AtomicU64::new(0),
            ended: AtomicU64::new(0),
        }
    }

    /// The same, where other nodes may not know the newest keys: the oldest one seals.
    pub(super) fn held_back(self) -> Self {
        match Arc::try_unwrap(self.ring) {
            Ok(ring) => Self {
                ring: Arc::new(ring.held_back()),
                ..self
            },
            Err(ring) => Self { ring, ..self },
        }
    }

    /// The ring.
    pub(super) fn ring(&self) -> &Arc<KeyRing> {
        &self.ring
    }

    /// Takes in what other nodes stored. Who waits meanwhile shares a look that began later than the
    /// wait.
    pub(super) async fn refresh(&self, roots: &RootKeys) -> Result<(), RingStoreError> {
        let known = self.began.load(Ordering::Acquire);
        let mut loaded = self.loaded.lock().await;
        if self.ended.load(Ordering::Acquire) > known {
            return Ok(());
        }
        let look = self.began.fetch_add(1, Ordering::AcqRel).saturating_add(1);
        let is_whole = self.take_in(&mut loaded, roots).await?;
        if !is_whole {
            self.write_back(&mut loaded, roots).await?;
        }
        self.ended.store(look, Ordering::Release);
        Ok(())
    }

    /// Adds a key, which opens from then on and does not seal yet.
    pub(super) async fn rotate(
        &self,
        roots: &RootKeys,
        now: Timestamp,
    ) -> Result<(), RingStoreError> {
        let mut loaded = self.loaded.lock().await;
        for _ in 0..TRIES {
            let bundle = roots.bundle();
            let root = bundle.key(roots.sealing()).map_err(RingError::from)?;
            let rotated = self.ring.prepare_rotation(root, now)?;
            let sealed = rotated.sealed().0.clone();
            match put(&self.database, RING, Some(&loaded), &sealed).await {
                Ok(()) => {
                    rotated.hold()?;
                    *loaded = sealed;
                    return Ok(());
                }
                Err(StoreError::Conflict) => drop(rotated),
                Err(error) => return Err(error.into()),
            }
            self.take_in(&mut loaded, roots).await?;
        }
        Err(StoreError::Conflict.into())
    }

    /// Seals the stored ring under the root key that seals now, if it is under an older one.
    pub(super) async fn reseal(&self, roots: &RootKeys) -> Result<(), RingStoreError> {
        let mut loaded = self.loaded.lock().await;
        if roots.bundle().is_older(&loaded, roots.sealing()) {
            self.write_back(&mut loaded, roots).await?;
        }
        Ok(())
    }

    /// Whether the stored ring has all keys of the one here.
    async fn take_in(
        &self,
        loaded: &mut Vec<u8>,
        roots: &RootKeys,
    ) -> Result<bool, RingStoreError> {
        let stored = self
            .database
            .meta(RING)
            .await?
            .ok_or(RingStoreError::Gone)?;
        if stored == *loaded {
            return Ok(true);
        }
        let is_whole = self.ring.merge(&roots.bundle(), &stored)?;
        *loaded = stored;
        Ok(is_whole)
    }

    /// Stores every key of the ring here, under the root key that seals now.
    async fn write_back(
        &self,
        loaded: &mut Vec<u8>,
        roots: &RootKeys,
    ) -> Result<(), RingStoreError> {
        for _ in 0..TRIES {
            let bundle = roots.bundle();
            let root = bundle.key(roots.sealing()).map_err(RingError::from)?;
            let sealed = self.ring.to_sealed(root).map_err(RingError::from)?.0;
            match put(&self.database, RING, Some(loaded), &sealed).await {
                Ok(()) => {
                    *loaded = sealed;
                    return Ok(());
                }
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
            let is_whole = self.take_in(loaded, roots).await?;
            if is_whole && !roots.bundle().is_older(loaded, roots.sealing()) {
                return Ok(());
            }
        }
        Err(StoreError::Conflict.into())
    }
}

/// More than other nodes can come between.
const TRIES: u32 = 16;
