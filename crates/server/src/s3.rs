//! A bucket of an S3-compatible store, at the place that the operator named.
//!
//! Rules kept here:
//! - the access key and the authorities are read at each call, since both change;
//! - what is sent is signed with its hash, and named with a checksum that the store compares, so that
//!   what arrives is what was sent or nothing. Buckets whose objects are locked ask for that;
//! - a call is bounded in time and its answer in bytes.

use crate::config::{ObjectUrl, S3};
use crate::functions::credentials::{self, AccessKey, CredentialsError};
use crate::outbound::{self, OutboundError, TrustError};
use aws_lc_rs::digest::{self, SHA256};
use base::{Clock, Plaintext};
use bytes::Bytes;
use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::Full;
use rustls::ClientConfig;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// A bucket.
pub(crate) struct Bucket {
    at: S3,
    clock: Arc<dyn Clock>,
}

/// What an object is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ObjectKind {
    /// `content-type`.
    pub(crate) content_type: &'static str,
    /// `content-encoding`.
    pub(crate) encoding: Option<&'static str>,
}

/// Why a bucket did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum S3Error {
    /// Not a key.
    #[error("`{0}` is no key of an object")]
    Key(String),
    /// The access key.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// Whom to trust.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The signature.
    #[error("the request cannot be signed")]
    Sign(#[from] sigv4::NotSignable),
    /// The request.
    #[error("the request cannot be written")]
    Request(#[from] http::Error),
    /// The way there.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// No answer in time.
    #[error("it did not answer in time")]
    Late,
    /// The answer.
    #[error("it answered with status {} {code}", status.as_u16())]
    Refused {
        /// The status.
        status: StatusCode,
        /// S3's error code, if it has a plain one.
        code: String,
        /// How long to wait, if it says so.
        retry_after: Option<Duration>,
    },
}

impl Bucket {
    /// The bucket that the operator named.
    pub(crate) fn new(at: S3, clock: Arc<dyn Clock>) -> Self {
        Self { at, clock }
    }

    /// Puts `bytes` in the place of the object `key`. It is there, and whole, when this returns.
    pub(crate) async fn put(
        &self,
        key: &str,
        bytes: Bytes,
        kind: ObjectKind,
    ) -> Result<(), S3Error> {
        self.put_with(key, bytes, kind, &[]).await
    }

    /// The same, with metadata: names in lower case, and values.
    pub(crate) async fn put_with(
        &self,
        key: &str,
        bytes: Bytes,
        kind: ObjectKind,
        metadata: &[(&'static str, String)],
    ) -> Result<(), S3Error> {
        let mut headers = HeaderMap::new();
        for (name, value) in metadata {
            let name = HeaderName::try_from(format!("x-amz-meta-{name}"));
            let value = HeaderValue::from_str(value).map_err(http::Error::from)?;
            headers.insert(name.map_err(http::Error::from)?, value);
        }
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(kind.content_type),
        );
        if let Some(encoding) = kind.encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        let checksum = base64(digest::digest(&SHA256, &bytes).as_ref());
        let checksum = HeaderValue::from_str(&checksum).map_err(http::Error::from)?;
        headers.insert(CHECKSUM, checksum);
        let (parts, body) = self.call(Method::PUT, key, (headers, bytes)).await?;
        if parts.status.is_success() {
            return Ok(());
        }
        Err(refusal(&parts, body.expose()))
    }

    /// The object `key`, or `None` when there is no such object.
    #[cfg(test)]
    pub(crate) async fn get(&self, key: &str) -> Result<Option<Plaintext>, S3Error> {
        let call = self.call(Method::GET, key, Default::default());
        let (parts, body) = call.await?;
        match parts.status {
            StatusCode::NOT_FOUND => Ok(None),
            status if status.is_success() => Ok(Some(body)),
            _ => Err(refusal(&parts, body.expose())),
        }
    }

    async fn call(
        &self,
        method: Method,
        key: &str,
        (headers, bytes): (HeaderMap, Bytes),
    ) -> Result<(Parts, Plaintext), S3Error> {
        let object = self.at.object(key);
        let object = object.ok_or_else(|| S3Error::Key(key.to_owned()))?;
        let exchanged = timeout(CALL_TIME, async {
            let (access, tls) = prepared(self.at.clone(), object.url.is_https()).await?;
            let request = self.request(method, &object, (headers, bytes), &access)?;
            let stream = outbound::connect(&object.url, tls).await?;
            Ok(outbound::exchange(stream, request, MOST_ANSWERED).await?)
        });
        exchanged.await.map_err(|_| S3Error::Late)?
    }

    fn request(
        &self,
        method: Method,
        object: &ObjectUrl,
        (mut headers, bytes): (HeaderMap, Bytes),
        access: &AccessKey,
    ) -> Result<Request<Full<Bytes>>, S3Error> {
        let text = |text: &str| HeaderValue::from_str(text).map_err(http::Error::from);
        headers.insert(header::HOST, text(object.url.authority())?);
        headers.insert(
            BODY_HASH,
            text(&hex(digest::digest(&SHA256, &bytes).as_ref()))?,
        );
        let token = access.session_token.as_ref().map(Plaintext::expose);
        let signed = sigv4::Request {
            method: method.as_str(),
            path: &object.path,
            query: "",
            headers: &headers,
            body: &bytes,
        };
        let credentials = sigv4::Credentials {
            access_key_id: &access.id,
            secret_access_key: access.secret.expose(),
            session_token: token.and_then(|token| std::str::from_utf8(token).ok()),
        };
        let now = self.clock.now();
        let added = sigv4::sign(&signed, &credentials, &self.at.region, SERVICE, now)?;
        headers.extend(added);
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static("strongroom"));
        for secret in [header::AUTHORIZATION, TOKEN] {
            if let Some(value) = headers.get_mut(secret) {
                value.set_sensitive(true);
            }
        }
        let request = Request::builder().method(method).uri(object.url.target());
        let mut request = request.body(Full::new(bytes))?;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

/// The key to sign with, and how to trust the store over TLS.
async fn prepared(
    at: S3,
    is_https: bool,
) -> Result<(AccessKey, Option<Arc<ClientConfig>>), S3Error> {
    // Reading the system's authorities takes some milliseconds, for which others are not to wait.
    let read = tokio::task::spawn_blocking(move || {
        let access = credentials::read(&at.credentials_file, &at.profile)?;
        let tls = is_https.then(|| outbound::trust(at.ca_file.as_deref()));
        Ok((access, tls.transpose()?.map(Arc::new)))
    });
    let failed = |error| S3Error::Outbound(OutboundError::Connect(io::Error::other(error)));
    read.await.map_err(failed)?
}

fn refusal(parts: &Parts, body: &[u8]) -> S3Error {
    S3Error::Refused {
        status: parts.status,
        code: code(body).unwrap_or_default(),
        retry_after: outbound::retry_after(&parts.headers),
    }
}

/// SECURITY: the store's own word only if it is a plain one, since it comes into the server's log.
fn code(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let (_, rest) = text.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    let is_plain = code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_plain.then(|| code.to_owned())
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

fn base64(bytes: &[u8]) -> String {
    data_encoding::BASE64.encode(bytes)
}

const SERVICE: &str = "s3";
const BODY_HASH: HeaderName = HeaderName::from_static("x-amz-content-sha256");
const CHECKSUM: HeaderName = HeaderName::from_static("x-amz-checksum-sha256");
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
const CALL_TIME: Duration = Duration::from_secs(60);
/// More than any error has.
const MOST_ANSWERED: usize = 1 << 20;

#[cfg(test)]
pub(crate) mod tests;
