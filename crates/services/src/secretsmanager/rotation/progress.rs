//! Workers: they claim rotations, and go through their steps. Which ones: `turns.rs`.
//!
//! INVARIANT: a worker decides by what is stored, anew before every step, and stores only what its
//! claim is still good for. So it can stop at any point: whoever comes next goes on with the step
//! that did not end. Functions are called outside of transactions, and have to bear being called
//! twice for a step, as on AWS.

use super::calls::{Answer, BUSY, invoker, payload, read};
use super::record::Rotations;
use super::run::{Cause, Failure, LastCall, LogPlace, Outcome, Run, RunKind};
use super::settings::RotationSettings;
use super::steps::{self, Conclusion};
use crate::app::App;
use crate::authorize::Permit;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::values::in_play;
use crate::secretsmanager::versions::{AWSCURRENT, AWSPENDING};
use crate::witness::InPlay;
use base::{CommonError, Timestamp};
use jobs::Claim;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use store::Key;

/// Does the rotation under `key`, from where it stands to its end or its next wait. Gives whether it
/// was to be had. `name` says who does it.
///
/// # Errors
/// When the store or the audit log fails. The rotation is taken up again when the worker's lease has
/// ended.
pub(super) async fn work_on(
    app: &App,
    permit: &Permit,
    key: &Key,
    name: &str,
) -> Result<bool, Error> {
    let lease = i64::from(app.rotation.lease_millis);
    let claim = app
        .ledger
        .advance(permit, key, |rotations: &mut Rotations| {
            rotations.job.claim(name, app.clock.now(), lease)
        });
    let claim = match claim.await {
        Ok(Some(claim)) => claim,
        // Somebody else was quicker.
        Ok(None) | Err(CommonError::Conflict) => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    let worker = Worker {
        app,
        permit,
        key,
        claim,
        in_play: InPlay::default(),
    };
    worker.run().await?;
    Ok(true)
}

/// Somebody who has claimed the rotations of one secret.
pub(super) struct Worker<'a> {
    pub(super) app: &'a App,
    pub(super) permit: &'a Permit,
    pub(super) key: &'a Key,
    pub(super) claim: Claim,
    /// What the steps that it takes got to know: a later one may print what an earlier one read.
    in_play: InPlay,
}

