//! What is sealed anew after a rotation: whether it is due, how far it is, and what may go then.

use super::passes::KmsPass;
use super::{Keys, KeysError};
use crate::boot::place::put;
use std::sync::Arc;
use std::time::Duration;
use store::StoreError;
use tokio::time::timeout;

impl Keys {
    /// Waits until sealing anew becomes due, and no longer than `period`. Whether it became due.
    /// The period is of a monotonic clock, which stands still while the machine sleeps.
    pub(crate) async fn is_due_within(&self, period: Duration) -> bool {
        timeout(period, self.nudge.notified()).await.is_ok()
    }

    /// Whether records may be under older keys of the ring, and it is for this node to look.
    pub(crate) async fn records_are_due(&self) -> Result<bool, StoreError> {
        if self.ring.ring().keys().len() < 2 {
            self.progress.lock().records = Some(0);
            return Ok(false);
        }
        let is_clean = self.clean_id().await?.1 >= self.ring.ring().active_id();
        if is_clean {
            self.progress.lock().records = Some(0);
        }
        Ok(!is_clean && self.is_in_charge())
    }

    /// The ring key under which every record was found to be, as it is stored and as a number.
    async fn clean_id(&self) -> Result<(Option<Vec<u8>>, u32), StoreError> {
        let stored = self.database.meta(CLEAN).await?;
        let id = stored.as_deref().and_then(|stored| stored.try_into().ok());
        Ok((stored, id.map_or(0, u32::from_be_bytes)))
    }

    /// Whether KMS keys may be under older root keys, and it is for this node to look. A key that only
    /// this one still has is its own affair.
    pub(crate) fn kms_keys_are_due(&self) -> bool {
        let keys = self.roots.keys().len();
        if keys < 2 {
            self.progress.lock().kms_keys = Some(0);
            return false;
        }
        self.is_in_charge() || keys > self.kept.lock().keys().len()
    }

    /// Shows how many records a pass has still before it.
    pub(crate) fn show_records(&self, due: u64) {
        self.progress.lock().records = Some(due);
    }

    /// Notes what a pass that began with the ring key `active` left undone. It is the last one only if
    /// every living node seals with that key.
    pub(crate) async fn note_records(&self, active: u32, left: u64) -> Result<(), StoreError> {
        let is_current = active == self.ring.ring().active_id();
        self.progress.lock().records = is_current.then_some(left);
        if left > 0 || !is_current || !self.all_seal_records_with(active) {
            return Ok(());
        }
        let (before, clean) = self.clean_id().await?;
        if clean >= active {
            return Ok(());
        }
        match put(
            &self.database,
            CLEAN,
            before.as_deref(),
            &active.to_be_bytes(),
        )
        .await
        {
            // Another node found the same, and if it did not, the next pass does.
            Err(StoreError::Conflict) => Ok(()),
            other => other,
        }
    }

    /// Notes what a pass over the KMS keys did. Drops the older root keys when there was nothing to
    /// do and nothing can come.
    ///
    /// INVARIANT: a pass tells of the root key that was the newest when it began. A request that
    /// began before a rotation may commit what is sealed under the key before it, and ends within
    /// the time of so many passes; so many in a row must have found nothing since.
    pub(crate) async fn note_kms_keys(&self, pass: KmsPass) -> Result<(), KeysError> {
        let _turn = self.turn.lock().await;
        let sealing = self.roots.sealing();
        if pass.newest != sealing {
            return Ok(());
        }
        self.progress.lock().kms_keys = Some(pass.left);
        if !self.all_seal_keys_with(sealing) {
            self.clean.lock().begin_anew();
            return Ok(());
        }
        if !self.clean.lock().count(pass) {
            return Ok(());
        }
        self.drop_older_roots(sealing).await
    }

    /// `sealing`: the root key under which everything was found to be.
    async fn drop_older_roots(&self, sealing: u32) -> Result<(), KeysError> {
        self.reload_bundle().await?;
        let is_newest = sealing == self.roots.bundle().newest_number();
        if !is_newest || !self.can_replace_bundle() {
            return Ok(());
        }
        self.ring.refresh(&self.roots).await?;
        self.ring.reseal(&self.roots).await?;
        let next = self
            .change(move |keeper, bundle| {
                // Another node may have been quicker, or have rotated once more.
                let next = match bundle.newest_number() == sealing {
                    true => bundle.newest_only(),
                    false => bundle.clone(),
                };
                if next.keys().len() < bundle.keys().len() {
                    keeper.replace_bundle(&next)?;
                }
                Ok(next)
            })
            .await?;
        if next.newest_number() == sealing {
            *self.kept.lock() = Arc::new(next.clone());
            self.roots.install(next);
            tracing::info!("nothing is left under older root keys, and they are gone");
        }
        Ok(())
    }

    /// Whether every seal of the data directory can be given another bundle here.
    fn can_replace_bundle(&self) -> bool {
        let keeper = self.keeper.lock();
        !keeper.is_recovered() && keeper.inherited().is_none()
    }
}

/// The ring key under which every record was found to be.
pub(super) const CLEAN: &str = "key_ring_clean";
