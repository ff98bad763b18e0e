//! The listener: `GET /metrics`, one answer for each connection.

use super::Sources;
use super::text::CONTENT_TYPE;
use crate::health::Phase;
use crate::listen::{ListenError, reached};
use crate::tasks::Tasks;
use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE as TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

/// A socket on which nobody is answered yet.
pub(crate) struct MetricsListener {
    socket: TcpListener,
    address: SocketAddr,
}

/// Listens on `address`.
pub(crate) fn open(address: SocketAddr) -> Result<MetricsListener, ListenError> {
    let refused = |error| ListenError::Address(address, error);
    let socket = std::net::TcpListener::bind(address).map_err(refused)?;
    socket.set_nonblocking(true).map_err(refused)?;
    let socket = TcpListener::from_std(socket).map_err(refused)?;
    let address = socket.local_addr().map_err(refused)?;
    Ok(MetricsListener { socket, address })
}

impl MetricsListener {
    /// Where metrics are read.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/metrics", self.address)
    }

    /// Answers until the server stops.
    pub(crate) async fn run(self, sources: Arc<Sources>, mut phase: watch::Receiver<Phase>) {
        let tasks = Tasks::default();
        let places = Arc::new(Semaphore::new(MOST_AT_ONCE));
        loop {
            let accepted = tokio::select! {
                accepted = self.socket.accept() => accepted,
                () = reached(&mut phase, Phase::Stopping) => return,
            };
            let stream = match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::debug!(%error, "cannot accept a connection for metrics");
                    tokio::time::sleep(BREATHER).await;
                    continue;
                }
            };
            // One more than there are places is closed as it is dropped.
            let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                continue;
            };
            let sources = Arc::clone(&sources);
            tasks.spawn(async move {
                let _place = place;
                let _ = timeout(LONGEST, serve(stream, sources)).await;
            });
        }
    }
}

async fn serve(stream: TcpStream, sources: Arc<Sources>) {
    let service = service_fn(move |request: Request<Incoming>| {
        let sources = Arc::clone(&sources);
        async move {
            Ok::<_, Infallible>(answer(request.method(), request.uri().path(), &sources).await)
        }
    });
    // How a client leaves is its own affair.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(LONGEST)
        .max_buf_size(MOST_HEAD)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(method: &Method, path: &str, sources: &Sources) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::default());
    if path != "/metrics" {
        *answer.status_mut() = StatusCode::NOT_FOUND;
    } else if method != Method::GET {
        *answer.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        let get = HeaderValue::from_static("GET");
        answer.headers_mut().insert(ALLOW, get);
    } else {
        *answer.body_mut() = Full::new(Bytes::from(sources.scrape().await));
        let kind = HeaderValue::from_static(CONTENT_TYPE);
        answer.headers_mut().insert(TYPE, kind);
    }
    answer
}

/// Connections at once: a few servers that scrape, and somebody who looks.
const MOST_AT_ONCE: usize = 16;
/// How long one may take.
const LONGEST: Duration = Duration::from_secs(10);
/// The least that the HTTP library takes.
const MOST_HEAD: usize = 8_192;
const BREATHER: Duration = Duration::from_millis(100);
