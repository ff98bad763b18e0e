//! The Lambda Runtime API for one invocation.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>
//!
//! Rules kept here:
//! - SECURITY: the address is a port on loopback, since runtime clients know no other kind, and any
//!   process of the host can connect to that. So a connection is served only if its other end
//!   belongs to the function's own processes, as far as the kernel says; where it does not say, the
//!   function's user decides. The event is given away once, and an answer must name the
//!   invocation's id.
//! - The first answer counts. No answer is larger than Lambda allows.

mod body;

use crate::settings::MOST_PAYLOAD;
use base::{Clock, Plaintext};
use body::{Refusal, accepted, event, read, refused};
use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::{JoinSet, spawn_blocking};

/// What the function's runtime said.
pub(crate) enum Event {
    /// It asked for the event: the start is over.
    Asked,
    /// It asked for another one: it has nothing more to say about this.
    AskedAgain,
    /// It answered.
    Responded(Plaintext),
    /// Its handler, or its start, failed.
    Failed(Failure),
}

/// An error as the runtime reported it.
pub(crate) struct Failure {
    pub(crate) error_type: String,
    pub(crate) message: String,
    pub(crate) trace: Vec<String>,
}

/// Whether a connection from the address `.1` to the address `.0` belongs to the function.
pub(crate) type IsOurs = Arc<dyn Fn(SocketAddr, SocketAddr) -> bool + Send + Sync>;

/// One invocation as the API shows it.
pub(crate) struct Invocation {
    pub(crate) request_id: String,
    pub(crate) function_arn: String,
    pub(crate) timeout: Duration,
    pub(crate) payload: Mutex<Option<Plaintext>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) events: UnboundedSender<Event>,
}

/// The API's socket.
pub(crate) struct Api {
    listener: TcpListener,
    address: SocketAddr,
}

impl Api {
    /// Takes a free port on loopback.
    pub(crate) async fn bind() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// The value of `AWS_LAMBDA_RUNTIME_API`.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Serves for ever. All connections end when this is dropped.
    pub(crate) async fn serve(self, invocation: Arc<Invocation>, is_ours: IsOurs) -> Infallible {
        let mut connections = JoinSet::new();
        loop {
            while connections.try_join_next().is_some() {}
            let Ok((stream, peer)) = self.listener.accept().await else {
                tokio::time::sleep(AFTER_FAILURE).await;
                continue;
            };
            // One past the limit is closed: a runtime needs one or two.
            if connections.len() < MOST_CONNECTIONS {
                let (invocation, is_ours) = (Arc::clone(&invocation), Arc::clone(&is_ours));
                let local = self.address;
                connections.spawn(async move {
                    let ours = spawn_blocking(move || is_ours(local, peer));
                    if ours.await.is_ok_and(|ours| ours) {
                        connection(stream, invocation).await;
                    } else {
                        tracing::warn!(%peer, "refused a connection that is not the function's");
                    }
                });
            }
        }
    }
}

async fn connection(stream: TcpStream, invocation: Arc<Invocation>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let invocation = Arc::clone(&invocation);
        async move { Ok::<_, Infallible>(answer(&invocation, request).await) }
    });
    // A client that breaks the connection off is no event of its own.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(invocation: &Invocation, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let path = request.uri().path().to_owned();
    let Some(call) = path.strip_prefix(PREFIX) else {
        return refused(Refusal::Unknown);
    };
    let get = request.method() == Method::GET;
    let post = request.method() == Method::POST;
    if get && call == "invocation/next" {
        return next(invocation).await;
    }
    if post && call == "init/error" {
        return failed(invocation, request).await;
    }
    let about = call
        .strip_prefix("invocation/")
        .and_then(|rest| rest.split_once('/'));
    match about {
        Some((id, "response" | "error")) if post && id != invocation.request_id => {
            refused(Refusal::RequestId)
        }
        Some((_, "response")) if post => responded(invocation, request).await,
        Some((_, "error")) if post => failed(invocation, request).await,
        _ => refused(Refusal::Unknown),
    }
}

async fn next(invocation: &Invocation) -> Response<Full<Bytes>> {
    let payload = invocation.payload.lock().take();
    let Some(payload) = payload else {
        let _ = invocation.events.send(Event::AskedAgain);
        // As in Lambda, there is no answer before the next invocation, and there is none.
        return pending().await;
    };
    let timeout = i64::try_from(invocation.timeout.as_millis()).unwrap_or(i64::MAX);
    let deadline = invocation.clock.now().plus_millis(timeout).as_millis();
    let _ = invocation.events.send(Event::Asked);
    event(invocation, deadline, payload)
}

async fn responded(invocation: &Invocation, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let Ok(response) = read(request, MOST_RESPONSE).await else {
        let message = format!(
            "Response payload size exceeded maximum allowed payload size ({MOST_RESPONSE} bytes)."
        );
        let _ = invocation.events.send(Event::Failed(Failure {
            error_type: String::from("Function.ResponseSizeTooLarge"),
            message,
            trace: Vec::new(),
        }));
        return refused(Refusal::TooLarge);
    };
    let _ = invocation.events.send(Event::Responded(response));
    accepted()
}

async fn failed(invocation: &Invocation, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let error_type = request
        .headers()
        .get("lambda-runtime-function-error-type")
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let body = read(request, MOST_ERROR).await;
    let failure = match &body {
        Ok(body) => body::failure(body.expose(), error_type),
        Err(_) => body::unread_failure(error_type),
    };
    let _ = invocation.events.send(Event::Failed(failure));
    match body {
        Ok(_) => accepted(),
        Err(_) => refused(Refusal::TooLarge),
    }
}

const PREFIX: &str = "/2018-06-01/runtime/";
/// COMPAT: Lambda lets a response have a hundred bytes more than a request.
const MOST_RESPONSE: usize = MOST_PAYLOAD + 100;
/// SECURITY: an error is parsed, and parsed it takes many times its size.
const MOST_ERROR: usize = 512 << 10;
/// SECURITY: each may hold a whole response in memory.
const MOST_CONNECTIONS: usize = 8;
const AFTER_FAILURE: Duration = Duration::from_millis(20);

#[cfg(test)]
mod tests;
