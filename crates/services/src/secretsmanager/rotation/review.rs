//! What a clock that was ahead has left, once it is right: leases that end years later, and moments that
//! are as far away. No worker would come to them.
//!
//! Rules:
//! - it is looked for when a node starts, every hour, and as soon as the clock goes back;
//! - a lease ends with one that begins now, at the latest, and an attempt is made after the longest
//!   time between two, at the latest; who is alive renews the one and changes the other;
//! - what the schedule would have done earlier by what is stored now, is done then.

use super::record::{self, Rotations};
use crate::app::App;
use crate::authorize::Permit;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::model::Secret;
use base::{CommonError, Timestamp};
use std::sync::Arc;
use store::Record;

/// Looks for it, if it is time to.
///
/// # Errors
/// The last failure, after all that can be put right is. It is looked for again by the next who calls.
pub(super) async fn review_when_due(app: &App, permit: &Permit) -> Result<(), Error> {
    let now = app.clock.now();
    if !app.rotation_seats.begin_review(now) {
        return Ok(());
    }
    let review = |found| review(app, permit, now, found);
    let done = app.ledger.sweep(record::later(now), review).await;
    if done.is_err() {
        app.rotation_seats.repeat_review();
    }
    done
}

async fn review(
    app: &App,
    permit: &Permit,
    now: Timestamp,
    found: Arc<Rotations>,
) -> Result<(), Error> {
    let latest = latest_look(app, now, &found).await?;
    if found
        .job
        .next_look()
        .zip(latest)
        .is_none_or(|(look, latest)| look <= latest)
    {
        return Ok(());
    }
    let (key, lease) = (found.key(), i64::from(app.rotation.lease_millis));
    let put_right = app
        .ledger
        .advance(permit, &key, |rotations: &mut Rotations| {
            if rotations.job.owner().is_some() {
                return rotations.job.shorten(now, lease).then_some(());
            }
            rotations.job.nudge(latest?);
            Some(())
        });
    put_right.await?;
    Ok(())
}

/// When a worker is to look at `found`, at the latest. `None`: nobody knows.
async fn latest_look(
    app: &App,
    now: Timestamp,
    found: &Rotations,
) -> Result<Option<Timestamp>, CommonError> {
    let settings = &app.rotation;
    if found.job.owner().is_some() {
        return Ok(Some(now.plus_millis(settings.lease_millis.into())));
    }
    if found.in_flight().is_some() {
        return Ok(Some(now.plus_millis(settings.backoff.most_millis.into())));
    }
    let mut tx = app.ledger.begin_reading();
    let secret = tx.get::<Secret>(&found.secret_key()).await?;
    let secret = secret.filter(|secret| secret.record.suffix == found.suffix);
    Ok(secret.and_then(|secret| found.next_moment(&secret.record, now)))
}
