//! One signed POST to a server that the operator listed.
//!
//! Rules kept here: no URL is called that no section lists; redirects are not followed; TLS is
//! verified, and HTTP goes to loopback addresses only; key and authorities are read at each call;
//! an answer is bounded in size. The caller bounds the time.

use super::credentials::{self, AccessKey, CredentialsError};
use crate::config::{Endpoint, Upstream};
use crate::files::FileError;
use base::{Clock, Plaintext};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use std::fs;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use zeroize::Zeroizing;

/// Posts to listed servers, signed for one service.
pub(super) struct Posting {
    listed: Vec<Upstream>,
    /// The service's name in signatures.
    service: &'static str,
    most_bytes: usize,
    clock: Arc<dyn Clock>,
}

/// What was answered, with whatever status.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Plaintext,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum PostError {
    #[error("the URL is not among those that the operator listed")]
    NotListed,
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error("cannot set up TLS")]
    Trust(#[from] rotators::DatabaseError),
    #[error("the request cannot be signed")]
    Sign(#[from] sigv4::NotSignable),
    #[error("the request cannot be written")]
    Request(#[from] http::Error),
    #[error("cannot connect")]
    Connect(#[source] io::Error),
    #[error("TLS failed")]
    Tls(#[source] io::Error),
    #[error("the connection failed")]
    Exchange(#[from] hyper::Error),
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
}

impl PostError {
    /// Whether the other side cannot have seen the request.
    pub(super) fn is_unsent(&self) -> bool {
        !matches!(self, Self::Exchange(_) | Self::TooLarge(_))
    }
}

impl Posting {
    pub(super) fn new(
        listed: Vec<Upstream>,
        service: &'static str,
        most_bytes: usize,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            listed,
            service,
            most_bytes,
            clock,
        }
    }

    /// Whether `url` is listed.
    pub(super) fn lists(&self, url: &str) -> bool {
        Upstream::find(&self.listed, url).is_some()
    }

    /// Posts `body` to `url`, with `headers` beside the usual ones.
    pub(super) async fn post(
        &self,
        url: &str,
        headers: HeaderMap,
        body: Plaintext,
    ) -> Result<Reply, PostError> {
        let (upstream, endpoint) = Upstream::find(&self.listed, url).ok_or(PostError::NotListed)?;
        let (key, tls) = prepared(upstream.clone(), endpoint.is_https()).await?;
        let request = self.request(upstream, &endpoint, (headers, body), &key)?;
        let stream = connect(&endpoint).await?;
        match tls {
            None => exchange(stream, request, self.most_bytes).await,
            Some(config) => {
                let name = ServerName::try_from(endpoint.host().to_owned())
                    .map_err(|error| PostError::Tls(io::Error::other(error)))?;
                let stream = TlsConnector::from(Arc::new(config)).connect(name, stream);
                let stream = stream.await.map_err(PostError::Tls)?;
                exchange(stream, request, self.most_bytes).await
            }
        }
    }

    fn request(
        &self,
        upstream: &Upstream,
        endpoint: &Endpoint,
        (mut headers, body): (HeaderMap, Plaintext),
        key: &AccessKey,
    ) -> Result<Request<Full<Bytes>>, PostError> {
        let host = HeaderValue::from_str(endpoint.authority()).map_err(http::Error::from)?;
        headers.insert(header::HOST, host);
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        let token = key.session_token.as_ref().map(Plaintext::expose);
        let token = token.and_then(|token| std::str::from_utf8(token).ok());
        let (path, query) = endpoint
            .target()
            .split_once('?')
            .unwrap_or((endpoint.target(), ""));
        let signed = sigv4::Request {
            method: "POST",
            path,
            query,
            headers: &headers,
            body: body.expose(),
        };
        let credentials = sigv4::Credentials {
            access_key_id: &key.id,
            secret_access_key: key.secret.expose(),
            session_token: token,
        };
        let now = self.clock.now();
        let added = sigv4::sign(&signed, &credentials, &upstream.region, self.service, now)?;
        headers.extend(added);
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static("strongroom"));
        for secret in [AUTHORIZATION, TOKEN] {
            if let Some(value) = headers.get_mut(secret) {
                value.set_sensitive(true);
            }
        }
        let mut request =
            Request::post(endpoint.target()).body(Full::new(Bytes::from_owner(Exposed(body))))?;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

/// The key to sign with, and how to trust the other side over TLS.
async fn prepared(
    upstream: Upstream,
    is_https: bool,
) -> Result<(AccessKey, Option<ClientConfig>), PostError> {
    // Reading the system's authorities takes some milliseconds, for which others are not to wait.
    let read = tokio::task::spawn_blocking(move || {
        let key = credentials::read(&upstream.credentials_file, &upstream.profile)?;
        let tls = is_https.then(|| trust(&upstream)).transpose()?;
        Ok((key, tls))
    });
    read.await
        .map_err(|error| PostError::Connect(io::Error::other(error)))?
}

fn trust(upstream: &Upstream) -> Result<ClientConfig, PostError> {
    let authorities_pem = match &upstream.ca_file {
        Some(path) => Some(fs::read(path).map_err(FileError::io("read", path))?.into()),
        None => None,
    };
    let dial = rotators::Dial {
        authorities_pem,
        ..rotators::Dial::default()
    };
    Ok(rotators::client_config(&dial)?)
}

async fn connect(endpoint: &Endpoint) -> Result<TcpStream, PostError> {
    let found = tokio::net::lookup_host((endpoint.host(), endpoint.port())).await;
    let found = found.map_err(PostError::Connect)?;
    // SECURITY: the name `localhost` may be given another address.
    let addresses: Vec<_> = found
        .filter(|address| endpoint.is_https() || address.ip().is_loopback())
        .collect();
    let stream = TcpStream::connect(addresses.as_slice()).await;
    stream.map_err(PostError::Connect)
}

async fn exchange<S>(
    stream: S,
    request: Request<Full<Bytes>>,
    most_bytes: usize,
) -> Result<Reply, PostError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let answer = async move {
        let answer = sender.send_request(request).await?;
        let (parts, mut body) = answer.into_parts();
        let mut collected = Zeroizing::new(Vec::new());
        while let Some(frame) = body.frame().await {
            if let Some(bytes) = frame?.data_ref() {
                append(&mut collected, bytes, most_bytes)?;
            }
        }
        Ok(Reply {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: Plaintext::new(std::mem::take(&mut *collected)),
        })
    };
    let mut answer = pin!(answer);
    // The connection does its work here, in nobody's task. Once it has ended, what came is there.
    tokio::select! {
        answer = &mut answer => answer,
        _ = connection => answer.await,
    }
}

/// SECURITY: room is made by copying, so that growth leaves no value behind in freed memory.
fn append(
    collected: &mut Zeroizing<Vec<u8>>,
    bytes: &[u8],
    most_bytes: usize,
) -> Result<(), PostError> {
    let wanted = collected.len().saturating_add(bytes.len());
    if wanted > most_bytes {
        return Err(PostError::TooLarge(most_bytes));
    }
    if wanted > collected.capacity() {
        let mut larger = Zeroizing::new(Vec::with_capacity(wanted.saturating_mul(2)));
        larger.extend_from_slice(collected);
        *collected = larger;
    }
    collected.extend_from_slice(bytes);
    Ok(())
}

/// A body that is overwritten when it was sent.
struct Exposed(Plaintext);

impl AsRef<[u8]> for Exposed {
    fn as_ref(&self) -> &[u8] {
        self.0.expose()
    }
}

const AUTHORIZATION: HeaderName = header::AUTHORIZATION;
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
