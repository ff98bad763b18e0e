//! The changes of a run that AWS tells of: each is one transaction with its event.
//!
//! INVARIANT: each checks the worker's claim and the run in the same transaction, so that a worker
//! that was overtaken, or whose run was ended by a request, changes nothing.

use super::changes::end;
use super::events::{Happened, line};
use super::progress::Worker;
use super::record::Rotations;
use super::run::{
    Beginning, Cause, Failure, LastCall, LogPlace, Outcome, RotationToken, Run, RunKind,
};
use crate::metrics::RotationEnd;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::versions::{AWSCURRENT, AWSPENDING};
use crate::tx::{Lines, Tx};
use base::{CommonError, Timestamp, random_uuid};
use store::Versioned;

/// What came of a run whose last step returned.
pub(super) enum Conclusion {
    Succeeded,
    /// What it was to bring about is not so.
    Missed(Failure),
    /// It was ended before, or the claim is lost.
    Over,
}

/// A secret and its rotations, in one transaction that is about to change both.
struct Both {
    rotations: Rotations,
    secret: Secret,
    revs: (store::Rev, store::Rev),
}

impl Both {
    /// Reads both. `None` when the claim or the secret is lost.
    async fn read(worker: &Worker<'_>, tx: &mut Tx<'_>) -> Result<Option<Self>, CommonError> {
        let Some(rotations) = tx.get::<Rotations>(worker.key).await? else {
            return Ok(None);
        };
        if rotations.record.job.check(&worker.claim).is_err() {
            return Ok(None);
        }
        let secret: Option<Versioned<Secret>> = tx.get(&rotations.record.secret_key()).await?;
        let secret = secret.filter(|found| found.record.suffix == rotations.record.suffix);
        Ok(secret.map(|secret| Self {
            rotations: Rotations::clone(&rotations.record),
            secret: Secret::clone(&secret.record),
            revs: (rotations.rev, secret.rev),
        }))
    }

    /// The same for what is about to end the run `called`. `None` also when that is over.
    async fn of_run(
        worker: &Worker<'_>,
        tx: &mut Tx<'_>,
        called: &Run,
    ) -> Result<Option<Self>, CommonError> {
        let both = Self::read(worker, tx).await?;
        Ok(both.filter(|both| both.rotations.in_flight().is_some_and(|run| run.is(called))))
    }

    /// Notes what came of the last call of the run under way.
    fn returned(&mut self, now: Timestamp, last: LastCall) {
        if let Some(run) = self.rotations.in_flight_mut() {
            run.returned(now, last.log, last.failure);
        }
    }

    /// Ends the run under way, and commits that with its event.
    async fn end(
        mut self,
        worker: &Worker<'_>,
        mut tx: Tx<'_>,
        outcome: Outcome,
    ) -> Result<(), Error> {
        let (rotations, secret) = (&mut self.rotations, &mut self.secret);
        let (entropy, now) = (worker.app.entropy.as_ref(), worker.now());
        let (permit, tx_of) = (worker.permit, &mut tx);
        let line = end(tx_of, permit, rotations, secret, entropy, now, outcome).await?;
        let line = line.ok_or_else(|| CommonError::internal("the end of a run is not told"))?;
        self.commit(worker, tx, line).await?;
        worker.app.counters.rotation_ended(match outcome {
            Outcome::Succeeded => RotationEnd::Succeeded,
            Outcome::Failed => RotationEnd::Failed,
            Outcome::Abandoned => RotationEnd::Abandoned,
            Outcome::Cancelled => RotationEnd::Cancelled,
        });
        Ok(())
    }

    async fn commit(self, worker: &Worker<'_>, mut tx: Tx<'_>, line: Vec<u8>) -> Result<(), Error> {
        tx.update(worker.permit, self.rotations, self.revs.0);
        tx.update(worker.permit, self.secret, self.revs.1);
        tx.commit(Lines::of(line)).await?;
        Ok(())
    }
}

