//! rpc-v2-cbor: `POST /service/<target>/operation/<name>`, bodies are CBOR.

use super::Request;
use super::call::{Call, LONGEST_ECHO};
use super::compressed;
use super::dispatch::{Routed, Unrouted, rejected};
use super::refusal::Refusal;
use super::several::{code_of, no_such_operation};
use crate::app::App;
use crate::operation::Entry;
use crate::service::{Chosen, SERVICES, Service, Several};
use http::Method;
use wire::Body;
use wire::tree::Fields;

/// The service that the path names, if the request says that it is one of this protocol.
///
/// The signature's scope must name the same service, so a caller cannot be misled.
pub(super) fn service_of(request: &Request) -> Option<&'static Service> {
    let (target, _) = names(&request.path)?;
    let says_so = request
        .headers
        .get(HEADER)
        .is_some_and(|value| value == PROTOCOL);
    let is_meant = |service: &&&'static Service| {
        let several = service.several();
        several.is_some_and(|several| several.target == target)
    };
    let is_request = says_so && request.method == Method::POST;
    is_request
        .then(|| SERVICES.iter().find(is_meant).copied())
        .flatten()
}

/// Reads the input of the operation that the path names.
pub(super) fn route(
    app: &App,
    call: &Call<'_>,
    service: &'static Service,
) -> Result<Routed, Unrouted> {
    let protocol = service.protocol_of(Chosen::Cbor);
    let (entry, name) = named(call, service);
    let unrouted = |name: String, refusal: Refusal| Unrouted {
        service,
        chosen: Chosen::Cbor,
        name,
        refusal,
    };
    let Some(known) = entry else {
        return Err(unrouted(name, no_such_operation()));
    };
    let decoded = match compressed::body_of(app, call, service, entry) {
        Ok(decoded) => decoded,
        Err(refusal) => return Err(unrouted(name, refusal)),
    };
    let body = decoded.as_deref().unwrap_or(&call.request.body);
    let parsed = wire::cbor::parse(known.info.input, body);
    Ok(Routed {
        service,
        protocol,
        entry,
        name,
        parsed: parsed.map_err(|rejection| rejected(protocol, &rejection)),
    })
}

/// The operation that the path names, and its name whether or not it exists.
pub(super) fn named(call: &Call<'_>, service: &Service) -> (Option<&'static Entry>, String) {
    let operation = names(&call.request.path).map_or("", |(_, operation)| operation);
    let name = operation.chars().take(LONGEST_ECHO).collect();
    (service.find(operation), name)
}

/// The body of a refusal.
pub(super) fn error_body(several: &Several, refusal: &Refusal) -> Body {
    let code = format!("{}#{}", several.model, code_of(several, refusal));
    let body = Fields::default().with("__type", code);
    body.with_some("message", refusal.message()).to_cbor()
}

/// The names of service and operation in a path.
fn names(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix("/service/")?.split_once("/operation/")
}

pub(super) const HEADER: &str = "smithy-protocol";
pub(super) const PROTOCOL: &str = "rpc-v2-cbor";
pub(super) const CONTENT_TYPE: &str = "application/cbor";
