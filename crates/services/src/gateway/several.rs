//! awsJson 1.0 of services that are asked in several protocols: as awsJson 1.1, but for what errors are
//! called.

use super::call::Call;
use super::dispatch::{Routed, Unrouted, rejected};
use super::json::{ANY_OBJECT, described};
use super::refusal::{DENIED, Refusal};
use crate::operation::Entry;
use crate::service::{SERVICES, Service, Several};
use wire::json::{self, MessageKey};
use wire::{Body, Rejection};

/// Finds the operation that `X-Amz-Target` names, and reads its input.
pub(super) fn route(call: &Call<'_>) -> Result<Routed, Unrouted> {
    let (service, entry, name) = meant(call);
    let protocol = service.protocol;
    let unrouted = |name: String, refusal: Refusal| Unrouted {
        service,
        protocol,
        name,
        refusal,
    };
    let input = entry.map_or(&ANY_OBJECT, |entry| entry.info.input);
    let parsed = match call.request.body.as_ref() {
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
        protocol: service.protocol,
        name,
        refusal,
    }
}

/// What a request asks for, from its headers alone.
pub(super) fn meant(call: &Call<'_>) -> (&'static Service, Option<&'static Entry>, String) {
    let target = call.header("x-amz-target").unwrap_or_default();
    let (prefix, operation) = target.split_once('.').unwrap_or((target, ""));
    let found = SERVICES.iter().find(|service| {
        let several = service.several();
        several.is_some_and(|several| several.target == prefix)
    });
    let service = found.copied().unwrap_or(&crate::cloudwatch::SERVICE);
    let entry = found.and_then(|service| service.find(operation));
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
