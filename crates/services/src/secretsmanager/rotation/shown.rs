//! What the operator is shown of the rotations of a secret.

use super::record::Rotations;
use super::run::{Call, Cause, Outcome, Run, RunKind};
use crate::app::App;
use crate::ports::LogLines;
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::names::SecretId;
use crate::tx::Tx;
use base::{AccountId, CommonError, RegionName, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The rotations of one secret. Names and members are those of `DescribeSecret`, as far as it has
/// them; moments are in ISO 8601.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ShownRotation {
    /// The secret's ARN.
    #[serde(rename = "ARN")]
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Whether it is rotated. `None`: rotation was never configured.
    pub rotation_enabled: Option<bool>,
    /// The ARN of the function.
    #[serde(rename = "RotationLambdaARN")]
    pub rotation_lambda_arn: Option<String>,
    /// `AutomaticallyAfterDays`, as given or derived.
    pub automatically_after_days: Option<i64>,
    /// `ScheduleExpression`.
    pub schedule_expression: Option<String>,
    /// `Duration`.
    pub duration: Option<String>,
    /// The end of the last rotation that went well.
    pub last_rotated_date: Option<String>,
    /// The end of the window in which it is due.
    pub next_rotation_date: Option<String>,
    /// When the server tries next, or goes on.
    pub next_attempt: Option<String>,
    /// Who is at it now.
    pub worker: Option<String>,
    /// The windows to come.
    pub next_windows: Vec<ShownWindow>,
    /// The last runs, the latest first.
    pub runs: Vec<ShownRun>,
}

/// A window.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ShownWindow {
    /// Its first moment.
    pub opens: String,
    /// The moment after its last.
    pub closes: String,
}

/// One rotation, or one test of the function.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ShownRun {
    /// The version that it makes.
    pub version_id: String,
    /// `rotation` or `test`.
    pub kind: String,
    /// `request` or `schedule`.
    pub cause: String,
    /// The ARN of the function.
    pub function: String,
    /// `in progress`, `succeeded`, `failed`, `abandoned` or `cancelled`.
    pub outcome: String,
    /// When it began.
    pub began: String,
    /// When it ended.
    pub ended: Option<String>,
    /// How often it was tried.
    pub attempts: u32,
    /// The calls of the function, in order.
    pub calls: Vec<ShownCall>,
}

/// One call of the function.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ShownCall {
    /// `createSecret`, `setSecret`, `testSecret` or `finishSecret`.
    pub step: String,
    /// Which attempt it belongs to, from 1.
    pub attempt: u32,
    /// When it began.
    pub began: String,
    /// When it ended.
    pub ended: Option<String>,
    /// `in progress`, `succeeded`, `failed`, or `not known: …` when the run was ended before it returned.
    pub outcome: String,
    /// `errorType`.
    pub error_type: Option<String>,
    /// `errorMessage`.
    pub error_message: Option<String>,
    /// The id of the call, which its log lines carry.
    pub request_id: Option<String>,
    /// Where the lines are.
    pub log_group: Option<String>,
    /// Where in it.
    pub log_stream: Option<String>,
    /// The lines, if they are kept here.
    pub log: Vec<String>,
}

/// The rotations of the secret that `id` means. `None`: there is no such secret.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn show(
    app: &App,
    account: &AccountId,
    region: &RegionName,
    id: &str,
) -> Result<Option<ShownRotation>, CommonError> {
    let mut tx = app.ledger.begin_reading();
    let Some(secret) = find(&mut tx, account, region, id).await? else {
        return Ok(None);
    };
    let secret = secret.as_ref();
    let rotations = tx.get::<Rotations>(&Rotations::key_of(secret)).await?;
    drop(tx);
    let mut shown = configured(secret, app.clock.now());
    if let Some(rotations) = rotations {
        let rotations = &rotations.record;
        shown.next_attempt = next_attempt(rotations, secret, app.clock.now());
        shown.worker = rotations.job.owner().map(str::to_owned);
        let runs = rotations.past.iter().chain(&rotations.run);
        for run in runs.rev() {
            shown.runs.push(shown_run(app, run).await?);
        }
    }
    Ok(Some(shown))
}

/// The secret that `id` means, in that account and Region unless it says others.
pub(super) async fn find(
    tx: &mut Tx<'_>,
    account: &AccountId,
    region: &RegionName,
    id: &str,
) -> Result<Option<Arc<Secret>>, CommonError> {
    let Ok(id) = SecretId::parse(id, account, region) else {
        return Ok(None);
    };
    let key = Secret::key_of(&id.account, &id.region, &id.name);
    let found = tx.get::<Secret>(&key).await?;
    let meant = |secret: &Secret| match &id.suffix {
        Some(suffix) => secret.suffix == *suffix,
        None => true,
    };
    Ok(found.map(|found| found.record).filter(|found| meant(found)))
}

