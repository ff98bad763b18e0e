//! The kinds of sinks: what they are and how they are reached.

use super::Batches;
use super::syslog::{LEAST_SIZE, Syslog, SyslogTo};
use crate::config::oidc::Endpoint;
use crate::config::s3::{self, S3, S3ConfigError};
use crate::config::{Supplied, seal};
use http::{HeaderName, HeaderValue, header};
use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;

/// What a sink is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SinkKind {
    /// A server of syslog.
    Syslog(Syslog),
    /// A collector that takes POSTs.
    Https(Collector),
    /// A bucket of an S3-compatible store.
    S3(Archive),
}

/// A collector that takes POSTs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Collector {
    /// Where it is.
    pub(crate) url: Endpoint,
    /// What it is sent.
    pub(crate) format: Format,
    /// Whether that is compressed.
    pub(crate) gzip: bool,
    /// Further headers.
    pub(crate) headers: Vec<(HeaderName, HeaderText)>,
    /// Whom to trust (PEM). `None`: the system's authorities.
    pub(crate) ca_file: Option<PathBuf>,
    /// What to show to a server that asks for it.
    pub(crate) identity: Option<Supplied>,
}

/// How several events are one body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// One on each line.
    #[default]
    Ndjson,
    /// One array.
    Json,
}

/// The value of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum HeaderText {
    /// No secret.
    Plain(String),
    /// Behind a prefix, the content of a file, which is read at each call.
    File {
        /// Such as `Bearer `.
        prefix: String,
        /// The file.
        path: PathBuf,
    },
    /// Behind a prefix, a variable of the environment, which is taken out of it.
    Environment {
        /// Such as `Bearer `.
        prefix: String,
        /// The variable.
        variable: String,
    },
}

/// A bucket of an S3-compatible store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Archive {
    /// The bucket.
    pub(crate) bucket: S3,
    /// What the keys of objects begin with; empty, or with a slash at its end.
    pub(crate) prefix: String,
}

/// `[audit.sinks.https]` as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct HttpsSection {
    url: String,
    #[serde(default)]
    format: Format,
    #[serde(default)]
    gzip: bool,
    #[serde(default)]
    headers: Vec<HeaderSection>,
    ca_file: Option<PathBuf>,
    cert: Option<PathBuf>,
    key: Option<PathBuf>,
}

/// One of `headers`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderSection {
    name: String,
    value: Option<String>,
    file: Option<PathBuf>,
    env: Option<String>,
    prefix: Option<String>,
}

/// Why a sink cannot be reached as it was written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlaceError {
    #[error(
        "`{0}` is no place of syslog: write it like `udp://siem.example:514`, `tcp://siem.example:601`, \
         `tls://siem.example:6514` or `unix:/dev/log`"
    )]
    Syslog(String),
    #[error("`{0}` is no facility of syslog: write it like `audit`, `auth` or `local0`")]
    Facility(String),
    #[error(
        "`{0}` cannot stand in the head of a message: use visible ASCII characters, not too many"
    )]
    Word(String),
    #[error("`most_bytes = {0}` is not taken: a message there has {LEAST_SIZE} to {1} bytes")]
    Size(u32, u32),
    #[error("`ca_file`, `cert` and `key` are for `tls://` only, and `confirm` for it and `tcp://`")]
    NotTls,
    #[error("`cert` and `key` go together: give both or none")]
    HalfCertificate,
    #[error(
        "`{0}` cannot be used: write a URL like `https://collector.example/path`, without user name and \
         fragment (`http://` is for loopback hosts only)"
    )]
    Url(String),
    #[error("the header `{0}` cannot be used: its name is none, or is the server's own to write")]
    HeaderName(String),
    #[error(
        "the header `{0}` needs one of `value`, `file` and `env`, and `prefix` is not for `value`"
    )]
    HeaderText(String),
    #[error(transparent)]
    S3(#[from] S3ConfigError),
    #[error("`{0}` cannot be what keys of objects begin with")]
    Prefix(String),
}

