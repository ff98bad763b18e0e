//! The root keys and the key ring of a running server: rotating, migrating, sealing anew.
//!
//! Every step leaves a data directory that opens:
//! - rotating the root key: `seal.json` has the new key beside the old one; the new key is used; the
//!   ring is sealed under it. A start that finds the ring under an older key seals it anew.
//! - migrating: `seal.json` has both seals; then the new one alone.
//! - dropping older root keys: only when several whole passes in a row found nothing under them, so
//!   far apart that no request is left that began before the rotation. What counts is what this
//!   process saw happen: the wall clock may step, and a machine may sleep.
//!
//! Beside other nodes ([`Keys::join`]) there is more to it:
//! - every change is one of what this process read last, or is decided again;
//! - a new key opens only, until every living node is known to have it. Then each begins to seal with
//!   it. Nothing stored says so: a node that starts has every key, and seals with what the others know;
//! - older root keys go only when every living node has sealed with the newest all that time. Who was
//!   taken for dead and was not keeps in memory what another node dropped, and seals anew what it had
//!   sealed under it.

mod bundle;
mod nodes;
mod passes;
mod resealing;
mod ring_store;
mod sealer;

pub(crate) use passes::KmsPass;
pub(crate) use ring_store::RingStoreError;

use super::opening::Opened;
use super::{BootError, Seals};
use crate::node::Node;
use base::{Clock, Entropy, Plaintext, SealError, Sealer};
use parking_lot::Mutex;
use passes::CleanPasses;
use ring_store::{New, StoredRing};
use seal::seal_file::{Keeper, SealState};
use seal::seals::Collected;
use seal::{BundleError, BundledKey, KeyRing, RingKey, RootBundle, RootKeys, Seal, SealFailure};
use seal::{RingError, SealKind};
use sealer::SharedRing;
use std::sync::{Arc, OnceLock};
use store::{Database, StoreError};
use tokio::sync::Notify;

/// The root keys and the ring.
pub(crate) struct Keys {
    roots: Arc<RootKeys>,
    ring: StoredRing,
    keeper: Arc<Mutex<Keeper>>,
    /// What the envelopes hold: the bundle of `roots`, but for keys that another node dropped.
    kept: Mutex<Arc<RootBundle>>,
    /// Whether other nodes write ring and envelopes too.
    is_shared: bool,
    seals: Seals,
    node: OnceLock<Arc<Node>>,
    /// The last trouble with other nodes' keys that was told.
    told: Mutex<String>,
    /// One change at a time.
    turn: tokio::sync::Mutex<()>,
    progress: Mutex<Progress>,
    /// Since the newest root key is the newest.
    clean: Mutex<CleanPasses>,
    nudge: Notify,
    database: Database,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// How far sealing anew is. `None`: not looked at since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Records under older keys of the ring.
    pub(crate) records: Option<u64>,
    /// KMS keys with material under older root keys.
    pub(crate) kms_keys: Option<u64>,
}

/// What may be told of the seal.
pub(crate) struct SealFacts {
    /// Which one is in force.
    pub(crate) kind: SealKind,
    /// What `seal.json` says.
    pub(crate) state: Option<SealState>,
    /// Whether only the recovery shares opened it.
    pub(crate) is_recovered: bool,
    /// The next seal of a migration that an earlier process left and that was not resumed.
    pub(crate) inherited: Option<SealKind>,
    /// The set of the shares that were given to resume it, and how many there are.
    pub(crate) collected: Option<(String, Collected)>,
}

