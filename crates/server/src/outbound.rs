//! Requests of the server's own, to servers that the operator named.
//!
//! Rules kept here:
//!
//! - SECURITY: TLS is verified, by the authorities that the operator named or the system's. What is
//!   not HTTPS goes to loopback addresses only.
//! - SECURITY: redirects are not followed.
//! - The authorities are read at each call, since those of a cluster change.
//! - An answer is bounded in size, and leaves no copy behind in memory. The caller bounds the time.

use crate::config::{Endpoint, Supplied};
use crate::files::{self, FileError};
use base::{Plaintext, PlaintextBuffer};
use bytes::Bytes;
use http::response::Parts;
use http::{HeaderMap, Request, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::client::WantsClientCert;
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore};
use rustls_pki_types::pem::{self, PemObject as _};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use zeroize::Zeroizing;

/// Why nobody can be trusted over TLS.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TrustError {
    #[error("`{}` holds no certificate in PEM form", .0.display())]
    Authorities(PathBuf, #[source] Option<pem::Error>),
    #[error(transparent)]
    File(#[from] FileError),
    #[error("the system has no certificate authorities: name some with `ca_file`")]
    NoAuthorities,
    #[error("cannot set up TLS")]
    Tls(#[from] rustls::Error),
    #[error("`{}` holds no private key in PEM form", .0.display())]
    Key(PathBuf, #[source] pem::Error),
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutboundError {
    #[error("cannot connect")]
    Connect(#[source] io::Error),
    #[error("TLS failed")]
    Tls(#[source] io::Error),
    #[error("the connection failed")]
    Exchange(#[source] hyper::Error),
    #[error("the answer broke off")]
    Body(#[source] hyper::Error),
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
}

impl OutboundError {
    /// Whether the other side cannot have seen the request.
    pub(crate) fn is_unsent(&self) -> bool {
        match self {
            Self::Connect(_) | Self::Tls(_) => true,
            Self::Exchange(_) | Self::Body(_) | Self::TooLarge(_) => false,
        }
    }
}

/// A connection, with TLS or without.
pub(crate) struct Stream(Box<dyn Transport>);

trait Transport: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Transport for T {}

/// How the other side is verified: by the authorities in `ca_file`, or else the system's.
///
/// Reading the system's takes some milliseconds, for which a thread of connections is not to wait.
pub(crate) fn trust(ca_file: Option<&Path>) -> Result<ClientConfig, TrustError> {
    let mut config = verifying(ca_file)?.with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// As [`trust`], showing the certificate `own` to who asks for one, and for any protocol over TLS.
pub(crate) fn trust_as(
    ca_file: Option<&Path>,
    own: Option<&Supplied>,
) -> Result<ClientConfig, TrustError> {
    let Some(own) = own else {
        return Ok(verifying(ca_file)?.with_no_client_auth());
    };
    files::refuse_exposed(&own.key)?;
    let chain = named_authorities(&own.cert)?;
    let key = Zeroizing::new(files::read_bounded(&own.key, MOST_KEY)?);
    let key = PrivateKeyDer::from_pem_slice(&key);
    let key = key.map_err(|error| TrustError::Key(own.key.clone(), error))?;
    Ok(verifying(ca_file)?.with_client_auth_cert(chain, key)?)
}

fn verifying(
    ca_file: Option<&Path>,
) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, TrustError> {
    let (authorities, none) = match ca_file {
        Some(path) => (
            named_authorities(path)?,
            TrustError::Authorities(path.to_owned(), None),
        ),
        None => (
            rustls_native_certs::load_native_certs().certs,
            TrustError::NoAuthorities,
        ),
    };
    let mut roots = RootCertStore::empty();
    // A certificate that cannot be used is one less to trust.
    let (usable, _) = roots.add_parsable_certificates(authorities);
    if usable == 0 {
        return Err(none);
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots))
}

/// Connects to `endpoint`: over TLS with `tls`, else in the clear and to loopback addresses only.
pub(crate) async fn connect(
    endpoint: &Endpoint,
    tls: Option<Arc<ClientConfig>>,
) -> Result<Stream, OutboundError> {
    let found = tokio::net::lookup_host((endpoint.host(), endpoint.port())).await;
    let found = found.map_err(OutboundError::Connect)?;
    // SECURITY: the name `localhost` may be given another address.
    let addresses: Vec<_> = found
        .filter(|address| tls.is_some() || address.ip().is_loopback())
        .collect();
    connect_to(&addresses, endpoint, tls).await
}

/// Connects to one of `addresses`, which `endpoint` stands for. The caller has looked at them.
pub(crate) async fn connect_to(
    addresses: &[SocketAddr],
    endpoint: &Endpoint,
    tls: Option<Arc<ClientConfig>>,
) -> Result<Stream, OutboundError> {
    let stream = TcpStream::connect(addresses).await;
    let stream = stream.map_err(OutboundError::Connect)?;
    let Some(config) = tls else {
        return Ok(Stream(Box::new(stream)));
    };
    let name = ServerName::try_from(endpoint.host().to_owned())
        .map_err(|error| OutboundError::Tls(io::Error::other(error)))?;
    let stream = TlsConnector::from(config).connect(name, stream).await;
    Ok(Stream(Box::new(stream.map_err(OutboundError::Tls)?)))
}

/// Sends `request` and reads the answer, whatever its status, with at most `most_bytes`.
pub(crate) async fn exchange(
    stream: Stream,
    request: Request<Full<Bytes>>,
    most_bytes: usize,
) -> Result<(Parts, Plaintext), OutboundError> {
    let handshake = http1::handshake(TokioIo::new(stream.0)).await;
    let (mut sender, connection) = handshake.map_err(OutboundError::Exchange)?;
    let answer = async move {
        let answer = sender.send_request(request).await;
        let (parts, mut body) = answer.map_err(OutboundError::Exchange)?.into_parts();
        let mut collected = PlaintextBuffer::with_most(most_bytes);
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(OutboundError::Body)?;
            if let Some(piece) = frame.data_ref() {
                let fits = collected.push(piece);
                fits.map_err(|_| OutboundError::TooLarge(most_bytes))?;
            }
        }
        Ok((parts, collected.finish()))
    };
    let mut answer = pin!(answer);
    // The connection does its work here, in nobody's task. Once it has ended, what came is there.
    tokio::select! {
        answer = &mut answer => answer,
        _ = connection => answer.await,
    }
}

/// How long an answer asks to wait. A moment in its place is not understood.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    Some(Duration::from_secs(text.trim().parse().ok()?))
}

/// Sends `request` and reads the head of the answer, and nothing else of it.
pub(crate) async fn head(
    stream: Stream,
    request: Request<Full<Bytes>>,
) -> Result<Parts, OutboundError> {
    let handshake = http1::handshake(TokioIo::new(stream.0)).await;
    let (mut sender, connection) = handshake.map_err(OutboundError::Exchange)?;
    let answer = async move {
        let answer = sender.send_request(request).await;
        let (parts, _) = answer.map_err(OutboundError::Exchange)?.into_parts();
        Ok(parts)
    };
    let mut answer = pin!(answer);
    tokio::select! {
        answer = &mut answer => answer,
        _ = connection => answer.await,
    }
}

fn named_authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>, TrustError> {
    let content = files::read_bounded(path, MOST_AUTHORITIES)?;
    CertificateDer::pem_slice_iter(&content)
        .collect::<Result<_, _>>()
        .map_err(|error| TrustError::Authorities(path.to_owned(), Some(error)))
}

/// Several times the authorities of a system.
const MOST_AUTHORITIES: usize = 2 << 20;
const MOST_KEY: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair};
    use std::fs;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    const NOT_A_CERTIFICATE: &str =
        "-----BEGIN CERTIFICATE-----\naGk=\n-----END CERTIFICATE-----\n";

    fn refusal(path: &Path) -> String {
        trust(Some(path)).unwrap_err().to_string()
    }

    #[test]
    fn an_authority_that_cannot_be_used_is_one_less_to_trust() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ca.pem");
        let key = KeyPair::generate().unwrap();
        let good = CertificateParams::default().self_signed(&key).unwrap();

        fs::write(&path, format!("{NOT_A_CERTIFICATE}{}", good.pem())).unwrap();
        let config = trust(Some(&path)).unwrap();
        fs::write(&path, NOT_A_CERTIFICATE).unwrap();
        let none = refusal(&path);

        assert_eq!(config.alpn_protocols, [b"http/1.1".to_vec()]);
        assert_eq!(
            none,
            format!("`{}` holds no certificate in PEM form", path.display())
        );
    }

    #[test]
    fn authorities_are_read_from_a_file_only() {
        let refused = ["/dev/zero", "/nowhere/ca.pem"].map(|path| refusal(Path::new(path)));

        assert_eq!(
            refused,
            ["`/dev/zero` is not a file", "cannot read `/nowhere/ca.pem`"]
        );
    }

    /// Asks for at most four bytes where a request is answered with `reply`.
    async fn answered(reply: &'static str) -> Result<(Parts, Plaintext), OutboundError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let endpoint = Endpoint::parse(&url).unwrap();
        let server = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            // A client that has heard enough is no failure.
            let _ = stream.write_all(reply.as_bytes()).await;
        };
        let client = async {
            let stream = connect(&endpoint, None).await?;
            let request = Request::get("/").body(Full::default()).unwrap();
            exchange(stream, request, 4).await
        };
        tokio::join!(server, client).1
    }

    #[tokio::test]
    async fn an_answer_has_any_status_and_a_bounded_body() {
        let fits = answered("HTTP/1.1 503 X\r\ncontent-length: 4\r\n\r\nfour").await;
        let too_large = answered("HTTP/1.1 200 OK\r\n\r\nfives").await;

        let (parts, body) = fits.unwrap();
        assert_eq!((parts.status.as_u16(), body.expose()), (503, &b"four"[..]));
        assert_eq!(
            too_large.err().unwrap().to_string(),
            "the answer is larger than 4 bytes"
        );
    }

    #[tokio::test]
    async fn only_what_was_not_sent_is_said_to_be_unsent() {
        let broken = answered("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nf").await;
        let silent = answered("").await;
        // Nobody listens on port 1 of a loopback address.
        let nobody = Endpoint::parse("http://127.0.0.1:1/").unwrap();
        let nowhere = connect(&nobody, None).await;

        let told = |error: OutboundError| (error.to_string(), error.is_unsent());
        assert_eq!(
            [
                broken.err().map(told),
                silent.err().map(told),
                nowhere.err().map(told)
            ],
            [
                Some((String::from("the answer broke off"), false)),
                Some((String::from("the connection failed"), false)),
                Some((String::from("cannot connect"), true)),
            ]
        );
    }
}
