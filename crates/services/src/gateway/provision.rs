//! Calls that one operation makes of others, in its caller's name and in its own transaction.
//!
//! They take the path of every call from the constraints on: the caller is known already.

use super::dispatch::rejected;
use super::refusal::Refusal;
use crate::audit::{self, Downstream, Facts, Outcome};
use crate::cx::Cx;
use crate::operation::{Entry, Run};
use crate::ports::{NotProvisioned, PortFuture, Provision, ProvisionCall, RefusedCall};
use crate::service::{SERVICES, Service};
use base::{CommonError, random_uuid};
use serde_json::value::RawValue;
use wire::Parsed;

/// The operations of all services, by their tables.
pub(crate) struct Operations;

impl Provision for Operations {
    fn perform<'a>(&'a self, call: ProvisionCall<'a>) -> PortFuture<'a, (), NotProvisioned> {
        Box::pin(perform(call))
    }
}

async fn perform(call: ProvisionCall<'_>) -> Result<(), NotProvisioned> {
    let (service, entry) = find(call)?;
    let body = serde_json::to_vec(call.parameters).map_err(CommonError::internal)?;
    let parsed = wire::parse(entry.info.input, &body);
    let shown = parsed.as_ref().ok().map(Parsed::request_parameters);
    let shown = shown.and_then(|text| RawValue::from_string(text).ok());
    let request_id = random_uuid(call.cx.entropy());
    let downstream = Downstream::default();
    let facts = Facts {
        event_source: service.event_source,
        event_name: entry.info.event_name,
        read_only: entry.info.read_only,
        request_id: &request_id,
        downstream: &downstream,
        request_parameters: shown.as_deref(),
        ..call.cx.facts.made_by(call.by)
    };
    let cx = Cx {
        app: call.cx.app,
        service,
        principal: call.cx.principal,
        region: call.cx.region,
        facts: &facts,
        within: Some(call.within),
    };
    let done = match parsed {
        Ok(parsed) => run(&cx, entry, parsed).await,
        Err(rejection) => Err(rejected(service.protocol, &rejection)),
    };
    done.map_err(|refusal| told(&cx, refusal))
}

fn find(call: ProvisionCall<'_>) -> Result<(&'static Service, &'static Entry), CommonError> {
    let services = SERVICES.iter().copied();
    let service = services
        .clone()
        .find(|service| service.name == call.service);
    let found = service.and_then(|service| Some((service, service.find(call.operation)?)));
    found.ok_or_else(|| CommonError::internal("a call of an operation that is not there"))
}

async fn run(cx: &Cx<'_>, entry: &Entry, parsed: Parsed) -> Result<(), Refusal> {
    let limits = cx.limits_of(cx.account());
    let valid = parsed.validate_under(&|quota| limits.length(quota));
    valid.map_err(|rejection| rejected(cx.service.protocol, &rejection))?;
    match entry.run {
        Run::Signed(run) | Run::Either(run, _) => run(cx, parsed).await.map(drop),
        Run::Several(run, _) => run(cx, parsed).await.map(drop),
        Run::Unsigned(_) => Err(super::dispatch::withheld(cx.service)),
    }
}

/// The refusal, with its event.
fn told(cx: &Cx<'_>, refusal: Refusal) -> NotProvisioned {
    if let Some(cause) = refusal.cause() {
        return CommonError::internal(cause.to_owned()).into();
    }
    let message = refusal.message().unwrap_or_default();
    let outcome = Outcome {
        error: Some((refusal.code(), message)),
        decision: refusal.decided(),
        ..Outcome::default()
    };
    let line = audit::api_call(cx.facts, &random_uuid(cx.entropy()), outcome);
    NotProvisioned::Refused(Box::new(RefusedCall {
        code: refusal.code().to_owned(),
        status: refusal.status(),
        message: message.to_owned(),
        request_id: cx.request_id().to_owned(),
        line,
    }))
}
