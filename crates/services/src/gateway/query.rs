//! awsQuery: the operation is the parameter `Action`, answers are XML.

use super::call::{Call, LONGEST_ECHO, UNKNOWN};
use super::dispatch::{Routed, Unrouted, rejected};
use super::refusal::Refusal;
use crate::service::{Protocol, SERVICES, Service};
use http::Method;
use wire::Body;
use wire::query::{self, QueryRequest};

/// Finds the operation that `Action` names, and reads its input.
pub(super) fn route(call: &Call<'_>) -> Result<Routed, Unrouted> {
    let bytes = match call.request.method {
        Method::GET => call.request.query.as_bytes(),
        _ => &call.request.body,
    };
    let request = query::parse(bytes).map_err(|error| Unrouted {
        service: &crate::sts::SERVICE,
        name: UNKNOWN.to_owned(),
        refusal: Refusal::front_end(error.code(), error.status(), Some(error.to_string())),
    })?;
    let service = service_of(&request);
    let name: String = request.action().chars().take(LONGEST_ECHO).collect();
    let Some(entry) = service.find(request.action()) else {
        return Ok(Routed {
            service,
            entry: None,
            parsed: Err(no_such_action(&request)),
            name,
        });
    };
    let parsed = request.parse_input(entry.info.input);
    Ok(Routed {
        service,
        entry: Some(entry),
        name,
        parsed: parsed.map_err(|rejection| rejected(service, &rejection)),
    })
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
    let speaks_query =
        |service: &&&'static Service| matches!(service.protocol, Protocol::Query { .. });
    let has_version = |service: &&&'static Service| match service.protocol {
        Protocol::Query { version, .. } => request.version() == Some(version),
        Protocol::Json { .. } | Protocol::RestJson { .. } => false,
    };
    let has_operation = |service: &&&'static Service| service.find(request.action()).is_some();
    let with_both = SERVICES.iter().filter(has_version).find(has_operation);
    let with_operation = || SERVICES.iter().filter(speaks_query).find(has_operation);
    with_both
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
