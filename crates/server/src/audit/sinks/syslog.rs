//! Syslog: RFC 5424 over UDP (RFC 5426), TCP (RFC 6587, octet counting), TLS (RFC 5425) and sockets of
//! this host.
//!
//! Rules kept here:
//! - syslog has no answers. Over a stream, each batch has a connection of its own: the server has a batch
//!   when it closes after having read the end, which it does only after all that came before. Where the
//!   operator switched that off, and with datagrams, what was handed to the system counts as sent;
//! - SECURITY: TLS is verified. What is in the clear goes where the operator wrote `udp://` or `tcp://`;
//! - no event is cut: one that is too large goes as a message that says which it is ([`message`]).

mod message;

use super::batch::Batch;
use super::sending::{Pace, SendError};
use crate::config::{self, SyslogPlace, SyslogTo};
use crate::error::chain;
use crate::outbound;
use message::Form;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket, UnixDatagram, lookup_host};
use tokio_rustls::TlsConnector;

/// Sends messages.
pub(super) struct SyslogSender {
    to: SyslogTo,
    form: Form,
}

impl SyslogSender {
    /// For the sink called `name`.
    pub(super) fn new(name: &str, syslog: &config::Syslog) -> Self {
        if let SyslogTo::Udp(place) | SyslogTo::Tcp { place, .. } = &syslog.to
            && !place.is_loopback()
        {
            tracing::warn!(sink = name, "audit events leave this host without TLS");
        }
        Self {
            to: syslog.to.clone(),
            form: Form::new(syslog),
        }
    }

    pub(super) async fn send(&self, batch: &Batch) -> Result<(), SendError> {
        let messages = batch.lines.iter().map(|line| self.form.message(line));
        let messages: Vec<Vec<u8>> = messages.collect();
        let sent = match &self.to {
            SyslogTo::Udp(place) => to_udp(place, &messages).await,
            SyslogTo::Unix(path) => to_unix(path, &messages).await,
            SyslogTo::Tcp { place, confirm } => to_tcp(place, &messages, *confirm).await,
            SyslogTo::Tls {
                place,
                confirm,
                ca_file,
                identity,
            } => {
                let (ca_file, identity) = (ca_file.clone(), identity.clone());
                let trust = move || outbound::trust_as(ca_file.as_deref(), identity.as_ref());
                let trusted = tokio::task::spawn_blocking(trust).await;
                let trusted = trusted.map_err(|error| SendError::usual(error.to_string()))?;
                let tls = trusted.map_err(|error| SendError {
                    text: chain(&error),
                    pace: Pace::Slow,
                })?;
                to_tls(place, tls, &messages, *confirm).await
            }
        };
        sent.map_err(|error| SendError::usual(error.to_string()))
    }
}

async fn to_udp(place: &SyslogPlace, messages: &[Vec<u8>]) -> io::Result<()> {
    let address = lookup_host((place.host.as_str(), place.port)).await?.next();
    let address = address.ok_or_else(|| io::Error::other("the host has no address"))?;
    let own: SocketAddr = match address {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(own).await?;
    socket.connect(address).await?;
    for message in messages {
        socket.send(message).await?;
    }
    // Where nobody listens on the same host, the system knows by now.
    match socket.take_error()? {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

async fn to_unix(path: &Path, messages: &[Vec<u8>]) -> io::Result<()> {
    let socket = UnixDatagram::unbound()?;
    socket.connect(path)?;
    for message in messages {
        socket.send(message).await?;
    }
    Ok(())
}

async fn to_tcp(place: &SyslogPlace, messages: &[Vec<u8>], confirm: bool) -> io::Result<()> {
    let stream = TcpStream::connect((place.host.as_str(), place.port)).await?;
    to_stream(stream, messages, confirm).await
}

async fn to_tls(
    place: &SyslogPlace,
    tls: ClientConfig,
    messages: &[Vec<u8>],
    confirm: bool,
) -> io::Result<()> {
    let name = ServerName::try_from(place.host.clone()).map_err(io::Error::other)?;
    let stream = TcpStream::connect((place.host.as_str(), place.port)).await?;
    let stream = TlsConnector::from(Arc::new(tls))
        .connect(name, stream)
        .await?;
    to_stream(stream, messages, confirm).await
}

async fn to_stream<S>(mut stream: S, messages: &[Vec<u8>], confirm: bool) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut framed = Vec::new();
    for message in messages {
        framed.extend_from_slice(message.len().to_string().as_bytes());
        framed.push(b' ');
        framed.extend_from_slice(message);
    }
    stream.write_all(&framed).await?;
    stream.shutdown().await?;
    if confirm {
        closes(&mut stream).await
    } else {
        Ok(())
    }
}

/// Waits until the other side closes. What it says until then means nothing.
async fn closes(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<()> {
    let mut said = [0; 1_024];
    loop {
        match stream.read(&mut said).await {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            // COMPAT: many servers close below TLS without a word in it.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}
