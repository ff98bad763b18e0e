//! awsJson 1.0 of services that are asked in several protocols: as awsJson 1.1, but for what errors are
//! called.

use super::Request;
use super::call::Call;
use super::compressed;
use super::dispatch::{Routed, Unrouted, rejected};
use super::json::{ANY_OBJECT, described};
use super::refusal::{DENIED, Refusal};
use crate::app::App;
use crate::operation::Entry;
use crate::service::{Chosen, SERVICES, Service, Several};
use wire::json::{self, MessageKey};
use wire::{Body, Rejection};

/// Finds the operation that `X-Amz-Target` names, and reads its input.
pub(super) fn route(app: &App, call: &Call<'_>) -> Result<Routed, Unrouted> {
    let (service, entry, name) = meant(call);
    let protocol = service.protocol;
    let unrouted = |name: String, refusal: Refusal| Unrouted {
        service,
        chosen: Chosen::Declared,
        name,
        refusal,
    };
    let input = entry.map_or(&ANY_OBJECT, |entry| entry.info.input);
    let decoded = match compressed::body_of(app, call, service, entry) {
        Ok(decoded) => decoded,
        Err(refusal) => return Err(unrouted(name, refusal)),
    };
    let parsed = match decoded.as_deref().unwrap_or(&call.request.body) {
        b"" => wire::parse(input, b"{}"),
        body => wire::parse(input, body),
    };
    match parsed {
        Err(rejection @ Rejection::Serialization(None)) => {
            Err(unrouted(name, rejected(protocol, &rejection)))
        }
        parsed if entry.is_some() => Ok(Routed {
            service,
            protocol,
            entry,
            name,
            parsed: parsed.map_err(|rejection| rejected(protocol, &rejection)),
        }),
        _ => Err(unrouted(name, no_such_operation())),
    }
}

/// A request whose body was not read.
pub(super) fn unread(call: &Call<'_>, refusal: Refusal) -> Unrouted {
    let (service, _, name) = meant(call);
    Unrouted {
        service,
        chosen: Chosen::Declared,
        name,
        refusal,
    }
}

/// Whether the target of a request is one of a service of this protocol.
pub(super) fn is_meant(request: &Request) -> bool {
    let target = request.headers.get("x-amz-target");
    let target = target.and_then(|value| value.to_str().ok());
    target.and_then(service_of).is_some()
}

/// The service that a target names before its dot.
fn service_of(target: &str) -> Option<&'static Service> {
    let (prefix, _) = target.split_once('.')?;
    let is_meant = |service: &&&'static Service| {
        let several = service.several();
        several.is_some_and(|several| several.target == prefix)
    };
    SERVICES.iter().find(is_meant).copied()
}

/// What a request asks for, from its headers alone.
pub(super) fn meant(call: &Call<'_>) -> (&'static Service, Option<&'static Entry>, String) {
    let target = call.header("x-amz-target").unwrap_or_default();
    let operation = target
        .split_once('.')
        .map_or("", |(_, operation)| operation);
    let service = service_of(target).unwrap_or(&crate::cloudwatch::SERVICE);
    let entry = service.find(operation);
    let name = entry.map_or_else(|| described(target), |entry| entry.info.name.to_owned());
    (service, entry, name)
}

pub(super) fn no_such_operation() -> Refusal {
    Refusal::front_end("UnknownOperationException", 400, None)
}

/// What the newer protocols call the error of a refusal.
pub(super) fn code_of(several: &Several, refusal: &Refusal) -> &'static str {
    match refusal.code() {
        "AccessDenied" => DENIED,
        code => several.shape_of(code),
    }
}

/// The body of a refusal.
pub(super) fn error_body(several: &Several, refusal: &Refusal) -> Body {
    let code = code_of(several, refusal);
    json::error_body(code, refusal.message(), MessageKey::Lower)
}

/// The header that tells what awsQuery calls the error, and whose fault it is.
pub(super) fn query_error(refusal: &Refusal) -> (&'static str, String) {
    let fault = if refusal.status() >= 500 {
        "Receiver"
    } else {
        "Sender"
    };
    ("x-amzn-query-error", format!("{};{fault}", refusal.code()))
}

pub(super) const CONTENT_TYPE: &str = "application/x-amz-json-1.0";
