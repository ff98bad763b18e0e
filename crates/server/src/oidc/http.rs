//! One GET: a connection, a request, an answer of bounded size.

use super::MOST_BYTES;
use crate::config::Endpoint;
use base::Plaintext;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Empty, LengthLimitError, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use std::error::Error as StdError;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// What was answered with status 200.
pub(super) struct Answer {
    pub(super) body: Vec<u8>,
    /// `max-age` of `Cache-Control`.
    pub(super) max_age_seconds: Option<i64>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    #[error("cannot connect")]
    Connect(#[source] io::Error),
    #[error("the connection failed")]
    Exchange(#[from] hyper::Error),
    #[error("the request cannot be written")]
    Request(#[from] http::Error),
    /// Redirects too: they are not followed.
    #[error("it answered with status {}", .0.as_u16())]
    Status(StatusCode),
    #[error("TLS failed")]
    Tls(#[source] io::Error),
    #[error("the answer is larger than {MOST_BYTES} bytes")]
    TooLarge,
    #[error("the answer broke off")]
    Body(#[source] Box<dyn StdError + Send + Sync>),
}

/// GETs `endpoint`: over TLS with `tls`, else in the clear and from loopback addresses only.
pub(super) async fn get(
    endpoint: &Endpoint,
    tls: Option<Arc<ClientConfig>>,
    authorization: Option<&Plaintext>,
) -> Result<Answer, HttpError> {
    let request = request(endpoint, authorization)?;
    let stream = connect(endpoint, tls.is_none()).await?;
    match tls {
        None => exchange(stream, request).await,
        Some(config) => {
            let name = ServerName::try_from(endpoint.host().to_owned())
                .map_err(|error| HttpError::Tls(io::Error::other(error)))?;
            let connector = TlsConnector::from(config);
            let stream = connector.connect(name, stream).await;
            exchange(stream.map_err(HttpError::Tls)?, request).await
        }
    }
}

fn request(
    endpoint: &Endpoint,
    authorization: Option<&Plaintext>,
) -> Result<Request<Empty<Bytes>>, http::Error> {
    let mut request = Request::get(endpoint.target())
        .header(header::HOST, endpoint.authority())
        .header(header::ACCEPT, "application/json, application/jwk-set+json")
        .header(header::USER_AGENT, "strongroom")
        .header(header::CONNECTION, "close");
    if let Some(authorization) = authorization {
        let mut value = HeaderValue::from_bytes(authorization.expose())?;
        value.set_sensitive(true);
        request = request.header(header::AUTHORIZATION, value);
    }
    request.body(Empty::new())
}

async fn connect(endpoint: &Endpoint, loopback_only: bool) -> Result<TcpStream, HttpError> {
    let found = tokio::net::lookup_host((endpoint.host(), endpoint.port())).await;
    let found = found.map_err(HttpError::Connect)?;
    // SECURITY: the name `localhost` may be given another address.
    let addresses: Vec<_> = found
        .filter(|address| !loopback_only || address.ip().is_loopback())
        .collect();
    let stream = TcpStream::connect(addresses.as_slice()).await;
    stream.map_err(HttpError::Connect)
}

async fn exchange<S>(stream: S, request: Request<Empty<Bytes>>) -> Result<Answer, HttpError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let answer = async move {
        let answer = sender.send_request(request).await?;
        if answer.status() != StatusCode::OK {
            return Err(HttpError::Status(answer.status()));
        }
        let max_age_seconds = max_age_seconds(answer.headers());
        let body = Limited::new(answer.into_body(), MOST_BYTES).collect().await;
        let body = body.map_err(|error| match error.downcast::<LengthLimitError>() {
            Ok(_) => HttpError::TooLarge,
            Err(error) => HttpError::Body(error),
        })?;
        Ok(Answer {
            body: body.to_bytes().to_vec(),
            max_age_seconds,
        })
    };
    let mut answer = pin!(answer);
    // The connection does its work here, in nobody's task. Once it has ended, what came is there.
    tokio::select! {
        answer = &mut answer => answer,
        _ = connection => answer.await,
    }
}

fn max_age_seconds(headers: &HeaderMap) -> Option<i64> {
    headers
        .get_all(header::CACHE_CONTROL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|directive| directive.trim().to_ascii_lowercase())
        .find_map(|directive| match directive.as_str() {
            "no-cache" | "no-store" => Some(0),
            other => other
                .strip_prefix("max-age=")?
                .trim_matches('"')
                .parse()
                .ok(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_age_is_read_from_cache_control() {
        for (value, seconds) in [
            ("max-age=60", Some(60)),
            ("public, Max-Age=21600, must-revalidate", Some(21_600)),
            ("max-age=\"5\"", Some(5)),
            ("no-store", Some(0)),
            ("private", None),
            ("s-maxage=60", None),
            ("max-age=soon", None),
            ("max-age=99999999999999999999", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(value));

            assert_eq!(max_age_seconds(&headers), seconds, "{value}");
        }
    }
}
