//! One fetch of a key set: the discovery document, if need be, and the set.

use super::MOST_BYTES;
use super::file::{self, NotAKeySet};
use super::http::{self, Answer, HttpError};
use crate::config::{Endpoint, Fetching, Start};
use crate::files::{self, FileError};
use crate::outbound::{self, TrustError};
use base::Plaintext;
use rustls::ClientConfig;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

/// How the key set of one issuer is fetched.
pub(super) struct Fetch {
    issuer: String,
    settings: Fetching,
    timeout: Duration,
}

/// A key set, just fetched.
pub(super) struct Fetched {
    pub(super) content: Arc<[u8]>,
    /// For how long the issuer wants it to be remembered.
    pub(super) max_age_seconds: Option<i64>,
}

/// Why a fetch failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("the discovery document cannot be understood")]
    Discovery(#[source] serde_json::Error),
    #[error("{url}")]
    Http {
        url: String,
        #[source]
        source: HttpError,
    },
    #[error("the discovery document is of the issuer `{0}`")]
    Issuer(String),
    #[error("the discovery document names keys at `{0}`, which is no HTTPS URL")]
    KeysAt(String),
    #[error("{url}")]
    NotAKeySet {
        url: String,
        #[source]
        source: NotAKeySet,
    },
    #[error("no answer within {} s", .0.as_secs_f32())]
    Timeout(Duration),
    #[error("the bearer token in `{}` cannot be used", .0.display())]
    Token(PathBuf, #[source] Option<FileError>),
    #[error(transparent)]
    Trust(#[from] TrustError),
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

impl Fetch {
    pub(super) fn new(issuer: &str, settings: &Fetching, timeout: Duration) -> Self {
        Self {
            issuer: issuer.to_owned(),
            settings: settings.clone(),
            timeout,
        }
    }

    /// Fetches the key set.
    pub(super) async fn run(&self) -> Result<Fetched, FetchError> {
        tokio::time::timeout(self.timeout, self.fetch())
            .await
            .unwrap_or(Err(FetchError::Timeout(self.timeout)))
    }

    async fn fetch(&self) -> Result<Fetched, FetchError> {
        let token = self
            .settings
            .token_file
            .as_deref()
            .map(bearer)
            .transpose()?;
        let start = match &self.settings.from {
            Start::Discovery(endpoint) | Start::KeySet(endpoint) => endpoint,
        };
        let get = async |endpoint: &Endpoint| {
            // SECURITY: the token is for the server that the operator named. What the discovery
            // document names may be somebody else's.
            let token = token.as_ref().filter(|_| endpoint.has_origin_of(start));
            let tls = self.tls(endpoint).await?;
            let url = || endpoint.to_string();
            let answer = http::get(endpoint, tls, token).await;
            answer.map_err(|source| FetchError::Http { url: url(), source })
        };
        let key_set_at = match &self.settings.from {
            Start::KeySet(endpoint) => endpoint.clone(),
            Start::Discovery(endpoint) => {
                self.key_set_endpoint(get(endpoint).await?.body.expose())?
            }
        };
        let Answer {
            body,
            max_age_seconds,
        } = get(&key_set_at).await?;
        file::check(body.expose()).map_err(|source| FetchError::NotAKeySet {
            url: key_set_at.to_string(),
            source,
        })?;
        Ok(Fetched {
            content: body.expose().into(),
            max_age_seconds,
        })
    }

    /// Where the discovery document says that the keys are.
    fn key_set_endpoint(&self, document: &[u8]) -> Result<Endpoint, FetchError> {
        let document: Discovery =
            serde_json::from_slice(document).map_err(FetchError::Discovery)?;
        // SECURITY: else one issuer's document could stand in for another's.
        if document.issuer != self.issuer {
            return Err(FetchError::Issuer(document.issuer));
        }
        Endpoint::parse(&document.jwks_uri)
            .filter(Endpoint::is_https)
            .ok_or(FetchError::KeysAt(document.jwks_uri))
    }

    async fn tls(&self, endpoint: &Endpoint) -> Result<Option<Arc<ClientConfig>>, FetchError> {
        if !endpoint.is_https() {
            return Ok(None);
        }
        let ca_file = self.settings.ca_file.clone();
        let trusting = tokio::task::spawn_blocking(move || outbound::trust(ca_file.as_deref()));
        let trusting = trusting.await.map_err(|_| TrustError::NoAuthorities)?;
        Ok(Some(Arc::new(trusting?)))
    }
}

/// The header for the token in the file at `path`.
fn bearer(path: &Path) -> Result<Plaintext, FetchError> {
    let unusable = |cause| FetchError::Token(path.to_owned(), cause);
    let content = files::read_bounded(path, MOST_BYTES).map(Zeroizing::new);
    let content = content.map_err(|error| unusable(Some(error)))?;
    let token = content.trim_ascii();
    if token.is_empty() || !token.iter().all(u8::is_ascii_graphic) {
        return Err(unusable(None));
    }
    Ok(Plaintext::new([b"Bearer ", token].concat()))
}
