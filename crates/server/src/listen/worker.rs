//! The threads that serve. Each has a runtime and sockets of its own and shares nothing that
//! changes with the others, except the count of connections.

use super::connection::{Serving, reached};
use super::front::Front;
use super::front::Origin;
use super::slots::{Slot, Slots};
use super::{Entrance, ListenError, Listener, Scheme};
use crate::config::Limits;
use crate::health::Phase;
use crate::tasks::Tasks;
use rustls::ServerConfig;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::sync::{mpsc, watch};
use tokio_rustls::TlsAcceptor;

/// The threads.
pub(crate) struct Workers {
    alive: mpsc::Receiver<()>,
    connections: Slots,
}

impl Workers {
    /// Starts `count` threads, each with one socket of every listener.
    pub(crate) fn start(
        mut listeners: Vec<Listener>,
        count: usize,
        front: &Arc<Front>,
        tls: &Arc<ServerConfig>,
        limits: &Limits,
        phase: &watch::Receiver<Phase>,
    ) -> Result<Self, ListenError> {
        let slots = Slots::new(usize::try_from(limits.connections.get()).unwrap_or(usize::MAX));
        // Never sent on: it closes when the last thread has ended.
        let (living, alive) = mpsc::channel(1);
        for number in 0..count {
            let worker = Worker {
                sockets: listeners
                    .iter_mut()
                    .filter_map(|listener| {
                        Some((listener.take_socket()?, listener.entrance().clone()))
                    })
                    .collect(),
                front: Arc::clone(front),
                tls: Arc::clone(tls),
                limits: limits.clone(),
                slots: slots.clone(),
                phase: phase.clone(),
            };
            let living = living.clone();
            let runtime = Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(ListenError::Thread)?;
            std::thread::Builder::new()
                .name(format!("serve-{number}"))
                .spawn(move || {
                    let _living = living;
                    runtime.block_on(worker.run());
                })
                .map_err(ListenError::Thread)?;
        }
        Ok(Self {
            alive,
            connections: slots,
        })
    }

    /// The connections of all threads.
    pub(crate) fn connections(&self) -> &Slots {
        &self.connections
    }

    /// Resolves when every thread has ended.
    pub(crate) async fn all_ended(&mut self) {
        while self.alive.recv().await.is_some() {}
    }
}

struct Worker {
    sockets: Vec<(TcpListener, Entrance)>,
    front: Arc<Front>,
    tls: Arc<ServerConfig>,
    limits: Limits,
    slots: Slots,
    phase: watch::Receiver<Phase>,
}

impl Worker {
    /// Accepts until the server drains, then waits for the connections to end.
    async fn run(mut self) {
        let tasks = Tasks::default();
        // A channel of this thread's own: connections look at it with every poll, and one for all
        // threads would pass its locks to and fro between the processors.
        let (forward, phase) = watch::channel(*self.phase.borrow());
        let acceptor = TlsAcceptor::from(self.tls);
        let limits = &self.limits;
        let serving = Arc::new(Serving::new(
            self.front,
            acceptor,
            limits,
            tasks.clone(),
            phase.clone(),
        ));
        for (socket, entrance) in self.sockets {
            let accepting = Accepting {
                entrance,
                serving: Arc::clone(&serving),
                slots: self.slots.clone(),
                tasks: tasks.clone(),
                phase: phase.clone(),
            };
            tasks.spawn(accepting.run(socket));
        }
        reached(&mut self.phase, Phase::Draining).await;
        forward.send_replace(Phase::Draining);
        tokio::select! {
            () = tasks.all_ended() => return,
            () = reached(&mut self.phase, Phase::Stopping) => {}
        }
        forward.send_replace(Phase::Stopping);
        tasks.all_ended().await;
    }
}

/// One socket of one thread.
struct Accepting {
    entrance: Entrance,
    serving: Arc<Serving>,
    slots: Slots,
    tasks: Tasks,
    phase: watch::Receiver<Phase>,
}

impl Accepting {
    async fn run(mut self, socket: TcpListener) {
        let socket = match tokio::net::TcpListener::from_std(socket) {
            Ok(socket) => socket,
            Err(error) => {
                tracing::error!(%error, "cannot listen");
                return;
            }
        };
        loop {
            let accepted = tokio::select! {
                accepted = socket.accept() => accepted,
                () = reached(&mut self.phase, Phase::Draining) => return,
            };
            match accepted {
                Ok((stream, peer)) => {
                    // Over the limit, the stream is closed as it is dropped.
                    if let Some(slot) = self.slots.take() {
                        self.serve(stream, peer, slot);
                    }
                }
                Err(error) if concerns_one_connection(&error) => {}
                Err(error) => {
                    // Out of files or memory: give connections that end a chance to free some.
                    tracing::warn!(%error, "cannot accept connections");
                    tokio::time::sleep(BREATHER).await;
                }
            }
        }
    }

    fn serve(&self, stream: TcpStream, peer: SocketAddr, slot: Slot) {
        // Answers are written whole; waiting to fill a packet would only delay them.
        let _ = stream.set_nodelay(true);
        let serving = Arc::clone(&self.serving);
        let origin = Origin::of(peer.ip(), &self.entrance);
        match self.entrance.scheme {
            Scheme::Https => self
                .tasks
                .spawn(async move { serving.https(stream, origin, slot).await }),
            Scheme::Http => self
                .tasks
                .spawn(async move { serving.http(stream, origin, slot).await }),
        }
    }
}

fn concerns_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}

const BREATHER: Duration = Duration::from_millis(100);