impl SinkKind {
    /// What `strongroom audit sinks` calls it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Syslog(syslog) => match syslog.to {
                SyslogTo::Udp(_) => "syslog/udp",
                SyslogTo::Tcp { .. } => "syslog/tcp",
                SyslogTo::Tls { .. } => "syslog/tls",
                SyslogTo::Unix(_) => "syslog/unix",
            },
            Self::Https(_) => "https",
            Self::S3(_) => "s3",
        }
    }

    /// What is sent at once unless the operator says otherwise.
    pub(super) fn usual_batches(&self) -> Batches {
        let (events, bytes, seconds) = match self {
            Self::Syslog(_) => (1_000, 1 << 20, 0),
            Self::Https(_) => (500, 1 << 20, 1),
            Self::S3(_) => (100_000, 8 << 20, 300),
        };
        Batches {
            events,
            bytes,
            longest: Duration::from_secs(seconds),
        }
    }
}

impl Collector {
    pub(super) fn resolve(section: HttpsSection) -> Result<Self, PlaceError> {
        let url = Endpoint::parse(&section.url).ok_or(PlaceError::Url(section.url))?;
        let headers = section.headers.into_iter().map(HeaderText::resolve);
        Ok(Self {
            url,
            format: section.format,
            gzip: section.gzip,
            headers: headers.collect::<Result<_, _>>()?,
            ca_file: section.ca_file,
            identity: identity(section.cert, section.key)?,
        })
    }
}

impl HeaderText {
    fn resolve(section: HeaderSection) -> Result<(HeaderName, Self), PlaceError> {
        let name = HeaderName::from_bytes(section.name.as_bytes()).ok();
        let name = name.filter(|name| !OWN_HEADERS.contains(name));
        let name = name.ok_or_else(|| PlaceError::HeaderName(section.name.clone()))?;
        let unclear = || PlaceError::HeaderText(section.name.clone());
        let prefix = section.prefix.clone().unwrap_or_default();
        HeaderValue::from_str(&prefix).map_err(|_| unclear())?;
        let text = match (
            section.value.clone(),
            section.file.clone(),
            section.env.clone(),
        ) {
            (Some(value), None, None) if section.prefix.is_none() => {
                HeaderValue::from_str(&value).map_err(|_| unclear())?;
                Self::Plain(value)
            }
            (None, Some(path), None) => Self::File { prefix, path },
            (None, None, Some(variable)) if seal::is_variable(&variable) => {
                Self::Environment { prefix, variable }
            }
            _ => return Err(unclear()),
        };
        Ok((name, text))
    }
}

impl Archive {
    pub(super) fn resolve(
        section: s3::Section,
        prefix: Option<String>,
    ) -> Result<Self, PlaceError> {
        let bucket = S3::resolve(section)?;
        let prefix = prefix.unwrap_or_default();
        let prefix = match prefix.trim_end_matches('/') {
            "" => String::new(),
            bare => format!("{bare}/"),
        };
        if bucket.object(&format!("{prefix}x")).is_none() || prefix.len() > MOST_PREFIX {
            return Err(PlaceError::Prefix(prefix));
        }
        Ok(Self { bucket, prefix })
    }
}

pub(super) fn identity(
    cert: Option<PathBuf>,
    key: Option<PathBuf>,
) -> Result<Option<Supplied>, PlaceError> {
    match (cert, key) {
        (Some(cert), Some(key)) => Ok(Some(Supplied { cert, key })),
        (None, None) => Ok(None),
        _ => Err(PlaceError::HalfCertificate),
    }
}

/// Headers that follow from what is sent.
const OWN_HEADERS: [HeaderName; 7] = [
    header::HOST,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::CONTENT_ENCODING,
    header::CONNECTION,
    header::TRANSFER_ENCODING,
    header::EXPECT,
];
const MOST_PREFIX: usize = 512;
