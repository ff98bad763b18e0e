//! Sealing records and KMS keys anew after a rotation, a page at a time, beside the requests.
//!
//! Each page is safe to do twice and to miss. What is left after a pass is done by the next one. Of
//! several nodes one does it.

use crate::boot::{Booted, Keys, KeysError, KmsPass};
use crate::error::chain;
use base::CommonError;
use services::App;
use std::time::Duration;
use store::{Store, StoreError};

/// Does what is due: at the start, after each rotation, and every so often. Never ends.
pub(crate) async fn run(booted: &Booted) {
    let mut is_periodic = false;
    loop {
        if let Err(error) = pass(&booted.keys, &booted.store, &booted.app, is_periodic).await {
            tracing::error!(
                error = chain(&error),
                "sealing anew after a rotation failed"
            );
        }
        is_periodic = !booted.keys.is_due_within(PERIOD).await;
    }
}

/// Why a pass ended early.
#[derive(Debug, thiserror::Error)]
enum PassError {
    /// The store.
    #[error("cannot seal records anew")]
    Store(#[from] StoreError),
    /// The KMS keys.
    #[error("cannot seal KMS keys anew")]
    Kms(#[from] CommonError),
    /// The older root keys could not be dropped.
    #[error("cannot drop older root keys")]
    Keys(#[from] KeysError),
}

/// One look at everything that may be under an older key. `is_periodic`: because the period was
/// over.
async fn pass(keys: &Keys, store: &Store, app: &App, is_periodic: bool) -> Result<(), PassError> {
    if keys.records_are_due().await? {
        records(keys, store).await?;
    }
    if keys.kms_keys_are_due() {
        kms_keys(keys, app, is_periodic).await?;
    }
    Ok(())
}

async fn records(keys: &Keys, store: &Store) -> Result<(), PassError> {
    let active = keys.ring().active_id();
    // Counted once after a start and after each rotation; from then on the last pass has told.
    let mut due = match keys.progress().records {
        Some(left) => left,
        None => count_due(store).await?,
    };
    keys.show_records(due);
    let mut left = 0_u64;
    for kind in services::KINDS {
        let mut after = None;
        loop {
            let page = store.reseal(kind, after.as_ref(), PAGE).await?;
            left = left.saturating_add(page.left);
            due = due.saturating_sub(page.sealed);
            keys.show_records(due);
            let Some(next) = page.next else { break };
            after = Some(next);
            tokio::task::yield_now().await;
        }
    }
    Ok(keys.note_records(active, left).await?)
}

async fn count_due(store: &Store) -> Result<u64, StoreError> {
    let mut due = 0_u64;
    for kind in services::KINDS {
        let mut after = None;
        loop {
            let page = store.count_due(kind, after.as_ref(), PAGE).await?;
            due = due.saturating_add(page.left);
            let Some(next) = page.next else { break };
            after = Some(next);
            tokio::task::yield_now().await;
        }
    }
    Ok(due)
}

async fn kms_keys(keys: &Keys, app: &App, is_periodic: bool) -> Result<(), PassError> {
    let newest = keys.sealing_root();
    let (mut sealed, mut left) = (0_u64, 0_u64);
    let mut after = None;
    loop {
        let page = app.reseal_key_material(after.as_ref(), PAGE).await?;
        sealed = sealed.saturating_add(page.sealed);
        left = left.saturating_add(page.left);
        let Some(next) = page.next else { break };
        after = Some(next);
        tokio::task::yield_now().await;
    }
    let pass = KmsPass {
        newest,
        sealed,
        left,
        is_periodic,
    };
    Ok(keys.note_kms_keys(pass).await?)
}

const PAGE: usize = 128;
/// How long nothing is looked at when nobody asks. Requests must be over within four of them.
const PERIOD: Duration = Duration::from_secs(60);
