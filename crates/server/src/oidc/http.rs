//! One GET, whose answer has status 200.

use super::MOST_BYTES;
use crate::config::Endpoint;
use crate::outbound::{self, OutboundError};
use base::Plaintext;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use http_body_util::Full;
use rustls::ClientConfig;
use std::sync::Arc;

/// What was answered with status 200.
pub(super) struct Answer {
    pub(super) body: Plaintext,
    /// `max-age` of `Cache-Control`.
    pub(super) max_age_seconds: Option<i64>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    #[error("the request cannot be written")]
    Request(#[from] http::Error),
    /// Redirects too: they are not followed.
    #[error("it answered with status {}", .0.as_u16())]
    Status(StatusCode),
}

/// GETs `endpoint`: over TLS with `tls`, else in the clear and from loopback addresses only.
pub(super) async fn get(
    endpoint: &Endpoint,
    tls: Option<Arc<ClientConfig>>,
    authorization: Option<&Plaintext>,
) -> Result<Answer, HttpError> {
    let request = request(endpoint, authorization)?;
    let stream = outbound::connect(endpoint, tls).await?;
    let (parts, body) = outbound::exchange(stream, request, MOST_BYTES).await?;
    if parts.status != StatusCode::OK {
        return Err(HttpError::Status(parts.status));
    }
    Ok(Answer {
        body,
        max_age_seconds: max_age_seconds(&parts.headers),
    })
}

fn request(
    endpoint: &Endpoint,
    authorization: Option<&Plaintext>,
) -> Result<Request<Full<Bytes>>, http::Error> {
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
    request.body(Full::default())
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
