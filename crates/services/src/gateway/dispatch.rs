//! The path of a request through either protocol: route, authenticate, check, run, record.

use super::Unread;
use super::authenticate::{Failure, authenticate};
use super::call::{Answer, Call, Progress, UNKNOWN};
use super::refusal::Refusal;
use super::{explain, json, query, rest};
use crate::app::App;
use crate::cx::{Cx, OpenCx};
use crate::operation::{Entry, Run};
use crate::service::{Protocol, Service};
use serde_json::value::RawValue;
use wire::rest::Answer as Done;
use wire::{Body, Parsed};

/// What a request turned out to ask for.
pub(super) struct Routed {
    pub(super) service: &'static Service,
    /// `None` for an operation that does not exist.
    pub(super) entry: Option<&'static Entry>,
    /// What the operation is called, whether or not it exists.
    pub(super) name: String,
    /// The input, or why it is none: told once the signature is verified.
    pub(super) parsed: Result<Parsed, Refusal>,
}

/// A request that was refused before anything else was known of it.
pub(super) struct Unrouted {
    pub(super) service: &'static Service,
    pub(super) name: String,
    pub(super) refusal: Refusal,
}

/// Answers a request, and records a refusal.
pub(super) async fn answer(app: &App, call: &Call<'_>, form: super::Form) -> Answer {
    let routed = match form {
        super::Form::Json => json::route(call),
        super::Form::Query => query::route(call),
        super::Form::Rest(service, entry) => Ok(rest::route(call, service, entry)),
    };
    let routed = match routed {
        Ok(routed) => routed,
        Err(unrouted) => return refuse(app, call, unrouted).await,
    };
    let service = routed.service;
    let mut progress = Progress::of(service, &routed.name);
    match attempt(app, call, routed, &mut progress).await {
        Ok(done) => Answer::of(done, content_type(service)),
        Err(refusal) => refused_answer(app, call, service, &progress, refusal).await,
    }
}

/// Refuses a request whose body was not read, and records it.
pub(super) async fn answer_unread(
    app: &App,
    call: &Call<'_>,
    form: super::Form,
    unread: Unread,
) -> Answer {
    let unrouted = match form {
        super::Form::Json => json::unread(call, unread.refusal()),
        super::Form::Query => Unrouted {
            service: &crate::sts::SERVICE,
            name: UNKNOWN.to_owned(),
            refusal: unread.refusal(),
        },
        super::Form::Rest(service, entry) => Unrouted {
            service,
            name: entry.info.event_name.to_owned(),
            refusal: unread.refusal(),
        },
    };
    refuse(app, call, unrouted).await
}

async fn refuse(app: &App, call: &Call<'_>, unrouted: Unrouted) -> Answer {
    let Unrouted {
        service,
        name,
        refusal,
    } = unrouted;
    let progress = Progress::of(service, &name);
    refused_answer(app, call, service, &progress, refusal).await
}

/// The answer of a refusal, once it is recorded.
async fn refused_answer(
    app: &App,
    call: &Call<'_>,
    service: &'static Service,
    progress: &Progress<'_>,
    refusal: Refusal,
) -> Answer {
    let explanation = explain::for_caller(call, service, progress, &refusal);
    let refusal = recorded(app, call, service, progress, refusal).await;
    let (body, headers) = match service.protocol {
        Protocol::Json { message_key, .. } => (json::error_body(&refusal, message_key), None),
        Protocol::Query { namespace, .. } => (query::error_body(namespace, &refusal, call), None),
        Protocol::RestJson { upper_case } => (
            rest::error_body(&refusal, upper_case),
            Some(rest::error_type(&refusal)),
        ),
    };
    let answer = Answer::new(refusal.status(), content_type(service), body);
    answer.with(headers).explained(explanation)
}

/// The refusal, once it is recorded.
pub(super) async fn recorded(
    app: &App,
    call: &Call<'_>,
    service: &Service,
    progress: &Progress<'_>,
    refusal: Refusal,
) -> Refusal {
    match call.record(app, progress, &refusal).await {
        Ok(()) => refusal,
        Err(_) => withheld(service),
    }
}