/// What is to be done next.
#[cfg_attr(test, derive(Debug, PartialEq, Eq))]
enum Next<'a> {
    /// Nothing: somebody else is at it.
    Leave,
    /// Nothing until then.
    Rest(Option<Timestamp>),
    Begin(Cause),
    /// A step of the run under way, for this secret.
    Call(&'a Secret),
    /// The run's version lost its labels.
    Abandon(&'a Run),
    /// There is nothing left to rotate.
    Cancel,
}

/// What came of a call.
enum Settled {
    /// There may be more to do.
    Noted,
    /// It is tried again later, by whoever comes then.
    Waits,
    /// A request ended the run meanwhile, or somebody else has it now.
    Over,
}

impl Worker<'_> {
    pub(super) fn now(&self) -> Timestamp {
        self.app.clock.now()
    }

    async fn run(&self) -> Result<(), Error> {
        let mut conflicts = 0;
        loop {
            match self.step().await {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                // A request came between: look again at what it left.
                Err(Error::Common(CommonError::Conflict)) if conflicts < MOST_CONFLICTS => {
                    conflicts += 1;
                    tokio::task::yield_now().await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Gives whether there is more to do.
    async fn step(&self) -> Result<bool, Error> {
        let (rotations, secret) = self.look().await?;
        let next = match rotations.as_deref() {
            Some(rotations) => decide(rotations, secret.as_deref(), &self.claim, self.now()),
            None => Next::Leave,
        };
        match next {
            Next::Leave => return Ok(false),
            Next::Rest(until) => {
                self.advance(|rotations| rotations.job.finish(&self.claim, until).ok())
                    .await?;
                return Ok(false);
            }
            Next::Begin(cause) => self.begin(cause).await?,
            Next::Abandon(run) => steps::abandon(self, run).await?,
            Next::Cancel => {
                self.advance(|rotations| {
                    rotations.job.check(&self.claim).ok()?;
                    let run = rotations.in_flight_mut()?;
                    run.end(self.now(), Outcome::Cancelled);
                    Some(())
                })
                .await?;
            }
            Next::Call(secret) => return self.call(secret).await,
        }
        Ok(true)
    }

    /// The rotations, and the secret unless it is gone.
    async fn look(&self) -> Result<(Option<Arc<Rotations>>, Option<Arc<Secret>>), CommonError> {
        let mut tx = self.app.ledger.begin_reading();
        let Some(found) = tx.get::<Rotations>(self.key).await? else {
            return Ok((None, None));
        };
        let secret = tx.get::<Secret>(&found.record.secret_key()).await?;
        let secret = secret.filter(|secret| secret.record.suffix == found.record.suffix);
        Ok((Some(found.record), secret.map(|secret| secret.record)))
    }

    async fn begin(&self, cause: Cause) -> Result<(), Error> {
        match steps::begin(self, cause).await {
            Err(Error::TooManyLabels(_)) => {
                // There is no room for the label now; there may be in the next window.
                tracing::warn!("a rotation could not begin: the secret has too many labels");
                let now = self.now();
                self.advance(|rotations| {
                    rotations.job.check(&self.claim).ok()?;
                    rotations.wanted = false;
                    rotations.failed_until = Some(now.plus_millis(A_WHILE));
                    Some(())
                })
                .await?;
                Ok(())
            }
            other => other,
        }
    }

    /// Calls the function for the step that is to be done, and notes what became of it. Gives whether
    /// there is more to do.
    async fn call(&self, secret: &Secret) -> Result<bool, Error> {
        let run = self.advance(|rotations| {
            rotations.job.heed(&self.claim).ok()?;
            let now = self.now();
            let run = rotations.in_flight_mut()?;
            run.call(now);
            Some(run.clone())
        });
        let Some(run) = run.await? else {
            return Ok(true);
        };
        let Some(answer) = self.invoke(&run, secret).await? else {
            return Ok(false);
        };
        let last = read(answer);
        let succeeded = last.failure.is_none();
        self.app.counters.step_returned(run.step.name(), succeeded);
        match self.settle(&run, last.clone()).await? {
            Settled::Noted => Ok(true),
            Settled::Waits => Ok(false),
            Settled::Over => {
                // It only completes what is on record, so it needs no claim.
                self.advance(|rotations| rotations.complete(&run, self.now(), &last))
                    .await?;
                Ok(true)
            }
        }
    }

    /// Notes what came of the call that `run` ends with: it goes on to the next step, is over, or is
    /// tried again later.
    async fn settle(&self, run: &Run, last: LastCall) -> Result<Settled, Error> {
        let LastCall { log, failure } = last;
        if failure.is_none() && !run.is_at_last_step() {
            let noted = self.advance(|rotations| {
                rotations.job.check(&self.claim).ok()?;
                let own = rotations.in_flight_mut().filter(|own| own.is(run))?;
                own.returned(self.now(), log.clone(), None);
                own.go_on();
                Some(())
            });
            return Ok(match noted.await? {
                Some(()) => Settled::Noted,
                None => Settled::Over,
            });
        }
        let failure = match failure {
            Some(failure) => failure,
            None => match persist(|| steps::conclude(self, run, log.clone())).await? {
                Conclusion::Succeeded => return Ok(Settled::Noted),
                Conclusion::Missed(failure) => failure,
                Conclusion::Over => return Ok(Settled::Over),
            },
        };
        self.failed(run, log, failure).await
    }

    /// Notes a failure: it is tried again later, or was the last one.
    async fn failed(
        &self,
        run: &Run,
        log: Option<LogPlace>,
        failure: Failure,
    ) -> Result<Settled, Error> {
        let settings = &self.app.rotation;
        let failures = run.attempt.saturating_add(run.failed_in_a_row(BUSY));
        let wait = settings.backoff.after(failures, self.app.entropy.as_ref());
        let next = self.now().plus_millis(wait);
        let waits = failure.kind == BUSY && may_wait(run, self.now(), next);
        if !waits && !may_try_again(run, next, settings) {
            let last = LastCall {
                log,
                failure: Some(failure),
            };
            return Ok(
                match persist(|| steps::fail(self, run, last.clone())).await? {
                    true => Settled::Noted,
                    false => Settled::Over,
                },
            );
        }
        let is_noted = self.advance(|rotations| {
            rotations.job.check(&self.claim).ok()?;
            let now = self.now();
            let own = rotations.in_flight_mut().filter(|own| own.is(run))?;
            own.returned(now, log.clone(), Some(failure.clone()));
            if !waits {
                own.start_over();
            }
            rotations.job.retry(&self.claim, next).ok()
        });
        Ok(match is_noted.await? {
            Some(()) => Settled::Waits,
            None => Settled::Over,
        })
    }

    async fn advance<T>(
        &self,
        step: impl FnMut(&mut Rotations) -> Option<T>,
    ) -> Result<Option<T>, CommonError> {
        self.app.ledger.advance(self.permit, self.key, step).await
    }

    /// Calls the function, and says meanwhile that it is being worked on. `None` when somebody else
    /// took over.
    async fn invoke(&self, run: &Run, secret: &Secret) -> Result<Option<Answer>, Error> {
        let (app, settings) = (self.app, &self.app.rotation);
        let arn = secret.arn();
        let payload = payload(run, &arn)?;
        let invoker = invoker(&arn, &secret.account);
        // SECURITY: a function may print what it did not read in this step.
        in_play::gather(app, self.permit, secret, &self.in_play).await?;
        let functions = &app.functions;
        let mut call = functions.invoke(app, &run.function, invoker, &payload, &self.in_play);
        let deadline = tokio::time::sleep(Duration::from_millis(settings.step_millis.into()));
        let mut deadline = std::pin::pin!(deadline);
        let renewal = Duration::from_millis(u64::from(settings.lease_millis).div_ceil(3).max(1));
        loop {
            tokio::select! {
                biased;
                answer = &mut call => return Ok(Some(Answer::Returned(answer))),
                () = &mut deadline => return Ok(Some(Answer::TookTooLong)),
                () = tokio::time::sleep(renewal) => {
                    if !self.renew().await? {
                        return Ok(None);
                    }
                }
            }
        }
    }

    async fn renew(&self) -> Result<bool, Error> {
        let lease = i64::from(self.app.rotation.lease_millis);
        let renewed =
            self.advance(|rotations| rotations.job.renew(&self.claim, self.now(), lease).ok());
        match renewed.await {
            Ok(renewed) => Ok(renewed.is_some()),
            // There is time for another one.
            Err(CommonError::Conflict) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }
}

/// Stores what became of a call, as often as requests come between: the call is not made again for
/// that.
async fn persist<T, F: Future<Output = Result<T, Error>>>(
    attempt: impl Fn() -> F,
) -> Result<T, Error> {
    for _ in 0..MOST_CONFLICTS {
        match attempt().await {
            Err(Error::Common(CommonError::Conflict)) => tokio::task::yield_now().await,
            other => return other,
        }
    }
    Err(CommonError::Conflict.into())
}

/// What to do with `rotations`, by what is stored.
fn decide<'a>(
    rotations: &'a Rotations,
    secret: Option<&'a Secret>,
    claim: &Claim,
    now: Timestamp,
) -> Next<'a> {
    if rotations.job.check(claim).is_err() {
        return Next::Leave;
    }
    let enabled = secret.filter(|secret| !secret.is_scheduled_for_deletion());
    let enabled = enabled.filter(|secret| secret.rotation.as_ref().is_some_and(|one| one.enabled));
    let Some(secret) = enabled else {
        return match rotations.in_flight() {
            Some(_) => Next::Cancel,
            None => Next::Rest(None),
        };
    };
    if let Some(run) = rotations.in_flight() {
        let version = secret.versions.find(&run.id);
        let is_kept = version.is_some_and(|version| {
            version.has(AWSPENDING) || (version.has(AWSCURRENT) && run.kind == RunKind::Rotation)
        });
        return match is_kept {
            true => Next::Call(secret),
            false => Next::Abandon(run),
        };
    }
    if rotations.wanted {
        return Next::Begin(Cause::Request);
    }
    match rotations.next_moment(secret, now) {
        Some(moment) if moment <= now => Next::Begin(Cause::Schedule),
        until => Next::Rest(until),
    }
}

fn may_try_again(run: &Run, next: Timestamp, settings: &RotationSettings) -> bool {
    run.kind == RunKind::Rotation
        && run.attempt < settings.attempts
        && run.retry_until.is_none_or(|until| next < until)
}

/// Whether the step may be done at `next`, and no attempt is used up, because the function was busy: to
/// the end of the window, or for an hour.
fn may_wait(run: &Run, now: Timestamp, next: Timestamp) -> bool {
    let until = run.retry_until.unwrap_or(run.began.plus_millis(A_WHILE));
    // What began in the future, by a clock that was ahead, would wait for years.
    run.kind == RunKind::Rotation && run.began <= now && next < until
}

const MOST_CONFLICTS: usize = 100;
/// An hour.
const A_WHILE: i64 = 3_600_000;

#[cfg(test)]
mod tests;
