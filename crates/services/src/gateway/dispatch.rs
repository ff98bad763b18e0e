//! The path of a request through any protocol: route, authenticate, check, run, record.

use super::Unread;
use super::authenticate::{Failure, authenticate};
use super::call::{Answer, Call, Progress, UNKNOWN};
use super::refusal::Refusal;
use super::{cbor, explain, json, query, rest, several, throttling};
use crate::app::App;
use crate::cx::{Cx, OpenCx};
use crate::identity::Principal;
use crate::operation::{Entry, Run};
use crate::quotas::Limits;
use crate::service::{Chosen, Protocol, Service};
use serde_json::value::RawValue;
use tokio::time::Instant;
use wire::rest::Answer as Done;
use wire::tree::Fields;
use wire::{Body, Parsed};

/// What a request turned out to ask for.
pub(super) struct Routed {
    pub(super) service: &'static Service,
    pub(super) protocol: Protocol,
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
    pub(super) chosen: Chosen,
    pub(super) name: String,
    pub(super) refusal: Refusal,
}

/// Answers a request, and records a refusal.
pub(super) async fn answer(app: &App, call: &Call<'_>, form: super::Form) -> Answer {
    let routed = match form {
        super::Form::Json => json::route(call),
        super::Form::Query => query::route(app, call),
        super::Form::Rest(service, entry) => Ok(rest::route(call, service, entry)),
        super::Form::JsonOfSeveral => several::route(app, call),
        super::Form::Cbor(service) => cbor::route(app, call, service),
    };
    let routed = match routed {
        Ok(routed) => routed,
        Err(unrouted) => return refuse(app, call, unrouted).await,
    };
    let (service, protocol, entry) = (routed.service, routed.protocol, routed.entry);
    let mut progress = Progress::of(service, &routed.name);
    let mut answer = match attempt(app, call, routed, &mut progress).await {
        Ok(done) => Answer::of(done, content_type(protocol)).with(headers_of(protocol)),
        Err(refusal) => refused_answer(app, call, (service, protocol), &progress, refusal).await,
    };
    answer.told.service = Some(service);
    answer.told.entry = entry;
    if app.observer.is_some() {
        answer.told.account = progress.principal.as_ref().map(|one| one.account().clone());
        answer.told.region = progress.region.cloned();
        answer.told.authenticated = progress.authenticated;
    }
    answer
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
            chosen: Chosen::Query,
            name: UNKNOWN.to_owned(),
            refusal: unread.refusal(),
        },
        super::Form::Rest(service, entry) => Unrouted {
            service,
            chosen: Chosen::Declared,
            name: entry.info.event_name.to_owned(),
            refusal: unread.refusal(),
        },
        super::Form::JsonOfSeveral => several::unread(call, unread.refusal()),
        super::Form::Cbor(service) => Unrouted {
            service,
            chosen: Chosen::Cbor,
            name: cbor::named(call, service).1,
            refusal: unread.refusal(),
        },
    };
    refuse(app, call, unrouted).await
}

async fn refuse(app: &App, call: &Call<'_>, unrouted: Unrouted) -> Answer {
    let Unrouted {
        service,
        chosen,
        name,
        refusal,
    } = unrouted;
    let protocol = service.protocol_of(chosen);
    let progress = Progress::of(service, &name);
    refused_answer(app, call, (service, protocol), &progress, refusal).await
}

