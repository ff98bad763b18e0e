//! What the Runtime API's messages hold.

use super::{Failure, Invocation};
use base::{Exposed, Plaintext, PlaintextBuffer};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use serde_json::Value;

/// The answer with the event.
pub(super) fn event(
    invocation: &Invocation,
    deadline_ms: i64,
    payload: Plaintext,
) -> Response<Full<Bytes>> {
    let mut response = json(StatusCode::OK, Bytes::from_owner(Exposed::new(payload)));
    let headers = response.headers_mut();
    let values = [
        (
            "lambda-runtime-aws-request-id",
            invocation.request_id.clone(),
        ),
        (
            "lambda-runtime-invoked-function-arn",
            invocation.function_arn.clone(),
        ),
        ("lambda-runtime-deadline-ms", deadline_ms.to_string()),
    ];
    for (name, value) in values {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
    response
}

/// The answer to an answer.
pub(super) fn accepted() -> Response<Full<Bytes>> {
    json(
        StatusCode::ACCEPTED,
        Bytes::from_static(br#"{"status":"OK"}"#),
    )
}

/// Why a call is refused.
#[derive(Clone, Copy)]
pub(super) enum Refusal {
    Unknown,
    RequestId,
    TooLarge,
}

pub(super) fn refused(why: Refusal) -> Response<Full<Bytes>> {
    let (status, body) = match why {
        Refusal::Unknown => (
            StatusCode::NOT_FOUND,
            r#"{"errorMessage":"404 page not found","errorType":"NotFound"}"#,
        ),
        Refusal::RequestId => (
            StatusCode::BAD_REQUEST,
            r#"{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}"#,
        ),
        Refusal::TooLarge => (
            StatusCode::PAYLOAD_TOO_LARGE,
            r#"{"errorMessage":"Exceeded maximum allowed payload size","errorType":"RequestEntityTooLarge"}"#,
        ),
    };
    json(status, Bytes::from_static(body.as_bytes()))
}

fn json(status: StatusCode, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

/// A body could not be read: it is too large, or the client went away.
pub(super) struct Unread;

/// The body of `request`, of at most `most` bytes. What exceeds it is read and dropped, since a
/// client that still writes does not read the refusal; the invocation's own end bounds that.
pub(super) async fn read(request: Request<Incoming>, most: usize) -> Result<Plaintext, Unread> {
    let mut body = request.into_body();
    let mut kept = PlaintextBuffer::with_most(most);
    let mut too_large = false;
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame.map_err(|_| Unread)?.into_data() else {
            continue;
        };
        too_large = too_large || kept.push(&piece).is_err();
    }
    if too_large {
        return Err(Unread);
    }
    Ok(kept.finish())
}

/// Reads a reported error: `errorType`, `errorMessage`, and `stackTrace` or, from Node, `trace`.
pub(super) fn failure(body: &[u8], header: Option<String>) -> Failure {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let trace = body.get("stackTrace").or_else(|| body.get("trace"));
    Failure {
        error_type: text("errorType")
            .or(header)
            .unwrap_or_else(|| String::from(UNKNOWN)),
        message: text("errorMessage").unwrap_or_default(),
        trace: trace.map(lines).unwrap_or_default(),
    }
}

/// Stands for an error that is too large to read.
pub(super) fn unread_failure(header: Option<String>) -> Failure {
    Failure {
        error_type: header.unwrap_or_else(|| String::from(UNKNOWN)),
        message: String::from("the error that the function reported is too large"),
        trace: Vec::new(),
    }
}

fn lines(trace: &Value) -> Vec<String> {
    match trace {
        Value::Array(items) => items.iter().take(MOST_TRACE).map(line).collect(),
        Value::Null => Vec::new(),
        other => vec![line(other)],
    }
}

fn line(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

const UNKNOWN: &str = "Runtime.Unknown";
const MOST_TRACE: usize = 200;