fn configured(secret: &Secret, now: Timestamp) -> ShownRotation {
    let shown = ShownRotation {
        arn: secret.arn(),
        name: secret.name.clone(),
        ..ShownRotation::default()
    };
    let Some(rotation) = &secret.rotation else {
        return shown;
    };
    let rules = rotation.rules.clone();
    let mut windows = Vec::new();
    let mut window = rotation.window_at(now, None);
    while let Some(next) = window.filter(|_| windows.len() < WINDOWS) {
        windows.push(ShownWindow {
            opens: next.opens.to_iso(),
            closes: next.closes.to_iso(),
        });
        let schedule = rotation.schedule();
        window = schedule.and_then(|one| one.window_after(next, rotation.origin.set));
    }
    ShownRotation {
        rotation_enabled: Some(rotation.enabled),
        rotation_lambda_arn: Some(rotation.function.clone()),
        automatically_after_days: rules.as_ref().and_then(|one| one.automatically_after_days),
        duration: rules.as_ref().and_then(|one| one.duration.clone()),
        schedule_expression: rules.and_then(|one| one.schedule_expression),
        last_rotated_date: rotation.last_rotated.map(Timestamp::to_iso),
        next_rotation_date: rotation.next.map(|next| next.last_second().to_iso()),
        next_windows: windows,
        ..shown
    }
}

/// A run under way goes on when it is due again; otherwise the schedule says when.
fn next_attempt(rotations: &Rotations, secret: &Secret, now: Timestamp) -> Option<String> {
    let moment = match rotations.in_flight() {
        Some(_) => rotations.job.next_look(),
        None => rotations.next_moment(secret, now),
    };
    moment.map(Timestamp::to_iso)
}

async fn shown_run(app: &App, run: &Run) -> Result<ShownRun, CommonError> {
    let mut calls = Vec::with_capacity(run.calls.len());
    for call in &run.calls {
        calls.push(shown_call(app, run, call).await?);
    }
    Ok(ShownRun {
        version_id: run.id.clone(),
        kind: String::from(match run.kind {
            RunKind::Rotation => "rotation",
            RunKind::Test => "test",
        }),
        cause: String::from(match run.cause {
            Cause::Request => "request",
            Cause::Schedule => "schedule",
        }),
        function: run.function.clone(),
        outcome: String::from(match run.end.map(|end| end.outcome) {
            None => "in progress",
            Some(Outcome::Succeeded) => "succeeded",
            Some(Outcome::Failed) => "failed",
            Some(Outcome::Abandoned) => "abandoned",
            Some(Outcome::Cancelled) => "cancelled",
        }),
        began: run.began.to_iso(),
        ended: run.end.map(|end| end.at.to_iso()),
        attempts: run.attempt,
        calls,
    })
}

async fn shown_call(app: &App, run: &Run, call: &Call) -> Result<ShownCall, CommonError> {
    let log = match &call.log {
        Some(place) => {
            let lines = LogLines {
                group: &place.group,
                stream: &place.stream,
                request_id: &place.request_id,
                most: MOST_LINES,
            };
            app.functions.log_lines(app, lines).await?
        }
        None => Vec::new(),
    };
    let place = call.log.as_ref();
    let failure = call.failure.as_ref();
    Ok(ShownCall {
        step: call.step.name().to_owned(),
        attempt: call.attempt,
        began: call.began.to_iso(),
        ended: call.ended.map(Timestamp::to_iso),
        outcome: String::from(match (call.ended, failure) {
            (None, _) if run.is_in_flight() => "in progress",
            // The server may have stopped during the call, and need not tell any more.
            (None, _) => "not known: the run was ended meanwhile",
            (Some(_), None) => "succeeded",
            (Some(_), Some(_)) => "failed",
        }),
        error_type: failure.map(|failure| failure.kind.clone()),
        error_message: failure.map(|failure| failure.message.clone()),
        request_id: place.map(|place| place.request_id.clone()),
        log_group: place.map(|place| place.group.clone()),
        log_stream: place.map(|place| place.stream.clone()),
        log,
    })
}

/// Windows to come that are shown.
const WINDOWS: usize = 5;
/// Lines of one call that are shown.
const MOST_LINES: usize = 200;