/// The answer of a refusal, once it is recorded.
async fn refused_answer(
    app: &App,
    call: &Call<'_>,
    (service, protocol): (&'static Service, Protocol),
    progress: &Progress<'_>,
    refusal: Refusal,
) -> Answer {
    let explanation = explain::for_caller(call, service, progress, &refusal);
    let refusal = recorded(app, call, service, progress, refusal).await;
    let (body, headers) = match protocol {
        Protocol::Json { message_key, .. } => (json::error_body(&refusal, message_key), None),
        Protocol::Query { namespace, .. } => (query::error_body(namespace, &refusal, call), None),
        Protocol::RestJson { upper_case } => (
            rest::error_body(&refusal, upper_case),
            Some(rest::error_type(&refusal)),
        ),
        Protocol::Several(several) => (
            several::error_body(several, &refusal),
            Some(several::query_error(&refusal)),
        ),
        Protocol::Cbor(several) => (
            cbor::error_body(several, &refusal),
            Some(several::query_error(&refusal)),
        ),
    };
    let mut answer = Answer::new(refusal.status(), content_type(protocol), body);
    answer.told.service = Some(service);
    answer.told.code = Some(refusal.code());
    let answer = answer.with(headers_of(protocol)).with(headers);
    answer.explained(explanation)
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
    let (service, protocol) = (routed.service, routed.protocol);
    progress.read_only = routed.entry.is_some_and(|entry| entry.info.read_only);
    let must_sign = routed.entry.is_none_or(|entry| entry.info.signed);
    let may_sign = routed
        .entry
        .is_some_and(|entry| matches!(entry.run, Run::Either(..)));
    if must_sign || (may_sign && claims_a_signature(call)) {
        authenticate(app, call, service, progress)
            .await
            .map_err(|failure| refused(service, protocol, failure))?;
        progress.authenticated = app.observer.as_ref().map(|_| Instant::now());
        throttling::admit(app, call, &routed, progress)?;
    } else {
        throttling::admit_unsigned(app, call, &routed)?;
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
    let (service, protocol) = (routed.service, routed.protocol);
    let parsed = routed.parsed?;
    let parameters = RawValue::from_string(parsed.request_parameters()).ok();
    // SECURITY: what is refused, or what nobody signed, is not to fill the audit log.
    let longest = match progress.principal {
        Some(_) => LONGEST_PARAMETERS,
        None => LONGEST_UNSIGNED_PARAMETERS,
    };
    progress.request_parameters = parameters.filter(|text| text.get().len() <= longest);
    let account = progress.principal.as_ref().map(Principal::account);
    let limits = account.map_or_else(Limits::default, |account| app.quotas.of(account).limits);
    parsed
        .validate_under(&|quota| limits.length(quota))
        .map_err(|rejection| rejected(protocol, &rejection))?;
    let Some(entry) = routed.entry else {
        return Err(withheld(service));
    };
    let (facts, principal) = (call.facts(progress), progress.principal.as_ref());
    let open = OpenCx {
        app,
        service,
        facts: &facts,
    };
    let done = match (&entry.run, principal.zip(progress.region)) {
        (Run::Unsigned(run), _) => run(&open, parsed).await?,
        (Run::Either(_, run), None) if principal.is_none() => run(&open, parsed).await?,
        (_, None) => return Err(withheld(service)),
        (run, Some((principal, region))) => {
            let cx = Cx {
                app,
                service,
                principal,
                region,
                facts: &facts,
                within: None,
            };
            let written = Written {
                protocol,
                action: entry.info.name,
                request_id: &call.request_id,
            };
            signed(run, &cx, parsed, &written).await?
        }
    };
    Ok(with_status(entry, done))
}

/// Runs the operation for who signed.
async fn signed(
    run: &Run,
    cx: &Cx<'_>,
    parsed: Parsed,
    written: &Written<'_>,
) -> Result<Done, Refusal> {
    match run {
        Run::Signed(run) | Run::Either(run, _) => run(cx, parsed).await,
        Run::Several(run, has_result) => {
            let fields = run(cx, parsed).await?;
            Ok(Done::new(OK, written.body(&fields, *has_result)))
        }
        Run::Unsigned(_) => Err(withheld(cx.service)),
    }
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

/// How an answer of a service of several protocols is written down.
struct Written<'a> {
    protocol: Protocol,
    action: &'a str,
    request_id: &'a str,
}

impl Written<'_> {
    fn body(&self, fields: &Fields, has_result: bool) -> Body {
        match self.protocol {
            Protocol::Query { namespace, .. } => {
                fields.to_query(namespace, self.action, self.request_id, has_result)
            }
            Protocol::Cbor(_) => fields.to_cbor(),
            Protocol::Json { .. } | Protocol::RestJson { .. } | Protocol::Several(_) => {
                fields.to_json()
            }
        }
    }
}

/// The refusal of an input that breaks a rule.
pub(super) fn rejected(protocol: Protocol, rejection: &wire::Rejection) -> Refusal {
    let code = match protocol {
        Protocol::Json { invalid_input, .. } => match rejection {
            wire::Rejection::Validation(_) => invalid_input,
            wire::Rejection::Serialization(_) => rejection.code(),
        },
        Protocol::Query { .. } => rejection.query_code(),
        Protocol::RestJson { .. } | Protocol::Several(_) | Protocol::Cbor(_) => rejection.code(),
    };
    Refusal::front_end(code, 400, rejection.message().map(str::to_owned))
}

fn refused(service: &Service, protocol: Protocol, failure: Failure) -> Refusal {
    match failure {
        Failure::Signature(error) => {
            let (code, status) = match protocol {
                Protocol::Json { .. } | Protocol::Several(_) | Protocol::Cbor(_) => {
                    (error.json_code(), 400)
                }
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

/// Headers that every answer of a protocol has.
fn headers_of(protocol: Protocol) -> Option<(&'static str, String)> {
    let is_cbor = matches!(protocol, Protocol::Cbor(_));
    is_cbor.then(|| (cbor::HEADER, cbor::PROTOCOL.to_owned()))
}

fn content_type(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Several(_) => several::CONTENT_TYPE,
        Protocol::Cbor(_) => cbor::CONTENT_TYPE,
        Protocol::Json { .. } => "application/x-amz-json-1.1",
        Protocol::Query { .. } => "text/xml",
        Protocol::RestJson { .. } => rest::CONTENT_TYPE,
    }
}

const OK: u16 = 200;
/// In bytes. COMPAT: CloudTrail leaves larger ones out of a record as well.
const LONGEST_PARAMETERS: usize = 100 << 10;
/// In bytes. What the operations that need no signature take fits.
const LONGEST_UNSIGNED_PARAMETERS: usize = 16_384;
const NO_CONTENT: u16 = 204;
