//! Servers of syslog, and how they are reached.

use super::kinds::{PlaceError, identity};
use crate::config::Supplied;
use serde::Deserialize;
use std::net::IpAddr;
use std::path::PathBuf;

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
pub(super) const LEAST_SIZE: u32 = 480;
