//! The kinds of sinks: what they are and how they are reached.

use super::Batches;
use crate::config::oidc::Endpoint;
use crate::config::s3::{self, S3, S3ConfigError};
use crate::config::{Supplied, seal};
use http::{HeaderName, HeaderValue, header};
use serde::Deserialize;
use std::net::IpAddr;
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

/// A server of syslog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Syslog {
    /// Where it is.
    pub(crate) to: SyslogTo,
    /// The facility's number.
    pub(crate) facility: u8,
    /// What messages call this host. `None`: what it calls itself.
    pub(crate) hostname: Option<String>,
    /// What messages call this program.
    pub(crate) app_name: String,
    /// Bytes of a message at most.
    pub(crate) most_bytes: usize,
}

/// Where syslog goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SyslogTo {
    /// A datagram each.
    Udp(SyslogPlace),
    /// A stream, in the clear.
    Tcp {
        /// Where.
        place: SyslogPlace,
        /// Whether the server says by closing that it has everything.
        confirm: bool,
    },
    /// A stream over TLS.
    Tls {
        /// Where.
        place: SyslogPlace,
        /// Whether the server says by closing that it has everything.
        confirm: bool,
        /// Whom to trust (PEM). `None`: the system's authorities.
        ca_file: Option<PathBuf>,
        /// What to show to a server that asks for it.
        identity: Option<Supplied>,
    },
    /// A socket of this host that takes datagrams, such as `/dev/log`.
    Unix(PathBuf),
}

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SyslogPlace {
    /// The host, without the brackets of an IPv6 address.
    pub(crate) host: String,
    /// The port.
    pub(crate) port: u16,
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

/// `[audit.sinks.syslog]` as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct SyslogSection {
    to: String,
    #[serde(default = "usual_facility")]
    facility: String,
    hostname: Option<String>,
    app_name: Option<String>,
    most_bytes: Option<u32>,
    confirm: Option<bool>,
    ca_file: Option<PathBuf>,
    cert: Option<PathBuf>,
    key: Option<PathBuf>,
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

impl Syslog {
    pub(super) fn resolve(section: SyslogSection) -> Result<Self, PlaceError> {
        let to = SyslogTo::resolve(&section)?;
        let facility = FACILITIES.iter().position(|name| *name == section.facility);
        let facility = facility.and_then(|number| u8::try_from(number).ok());
        let facility = facility.ok_or(PlaceError::Facility(section.facility))?;
        let app_name = section
            .app_name
            .unwrap_or_else(|| String::from("strongroom"));
        let hostname = section.hostname.as_ref();
        for (word, most) in hostname
            .map(|name| (name, 255))
            .iter()
            .chain(&[(&app_name, 48)])
        {
            let is_visible = word.bytes().all(|byte| byte.is_ascii_graphic());
            if word.is_empty() || word.len() > *most || !is_visible {
                return Err(PlaceError::Word((*word).clone()));
            }
        }
        let most = section.most_bytes.unwrap_or(to.usual_size());
        if !(LEAST_SIZE..=to.most_size()).contains(&most) {
            return Err(PlaceError::Size(most, to.most_size()));
        }
        Ok(Self {
            to,
            facility,
            hostname: section.hostname,
            app_name,
            most_bytes: usize::try_from(most).unwrap_or(usize::MAX),
        })
    }
}

impl SyslogTo {
    fn resolve(section: &SyslogSection) -> Result<Self, PlaceError> {
        let unknown = || PlaceError::Syslog(section.to.clone());
        let has_tls = section.ca_file.is_some() || section.cert.is_some() || section.key.is_some();
        let (scheme, rest) = section.to.split_once(':').ok_or_else(unknown)?;
        if scheme == "unix" {
            let path = PathBuf::from(rest);
            if has_tls || section.confirm.is_some() {
                return Err(PlaceError::NotTls);
            }
            return if path.is_absolute() {
                Ok(Self::Unix(path))
            } else {
                Err(unknown())
            };
        }
        let place = rest.strip_prefix("//").and_then(SyslogPlace::parse);
        let place = place.ok_or_else(unknown)?;
        let confirm = section.confirm.unwrap_or(true);
        match scheme {
            "udp" if has_tls || section.confirm.is_some() => Err(PlaceError::NotTls),
            "udp" => Ok(Self::Udp(place)),
            "tcp" if has_tls => Err(PlaceError::NotTls),
            "tcp" => Ok(Self::Tcp { place, confirm }),
            "tls" => Ok(Self::Tls {
                place,
                confirm,
                ca_file: section.ca_file.clone(),
                identity: identity(section.cert.clone(), section.key.clone())?,
            }),
            _ => Err(unknown()),
        }
    }

    /// What fits a datagram; for streams, more than any event has.
    fn most_size(&self) -> u32 {
        match self {
            Self::Udp(_) => 65_507,
            Self::Unix(_) => 131_072,
            Self::Tcp { .. } | Self::Tls { .. } => 8_388_608,
        }
    }

    /// A datagram that is too large is lost without a word, and a stream is cut into messages by
    /// itself.
    fn usual_size(&self) -> u32 {
        match self {
            Self::Udp(_) | Self::Unix(_) => 8_192,
            Self::Tcp { .. } | Self::Tls { .. } => 262_144,
        }
    }
}

impl SyslogPlace {
    fn parse(text: &str) -> Option<Self> {
        let (host, port) = text.rsplit_once(':')?;
        let host = match host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
        {
            Some(address) => {
                address.parse::<IpAddr>().ok()?;
                address
            }
            None => {
                let is_plain =
                    |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
                (!host.is_empty() && host.bytes().all(is_plain)).then_some(host)?
            }
        };
        Some(Self {
            host: host.to_owned(),
            port: port.parse().ok().filter(|port| *port != 0)?,
        })
    }

    /// Whether it is this machine by its name.
    pub(crate) fn is_loopback(&self) -> bool {
        let address: Result<IpAddr, _> = self.host.parse();
        address.map_or(self.host == "localhost", |address| address.is_loopback())
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

fn identity(cert: Option<PathBuf>, key: Option<PathBuf>) -> Result<Option<Supplied>, PlaceError> {
    match (cert, key) {
        (Some(cert), Some(key)) => Ok(Some(Supplied { cert, key })),
        (None, None) => Ok(None),
        _ => Err(PlaceError::HalfCertificate),
    }
}

fn usual_facility() -> String {
    String::from("audit")
}

/// By their numbers (RFC 5424, section 6.2.1).
const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv",
    "ftp", "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4",
    "local5", "local6", "local7",
];
/// What every receiver must take (RFC 5424, section 6.1).
const LEAST_SIZE: u32 = 480;
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
