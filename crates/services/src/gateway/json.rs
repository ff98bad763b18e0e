//! awsJson 1.1: `POST /` with the operation in `X-Amz-Target`.

use super::Unread;
use super::authenticate::{Failure, authenticate};
use super::call::{Answer, Call, LONGEST_ECHO, Progress, UNKNOWN};
use super::refusal::Refusal;
use crate::app::App;
use crate::cx::Cx;
use crate::operation::Entry;
use crate::secretsmanager::{self, error::COMMON};
use serde_json::value::RawValue;
use wire::{Body, Rejection, Structure, json};

/// Answers a request, and records a refusal.
pub(super) async fn answer(app: &App, call: &Call<'_>) -> Answer {
    let mut progress = Progress::default();
    let refusal = match attempt(app, call, &mut progress).await {
        Ok(body) => return Answer::new(200, CONTENT_TYPE, body),
        Err(refusal) => refusal,
    };
    refused_answer(app, call, &progress, refusal).await
}

/// The answer of a refusal, once it is recorded.
async fn refused_answer(
    app: &App,
    call: &Call<'_>,
    progress: &Progress<'_>,
    refusal: Refusal,
) -> Answer {
    let refusal = match call.record(app, progress, &refusal).await {
        Ok(()) => refusal,
        Err(_) => withheld(),
    };
    let body = json::error_body(refusal.code(), refusal.message(), refusal.message_key());
    Answer::new(refusal.status(), CONTENT_TYPE, body)
}

/// Refuses a request whose body was not read, and records it.
pub(super) async fn refuse(app: &App, call: &Call<'_>, unread: Unread) -> Answer {
    let target = call.header("x-amz-target").unwrap_or_default();
    let progress = Progress {
        event_source: secretsmanager::EVENT_SOURCE,
        event_name: find(target)
            .map_or_else(|| described(target), |entry| entry.info.name.to_owned()),
        ..Progress::default()
    };
    refused_answer(app, call, &progress, unread.refusal()).await
}

async fn attempt<'a>(
    app: &'a App,
    call: &Call<'_>,
    progress: &mut Progress<'a>,
) -> Result<Body, Refusal> {
    let target = call.header("x-amz-target").unwrap_or_default();
    progress.event_source = secretsmanager::EVENT_SOURCE;
    progress.event_name = described(target);
    let Some(entry) = find(target) else {
        wire::parse(&ANY_OBJECT, &call.request.body)?;
        return Err(Refusal::front_end("UnknownOperationException", 400, None));
    };
    progress.event_name = entry.info.name.to_owned();
    progress.read_only = entry.info.read_only;

    // A body that is no JSON is refused before its signature is looked at, wrong types after.
    let parsed = wire::parse(entry.info.input, &call.request.body);
    if let Err(rejection @ Rejection::Serialization(None)) = parsed {
        return Err(rejection.into());
    }
    authenticate(app, call, secretsmanager::SIGNING_NAME, progress)
        .await
        .map_err(refused)?;
    let parsed = parsed?;
    progress.request_parameters = RawValue::from_string(parsed.request_parameters()).ok();
    parsed.validate()?;

    let (Some(principal), Some(region)) = (progress.principal.as_ref(), progress.region) else {
        return Err(withheld());
    };
    let facts = call.facts(progress);
    (entry.run)(
        &Cx {
            app,
            principal,
            region,
            facts: &facts,
        },
        parsed,
    )
    .await
}

/// The operation that `X-Amz-Target` names; its prefix and case count.
fn find(target: &str) -> Option<&'static Entry> {
    let name = target.strip_prefix("secretsmanager.")?;
    secretsmanager::OPERATIONS
        .iter()
        .find(|entry| entry.info.name == name)
}

/// What the record calls an operation that does not exist.
fn described(target: &str) -> String {
    let name: String = target.chars().take(LONGEST_ECHO).collect();
    if name.is_empty() {
        UNKNOWN.to_owned()
    } else {
        name
    }
}

fn refused(failure: Failure) -> Refusal {
    match failure {
        Failure::Signature(error) => {
            Refusal::front_end(error.json_code(), 400, Some(error.to_string()))
        }
        Failure::Internal(error) => Refusal::of(&secretsmanager::error::Error::from(error)),
    }
}

/// SECURITY: the answer when the audit log did not take the record says nothing of the request.
fn withheld() -> Refusal {
    let (code, status) = COMMON.internal;
    Refusal::front_end(code, status, None)
}

/// What a request for an unknown operation must at least be.
static ANY_OBJECT: Structure = Structure::new(&[]);
const CONTENT_TYPE: &str = "application/x-amz-json-1.1";
