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

pub(crate) use connection::reached;
pub(crate) use front::Front;
pub(crate) use slots::Slots as Connections;
pub(crate) use sockets::{Entrance, Listener, Scheme};
pub(crate) use worker::Workers;

use crate::config::Config;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

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
    let public = |addresses: &[SocketAddr], scheme| {
        let opened = addresses
            .iter()
            .map(|at| Listener::open(*at, Entrance::public(scheme), workers));
        opened.collect::<Result<Vec<_>, _>>()
    };
    let mut listeners = public(&config.listen.tls, Scheme::Https)?;
    listeners.extend(public(&config.listen.plain, Scheme::Http)?);
    for private in &config.private {
        for address in &private.listen {
            let entrance = Entrance::private(Arc::clone(&private.endpoint));
            listeners.push(Listener::open(*address, entrance, workers)?);
        }
    }
    Ok(listeners)
}
