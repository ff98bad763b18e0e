//! A rotation function with an address of its own, invoked as Lambda's API has it.
//!
//! It does not check who invokes it: it listens on loopback, and what it does is decided by the
//! server that it calls.

use super::caller::Caller;
use super::home::Home;
use super::steps::{self, Event};
use crate::Error;
use crate::clock::instant;
use crate::load::runtime;
use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::json;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Answers until the process is told to end. `announce` is told the address.
pub(super) fn serve(dir: &Path, announce: impl FnOnce(SocketAddr)) -> Result<(), Error> {
    let function = Arc::new(Function {
        dir: dir.to_owned(),
        callers: Mutex::default(),
    });
    runtime()?.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .map_err(Error::io("listen"))?;
        announce(listener.local_addr().map_err(Error::io("listen"))?);
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    let (stream, _) = accepted.map_err(Error::io("accept"))?;
                    connections.spawn(connection(stream, function.clone()));
                }
                Some(_) = connections.join_next() => {}
            }
        }
    })
}

struct Function {
    /// Where it is said which server to call.
    dir: PathBuf,
    /// Those that wait for the next step, and since when.
    callers: Mutex<Vec<(Caller, Instant)>>,
}

impl Function {
    async fn invoke(&self, payload: &[u8]) -> Result<(), Error> {
        let event: Event = serde_json::from_slice(payload)?;
        let mut caller = self.caller().await?;
        steps::take(&mut caller, &event).await?;
        self.waiting().push((caller, instant()));
        Ok(())
    }

    /// One that waits, or a new one. Those that waited long may find their connections closed.
    async fn caller(&self) -> Result<Caller, Error> {
        let waiting = {
            let mut waiting = self.waiting();
            waiting.retain(|(_, since)| since.elapsed() < LONGEST_WAIT);
            waiting.pop()
        };
        match waiting {
            Some((caller, _)) => Ok(caller),
            None => {
                let home = Home::left_in(&self.dir)?;
                Caller::open(&home.endpoint, home.signer).await
            }
        }
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<(Caller, Instant)>> {
        self.callers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves one connection until it ends, for whatever reason: the server sees and reports it.
async fn connection(stream: TcpStream, function: Arc<Function>) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let service = service_fn(|request| answer(&function, request));
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(
    function: &Function,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let done = match request.into_body().collect().await {
        Ok(body) => function.invoke(&body.to_bytes()).await,
        Err(_) => Err(Error::Closed),
    };
    let Err(error) = done else {
        return Ok(Response::new(Full::from("null")));
    };
    complain(&error);
    let failure = json!({"errorType": "StepFailed", "errorMessage": error.to_string()});
    let mut response = Response::new(Full::from(failure.to_string()));
    let headers = response.headers_mut();
    headers.insert(
        "x-amz-function-error",
        HeaderValue::from_static("Unhandled"),
    );
    Ok(response)
}

#[expect(clippy::print_stderr, reason = "the function's log")]
fn complain(error: &Error) {
    eprintln!("a step failed: {error}");
}

/// Shorter than the server keeps an idle connection.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
