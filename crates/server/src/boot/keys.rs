//! The root keys and the key ring of a running server: rotating, migrating, sealing anew.
//!
//! Every step leaves a data directory that opens:
//! - rotating the root key: `seal.json` has the new key beside the old one; the new key is used; the
//!   ring is sealed under it. A start that finds the ring under an older key seals it anew.
//! - migrating: `seal.json` has both seals; then the new one alone.
//! - dropping older root keys: only when several whole passes in a row found nothing under them, so
//!   far apart that no request is left that began before the rotation. What counts is what this
//!   process saw happen: the wall clock may step, and a machine may sleep.

mod passes;

pub(crate) use passes::KmsPass;

use super::BootError;
use super::opening::Opened;
use base::{Clock, Entropy, Plaintext, SealError};
use parking_lot::Mutex;
use passes::CleanPasses;
use seal::seal_file::{Keeper, SealState};
use seal::seals::Collected;
use seal::{BundleError, BundledKey, KeyRing, RingKey, RootKeys, Seal, SealFailure};
use seal::{RingError, SealKind};
use std::sync::Arc;
use std::time::Duration;
use store::{Database, StoreError};
use tokio::sync::Notify;
use tokio::time::timeout;

/// The root keys and the ring.
pub(crate) struct Keys {
    roots: Arc<RootKeys>,
    ring: Arc<KeyRing>,
    keeper: Arc<Mutex<Keeper>>,
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
    /// The ring could not be stored.
    #[error("cannot store the key ring")]
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
        let Opened { keeper, bundle } = opened;
        let ring = match database.meta(RING).await? {
            Some(sealed) => {
                let ring = KeyRing::from_sealed(&bundle, &sealed, Arc::clone(&entropy))?;
                // Left by a rotation of the root key that did not get so far.
                if bundle.needs_reseal(&sealed) {
                    let anew = ring.to_sealed(bundle.newest()?)?;
                    database.put_meta(RING, Some(&sealed), &anew.0).await?;
                }
                ring
            }
            None => {
                let ring = KeyRing::generate(Arc::clone(&entropy), clock.now())?;
                let sealed = ring.to_sealed(bundle.newest()?)?;
                database.put_meta(RING, None, &sealed.0).await?;
                ring
            }
        };
        Ok(Self {
            roots: Arc::new(RootKeys::new(bundle)),
            ring: Arc::new(ring),
            keeper: Arc::new(Mutex::new(keeper)),
            turn: tokio::sync::Mutex::new(()),
            progress: Mutex::new(Progress::default()),
            clean: Mutex::new(CleanPasses::default()),
            nudge: Notify::new(),
            database,
            clock,
            entropy,
        })
    }

    /// The root keys.
    pub(crate) fn roots(&self) -> Arc<RootKeys> {
        Arc::clone(&self.roots)
    }

    /// The ring.
    pub(crate) fn ring(&self) -> Arc<KeyRing> {
        Arc::clone(&self.ring)
    }

    /// The keys of the ring, oldest first.
    pub(crate) fn list(&self) -> Vec<RingKey> {
        self.ring.keys()
    }

    /// The root keys, oldest first.
    pub(crate) fn list_roots(&self) -> Vec<BundledKey> {
        self.roots.keys()
    }

    /// The number of the root key that seals.
    pub(crate) fn newest_root(&self) -> u32 {
        self.roots.keys().last().map_or(0, |newest| newest.number)
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

    /// Adds a key to the ring, which seals from now on.
    ///
    /// INVARIANT: the ring is in the store before it is used, so a crash at any point leaves every
    /// record with its key.
    pub(crate) async fn rotate(&self) -> Result<(), KeysError> {
        let _turn = self.turn.lock().await;
        let bundle = self.roots.bundle();
        let rotated = self
            .ring
            .prepare_rotation(bundle.newest()?, self.clock.now())?;
        self.store_ring(&rotated.sealed().0).await?;
        rotated.install();
        self.progress.lock().records = None;
        self.nudge.notify_one();
        Ok(())
    }

    /// Makes a new root key, which seals from now on.
    pub(crate) async fn rotate_root(&self) -> Result<(), KeysError> {
        let _turn = self.turn.lock().await;
        let next = self
            .roots
            .bundle()
            .rotated(Arc::clone(&self.entropy), self.clock.now())?;
        let kept = next.clone();
        self.with_keeper(move |keeper| keeper.replace_bundle(&kept))
            .await?;
        self.roots.install(next);
        self.reseal_ring().await?;
        self.progress.lock().kms_keys = None;
        self.nudge.notify_one();
        Ok(())
    }

    /// Lets `next` open the data directory too.
    pub(crate) async fn begin_migration(&self, next: Arc<dyn Seal>) -> Result<(), KeysError> {
        let _turn = self.turn.lock().await;
        let bundle = self.roots.bundle();
        self.with_keeper(move |keeper| keeper.begin_migration(next, &bundle))
            .await
    }

    /// Goes on with a migration that an earlier process left: `next` is its next seal.
    pub(crate) async fn resume_migration(&self, next: Arc<dyn Seal>) -> Result<(), KeysError> {
        let _turn = self.turn.lock().await;
        let bundle = self.roots.bundle();
        self.with_keeper(move |keeper| keeper.resume_migration(next, &bundle))
            .await
    }

    /// Takes one share of the next seal; enough of them resume the migration to it.
    pub(crate) async fn give_share(&self, share: Plaintext) -> Result<Collected, KeysError> {
        let _turn = self.turn.lock().await;
        let bundle = self.roots.bundle();
        self.with_keeper(move |keeper| keeper.give_share(share.expose(), &bundle))
            .await
    }

    /// Leaves the data directory to the seal of the migration that was begun.
    pub(crate) async fn finish_migration(&self) -> Result<(), KeysError> {
        let _turn = self.turn.lock().await;
        let bundle = self.roots.bundle();
        self.with_keeper(move |keeper| keeper.finish_migration(&bundle))
            .await
    }

    /// Leaves the data directory to the seal in force.
    pub(crate) async fn abandon_migration(&self) -> Result<(), KeysError> {
        let _turn = self.turn.lock().await;
        let bundle = self.roots.bundle();
        self.with_keeper(move |keeper| keeper.abandon_migration(&bundle))
            .await
    }

    /// Makes recovery shares, which are shown once.
    pub(crate) async fn make_recovery(
        &self,
        shares: u8,
        threshold: u8,
    ) -> Result<Vec<Plaintext>, KeysError> {
        let _turn = self.turn.lock().await;
        let bundle = self.roots.bundle();
        let (bundle, shares) = self
            .with_keeper(move |keeper| keeper.make_recovery(&bundle, shares, threshold))
            .await?;
        self.roots.install(bundle);
        Ok(shares)
    }

    /// Takes the recovery shares out of force.
    pub(crate) async fn remove_recovery(&self) -> Result<(), KeysError> {
        let _turn = self.turn.lock().await;
        let bundle = self.roots.bundle();
        let bundle = self
            .with_keeper(move |keeper| keeper.remove_recovery(&bundle))
            .await?;
        self.roots.install(bundle);
        Ok(())
    }

    /// Waits until sealing anew becomes due, and no longer than `period`. Whether it became due.
    /// The period is of a monotonic clock, which stands still while the machine sleeps.
    pub(crate) async fn is_due_within(&self, period: Duration) -> bool {
        timeout(period, self.nudge.notified()).await.is_ok()
    }

    /// Whether records may be under older keys of the ring.
    pub(crate) async fn records_are_due(&self) -> Result<bool, StoreError> {
        if self.ring.keys().len() < 2 {
            self.progress.lock().records = Some(0);
            return Ok(false);
        }
        let clean = self.database.meta(CLEAN).await?;
        let is_clean = clean.as_deref() == Some(&self.ring.active_id().to_be_bytes());
        if is_clean {
            self.progress.lock().records = Some(0);
        }
        Ok(!is_clean)
    }

    /// Whether KMS keys may be under older root keys.
    pub(crate) fn kms_keys_are_due(&self) -> bool {
        let is_due = self.roots.keys().len() > 1;
        if !is_due {
            self.progress.lock().kms_keys = Some(0);
        }
        is_due
    }

    /// Shows how many records a pass has still before it.
    pub(crate) fn show_records(&self, due: u64) {
        self.progress.lock().records = Some(due);
    }

    /// Notes what a pass that began with the ring key `active` left undone.
    pub(crate) async fn note_records(&self, active: u32, left: u64) -> Result<(), StoreError> {
        let is_current = active == self.ring.active_id();
        self.progress.lock().records = is_current.then_some(left);
        if left > 0 || !is_current {
            return Ok(());
        }
        let before = self.database.meta(CLEAN).await?;
        self.database
            .put_meta(CLEAN, before.as_deref(), &active.to_be_bytes())
            .await
    }

    /// Notes what a pass over the KMS keys did. Drops the older root keys when there was nothing to
    /// do and nothing can come.
    ///
    /// INVARIANT: a pass tells of the root key that was the newest when it began. A request that
    /// began before a rotation may commit what is sealed under the key before it, and ends within
    /// the time of [`CleanPasses`]; so many in a row must have found nothing since.
    pub(crate) async fn note_kms_keys(&self, pass: KmsPass) -> Result<(), KeysError> {
        let _turn = self.turn.lock().await;
        if pass.newest != self.newest_root() {
            return Ok(());
        }
        self.progress.lock().kms_keys = Some(pass.left);
        let is_enough = self.clean.lock().count(pass);
        if !is_enough || !self.can_replace_bundle() {
            return Ok(());
        }
        self.reseal_ring().await?;
        let next = self.roots.bundle().newest_only();
        let kept = next.clone();
        self.with_keeper(move |keeper| keeper.replace_bundle(&kept))
            .await?;
        self.roots.install(next);
        tracing::info!("nothing is left under older root keys, and they are gone");
        Ok(())
    }

    /// Whether every seal of the data directory can be given another bundle here.
    fn can_replace_bundle(&self) -> bool {
        let keeper = self.keeper.lock();
        !keeper.is_recovered() && keeper.inherited().is_none()
    }

    /// Seals the ring under the newest root key, if it is not already.
    async fn reseal_ring(&self) -> Result<(), KeysError> {
        let bundle = self.roots.bundle();
        let stored = self.database.meta(RING).await?;
        if stored.is_some_and(|stored| bundle.needs_reseal(&stored)) {
            self.store_ring(&self.ring.to_sealed(bundle.newest()?)?.0)
                .await?;
        }
        Ok(())
    }

    async fn store_ring(&self, sealed: &[u8]) -> Result<(), StoreError> {
        let stored = self.database.meta(RING).await?;
        self.database
            .put_meta(RING, stored.as_deref(), sealed)
            .await
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

const RING: &str = "key_ring";
/// The ring key under which every record was found to be.
const CLEAN: &str = "key_ring_clean";

#[cfg(test)]
mod tests;
