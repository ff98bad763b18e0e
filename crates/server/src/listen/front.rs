//! From an HTTP request to the services and back: health, the body's limits, and nothing else.

use super::{Entrance, Scheme};
use crate::audit::Refusals;
use crate::config::{Limits, seconds};
use crate::health::Health;
use base::{Clock, Entropy};
use bytes::{Bytes, BytesMut};
use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HOST};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Body;
use services::{App, PrivateEndpoint, Unread};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// Takes every request first.
pub(crate) struct Front {
    /// Nothing as long as the server is sealed.
    app: OnceLock<Arc<App>>,
    refusals: Refusals,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    health: Health,
    most_body: usize,
    body_time: Duration,
    /// Memory for bodies, in KiB.
    room: Semaphore,
}

/// Where a connection came from, and by which listener: the same for every request on it.
#[derive(Clone)]
pub(super) struct Origin {
    source: IpAddr,
    is_secure: bool,
    endpoint: Option<Arc<PrivateEndpoint>>,
}

impl Origin {
    /// Of a connection from `source` that was accepted at `entrance`.
    pub(super) fn of(source: IpAddr, entrance: &Entrance) -> Self {
        Self {
            source: source.to_canonical(),
            is_secure: entrance.scheme == Scheme::Https,
            endpoint: entrance.endpoint.clone(),
        }
    }
}

impl Front {
    /// Answers health checks itself and refuses everything else, until [`Front::open`].
    pub(crate) fn new(
        health: Health,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        limits: &Limits,
    ) -> Self {
        Self {
            app: OnceLock::new(),
            refusals: Refusals::default(),
            clock,
            entropy,
            health,
            most_body: usize::try_from(limits.body_bytes.get()).unwrap_or(usize::MAX),
            body_time: seconds(limits.body_seconds),
            room: Semaphore::new(kib(limits.body_memory_mib)),
        }
    }

    /// Passes requests to `app` from now on.
    pub(crate) fn open(&self, app: Arc<App>) {
        // A server is opened once.
        let _ = self.app.set(app);
        // INVARIANT: in this order, so that what is not refused any more finds the services.
        self.refusals.end();
    }

    /// What was refused while the server was sealed.
    pub(crate) fn refusals(&self) -> &Refusals {
        &self.refusals
    }

    /// The answer to `request`, which came from `origin`.
    pub(super) async fn answer<B>(&self, request: Request<B>, origin: Origin) -> Answer
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
        // Held until the answer is made: so long the body is in memory.
        let mut share = Share::of(&self.room);
        let most = self.most_body_of(&head);
        let body = read(&mut body, &head, most, self.body_time, &mut share).await;
        let body = body.and_then(|body| {
            share.grow_for(&head, &body, self.most_body)?;
            Ok(body)
        });
        name_host(&mut head);
        let version = head.version;
        let (body, unread) = match body {
            Ok(body) => (body, None),
            Err(unread) => (Bytes::new(), Some(unread)),
        };
        let request = services::Request {
            path: head.uri.path().to_owned(),
            query: head.uri.query().unwrap_or_default().to_owned(),
            method: head.method,
            headers: head.headers,
            body,
            source_ip: origin.source,
            is_secure: origin.is_secure,
            endpoint: origin.endpoint,
        };
        let app = match self.app.get() {
            Some(app) => app,
            None => {
                let ends = unread.is_some() && version < Version::HTTP_2;
                let (answer, is_refused) = self.sealed(&request, ends);
                match self.app.get().filter(|_| !is_refused) {
                    Some(app) => app,
                    None => return answer,
                }
            }
        };
        match unread {
            None => app.call(request).await.map(Full::new),
            Some(unread) => {
                let mut answer = app.refuse(request, unread).await.map(Full::new);
                if version < Version::HTTP_2 {
                    answer.headers_mut().insert(CONNECTION, CLOSE);
                }
                answer
            }
        }
    }

    /// How large the body may be. Some operations take more than others; all of them share the memory
    /// for bodies.
    fn most_body_of(&self, head: &Parts) -> usize {
        let path = head.uri.path();
        let of_operation = services::largest_body(&head.method, path);
        of_operation.map_or(self.most_body, |most| most.max(self.most_body))
    }

    /// The answer of a sealed server, and whether it still is one.
    fn sealed(&self, request: &services::Request, ends: bool) -> (Answer, bool) {
        let now = self.clock.now();
        let refusal = services::unavailable(request, SEALED, now, self.entropy.as_ref());
        let is_refused = self.refusals.note(refusal.event);
        let mut answer = refusal.answer.map(Full::new);
        if ends {
            answer.headers_mut().insert(CONNECTION, CLOSE);
        }
        (answer, is_refused)
    }
}

