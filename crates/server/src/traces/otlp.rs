//! Spans as OTLP writes them in JSON (`opentelemetry-proto` 1.x: ids in hexadecimal, 64-bit numbers as
//! strings).

use super::{Part, Span};
use serde::Serialize;
use std::fmt::Write as _;
use std::time::Duration;

/// The body of a request that tells a collector of `spans`.
pub(super) fn body(service_name: &str, spans: &[Span]) -> Vec<u8> {
    let request = Request {
        resource_spans: [ResourceSpans {
            resource: Resource {
                attributes: [
                    Attribute::text("service.name", service_name),
                    Attribute::text("service.version", env!("CARGO_PKG_VERSION")),
                ],
            },
            scope_spans: [ScopeSpans {
                scope: Scope { name: "strongroom" },
                spans: spans.iter().flat_map(told).collect(),
            }],
        }],
    };
    // Nothing in it can fail to be written.
    serde_json::to_vec(&request).unwrap_or_default()
}

/// A request, and its parts.
fn told(span: &Span) -> Vec<Told<'_>> {
    let end = nanos(span.ended);
    let start = end.saturating_sub(span.took.as_nanos());
    let trace_id = hex(&span.trace);
    let mut all = vec![Told {
        trace_id: trace_id.clone(),
        span_id: hex(&span.id),
        parent_span_id: span.parent.as_ref().map(|parent| hex(parent)),
        name: name(span),
        kind: SERVER,
        start_time_unix_nano: start.to_string(),
        end_time_unix_nano: end.to_string(),
        attributes: attributes(span),
        status: Status {
            code: (span.status >= 500).then_some(ERROR),
        },
    }];
    if let Some(Part { after, ids }) = &span.authenticated {
        let middle = start.saturating_add(Duration::as_nanos(after));
        let [first, second] = ids;
        let parts = [
            ("authenticate", first, start, middle),
            ("operation", second, middle, end),
        ];
        all.extend(parts.map(|(name, id, start, end)| Told {
            trace_id: trace_id.clone(),
            span_id: hex(id),
            parent_span_id: Some(hex(&span.id)),
            name: String::from(name),
            kind: INTERNAL,
            start_time_unix_nano: start.to_string(),
            end_time_unix_nano: end.to_string(),
            attributes: Vec::new(),
            status: Status { code: None },
        }));
    }
    all
}

fn name(span: &Span) -> String {
    match (span.service, span.operation) {
        (Some(service), Some(operation)) => format!("{service}/{operation}"),
        (Some(service), None) => service.to_owned(),
        (None, _) => String::from("unknown"),
    }
}

fn attributes(span: &Span) -> Vec<Attribute<'_>> {
    let status = span.status.to_string();
    let texts = [
        ("rpc.system", Some("aws-api")),
        ("rpc.service", span.service),
        ("rpc.method", span.operation),
        ("error.type", span.code),
        ("aws.request_id", Some(&*span.request_id)),
        ("cloud.account.id", span.account.as_deref()),
        ("cloud.region", span.region.as_deref()),
    ];
    let texts = texts
        .into_iter()
        .filter_map(|(key, value)| Some(Attribute::text(key, value?)));
    let status = Attribute {
        key: "http.response.status_code",
        value: Value::Int(status),
    };
    std::iter::once(status).chain(texts).collect()
}

fn nanos(moment: base::Timestamp) -> u128 {
    u128::try_from(moment.as_millis())
        .unwrap_or_default()
        .saturating_mul(1_000_000)
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    resource_spans: [ResourceSpans<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResourceSpans<'a> {
    resource: Resource<'a>,
    scope_spans: [ScopeSpans<'a>; 1],
}

#[derive(Serialize)]
struct Resource<'a> {
    attributes: [Attribute<'a>; 2],
}

#[derive(Serialize)]
struct ScopeSpans<'a> {
    scope: Scope,
    spans: Vec<Told<'a>>,
}

#[derive(Serialize)]
struct Scope {
    name: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    trace_id: String,
    span_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_span_id: Option<String>,
    name: String,
    kind: u8,
    start_time_unix_nano: String,
    end_time_unix_nano: String,
    attributes: Vec<Attribute<'a>>,
    status: Status,
}

#[derive(Serialize)]
struct Status {
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u8>,
}

#[derive(Serialize)]
struct Attribute<'a> {
    key: &'static str,
    value: Value<'a>,
}

#[derive(Serialize)]
enum Value<'a> {
    #[serde(rename = "stringValue")]
    Text(&'a str),
    #[serde(rename = "intValue")]
    Int(String),
}

impl<'a> Attribute<'a> {
    fn text(key: &'static str, text: &'a str) -> Self {
        Self {
            key,
            value: Value::Text(text),
        }
    }
}

/// `SPAN_KIND_INTERNAL`
const INTERNAL: u8 = 1;
/// `SPAN_KIND_SERVER`
const SERVER: u8 = 2;
/// `STATUS_CODE_ERROR`
const ERROR: u8 = 2;
