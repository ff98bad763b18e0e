//! awsQuery: the operation is the parameter `Action`, answers are XML.

use super::call::{Call, LONGEST_ECHO, UNKNOWN};
use super::compressed;
use super::dispatch::{Routed, Unrouted, rejected};
use super::refusal::Refusal;
use crate::app::App;
use crate::service::{Chosen, Protocol, SERVICES, Service};
use http::Method;
use wire::Body;
use wire::query::{self, QueryRequest};

/// Finds the operation that `Action` names, and reads its input.
pub(super) fn route(app: &App, call: &Call<'_>) -> Result<Routed, Unrouted> {
    let unrouted = |refusal: Refusal| Unrouted {
        service: &crate::sts::SERVICE,
        chosen: Chosen::Query,
        name: UNKNOWN.to_owned(),
        refusal,
    };
    let request = match call.request.method {
        Method::GET => query::parse(call.request.query.as_bytes()),
        _ => match compressed(app, call).map_err(unrouted)? {
            Some(request) => Ok(request),
            None => query::parse(&call.request.body),
        },
    };
    let request = request.map_err(|error| {
        let text = Some(error.to_string());
        unrouted(Refusal::front_end(error.code(), error.status(), text))
    })?;
    let service = service_of(&request);
    let protocol = service.protocol_of(Chosen::Query);
    let name: String = request.action().chars().take(LONGEST_ECHO).collect();
    let Some(entry) = service.find(request.action()) else {
        return Ok(Routed {
            service,
            protocol,
            entry: None,
            parsed: Err(no_such_action(&request)),
            name,
        });
    };
    let parsed = request.parse_input(entry.info.input);
    Ok(Routed {
        service,
        protocol,
        entry: Some(entry),
        name,
        parsed: parsed.map_err(|rejection| rejected(protocol, &rejection)),
    })
}

/// What a body asks for that was compressed, of an operation that lets clients do so.
fn compressed(app: &App, call: &Call<'_>) -> Result<Option<QueryRequest>, Refusal> {
    let decoded = compressed::body(app, call)?;
    let request = decoded.and_then(|decoded| query::parse(&decoded).ok());
    Ok(request.filter(|request| service_of(request).takes_compressed(request.action())))
}

/// The body of a refusal.
pub(super) fn error_body(namespace: &str, refusal: &Refusal, call: &Call<'_>) -> Body {
    query::error_response(
        namespace,
        refusal.status(),
        refusal.code(),
        refusal.message().unwrap_or_default(),
        &call.request_id,
    )
}

/// The service that has both the operation and the version, or else the operation, or else the version;
/// STS when neither tells. Several services have operations of one name, such as `TagResource`.
///
/// The signature's scope must name the same service, so a caller cannot be misled.
pub(super) fn service_of(request: &QueryRequest) -> &'static Service {
    let version = |service: &&'static Service| match service.protocol_of(Chosen::Query) {
        Protocol::Query { version, .. } => Some(version),
        _ => None,
    };
    let has_version = |service: &&&'static Service| {
        let version = version(service);
        version.is_some() && request.version() == version
    };
    let with_operation = || {
        let mut asked = SERVICES.iter().filter(|service| version(service).is_some());
        asked.find(|service| service.find(request.action()).is_some())
    };
    // Two services may have an operation of one name, such as `TagResource`.
    let named = SERVICES.iter().filter(has_version);
    let mut named = named.filter(|service| service.find(request.action()).is_some());
    named
        .next()
        .or_else(with_operation)
        .or_else(|| SERVICES.iter().find(has_version))
        .copied()
        .unwrap_or(&crate::sts::SERVICE)
}

fn no_such_action(request: &QueryRequest) -> Refusal {
    let action: String = request.action().chars().take(LONGEST_ECHO).collect();
    let version = request.version().unwrap_or_default();
    let version: String = version.chars().take(LONGEST_ECHO).collect();
    let text = format!("Could not find operation {action} for version {version}");
    Refusal::front_end("InvalidAction", 400, Some(text))
}
