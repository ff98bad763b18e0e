//! awsJson 1.1: `POST /` with the operation in `X-Amz-Target`.

use super::call::{Call, LONGEST_ECHO, UNKNOWN};
use super::dispatch::{Routed, Unrouted, rejected};
use super::refusal::Refusal;
use crate::operation::Entry;
use crate::service::{Chosen, Protocol, SERVICES, Service};
use wire::json::{self, MessageKey};
use wire::{Body, Rejection, Structure};

/// Finds the operation that `X-Amz-Target` names, and reads its input.
///
/// A body that is no JSON is refused before its signature is looked at, wrong types after.
pub(super) fn route(call: &Call<'_>) -> Result<Routed, Unrouted> {
    let target = call.header("x-amz-target").unwrap_or_default();
    let (service, entry) = find(target);
    let name = entry.map_or_else(|| described(target), |entry| entry.info.name.to_owned());
    let input = entry.map_or(&ANY_OBJECT, |entry| entry.info.input);
    let parsed = wire::parse(input, &call.request.body);
    let refusal = match (&parsed, entry) {
        (Err(rejection @ Rejection::Serialization(None)), _) => {
            rejected(service.protocol, rejection)
        }
        (Err(rejection), None) => rejected(service.protocol, rejection),
        (Ok(_), None) => Refusal::front_end("UnknownOperationException", 400, None),
        (_, Some(_)) => {
            return Ok(Routed {
                service,
                protocol: service.protocol,
                entry,
                name,
                parsed: parsed.map_err(|rejection| rejected(service.protocol, &rejection)),
            });
        }
    };
    Err(Unrouted {
        service,
        chosen: Chosen::Declared,
        name,
        refusal,
    })
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

/// What a request asks for, from its headers alone.
pub(super) fn meant(call: &Call<'_>) -> (&'static Service, Option<&'static Entry>, String) {
    let target = call.header("x-amz-target").unwrap_or_default();
    let (service, entry) = find(target);
    let name = entry.map_or_else(|| described(target), |entry| entry.info.name.to_owned());
    (service, entry, name)
}

/// The body of a refusal by a service whose model names the text of an error by `modelled`.
pub(super) fn error_body(refusal: &Refusal, modelled: MessageKey) -> Body {
    let key = refusal.message_key(modelled);
    json::error_body(refusal.code(), refusal.message(), key)
}

/// The operation that the target names; its prefix and case count.
fn find(target: &str) -> (&'static Service, Option<&'static Entry>) {
    for service in SERVICES {
        if let Protocol::Json { target_prefix, .. } = service.protocol
            && let Some(name) = target.strip_prefix(target_prefix)
        {
            return (service, service.find(name));
        }
    }
    (&crate::secretsmanager::SERVICE, None)
}

/// What the record calls an operation that does not exist.
pub(super) fn described(target: &str) -> String {
    let name: String = target.chars().take(LONGEST_ECHO).collect();
    if name.is_empty() {
        UNKNOWN.to_owned()
    } else {
        name
    }
}

/// What a request for an unknown operation must at least be.
pub(super) static ANY_OBJECT: Structure = Structure::new(&[]);
