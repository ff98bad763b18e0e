//! Renews the material of keys whose period is over.
//!
//! Idempotent: it reads what is due and renews it; a key that was renewed is no longer due. A key
//! that is not enabled waits until it is.

use crate::app::App;
use crate::authorize::Permit;
use crate::kms::dues::{self, Due, What};
use crate::kms::error::Error;
use crate::kms::model::{Cause, KmsKey, Rotation, State};
use crate::kms::rotation;
use crate::tx::Lines;
use base::Timestamp;
use std::sync::Arc;

/// Renews the keys that are due at the present moment, each in its own transaction.
///
/// # Errors
/// The last failure, after all that can be renewed is.
pub(crate) async fn rotate_keys(app: &App, permit: &Permit) -> Result<(), Error> {
    let now = app.clock.now();
    let due = dues::until(What::Rotation, now);
    let rotate = |due| rotate(app, permit, due, now);
    app.ledger.sweep(due, rotate).await
}

async fn rotate(app: &App, permit: &Permit, due: Arc<Due>, now: Timestamp) -> Result<(), Error> {
    let mut tx = app.ledger.begin();
    let name = KmsKey::key_of(&due.account, &due.region, &due.key_id);
    let Some(found) = tx.get::<KmsKey>(&name).await? else {
        return Ok(());
    };
    let Some(plan) = due_plan(&found.record, now) else {
        return Ok(());
    };
    let mut key = KmsKey::clone(&found.record);
    key.rotation = Some(rotation::renewed(plan, now));
    app.kms.crypto().renew(&mut key, now, Cause::Schedule)?;
    let line = rotation::event(app.entropy.as_ref(), &key, Cause::Schedule, now);
    dues::save(&mut tx, permit, key, found.rev).await?;
    tx.commit(Lines::of(line)).await?;
    Ok(())
}

/// By which schedule `key` is to be renewed at `now`, if it is.
fn due_plan(key: &KmsKey, now: Timestamp) -> Option<Rotation> {
    let plan = key.rotation.filter(|plan| plan.next <= now);
    plan.filter(|_| key.state == State::Enabled)
}
