//! What `RotateSecret` does, after it was allowed.
//!
//! Order of the refusals: behaviour reference §6.1.

use super::calls::invoker;
use super::events::{Happened, line};
use super::record::Rotations;
use super::run::{Beginning, Cause, Outcome, RotationToken, Run, RunKind};
use super::schedule::{Origin, Rules, Schedule};
use super::steps::is_promoted;
use super::{Rotation, changes};
use crate::authorize::Permit;
use crate::cx::Cx;
use crate::ports::FunctionsError;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::values;
use crate::secretsmanager::versions::{AWSCURRENT, AWSPENDING};
use crate::tx::Tx;
use base::CommonError;
use store::{Rev, Versioned};

/// What a call of `RotateSecret` asks for.
pub(crate) struct Asked<'a> {
    pub(crate) token: &'a str,
    pub(crate) function: Option<&'a str>,
    pub(crate) rules: Option<Rules>,
    pub(crate) immediately: bool,
}

/// What came of it.
pub(crate) enum Begun {
    /// It was done before: the token is that of the rotation under way, or of the last one.
    Before,
    /// The secret as it is to be stored, and the lines of the events.
    Now {
        secret: Box<Secret>,
        lines: Vec<Vec<u8>>,
    },
}

/// The rules of a request, with what is derived from them.
///
/// # Errors
/// [`Error::BothFrequencyAndExpression`], [`Error::InvalidSchedule`].
pub(crate) fn rules(
    days: Option<i64>,
    duration: Option<&str>,
    expression: Option<&str>,
) -> Result<Rules, Error> {
    if days.is_some() && expression.is_some() {
        return Err(Error::BothFrequencyAndExpression);
    }
    let mut rules = Rules {
        automatically_after_days: days,
        duration: duration.map(str::to_owned),
        schedule_expression: expression.map(str::to_owned),
    };
    let schedule = Schedule::of(&rules).map_err(Error::InvalidSchedule)?;
    rules.automatically_after_days = Some(schedule.derived_days());
    Ok(rules)
}

/// Configures the rotation of the secret, and puts its run in.
///
/// # Errors
/// See [`Error`]; nothing has changed then, but that a rotation that is not complete is taken up again
/// at once.
pub(crate) async fn begin(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    permit: &Permit,
    found: &Versioned<Secret>,
    asked: &Asked<'_>,
) -> Result<Begun, Error> {
    let mut secret = Secret::clone(&found.record);
    let function = asked.function.or(secret.rotation_function());
    let function = function.ok_or(Error::NoFunction)?.to_owned();
    check_function(cx, &secret, &function).await?;
    let (mut rotations, rev) = stored(tx, &secret).await?;
    if is_known(&rotations, asked.token) {
        return Ok(Begun::Before);
    }
    if secret.versions.pending().is_some() {
        return Err(reattempt(cx, permit, &secret).await?);
    }
    let value = values::find(tx, permit, &secret, asked.token).await?;
    if value.is_some() || secret.versions.find(asked.token).is_some() {
        return Err(Error::TokenInUse {
            token: asked.token.to_owned(),
            arn: secret.arn(),
        });
    }
    let closed = close(cx, tx, permit, &mut rotations, &mut secret).await?;
    // Whoever held it by a clock that was ahead keeps nobody waiting.
    rotations.job.shorten(cx.now(), lease(cx));
    let mut lines: Vec<Vec<u8>> = closed.into_iter().collect();
    configure(cx, &mut secret, function, asked);
    lines.push(start(cx, tx, permit, &mut secret, &mut rotations, asked).await?);
    match rev {
        Some(rev) => tx.update(permit, rotations, rev),
        None => tx.insert(permit, rotations),
    }
    secret.changed = cx.now();
    Ok(Begun::Now {
        secret: Box::new(secret),
        lines,
    })
}

/// Whether the caller may have this service call `function`, and the function lets it.
async fn check_function(cx: &Cx<'_>, secret: &Secret, function: &str) -> Result<(), Error> {
    let arn = secret.arn();
    let invoker = invoker(&arn, &secret.account);
    match cx.app.functions.assignable(cx, function, invoker).await {
        Ok(()) => Ok(()),
        Err(FunctionsError::NotInvocable) => Err(Error::FunctionNotInvocable),
        Err(FunctionsError::Common(error)) => Err(error.into()),
        Err(FunctionsError::NotStarted(why)) => Err(Error::FunctionNotRunnable(why)),
        Err(error @ FunctionsError::Throttled) => Err(CommonError::internal(error).into()),
    }
}

async fn stored(tx: &mut Tx<'_>, secret: &Secret) -> Result<(Rotations, Option<Rev>), CommonError> {
    if secret.rotation.is_none() {
        return Ok((Rotations::of(secret), None));
    }
    let found = changes::find(tx, secret).await?;
    Ok((Rotations::clone(&found.record), Some(found.rev)))
}

