//! What requests do to the rotation of a secret, in the transaction of the request.

use super::events::{Happened, line};
use super::record::Rotations;
use super::run::{Outcome, RunKind};
use crate::authorize::Permit;
use crate::cx::Cx;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::records::SecretValue;
use crate::secretsmanager::values;
use crate::secretsmanager::versions::{AWSCURRENT, AWSPENDING, Version};
use crate::tx::Tx;
use base::{CommonError, Entropy, Plaintext, Timestamp};
use store::{Record, Versioned};

/// By what a request changed the versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// A value was put in.
    Value,
    /// A label was moved.
    Label,
}

/// Follows a change of the versions of `secret`, which were those of `before`. Gives the lines of the
/// events that it brings about.
///
/// A current version that no rotation made counts as a rotation. A value that took `AWSPENDING` from
/// another version abandons the rotation of that one (transition T5).
///
/// # Errors
/// A failure of ours.
pub(crate) async fn follow(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    permit: &Permit,
    before: &Secret,
    secret: &mut Secret,
    by: By,
) -> Result<Vec<Vec<u8>>, Error> {
    if secret.rotation.is_none() {
        return Ok(Vec::new());
    }
    let abandoned = abandoned(before, secret).filter(|_| by == By::Value);
    let current = new_current(before, secret);
    if abandoned.is_none() && current.is_none() {
        return Ok(Vec::new());
    }
    let found = find(tx, secret).await?;
    let mut rotations = Rotations::clone(&found.record);
    let mut lines = Vec::new();
    if let Some(id) = &abandoned {
        let (entropy, now) = (cx.entropy(), cx.now());
        let is_own = rotations.in_flight().is_some_and(|run| run.id == *id);
        lines.extend(match is_own {
            true => {
                let outcome = Outcome::Abandoned;
                end(tx, permit, &mut rotations, secret, entropy, now, outcome).await?
            }
            // Its run had failed before.
            false => {
                let happened = Happened::Abandoned;
                Some(line(entropy, secret, id, RunKind::Rotation, happened, now))
            }
        });
    }
    let own = rotations.in_flight().map(|run| run.id.as_str());
    if current.is_some() && current.as_deref() != own {
        rotations.failed_until = None;
        if let Some(rotation) = &mut secret.rotation {
            rotation.count_from(cx.now());
        }
    }
    rest(&mut rotations, secret, cx.now());
    // What the function of the run does changes nothing here, and does not get in its worker's way.
    if rotations != *found.record {
        tx.update(permit, rotations, found.rev);
    }
    Ok(lines)
}

/// Stops what is under way, and what is to come: rotation was cancelled, or the secret deleted. Gives
/// the id of the version that was being made.
///
/// # Errors
/// A failure of ours.
pub(crate) async fn stop(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    permit: &Permit,
    secret: &mut Secret,
) -> Result<Option<String>, Error> {
    if secret.rotation.is_none() {
        return Ok(None);
    }
    let found = find(tx, secret).await?;
    let mut rotations = Rotations::clone(&found.record);
    let stopped = rotations.in_flight().map(|run| run.id.clone());
    let (entropy, now, outcome) = (cx.entropy(), cx.now(), Outcome::Cancelled);
    end(tx, permit, &mut rotations, secret, entropy, now, outcome).await?;
    rotations.wanted = false;
    rotations.job.reschedule(None);
    tx.update(permit, rotations, found.rev);
    Ok(stopped)
}

/// Takes the schedule up again: the deletion of the secret was taken back.
///
/// # Errors
/// A failure of ours.
pub(crate) async fn resume(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    permit: &Permit,
    secret: &mut Secret,
) -> Result<(), Error> {
    let Some(rotation) = &mut secret.rotation else {
        return Ok(());
    };
    rotation.look_ahead(cx.now());
    let found = find(tx, secret).await?;
    let mut rotations = Rotations::clone(&found.record);
    rest(&mut rotations, secret, cx.now());
    tx.update(permit, rotations, found.rev);
    Ok(())
}

/// Forgets the rotations of a secret that is removed.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn forget(
    tx: &mut Tx<'_>,
    permit: &Permit,
    secret: &Secret,
) -> Result<(), CommonError> {
    if secret.rotation.is_none() {
        return Ok(());
    }
    let found = find(tx, secret).await?;
    tx.delete::<Rotations>(permit, &found.record.key(), found.rev);
    Ok(())
}