/// What one body takes of the memory for all bodies.
///
/// SECURITY: without it, connections and streams times the size of a body would be the bound.
struct Share<'a> {
    room: &'a Semaphore,
    taken: Vec<SemaphorePermit<'a>>,
    kib: u64,
}

impl<'a> Share<'a> {
    fn of(room: &'a Semaphore) -> Self {
        Self {
            room,
            taken: Vec::new(),
            kib: 0,
        }
    }

    /// Makes it enough for `bytes`. Refuses at once when there is no more.
    fn grow_to(&mut self, bytes: u64) -> Result<(), Unread> {
        let missing = bytes.div_ceil(1_024).saturating_sub(self.kib);
        if missing > 0 {
            let kib = u32::try_from(missing).unwrap_or(u32::MAX);
            self.taken.push(
                self.room
                    .try_acquire_many(kib)
                    .map_err(|_| Unread::TooBusy)?,
            );
            self.kib = self.kib.saturating_add(missing);
        }
        Ok(())
    }

    /// Makes it enough for `body` and for what it may be decoded to, if it is compressed: at most as much
    /// as a body may have that is not.
    fn grow_for(&mut self, head: &Parts, body: &Bytes, most: usize) -> Result<(), Unread> {
        if !services::is_compressed(&head.headers) {
            return Ok(());
        }
        let both = body.len().saturating_add(most);
        self.grow_to(u64::try_from(both).unwrap_or(u64::MAX))
    }
}

fn kib(mib: NonZeroU32) -> usize {
    usize::try_from(mib.get())
        .unwrap_or(usize::MAX)
        .saturating_mul(1_024)
        .min(Semaphore::MAX_PERMITS)
}

/// What leaves.
pub(super) type Answer = Response<Full<Bytes>>;

/// The whole body, of at most `most` bytes, within `time`.
///
/// SECURITY: a body that announces more than `most` is refused and never kept. One that is not
/// absurdly large is read and thrown away first, so that a client that sends before it listens still
/// sees the refusal; that costs no memory and at most `time`.
async fn read<B>(
    body: &mut B,
    head: &Parts,
    most: usize,
    time: Duration,
    share: &mut Share<'_>,
) -> Result<Bytes, Unread>
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
        if !waits_for_leave && announced.is_some_and(|length| length <= MOST_DISCARDED) {
            let _ = timeout(time.min(LONGEST_DISCARDING), discard(body)).await;
        }
        return Err(Unread::TooLarge);
    }
    let announced = announced.and_then(|length| usize::try_from(length).ok());
    match timeout(time, collect(body, announced, most, share)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Unread::TooSlow),
    }
}

async fn collect<B>(
    body: &mut B,
    announced: Option<usize>,
    most: u64,
    share: &mut Share<'_>,
) -> Result<Bytes, Unread>
where
    B: Body<Data = Bytes> + Unpin,
{
    // Small bodies come in one piece, which is passed on without a copy.
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    let mut size = 0_u64;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Unread::Broken)?;
        let Ok(piece) = frame.into_data() else {
            continue;
        };
        size = size.saturating_add(piece.len() as u64);
        if size > most {
            return Err(Unread::TooLarge);
        }
        share.grow_to(size)?;
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

const CLOSE: HeaderValue = HeaderValue::from_static("close");
const SEALED: &str = "The server is sealed. Its operator has to unseal it.";
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// How long a client may take to send what is thrown away.
const LONGEST_DISCARDING: Duration = Duration::from_secs(10);
/// A larger body is not even read to be thrown away.
const MOST_DISCARDED: u64 = 64 << 20;

#[cfg(test)]
mod tests;