/// Whether the run of this token is under way, or was the last one and went well.
fn is_known(rotations: &Rotations, token: &str) -> bool {
    let run = rotations.run.as_ref().filter(|run| run.id == token);
    run.is_some_and(|run| run.end.is_none_or(|end| end.outcome == Outcome::Succeeded))
}

/// Takes a rotation up again that is not complete, and gives the refusal that says so. What was
/// configured in the request is not stored.
async fn reattempt(cx: &Cx<'_>, permit: &Permit, secret: &Secret) -> Result<Error, Error> {
    let is_enabled = secret.rotation.as_ref().is_some_and(|one| one.enabled);
    if is_enabled {
        let key = Rotations::key_of(secret);
        let now = cx.now();
        let nudged = cx
            .app
            .ledger
            .advance(permit, &key, |rotations: &mut Rotations| {
                rotations.wanted = rotations.in_flight().is_none();
                rotations.job.shorten(now, lease(cx));
                rotations.job.nudge(now);
                Some(())
            });
        nudged.await?;
        cx.app.nudge_rotation();
    }
    Ok(Error::PreviousRotationIncomplete)
}

fn lease(cx: &Cx<'_>) -> i64 {
    cx.app.rotation.lease_millis.into()
}

/// Closes a run that is under way although nothing is pending: its version became current, and the
/// worker has only not noted it yet, or it lost its label. Gives the line of the event.
async fn close(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    permit: &Permit,
    rotations: &mut Rotations,
    secret: &mut Secret,
) -> Result<Option<Vec<u8>>, CommonError> {
    let own = rotations.in_flight();
    let is_done =
        own.is_some_and(|run| run.kind == RunKind::Rotation && is_promoted(secret, &run.id));
    let outcome = match is_done {
        true => Outcome::Succeeded,
        false => Outcome::Abandoned,
    };
    let (entropy, now) = (cx.entropy(), cx.now());
    changes::end(tx, permit, rotations, secret, entropy, now, outcome).await
}

fn configure(cx: &Cx<'_>, secret: &mut Secret, function: String, asked: &Asked<'_>) {
    let now = cx.now();
    let before = secret.rotation.take();
    let (rules, set) = match (&asked.rules, &before) {
        (Some(rules), _) => (Some(rules.clone()), now),
        (None, Some(before)) => (before.rules.clone(), before.origin.set),
        (None, None) => (None, now),
    };
    let counted_from = before.as_ref().map(|before| before.origin.counted_from);
    let mut rotation = Rotation {
        enabled: true,
        function,
        rules,
        origin: Origin {
            set,
            counted_from: counted_from.unwrap_or(now),
        },
        last_rotated: before.and_then(|before| before.last_rotated),
        next: None,
    };
    if asked.immediately {
        rotation.count_from(now);
    } else if counted_from.is_some() {
        rotation.look_ahead(now);
    } else {
        rotation.next = rotation
            .schedule()
            .and_then(|schedule| schedule.first_window(now));
    }
    secret.rotation = Some(rotation);
}

/// Makes the version that the run is about, and the run. Gives the line of its event.
async fn start(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    permit: &Permit,
    secret: &mut Secret,
    rotations: &mut Rotations,
    asked: &Asked<'_>,
) -> Result<Vec<u8>, Error> {
    let kind = match asked.immediately {
        true => RunKind::Rotation,
        false => RunKind::Test,
    };
    let most_labels = cx.limits_of(&secret.account).labels;
    let current = secret.versions.holder(AWSCURRENT);
    let current = current.map(|version| version.id.clone());
    match current.filter(|_| kind == RunKind::Test) {
        Some(current) => {
            let value = values::find(tx, permit, secret, &current).await?;
            let missing = || CommonError::internal("the current value of a secret is missing");
            let value = value.ok_or_else(missing)?;
            let pending = [AWSPENDING.to_owned()];
            secret.versions.add(asked.token, &pending, most_labels)?;
            let copy = values::copy(&value.record, asked.token, cx.now());
            tx.insert(permit, copy);
        }
        None => secret.versions.prepare(asked.token, most_labels)?,
    }
    let function = secret.rotation_function().unwrap_or_default().to_owned();
    rotations.begin(Run::begin(Beginning {
        id: asked.token.to_owned(),
        rotation_token: RotationToken::random(cx.entropy()),
        kind,
        cause: Cause::Request,
        function,
        now: cx.now(),
        retry_until: None,
    }));
    rotations.job.reschedule(Some(cx.now()));
    let happened = Happened::Started;
    Ok(line(
        cx.entropy(),
        secret,
        asked.token,
        kind,
        happened,
        cx.now(),
    ))
}
