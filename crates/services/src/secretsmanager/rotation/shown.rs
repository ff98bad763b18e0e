//! What the operator is shown of the rotations of a secret.

mod moment;

pub use self::moment::Moment;

use super::record::Rotations;
use super::run::{Call, Cause, Outcome, Run, RunKind};
use crate::app::App;
use crate::ports::LogLines;
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::names::SecretId;
use crate::secretsmanager::ops::described;
use crate::tx::Tx;
use base::{AccountId, CommonError, RegionName, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::Arc;

/// The rotations of one secret: the members that `DescribeSecret` answers for it, and beside them
/// those of ours. What is absent is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ShownRotation {
    /// What `DescribeSecret` answers.
    #[serde(flatten)]
    pub described: Map<String, Value>,
    /// When the server tries next, or goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_attempt: Option<Moment>,
    /// Who is at it now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worker: Option<String>,
    /// The windows to come.
    pub next_windows: Vec<ShownWindow>,
    /// The last runs, the latest first.
    pub runs: Vec<ShownRun>,
}

/// A window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ShownWindow {
    /// Its first moment.
    pub opens: Moment,
    /// The moment after its last.
    pub closes: Moment,
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
    pub began: Moment,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Moment>,
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
    pub began: Moment,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Moment>,
    /// `in progress`, `succeeded`, `failed`, or `not known: …` when the run was ended before it returned.
    pub outcome: String,
    /// `errorType`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_type: Option<String>,
    /// `errorMessage`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// The id of the call, which its log lines carry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Where the lines are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_group: Option<String>,
    /// Where in it.
    #[serde(skip_serializing_if = "Option::is_none")]
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
    let rotations = tx.get::<Rotations>(&Rotations::key_of(&secret)).await?;
    drop(tx);
    let failed_until = rotations
        .as_ref()
        .and_then(|found| found.record.failed_until);
    let mut shown = ShownRotation {
        described: described(&secret)?,
        next_windows: windows(&secret, failed_until, app.clock.now()),
        ..ShownRotation::default()
    };
    if let Some(rotations) = rotations {
        let rotations = &rotations.record;
        shown.next_attempt = next_attempt(rotations, &secret, app.clock.now());
        shown.worker = rotations.job.owner().map(str::to_owned);
        let runs = rotations.past.iter().chain(&rotations.run);
        for run in runs.rev() {
            shown.runs.push(shown_run(app, run).await?);
        }
    }
    Ok(Some(shown))
}

/// The secret that `id` means, in that account and Region unless it says others.
pub(in crate::secretsmanager) async fn find(
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

/// The windows to come, after the one in which it failed.
fn windows(secret: &Secret, failed_until: Option<Timestamp>, now: Timestamp) -> Vec<ShownWindow> {
    let enabled = secret.rotation.as_ref().filter(|one| one.enabled);
    let Some(rotation) = enabled.filter(|_| !secret.is_scheduled_for_deletion()) else {
        return Vec::new();
    };
    let mut windows = Vec::new();
    let mut window = rotation.window_at(now, failed_until);
    while let Some(next) = window.filter(|_| windows.len() < WINDOWS) {
        windows.push(ShownWindow {
            opens: Moment(next.opens),
            closes: Moment(next.closes),
        });
        let schedule = rotation.schedule();
        window = schedule.and_then(|one| one.window_after(next, rotation.origin.set));
    }
    windows
}

/// A run under way goes on when it is due again, or when its worker is taken for dead; otherwise the
/// schedule says when. While a step is being done, nobody knows.
fn next_attempt(rotations: &Rotations, secret: &Secret, now: Timestamp) -> Option<Moment> {
    let moment = match rotations.in_flight() {
        Some(_) if rotations.job.is_held(now) => None,
        Some(_) => rotations.job.next_look(),
        None => rotations.next_moment(secret, now),
    };
    moment.map(Moment)
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
        began: Moment(run.began),
        ended: run.end.map(|end| Moment(end.at)),
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
        began: Moment(call.began),
        ended: call.ended.map(Moment),
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