/// Begins the rotation that is due: with a new version, or with the one that an earlier rotation did
/// not complete.
pub(super) async fn begin(worker: &Worker<'_>, cause: Cause) -> Result<(), Error> {
    let entropy = worker.app.entropy.as_ref();
    let now = worker.now();
    let mut tx = worker.app.ledger.begin();
    let Some(mut both) = Both::read(worker, &mut tx).await? else {
        return Ok(());
    };
    let Some(rotation) = both.secret.rotation.clone().filter(|one| one.enabled) else {
        return Ok(());
    };
    if both.rotations.in_flight().is_some() {
        return Ok(());
    }
    let pending = both.secret.versions.pending();
    let id = match pending.map(|version| version.id.clone()) {
        Some(pending) => pending,
        None => {
            let id = random_uuid(entropy);
            let limits = &worker.app.quotas.of(&both.secret.account).limits;
            both.secret.versions.prepare(&id, limits.labels)?;
            id
        }
    };
    let window = rotation.window_at(now, both.rotations.failed_until);
    let run = Run::begin(Beginning {
        id: id.clone(),
        rotation_token: RotationToken::random(entropy),
        kind: RunKind::Rotation,
        cause,
        function: rotation.function,
        now,
        retry_until: window
            .filter(|_| cause == Cause::Schedule)
            .map(|window| window.closes),
    });
    both.rotations.begin(run);
    let happened = Happened::Started;
    let line = line(entropy, &both.secret, &id, RunKind::Rotation, happened, now);
    both.commit(worker, tx, line).await
}

/// Ends the run `called`, whose last step returned, if what it was to bring about is so.
pub(super) async fn conclude(
    worker: &Worker<'_>,
    called: &Run,
    log: Option<LogPlace>,
) -> Result<Conclusion, Error> {
    let mut tx = worker.app.ledger.begin();
    let Some(mut both) = Both::of_run(worker, &mut tx, called).await? else {
        return Ok(Conclusion::Over);
    };
    let id = called.id.as_str();
    if called.kind == RunKind::Rotation && !is_promoted(&both.secret, id) {
        return Ok(Conclusion::Missed(Failure {
            kind: String::from("NotFinished"),
            message: format!(
                "the function returned, and AWSCURRENT is not on the version {id}, or AWSPENDING is \
                 on another one"
            ),
        }));
    }
    let failure = None;
    both.returned(worker.now(), LastCall { log, failure });
    both.end(worker, tx, Outcome::Succeeded).await?;
    Ok(Conclusion::Succeeded)
}

/// Ends the run `called`, which failed for good. Gives whether it was still to be ended.
pub(super) async fn fail(worker: &Worker<'_>, called: &Run, last: LastCall) -> Result<bool, Error> {
    let now = worker.now();
    let mut tx = worker.app.ledger.begin();
    let Some(mut both) = Both::of_run(worker, &mut tx, called).await? else {
        return Ok(false);
    };
    both.returned(now, last);
    both.rotations.failed_until = match called.retry_until {
        None if called.kind == RunKind::Rotation => overdue(&mut both.secret, now),
        end => end,
    };
    let failed_until = both.rotations.failed_until;
    if let Some(rotation) = &mut both.secret.rotation {
        rotation.next = rotation.window_at(now, failed_until);
    }
    both.end(worker, tx, Outcome::Failed).await?;
    Ok(true)
}

/// Makes the rotation due that was asked for and failed: the password may be changed already, and its
/// schedule may come to it in a year only. Gives the end of the window that is open, in which all
/// attempts were made.
fn overdue(secret: &mut Secret, now: Timestamp) -> Option<Timestamp> {
    let rotation = secret.rotation.as_mut()?;
    rotation.make_due(now);
    let open = rotation.next.filter(|window| window.opens <= now)?;
    Some(open.closes)
}

/// Ends the run `called`, whose version lost its labels.
pub(super) async fn abandon(worker: &Worker<'_>, called: &Run) -> Result<(), Error> {
    let mut tx = worker.app.ledger.begin();
    match Both::of_run(worker, &mut tx, called).await? {
        Some(both) => both.end(worker, tx, Outcome::Abandoned).await,
        None => Ok(()),
    }
}

/// Whether the rotation that makes the version `id` did what it was to do (behaviour reference §6.2).
pub(crate) fn is_promoted(secret: &Secret, id: &str) -> bool {
    let versions = &secret.versions;
    let is_current = versions.find(id).is_some_and(|one| one.has(AWSCURRENT));
    let pending = versions.holder(AWSPENDING);
    is_current && pending.is_none_or(|version| version.id == id)
}
