//! From an HTTP request to the services and back: health, the body's limits, and nothing else.

use crate::config::{Limits, seconds};
use crate::health::Health;
use base::{Entropy, random_uuid};
use bytes::{Bytes, BytesMut};
use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HOST};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Body;
use services::App;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Takes every request first.
pub(crate) struct Front {
    app: Arc<App>,
    health: Health,
    entropy: Arc<dyn Entropy>,
    most_body: usize,
    body_time: Duration,
}

impl Front {
    /// Answers health checks itself and passes everything else to `app`.
    pub(crate) fn new(
        app: Arc<App>,
        health: Health,
        entropy: Arc<dyn Entropy>,
        limits: &Limits,
    ) -> Self {
        Self {
            app,
            health,
            entropy,
            most_body: usize::try_from(limits.body_bytes.get()).unwrap_or(usize::MAX),
            body_time: seconds(limits.body_seconds),
        }
    }

    /// The answer to `request`, which came from `source`.
    pub(super) async fn answer<B>(&self, request: Request<B>, source: IpAddr) -> Answer
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let (mut head, mut body) = request.into_parts();
        if head.method == Method::GET {
            match head.uri.path() {
                "/healthz" => return health(true),
                "/readyz" => return health(self.health.is_ready()),
                _ => {}
            }
        }
        let body = match read(&mut body, &head, self.most_body, self.body_time).await {
            Ok(body) => body,
            Err(refusal) => return self.refused(refusal, head.version),
        };
        name_host(&mut head);
        let request = services::Request {
            path: head.uri.path().to_owned(),
            query: head.uri.query().unwrap_or_default().to_owned(),
            method: head.method,
            headers: head.headers,
            body,
            source_ip: source.to_canonical(),
        };
        self.app.call(request).await.map(Full::new)
    }

    /// COMPAT: AWS's front end answers 413 to a body that is too large (behaviour reference §1.3).
    fn refused(&self, refusal: Refusal, version: Version) -> Answer {
        let (status, name) = match refusal {
            Refusal::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestEntityTooLargeException",
            ),
            Refusal::TooSlow => (StatusCode::REQUEST_TIMEOUT, "RequestTimeoutException"),
            Refusal::Broken => (StatusCode::BAD_REQUEST, "SerializationException"),
        };
        let body = format!(r#"{{"__type":"{name}"}}"#);
        let mut answer = Response::new(Full::new(Bytes::from(body)));
        *answer.status_mut() = status;
        let headers = answer.headers_mut();
        headers.insert(CONTENT_TYPE, JSON);
        if let Ok(id) = HeaderValue::from_str(&random_uuid(self.entropy.as_ref())) {
            headers.insert("x-amzn-requestid", id);
        }
        if version < Version::HTTP_2 {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        answer
    }
}

/// What leaves.
pub(super) type Answer = Response<Full<Bytes>>;

/// Why a body was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    TooLarge,
    TooSlow,
    Broken,
}

/// The whole body, of at most `most` bytes, within `time`.
///
/// SECURITY: a body that announces more than `most` is refused before a byte of it is read. One
/// that is not too far above is read and thrown away first, so that a client that sends before it
/// listens still sees the refusal; that costs no memory and at most `time`.
async fn read<B>(body: &mut B, head: &Parts, most: usize, time: Duration) -> Result<Bytes, Refusal>
where
    B: Body<Data = Bytes> + Unpin,
{
    let announced = head
        .headers
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let most = u64::try_from(most).unwrap_or(u64::MAX);
    if announced.is_some_and(|length| length > most) {
        let waits_for_leave = head.headers.contains_key(EXPECT);
        if !waits_for_leave && announced.is_some_and(|length| length <= most.saturating_mul(2)) {
            let _ = timeout(time, discard(body)).await;
        }
        return Err(Refusal::TooLarge);
    }
    let announced = announced.and_then(|length| usize::try_from(length).ok());
    match timeout(time, collect(body, announced, most)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Refusal::TooSlow),
    }
}

async fn collect<B>(body: &mut B, announced: Option<usize>, most: u64) -> Result<Bytes, Refusal>
where
    B: Body<Data = Bytes> + Unpin,
{
    // Small bodies come in one piece, which is passed on without a copy.
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    let mut size = 0_u64;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refusal::Broken)?;
        let Ok(piece) = frame.into_data() else {
            continue;
        };
        size = size.saturating_add(piece.len() as u64);
        if size > most {
            return Err(Refusal::TooLarge);
        }
        if first.is_empty() {
            first = piece;
        } else {
            if rest.is_empty() {
                rest.reserve(announced.unwrap_or_default());
                rest.extend_from_slice(&first);
            }
            rest.extend_from_slice(&piece);
        }
        // A body that has its announced length is complete, and asking for more costs a round.
        if body.is_end_stream() {
            break;
        }
    }
    if rest.is_empty() {
        Ok(first)
    } else {
        Ok(rest.freeze())
    }
}

async fn discard<B>(body: &mut B)
where
    B: Body<Data = Bytes> + Unpin,
{
    while let Some(Ok(_)) = body.frame().await {}
}

/// HTTP/2 names the host outside the headers; signatures want it inside.
fn name_host(head: &mut Parts) {
    if head.headers.contains_key(HOST) {
        return;
    }
    if let Some(authority) = head.uri.authority()
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        head.headers.insert(HOST, host);
    }
}

fn health(is_well: bool) -> Answer {
    let (status, text) = if is_well {
        (StatusCode::OK, "ok\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ok\n")
    };
    let mut answer = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, TEXT);
    answer
}

const JSON: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.1");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

#[cfg(test)]
mod tests;
