//! Sockets: for each address one for each thread, so that the system spreads the connections.

use super::ListenError;
use services::PrivateEndpoint;
use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;

/// What a listener speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// HTTP over TLS.
    Https,
    /// HTTP without TLS.
    Http,
}

/// What a listener says of everything that comes in through it.
///
/// SECURITY: made from the configuration and the socket alone; nothing that a client sends has a
/// part in it.
#[derive(Clone, Debug)]
pub(crate) struct Entrance {
    /// What it speaks.
    pub(crate) scheme: Scheme,
    /// The private endpoint that it belongs to. `None`: a public one.
    pub(crate) endpoint: Option<Arc<PrivateEndpoint>>,
}

impl Entrance {
    /// A public one.
    pub(crate) fn public(scheme: Scheme) -> Self {
        Self {
            scheme,
            endpoint: None,
        }
    }

    /// That of `endpoint`, always over TLS.
    pub(crate) fn private(endpoint: Arc<PrivateEndpoint>) -> Self {
        Self {
            scheme: Scheme::Https,
            endpoint: Some(endpoint),
        }
    }
}

/// An address that is listened on.
pub(crate) struct Listener {
    address: SocketAddr,
    entrance: Entrance,
    sockets: Vec<TcpListener>,
}

impl Listener {
    /// Listens on `address` with `count` sockets. Port 0 becomes a free port, the same for all.
    pub(super) fn open(
        address: SocketAddr,
        entrance: Entrance,
        count: usize,
    ) -> Result<Self, ListenError> {
        let refused = |error| ListenError::Address(address, error);
        refuse_taken(address).map_err(refused)?;
        let first = listening(address).map_err(refused)?;
        let address = first.local_addr().map_err(refused)?;
        let mut sockets = vec![first];
        for _ in 1..count {
            sockets.push(listening(address).map_err(refused)?);
        }
        Ok(Self {
            address,
            entrance,
            sockets,
        })
    }

    /// The address, with the port that was picked.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it says of everything that comes in through it.
    pub(crate) fn entrance(&self) -> &Entrance {
        &self.entrance
    }

    /// A URL under which a client on this machine reaches it.
    pub(crate) fn url(&self) -> String {
        let ip = match self.address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
            ip => ip,
        };
        let scheme = match self.entrance.scheme {
            Scheme::Https => "https",
            Scheme::Http => "http",
        };
        format!("{scheme}://{}", SocketAddr::new(ip, self.address.port()))
    }

    /// One of the sockets, each of which is given away once.
    pub(super) fn take_socket(&mut self) -> Option<TcpListener> {
        self.sockets.pop()
    }
}

/// Errors when somebody listens on `address` already: with shared ports the system would let two
/// servers of one user split the connections between them, unnoticed.
fn refuse_taken(address: SocketAddr) -> io::Result<()> {
    if address.port() == 0 {
        return Ok(());
    }
    socket(address)?.bind(&address.into())
}

fn listening(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = socket(address)?;
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn socket(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    socket.set_reuse_address(true)?;
    Ok(socket)
}

const BACKLOG: i32 = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    fn open(address: &str, count: usize) -> Listener {
        let entrance = Entrance::public(Scheme::Https);
        Listener::open(address.parse().unwrap(), entrance, count).unwrap()
    }

    #[test]
    fn all_sockets_of_a_picked_port_share_it() {
        let mut listener = open("127.0.0.1:0", 3);

        let ports: Vec<u16> = std::iter::from_fn(|| listener.take_socket())
            .map(|socket| socket.local_addr().unwrap().port())
            .collect();

        assert_eq!(ports, [listener.address().port(); 3]);
        assert_ne!(listener.address().port(), 0);
    }

    #[test]
    fn a_taken_address_is_refused() {
        let first = open("127.0.0.1:0", 1);

        let second = Listener::open(first.address(), Entrance::public(Scheme::Https), 1);

        assert_eq!(
            second.err().map(|error| error.to_string()),
            Some(format!("cannot listen on `{}`", first.address()))
        );
    }

    #[test]
    fn a_url_names_an_address_that_can_be_reached() {
        for (address, host) in [
            ("127.0.0.1:0", "127.0.0.1"),
            ("0.0.0.0:0", "127.0.0.1"),
            ("127.0.0.2:0", "127.0.0.2"),
        ] {
            let listener = open(address, 1);
            let port = listener.address().port();

            assert_eq!(listener.url(), format!("https://{host}:{port}"));
        }
    }
}
