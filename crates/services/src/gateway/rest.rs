//! restJson1: the operation is method and path, answers are JSON with the error's name in a header.

use super::call::Call;
use super::dispatch::{Routed, rejected};
use super::refusal::{DENIED, Refusal};
use crate::operation::Entry;
use crate::service::{Protocol, SERVICES, Service};
use http::Method;
use wire::Body;
use wire::json::MessageKey;
use wire::rest::{self, Fault};

/// The operation that method and path name.
///
/// The signature's scope must name the same service, so a caller cannot be misled.
pub(super) fn find(method: &Method, path: &str) -> Option<(&'static Service, &'static Entry)> {
    let speaks_rest =
        |service: &&&'static Service| matches!(service.protocol, Protocol::RestJson { .. });
    SERVICES.iter().filter(speaks_rest).find_map(|service| {
        let is_meant = |entry: &&Entry| {
            let http = entry.info.http;
            http.is_some_and(|http| http.matches(method.as_str(), path))
        };
        Some((*service, service.operations.iter().find(is_meant)?))
    })
}

/// Reads the input of the operation.
pub(super) fn route(call: &Call<'_>, service: &'static Service, entry: &'static Entry) -> Routed {
    let request = rest::Request {
        path: &call.request.path,
        query: &call.request.query,
        header: &|name| call.header(name),
        body: &call.request.body,
    };
    let parsed = match entry.info.http {
        Some(http) => http.read(entry.info.input, request),
        None => Err(wire::Rejection::Serialization(None)),
    };
    Routed {
        service,
        protocol: service.protocol,
        entry: Some(entry),
        name: entry.info.event_name.to_owned(),
        parsed: parsed.map_err(|rejection| rejected(service.protocol, &rejection)),
    }
}

/// The body of a refusal by a service whose model names the text of these errors `Message`.
///
/// COMPAT: who refused permission, or did not come as far as the service, does not say whose fault it
/// is.
pub(super) fn error_body(refusal: &Refusal, upper_case: &[&str]) -> Body {
    let code = refusal.code();
    if code == DENIED {
        return rest::error_body(None, refusal.message(), MessageKey::Upper);
    }
    if refusal.is_of_front_end() {
        return rest::error_body(None, refusal.message(), MessageKey::Lower);
    }
    let fault = if refusal.status() >= 500 {
        Fault::Service
    } else {
        Fault::User
    };
    let key = if upper_case.contains(&code) {
        MessageKey::Upper
    } else {
        MessageKey::Lower
    };
    rest::error_body(Some(fault), refusal.message(), key)
}

/// The header with the name of the exception.
pub(super) fn error_type(refusal: &Refusal) -> (&'static str, String) {
    ("x-amzn-errortype", refusal.code().to_owned())
}

pub(super) const CONTENT_TYPE: &str = "application/json";