/// Why a change of the keys was not made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeysError {
    /// The seal.
    #[error(transparent)]
    Seal(#[from] SealFailure),
    /// The ring.
    #[error(transparent)]
    Ring(#[from] RingError),
    /// The root keys.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The cipher failed.
    #[error(transparent)]
    Cipher(#[from] SealError),
    /// The ring in the store.
    #[error(transparent)]
    RingStore(#[from] RingStoreError),
    /// Something else in the store.
    #[error("cannot read or write the store")]
    Store(#[from] StoreError),
    /// The thread that talked to the seal died.
    #[error("the seal did not answer")]
    Died,
}

impl Keys {
    /// Opens the ring in `database`, or makes the first one.
    pub(super) async fn open(
        opened: Opened,
        database: Database,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, BootError> {
        let Opened {
            mut keeper,
            mut bundle,
            seals,
        } = opened;
        let is_shared = keeper.is_shared();
        let new = || New {
            clock: clock.as_ref(),
            entropy: &entropy,
        };
        let ring = match StoredRing::open(&database, &bundle, new()).await {
            Err(BootError::Ring(RingError::Seal(SealError::UnknownKey))) if is_shared => {
                // The root key may have been rotated since the envelopes were read.
                (keeper, bundle) = bundle::reloaded(keeper, bundle, &seals).await?;
                StoredRing::open(&database, &bundle, new()).await?
            }
            other => other?,
        };
        let (ring, roots) = if is_shared {
            (ring.held_back(), RootKeys::held_back(bundle.clone()))
        } else {
            (ring, RootKeys::new(bundle.clone()))
        };
        let keys = Self {
            roots: Arc::new(roots),
            ring,
            keeper: Arc::new(Mutex::new(keeper)),
            kept: Mutex::new(Arc::new(bundle)),
            is_shared,
            seals,
            node: OnceLock::new(),
            told: Mutex::default(),
            turn: tokio::sync::Mutex::new(()),
            progress: Mutex::new(Progress::default()),
            clean: Mutex::new(CleanPasses::default()),
            nudge: Notify::new(),
            database,
            clock,
            entropy,
        };
        if !is_shared {
            // Left by a rotation of the root key that did not get so far.
            keys.ring.reseal(&keys.roots).await?;
        }
        Ok(keys)
    }

    /// The root keys.
    pub(crate) fn roots(&self) -> Arc<RootKeys> {
        Arc::clone(&self.roots)
    }

    /// The ring.
    pub(crate) fn ring(&self) -> Arc<KeyRing> {
        Arc::clone(self.ring.ring())
    }

    /// The ring as the store seals with it.
    pub(crate) fn sealer(self: &Arc<Self>) -> Arc<dyn Sealer> {
        if self.is_shared {
            Arc::new(SharedRing::of(self))
        } else {
            self.ring()
        }
    }

    /// The keys of the ring, oldest first.
    pub(crate) fn list(&self) -> Vec<RingKey> {
        self.ring.ring().keys()
    }

    /// The root keys, oldest first.
    pub(crate) fn list_roots(&self) -> Vec<BundledKey> {
        self.roots.keys()
    }

    /// The number of the root key that seals.
    pub(crate) fn sealing_root(&self) -> u32 {
        self.roots.sealing()
    }

    /// How far sealing anew is.
    pub(crate) fn progress(&self) -> Progress {
        *self.progress.lock()
    }

    /// The seal.
    pub(crate) fn seal(&self) -> SealFacts {
        let keeper = self.keeper.lock();
        SealFacts {
            kind: keeper.kind(),
            state: keeper.state().cloned(),
            is_recovered: keeper.is_recovered(),
            inherited: keeper.inherited(),
            collected: keeper
                .collected()
                .map(|(set, collected)| (set.to_owned(), collected)),
        }
    }

    /// Adds a key to the ring, which seals from now on, or from when every living node has it.
    ///
    /// INVARIANT: the ring is in the store before it is used, so a crash at any point leaves every
    /// record with its key.
    pub(crate) async fn rotate(&self) -> Result<(), KeysError> {
        let _turn = self.turn.lock().await;
        self.reload_bundle().await?;
        self.ring.rotate(&self.roots, self.clock.now()).await?;
        self.look_and_settle().await
    }

    /// Makes a new root key, which seals from now on, or from when every living node has it.
    pub(crate) async fn rotate_root(&self) -> Result<(), KeysError> {
        let _turn = self.turn.lock().await;
        let (now, entropy) = (self.clock.now(), Arc::clone(&self.entropy));
        let next = self
            .change(move |keeper, bundle| {
                let next = bundle.rotated(Arc::clone(&entropy), now)?;
                keeper.replace_bundle(&next)?;
                Ok(next)
            })
            .await?;
        self.keep(next)?;
        self.look_and_settle().await
    }

    /// Lets `next` open the data directory too.
    pub(crate) async fn begin_migration(&self, next: Arc<dyn Seal>) -> Result<(), KeysError> {
        let _turn = self.turn.lock().await;
        self.change(move |keeper, bundle| keeper.begin_migration(Arc::clone(&next), bundle))
            .await
    }

    /// Goes on with a migration that an earlier process left: `next` is its next seal.
    pub(crate) async fn resume_migration(&self, next: Arc<dyn Seal>) -> Result<(), KeysError> {
        let _turn = self.turn.lock().await;
        self.change(move |keeper, bundle| keeper.resume_migration(Arc::clone(&next), bundle))
            .await
    }

    /// Takes one share of the next seal; enough of them resume the migration to it.
    pub(crate) async fn give_share(&self, share: Plaintext) -> Result<Collected, KeysError> {
        let _turn = self.turn.lock().await;
        self.change(move |keeper, bundle| keeper.give_share(share.expose(), bundle))
            .await
    }

    /// Leaves the data directory to the seal of the migration that was begun.
    pub(crate) async fn finish_migration(&self) -> Result<(), KeysError> {
        let _turn = self.turn.lock().await;
        self.change(|keeper, bundle| keeper.finish_migration(bundle))
            .await
    }

    /// Leaves the data directory to the seal in force.
    pub(crate) async fn abandon_migration(&self) -> Result<(), KeysError> {
        let _turn = self.turn.lock().await;
        self.change(|keeper, bundle| keeper.abandon_migration(bundle))
            .await
    }

    /// Makes recovery shares, which are shown once.
    pub(crate) async fn make_recovery(
        &self,
        shares: u8,
        threshold: u8,
    ) -> Result<Vec<Plaintext>, KeysError> {
        let _turn = self.turn.lock().await;
        let (bundle, shares) = self
            .change(move |keeper, bundle| keeper.make_recovery(bundle, shares, threshold))
            .await?;
        self.keep(bundle)?;
        Ok(shares)
    }

    /// Takes the recovery shares out of force.
    pub(crate) async fn remove_recovery(&self) -> Result<(), KeysError> {
        let _turn = self.turn.lock().await;
        let bundle = self
            .change(|keeper, bundle| keeper.remove_recovery(bundle))
            .await?;
        self.keep(bundle)
    }

    /// Runs `act` where it may block: on a token, a program or a slow hash.
    async fn with_keeper<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Keeper) -> Result<T, SealFailure> + Send + 'static,
    ) -> Result<T, KeysError> {
        let keeper = Arc::clone(&self.keeper);
        let done = tokio::task::spawn_blocking(move || act(&mut keeper.lock())).await;
        Ok(done.map_err(|_| KeysError::Died)??)
    }
}

#[cfg(test)]
mod tests;