/// Whether `token` is the `RotationToken` of the rotation that is making the version `version_id`.
///
/// # Errors
/// [`Error::NotTheRotationToken`].
pub(crate) async fn check_token(
    tx: &mut Tx<'_>,
    secret: &Secret,
    version_id: &str,
    token: &Plaintext,
) -> Result<(), Error> {
    if secret.rotation.is_none() {
        return Err(Error::NotTheRotationToken);
    }
    let found = find(tx, secret).await?;
    let run = found.record.in_flight().filter(|run| run.id == version_id);
    let is_own = run.is_some_and(|run| run.rotation_token.is(token));
    is_own.then_some(()).ok_or(Error::NotTheRotationToken)
}

/// The rotations of a secret that has any.
///
/// # Errors
/// A failure of ours.
pub(crate) async fn find(
    tx: &mut Tx<'_>,
    secret: &Secret,
) -> Result<Versioned<Rotations>, CommonError> {
    let found = tx.get::<Rotations>(&Rotations::key_of(secret)).await?;
    found.ok_or_else(|| CommonError::internal("the rotations of a secret are missing"))
}

/// Ends the run under way, if there is one, with all that belongs to its end: the version of a test goes, a
/// rotation that succeeded counts, and the schedule says what is next. Gives the line of its event;
/// there is none of a run that was cancelled.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn end(
    tx: &mut Tx<'_>,
    permit: &Permit,
    rotations: &mut Rotations,
    secret: &mut Secret,
    entropy: &dyn Entropy,
    now: Timestamp,
    outcome: Outcome,
) -> Result<Option<Vec<u8>>, CommonError> {
    let Some(run) = rotations.in_flight_mut() else {
        return Ok(None);
    };
    run.end(now, outcome);
    let (id, kind, message) = (run.id.clone(), run.kind, run.error_message());
    match (kind, outcome) {
        (RunKind::Test, _) => remove_trial(tx, permit, secret, &id).await?,
        (RunKind::Rotation, Outcome::Succeeded) => completed(rotations, secret, now),
        (RunKind::Rotation, Outcome::Failed | Outcome::Abandoned | Outcome::Cancelled) => {}
    }
    rest(rotations, secret, now);
    let happened = match outcome {
        Outcome::Succeeded => Happened::Succeeded,
        Outcome::Failed => Happened::Failed(&message),
        Outcome::Abandoned => Happened::Abandoned,
        Outcome::Cancelled => return Ok(None),
    };
    Ok(Some(line(entropy, secret, &id, kind, happened, now)))
}

/// Notes that `secret` was rotated.
fn completed(rotations: &mut Rotations, secret: &mut Secret, now: Timestamp) {
    rotations.failed_until = None;
    if let Some(rotation) = &mut secret.rotation {
        rotation.last_rotated = Some(now);
        rotation.count_from(now);
    }
}

/// Removes the temporary version of a test.
async fn remove_trial(
    tx: &mut Tx<'_>,
    permit: &Permit,
    secret: &mut Secret,
    id: &str,
) -> Result<(), CommonError> {
    let was_labelled = secret.versions.find(id).is_some();
    let is_gone = secret.versions.withdraw(id) || !was_labelled;
    if !is_gone {
        // Somebody gave it a label of their own, and so has a use for it.
        return Ok(());
    }
    if let Some(value) = values::find(tx, permit, secret, id).await? {
        let key = value.record.key();
        tx.delete::<SecretValue>(permit, &key, value.rev);
        if !was_labelled {
            secret.versions.forget(1);
        }
    }
    Ok(())
}

/// Has the next rotation done when the schedule says so, unless one is under way.
fn rest(rotations: &mut Rotations, secret: &Secret, now: Timestamp) {
    if rotations.in_flight().is_none() {
        let moment = rotations.next_moment(secret, now);
        rotations.job.reschedule(moment);
    }
}

/// The version that was pending and is no more, because another one became current.
fn abandoned(before: &Secret, after: &Secret) -> Option<String> {
    let pending = before.versions.pending()?;
    let has_it_still = |version: &Version| version.has(AWSPENDING) || version.has(AWSCURRENT);
    let is_kept = after.versions.find(&pending.id).is_some_and(has_it_still);
    let is_dropped = after.versions.holder(AWSPENDING).is_none();
    (!is_kept && is_dropped).then(|| pending.id.clone())
}

/// The version that became current.
fn new_current(before: &Secret, after: &Secret) -> Option<String> {
    let id = |secret: &Secret| {
        let current = secret.versions.holder(AWSCURRENT)?;
        Some(current.id.clone())
    };
    id(after).filter(|now| id(before).as_ref() != Some(now))
}
