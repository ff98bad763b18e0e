//! `[[oidc]]`: the issuers whose tokens `AssumeRoleWithWebIdentity` may take, and where their keys
//! are.

use base::{IssuerUrl, NotAnIssuer};
use http::Uri;
use http::uri::Scheme;
use serde::Deserialize;
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

/// `[[oidc]]` as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Section {
    /// The `iss` of its tokens.
    issuer: String,
    /// A file with its keys.
    jwks_file: Option<PathBuf>,
    /// Where its keys are fetched, when not where its discovery document says.
    jwks_url: Option<String>,
    /// Whom to trust in fetching (PEM), in the place of the system's authorities.
    ca_file: Option<PathBuf>,
    /// A bearer token for fetching.
    token_file: Option<PathBuf>,
}

/// An issuer of web identity tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Issuer {
    /// Its URL.
    pub(crate) url: IssuerUrl,
    /// Where its keys come from.
    pub(crate) keys: KeySource,
}

/// Where an issuer's keys come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeySource {
    /// A file with a JSON Web Key Set, which is read again when it changes.
    File(PathBuf),
    /// The network.
    Fetched(Fetching),
}

/// How keys are fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fetching {
    /// What is fetched first.
    pub(crate) from: Start,
    /// Whom to trust (PEM). `None`: the system's authorities.
    pub(crate) ca_file: Option<PathBuf>,
    /// A bearer token, read at each fetch.
    pub(crate) token_file: Option<PathBuf>,
}

/// What is fetched first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// The key set itself.
    KeySet(Endpoint),
    /// The discovery document, which says where the key set is.
    Discovery(Endpoint),
}

/// A URL that may be fetched.
///
/// INVARIANT: HTTPS, or HTTP on a loopback host; with a host, and without a user name.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Endpoint(Uri);

/// Why `[[oidc]]` cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OidcError {
    /// Not a URL that may be fetched.
    #[error(
        "`{0}` cannot be used: write a URL like `https://issuer.example/path`, without user name, \
         query and fragment (`http://` is for loopback hosts only)"
    )]
    Url(String),
    /// No issuer that a provider or a token could have.
    #[error(transparent)]
    Issuer(#[from] NotAnIssuer),
    /// Named more than once.
    #[error("the issuer `{0}` has more than one `[[oidc]]` section")]
    Twice(IssuerUrl),
    /// Two sources.
    #[error("the issuer `{0}` has `jwks_file` and `jwks_url`: give one of them")]
    TwoSources(IssuerUrl),
    /// Nothing is fetched, so there is nothing to trust and nobody to identify to.
    #[error("the issuer `{0}` has a `jwks_file`, so `ca_file` and `token_file` have no use")]
    NotFetched(IssuerUrl),
}

impl Issuer {
    /// Reads all sections.
    pub(super) fn resolve(sections: Vec<Section>) -> Result<Vec<Self>, OidcError> {
        let mut issuers: Vec<Self> = Vec::new();
        for section in sections {
            let issuer = Self::of(section)?;
            if issuers.iter().any(|known| known.url == issuer.url) {
                return Err(OidcError::Twice(issuer.url));
            }
            issuers.push(issuer);
        }
        Ok(issuers)
    }

    fn of(section: Section) -> Result<Self, OidcError> {
        let url = IssuerUrl::parse(&section.issuer)?;
        let fetched = section.ca_file.is_some() || section.token_file.is_some();
        let keys = match (section.jwks_file, section.jwks_url) {
            (Some(_), Some(_)) => return Err(OidcError::TwoSources(url)),
            (Some(_), None) if fetched => return Err(OidcError::NotFetched(url)),
            (Some(file), None) => KeySource::File(file),
            (None, keys) => {
                let from = match keys {
                    Some(keys) => {
                        Start::KeySet(Endpoint::parse(&keys).ok_or(OidcError::Url(keys))?)
                    }
                    None => Start::Discovery(Endpoint::discovery(&url)?),
                };
                KeySource::Fetched(Fetching {
                    from,
                    ca_file: section.ca_file,
                    token_file: section.token_file,
                })
            }
        };
        Ok(Self { url, keys })
    }
}

impl Endpoint {
    /// `None` for what may not be fetched.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        // `Uri` drops a fragment without a word.
        if text.contains('#') {
            return None;
        }
        let endpoint = Self(text.parse().ok()?);
        let authority = endpoint.0.authority()?;
        // What is there beside the host is a port that can be one, and no user name.
        let plain = authority.as_str() == authority.host() || authority.port_u16().is_some();
        let plain = plain && !authority.as_str().contains('@') && !endpoint.host().is_empty();
        let allowed = match endpoint.0.scheme_str()? {
            "https" => true,
            "http" => endpoint.is_loopback(),
            _ => false,
        };
        (plain && allowed).then_some(endpoint)
    }

    /// The discovery document of an issuer.
    fn discovery(issuer: &IssuerUrl) -> Result<Self, OidcError> {
        let base = issuer.as_str().trim_end_matches('/');
        let url = format!("{base}/.well-known/openid-configuration");
        Self::parse(&url).ok_or(OidcError::Url(url))
    }

    /// Whether TLS guards it.
    pub(crate) fn is_https(&self) -> bool {
        self.0.scheme() == Some(&Scheme::HTTPS)
    }

    /// Whether its host is this machine by its name.
    pub(crate) fn is_loopback(&self) -> bool {
        let address: Result<IpAddr, _> = self.host().parse();
        address.map_or(self.host() == "localhost", |address| address.is_loopback())
    }

    /// The host, without the brackets of an IPv6 address.
    pub(crate) fn host(&self) -> &str {
        let host = self.0.host().unwrap_or_default();
        host.trim_start_matches('[').trim_end_matches(']')
    }

    /// The port.
    pub(crate) fn port(&self) -> u16 {
        let usual = if self.is_https() { 443 } else { 80 };
        self.0.port_u16().unwrap_or(usual)
    }

    /// The host, with the port where it is written: the `host` header.
    pub(crate) fn authority(&self) -> &str {
        self.0
            .authority()
            .map_or("", |authority| authority.as_str())
    }

    /// Path and query.
    pub(crate) fn target(&self) -> &str {
        self.0
            .path_and_query()
            .map_or("/", |target| target.as_str())
    }

    /// Whether both are served by the same server in the same way.
    pub(crate) fn has_origin_of(&self, other: &Self) -> bool {
        let origin = |of: &Self| (of.is_https(), of.host().to_ascii_lowercase(), of.port());
        origin(self) == origin(other)
    }
}

/// SECURITY: a query may hold a key, so it is not shown.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.0.scheme_str().unwrap_or_default();
        write!(f, "{scheme}://{}{}", self.authority(), self.0.path())
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
