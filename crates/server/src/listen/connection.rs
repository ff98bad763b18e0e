//! One connection, from the first byte to the last.

use super::activity::{Activity, Verdict, Watched};
use super::front::{Front, Origin};
use super::slots::Slot;
use crate::config::{Limits, seconds};
use crate::health::Phase;
use crate::tasks::Tasks;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use tokio_rustls::TlsAcceptor;

/// What the connections of one thread share.
pub(super) struct Serving {
    front: Arc<Front>,
    acceptor: TlsAcceptor,
    http1: http1::Builder,
    http2: http2::Builder<Tasks>,
    times: Times,
    phase: watch::Receiver<Phase>,
}

/// How long things may take.
#[derive(Clone, Copy)]
struct Times {
    handshake: Duration,
    head: Duration,
    idle: Duration,
}

impl Serving {
    /// The HTTP settings for `limits`.
    pub(super) fn new(
        front: Arc<Front>,
        acceptor: TlsAcceptor,
        limits: &Limits,
        tasks: Tasks,
        phase: watch::Receiver<Phase>,
    ) -> Self {
        let times = Times {
            handshake: seconds(limits.handshake_seconds),
            head: seconds(limits.header_seconds),
            idle: seconds(limits.idle_seconds),
        };
        let header_bytes = limits.header_bytes.get();
        let mut http1 = http1::Builder::new();
        http1
            .timer(TokioTimer::new())
            // Heads and idle time are watched by `Activity`, which can tell one from the other.
            .header_read_timeout(None)
            .max_buf_size(usize::try_from(header_bytes).unwrap_or(usize::MAX));
        let mut http2 = http2::Builder::new(tasks);
        http2
            .timer(TokioTimer::new())
            .max_header_list_size(header_bytes)
            .max_concurrent_streams(limits.http2_streams.get())
            .keep_alive_interval(Some(times.idle))
            .keep_alive_timeout(times.head);
        Self {
            front,
            acceptor,
            http1,
            http2,
            times,
            phase,
        }
    }

    /// Serves HTTPS on `stream`. `slot` is given back at the end.
    pub(super) async fn https(&self, stream: TcpStream, origin: Origin, slot: Slot) {
        let mut phase = self.phase.clone();
        let handshake = timeout(self.times.handshake, self.acceptor.accept(stream));
        let stream = tokio::select! {
            biased;
            outcome = handshake => match outcome {
                Ok(Ok(stream)) => stream,
                _ => return,
            },
            () = reached(&mut phase, Phase::Draining) => return,
        };
        if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
            self.http2(stream, origin).await;
        } else {
            self.http1(stream, origin).await;
        }
        drop(slot);
    }

    /// Serves HTTP on `stream`, which is not encrypted.
    pub(super) async fn http(&self, stream: TcpStream, origin: Origin, slot: Slot) {
        self.http1(stream, origin).await;
        drop(slot);
    }

    async fn http1<S>(&self, stream: S, origin: Origin)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let activity = Activity::new(Instant::now());
        let io = TokioIo::new(Watched::new(stream, Arc::clone(&activity)));
        let service = self.service(origin, Arc::clone(&activity));
        let connection = self.http1.serve_connection(io, service);
        self.drive(connection, http1::Connection::graceful_shutdown, &activity)
            .await;
    }

    async fn http2<S>(&self, stream: S, origin: Origin)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let activity = Activity::new(Instant::now());
        activity.ignore_heads();
        let io = TokioIo::new(Watched::new(stream, Arc::clone(&activity)));
        let service = self.service(origin, Arc::clone(&activity));
        let connection = self.http2.serve_connection(io, service);
        self.drive(connection, http2::Connection::graceful_shutdown, &activity)
            .await;
    }

    fn service(&self, origin: Origin, activity: Arc<Activity>) -> impl Answering {
        let front = Arc::clone(&self.front);
        service_fn(move |request: http::Request<hyper::body::Incoming>| {
            let under_way = activity.request();
            let front = Arc::clone(&front);
            let origin = origin.clone();
            let answer: AnswerFuture = Box::pin(async move {
                let answer = front.answer(request, origin).await;
                drop(under_way);
                Ok(answer)
            });
            answer
        })
    }

    /// Polls `connection` until it ends by itself, is idle or slow for too long, or the server
    /// stops. `finish` asks it to end once what is under way is answered.
    async fn drive<C, F>(&self, connection: C, finish: F, activity: &Activity)
    where
        C: Future,
        F: Fn(Pin<&mut C>),
    {
        let mut connection = pin!(connection);
        let mut phase = self.phase.clone();
        let period = (self.times.head / 4).max(Duration::from_millis(50));
        let mut look = interval_at(Instant::now() + period, period);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut next = Phase::Draining;
        let mut finishing = false;
        loop {
            tokio::select! {
                biased;
                _ = connection.as_mut() => return,
                () = reached(&mut phase, next) => {
                    if next == Phase::Stopping {
                        return;
                    }
                    next = Phase::Stopping;
                    finishing = true;
                    finish(connection.as_mut());
                }
                now = look.tick() => match activity.verdict(now, self.times.head, self.times.idle) {
                    Verdict::Fine => {}
                    Verdict::Slow => return,
                    // Asked once, and not gone by the next look: the peer does not read.
                    Verdict::Idle if finishing => return,
                    Verdict::Idle => {
                        finishing = true;
                        finish(connection.as_mut());
                    }
                },
            }
        }
    }
}

/// Resolves once the server is in `phase` or past it.
pub(crate) async fn reached(at: &mut watch::Receiver<Phase>, phase: Phase) {
    // An error means that the sender is gone, and with it the server.
    let _ = at.wait_for(|now| *now >= phase).await;
}

type AnswerFuture = Pin<Box<dyn Future<Output = Result<super::front::Answer, Infallible>> + Send>>;

/// The one kind of service that is served.
trait Answering:
    hyper::service::Service<
        http::Request<hyper::body::Incoming>,
        Response = super::front::Answer,
        Error = Infallible,
        Future = AnswerFuture,
    > + Send
    + 'static
{
}

impl<T> Answering for T where
    T: hyper::service::Service<
            http::Request<hyper::body::Incoming>,
            Response = super::front::Answer,
            Error = Infallible,
            Future = AnswerFuture,
        > + Send
        + 'static
{
}
