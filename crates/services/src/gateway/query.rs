//! awsQuery: the operation is the parameter `Action`, answers are XML.

use super::Unread;
use super::authenticate::{Failure, authenticate};
use super::call::{Answer, Call, LONGEST_ECHO, Progress, UNKNOWN};
use super::refusal::Refusal;
use crate::app::App;
use crate::cx::Cx;
use crate::sts;
use http::Method;
use wire::Body;
use wire::query::{self, QueryRequest};

/// Answers a request, and records a refusal.
pub(super) async fn answer(app: &App, call: &Call<'_>) -> Answer {
    let mut progress = Progress::default();
    let refusal = match attempt(app, call, &mut progress).await {
        Ok(body) => return Answer::new(200, CONTENT_TYPE, body),
        Err(refusal) => refusal,
    };
    refused_answer(app, call, &progress, refusal).await
}

/// Refuses a request whose body was not read, and records it.
pub(super) async fn refuse(app: &App, call: &Call<'_>, unread: Unread) -> Answer {
    let progress = Progress {
        event_source: sts::EVENT_SOURCE,
        event_name: UNKNOWN.to_owned(),
        ..Progress::default()
    };
    refused_answer(app, call, &progress, unread.refusal()).await
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
    let message = refusal.message().unwrap_or_default();
    let body = query::error_response(
        sts::NAMESPACE,
        refusal.status(),
        refusal.code(),
        message,
        &call.request_id,
    );
    Answer::new(refusal.status(), CONTENT_TYPE, body)
}

async fn attempt<'a>(
    app: &'a App,
    call: &Call<'_>,
    progress: &mut Progress<'a>,
) -> Result<Body, Refusal> {
    progress.event_source = sts::EVENT_SOURCE;
    progress.event_name = UNKNOWN.to_owned();
    let request = parameters(call)?;
    let action = request.action();
    progress.event_name = action.chars().take(LONGEST_ECHO).collect();
    authenticate(app, call, sts::SIGNING_NAME, progress)
        .await
        .map_err(refused)?;
    let Some(operation) = sts::find(action) else {
        return Err(no_such_action(&request));
    };
    progress.read_only = operation.read_only;

    let (Some(principal), Some(region)) = (progress.principal.as_ref(), progress.region) else {
        return Err(withheld());
    };
    let facts = call.facts(progress);
    let cx = Cx {
        app,
        principal,
        region,
        facts: &facts,
    };
    (operation.run)(&cx).await
}

fn parameters(call: &Call<'_>) -> Result<QueryRequest, Refusal> {
    let bytes = match call.request.method {
        Method::GET => call.request.query.as_bytes(),
        _ => &call.request.body,
    };
    query::parse(bytes)
        .map_err(|error| Refusal::front_end(error.code(), error.status(), Some(error.to_string())))
}

fn no_such_action(request: &QueryRequest) -> Refusal {
    let action: String = request.action().chars().take(LONGEST_ECHO).collect();
    let version = request.version().unwrap_or_default();
    let version: String = version.chars().take(LONGEST_ECHO).collect();
    let text = format!("Could not find operation {action} for version {version}");
    Refusal::front_end("InvalidAction", 400, Some(text))
}

fn refused(failure: Failure) -> Refusal {
    match failure {
        Failure::Signature(error) => {
            let (code, status) = error.query_code();
            Refusal::front_end(code, status, Some(error.to_string()))
        }
        Failure::Internal(error) => Refusal::of(&sts::Error::from(error)),
    }
}

/// SECURITY: the answer when the audit log did not take the record says nothing of the request.
fn withheld() -> Refusal {
    let (code, status) = sts::COMMON.internal;
    Refusal::front_end(code, status, None)
}

const CONTENT_TYPE: &str = "text/xml";