async fn attempt<'a>(
    app: &'a App,
    call: &Call<'_>,
    routed: Routed,
    progress: &mut Progress<'a>,
) -> Result<Done, Refusal> {
    let service = routed.service;
    progress.read_only = routed.entry.is_some_and(|entry| entry.info.read_only);
    let must_sign = routed.entry.is_none_or(|entry| entry.info.signed);
    let may_sign = routed
        .entry
        .is_some_and(|entry| matches!(entry.run, Run::Either(..)));
    if must_sign || (may_sign && claims_a_signature(call)) {
        authenticate(app, call, service, progress)
            .await
            .map_err(|failure| refused(service, failure))?;
    }
    perform(app, call, routed, progress).await
}

/// Whether a request that need not be signed says that it is: then it has to be.
fn claims_a_signature(call: &Call<'_>) -> bool {
    let in_query = call
        .request
        .query
        .split('&')
        .any(|one| one.starts_with("X-Amz-"));
    call.header("authorization").is_some() || in_query
}

/// Runs the operation for a caller who is known: `progress` tells who, and in which Region.
pub(super) async fn perform(
    app: &App,
    call: &Call<'_>,
    routed: Routed,
    progress: &mut Progress<'_>,
) -> Result<Done, Refusal> {
    let service = routed.service;
    let parsed = routed.parsed?;
    progress.request_parameters = RawValue::from_string(parsed.request_parameters()).ok();
    parsed
        .validate()
        .map_err(|rejection| rejected(service, &rejection))?;
    let Some(entry) = routed.entry else {
        return Err(withheld(service));
    };
    let done = match entry.run {
        Run::Either(_, run) if progress.principal.is_none() => {
            let facts = call.facts(progress);
            run(
                &OpenCx {
                    app,
                    service,
                    facts: &facts,
                },
                parsed,
            )
            .await?
        }
        Run::Signed(run) | Run::Either(run, _) => {
            let (Some(principal), Some(region)) = (progress.principal.as_ref(), progress.region)
            else {
                return Err(withheld(service));
            };
            let facts = call.facts(progress);
            let cx = Cx {
                app,
                service,
                principal,
                region,
                facts: &facts,
                within: None,
            };
            run(&cx, parsed).await?
        }
        Run::Unsigned(run) => {
            let facts = call.facts(progress);
            run(
                &OpenCx {
                    app,
                    service,
                    facts: &facts,
                },
                parsed,
            )
            .await?
        }
    };
    Ok(with_status(entry, done))
}

/// The answer with the status that the operation's is to have.
fn with_status(entry: &Entry, done: Done) -> Done {
    match entry.info.http {
        Some(http) if http.status == NO_CONTENT => Done::new(NO_CONTENT, Body::empty()),
        Some(http) if done.status == OK => Done {
            status: http.status,
            ..done
        },
        _ => done,
    }
}

/// The refusal of an input that breaks a rule.
pub(super) fn rejected(service: &Service, rejection: &wire::Rejection) -> Refusal {
    let code = match service.protocol {
        Protocol::Json { invalid_input, .. } => match rejection {
            wire::Rejection::Validation(_) => invalid_input,
            wire::Rejection::Serialization(_) => rejection.code(),
        },
        Protocol::Query { .. } => rejection.query_code(),
        Protocol::RestJson { .. } => rejection.code(),
    };
    Refusal::front_end(code, 400, rejection.message().map(str::to_owned))
}

fn refused(service: &Service, failure: Failure) -> Refusal {
    match failure {
        Failure::Signature(error) => {
            let (code, status) = match service.protocol {
                Protocol::Json { .. } => (error.json_code(), 400),
                Protocol::Query { .. } => error.query_code(),
                Protocol::RestJson { .. } => (error.json_code(), 403),
            };
            Refusal::front_end(code, status, Some(error.to_string()))
        }
        Failure::Internal(error) => Refusal::common(service.common, &error),
    }
}

/// SECURITY: the answer when the audit log did not take the record says nothing of the request.
pub(super) fn withheld(service: &Service) -> Refusal {
    let (code, status) = service.common.internal;
    Refusal::front_end(code, status, None)
}

fn content_type(service: &Service) -> &'static str {
    match service.protocol {
        Protocol::Json { .. } => "application/x-amz-json-1.1",
        Protocol::Query { .. } => "text/xml",
        Protocol::RestJson { .. } => rest::CONTENT_TYPE,
    }
}

const OK: u16 = 200;
const NO_CONTENT: u16 = 204;
