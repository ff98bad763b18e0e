//! Listening: sockets, one thread with a runtime of its own for each processor, connections, and
//! the way from an HTTP request to the services and back.
//!
//! Rules kept here: whatever a client does costs a bounded amount of memory and time (connections,
//! handshake, head, body, idle time: [`crate::config::Limits`]); a connection stays on the thread
//! that accepted it; a stop lets what is under way finish.

mod activity;
mod connection;
mod front;
mod slots;
mod sockets;
mod worker;

pub(crate) use front::Front;
pub(crate) use sockets::{Listener, Scheme};
pub(crate) use worker::Workers;

use crate::config::Config;
use std::io;
use std::net::SocketAddr;

/// Why the server cannot listen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListenError {
    /// Another program has the address.
    #[error("cannot listen on `{0}`")]
    Address(SocketAddr, #[source] io::Error),
    /// A thread or its runtime could not be started.
    #[error("cannot start a thread that serves")]
    Thread(#[source] io::Error),
}

/// Opens every address of `config`, with one socket for each of `workers` threads.
pub(crate) fn open(config: &Config, workers: usize) -> Result<Vec<Listener>, ListenError> {
    let tls = config.listen.tls.iter().map(|at| (*at, Scheme::Https));
    let plain = config.listen.plain.iter().map(|at| (*at, Scheme::Http));
    tls.chain(plain)
        .map(|(address, scheme)| Listener::open(address, scheme, workers))
        .collect()
}
