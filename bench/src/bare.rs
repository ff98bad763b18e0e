//! The bare server: the least that any server of this kind does per request, so the limit of what
//! one can reach on this machine.
//!
//! Rules kept here: one single-threaded runtime per core, each with a listener of its own; TLS,
//! HTTP, the check of the signature and one opening of a sealed value are real; everything else
//! (finding, authorizing, auditing, encoding) is left out and the answer is fixed. With
//! `--durable` it is the bare writer: each request is also on disk before it is answered.
//! It meets a client like the server does: a ready line, a certificate and credentials in files.

mod answer;
#[cfg(test)]
mod fixture;
mod identity;
mod journal;

use crate::Error;
use crate::args::BareSettings;
use crate::clock::now;
#[cfg(test)]
pub(crate) use fixture::Fixture;

use answer::Answer;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use identity::Identity;
use journal::Journal;
use serde_json::json;
use socket2::{Domain, Protocol, Socket, Type};
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// Serves until the process is told to end, or its parent has ended.
pub(crate) fn serve(settings: &BareSettings) -> Result<(), Error> {
    end_with_parent()?;
    let running = start(settings)?;
    announce(running.address);
    for thread in running.threads {
        thread.join().map_err(|_| Error::ThreadLost)??;
    }
    Ok(())
}

/// A bare server in this process.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    threads: Vec<JoinHandle<Result<(), Error>>>,
}

/// Starts a thread per core. Connections are accepted when this returns.
pub(crate) fn start(settings: &BareSettings) -> Result<Running, Error> {
    let identity = Identity::create(&settings.data_dir)?;
    let secret = identity.secret_access_key.expose();
    let journal = settings
        .durable
        .then(|| Journal::open(&settings.data_dir.join("journal")))
        .transpose()?;
    let part = Arc::new(Part {
        answer: Answer::new(secret, now(), settings)?,
        journal,
        tls: TlsAcceptor::from(identity.tls.clone()),
    });
    let first = listener(0).map_err(Error::io("listen"))?;
    let address = first.local_addr().map_err(Error::io("listen"))?;
    let mut listeners = vec![first];
    for _ in 1..thread::available_parallelism().map_or(1, usize::from) {
        listeners.push(listener(address.port()).map_err(Error::io("listen"))?);
    }
    let accepting = |listener| {
        let part = part.clone();
        thread::spawn(move || accept(listener, &part))
    };
    Ok(Running {
        address,
        threads: listeners.into_iter().map(accepting).collect(),
    })
}

/// What all threads share. Nothing in it changes.
struct Part {
    answer: Answer,
    journal: Option<Journal>,
    tls: TlsAcceptor,
}

fn end_with_parent() -> Result<(), Error> {
    let signal = Some(rustix::process::Signal::TERM);
    rustix::process::set_parent_process_death_signal(signal)
        .map_err(|error| Error::io("set a signal")(error.into()))
}

fn listener(port: u16) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

#[expect(clippy::print_stdout, reason = "the ready line is read by the parent")]
fn announce(address: SocketAddr) {
    let ready = json!({
        "event": "ready",
        "endpoints": [format!("https://{address}")],
        "account": answer::ACCOUNT,
        "region": answer::REGION,
    });
    println!("{ready}");
}

fn accept(listener: TcpListener, part: &Arc<Part>) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Error::io("start a runtime"))?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener).map_err(Error::io("listen"))?;
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    let (stream, _) = accepted.map_err(Error::io("accept"))?;
                    connections.spawn(connection(stream, part.clone()));
                }
                Some(_) = connections.join_next() => {}
            }
        }
    })
}

/// Serves one connection until it ends, for whatever reason: the client sees and reports it.
async fn connection(stream: TcpStream, part: Arc<Part>) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let Ok(stream) = part.tls.accept(stream).await else {
        return;
    };
    let service = service_fn(|request| respond(&part, request));
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn respond(
    part: &Part,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let Ok(body) = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes)
    else {
        return Ok(answer::refusal("the body ended early"));
    };
    let mut response = part.answer.to(&head, &body, now());
    if let Some(journal) = &part.journal
        && !journal.append(body).await
    {
        response = answer::refusal("the journal failed");
    }
    Ok(response)
}

const BACKLOG: i32 = 1_024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::ask;
    use crate::operation::Ask;
    use std::io::{Read, Write};

    fn answers(server: &Fixture) -> bool {
        let request = server.signer.sign(Ask::get(0), now()).unwrap();
        ask(&server.endpoint, &request).is_ok_and(|body| body.len() == 1_000)
    }

    #[test]
    fn a_client_without_tls_is_turned_away_and_hurts_nobody() {
        let server = Fixture::start(false);
        let mut plain = std::net::TcpStream::connect(server.endpoint.address).unwrap();
        plain.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();

        let mut received = Vec::new();
        let _ = plain.read_to_end(&mut received);

        assert!(!received.starts_with(b"HTTP"));
        assert!(answers(&server));
    }

    #[test]
    fn a_client_that_leaves_in_the_middle_hurts_nobody() {
        let server = Fixture::start(true);
        let mut request = server.signer.sign(Ask::put(0, 1), now()).unwrap();
        request.bytes = request.bytes[..request.bytes.len() - 5].into();

        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let cut = runtime.block_on(async {
            let mut connection = crate::load::Connection::open(&server.endpoint)
                .await
                .unwrap();
            // The rest never comes, so neither does an answer.
            let patience = std::time::Duration::from_millis(20);
            tokio::time::timeout(patience, connection.exchange(&request))
                .await
                .is_err()
        });

        assert!(cut);
        assert!(answers(&server));
    }

    #[test]
    fn the_threads_share_one_port() {
        let first = listener(0).unwrap();
        let port = first.local_addr().unwrap().port();

        let second = listener(port).unwrap();

        assert_eq!(second.local_addr().unwrap().port(), port);
    }

    #[test]
    fn a_request_that_is_not_well_signed_is_refused() {
        let mut server = Fixture::start(false);
        server.signer.access_key_id = String::from("a/b");
        let request = server.signer.sign(Ask::get(0), now()).unwrap();

        let refused = ask(&server.endpoint, &request);

        assert!(matches!(refused, Err(Error::Refused { status: 400, .. })));
    }
}
