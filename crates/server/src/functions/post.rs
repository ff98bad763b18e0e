//! One signed POST to a server that the operator listed.
//!
//! Rules kept here: no URL is called that no section lists; the key is read at each call. The rest is
//! in `outbound`. The caller bounds the time.

use super::credentials::{self, AccessKey, CredentialsError};
use crate::config::{Endpoint, Upstream};
use crate::error::chain;
use crate::outbound::{self, OutboundError, TrustError};
use base::{Clock, Exposed, Plaintext};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, header};
use http_body_util::Full;
use rustls::ClientConfig;
use std::io;
use std::sync::Arc;

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
    Trust(#[from] TrustError),
    #[error("the request cannot be signed")]
    Sign(#[from] sigv4::NotSignable),
    #[error("the request cannot be written")]
    Request(#[from] http::Error),
    #[error(transparent)]
    Outbound(#[from] OutboundError),
}

impl PostError {
    /// Whether the other side cannot have seen the request.
    pub(super) fn is_unsent(&self) -> bool {
        match self {
            Self::Outbound(error) => error.is_unsent(),
            Self::NotListed
            | Self::Credentials(_)
            | Self::Trust(_)
            | Self::Sign(_)
            | Self::Request(_) => true,
        }
    }

    /// The reason in the words for who called. The operator's files are for the operator to know.
    pub(super) fn told(&self) -> String {
        match self {
            Self::Credentials(_) | Self::Trust(_) => String::from("it is not set up"),
            _ => chain(self),
        }
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
        let stream = outbound::connect(&endpoint, tls).await?;
        let (parts, body) = outbound::exchange(stream, request, self.most_bytes).await?;
        Ok(Reply {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        })
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
        let body = Full::new(Bytes::from_owner(Exposed::new(body)));
        let mut request = Request::post(endpoint.target()).body(body)?;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

/// The key to sign with, and how to trust the other side over TLS.
async fn prepared(
    upstream: Upstream,
    is_https: bool,
) -> Result<(AccessKey, Option<Arc<ClientConfig>>), PostError> {
    // Reading the system's authorities takes some milliseconds, for which others are not to wait.
    let read = tokio::task::spawn_blocking(move || {
        let key = credentials::read(&upstream.credentials_file, &upstream.profile)?;
        let tls = is_https.then(|| outbound::trust(upstream.ca_file.as_deref()));
        Ok((key, tls.transpose()?.map(Arc::new)))
    });
    read.await
        .map_err(|error| OutboundError::Connect(io::Error::other(error)))?
}

const AUTHORIZATION: HeaderName = header::AUTHORIZATION;
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
