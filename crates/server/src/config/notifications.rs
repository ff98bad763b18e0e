//! `[notifications]`: whom messages may be sent to, and by which mail server.
//!
//! SECURITY: without it nobody is sent anything. Endpoints are named by users of the API, who must not be
//! able to make the server connect to where they cannot: to what an entry does not list, or to an address
//! of the server's own networks unless the entry says so.

use super::oidc::Endpoint;
use http::Uri;
use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU16;
use std::path::PathBuf;

/// `[notifications]` as it is written.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Section {
    /// The URL by which endpoints reach this server.
    url: Option<String>,
    /// How the URLs of endpoints begin.
    allow: Vec<AllowSection>,
    /// Addresses that mail may be sent to.
    mail: Vec<String>,
    /// Whom to trust (PEM) beside nobody else, in the place of the system's authorities.
    ca_file: Option<PathBuf>,
    /// Messages under way at once.
    workers: NonZeroU16,
    /// `[notifications.smtp]`
    smtp: Option<SmtpSection>,
}

impl Default for Section {
    fn default() -> Self {
        Self {
            url: None,
            allow: Vec::new(),
            mail: Vec::new(),
            ca_file: None,
            workers: super::count(16),
            smtp: None,
        }
    }
}

/// An entry of `allow`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum AllowSection {
    Url(String),
    Entry(AllowEntry),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AllowEntry {
    url: String,
    #[serde(default)]
    private: bool,
}

/// `[notifications.smtp]` as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SmtpSection {
    host: String,
    port: Option<NonZeroU16>,
    #[serde(default)]
    tls: SmtpTls,
    user: Option<String>,
    password_file: Option<PathBuf>,
    from: String,
    ca_file: Option<PathBuf>,
}

/// How the mail server is spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SmtpTls {
    /// TLS from the first byte.
    Implicit,
    /// TLS after a greeting. Without it nothing is sent.
    #[default]
    StartTls,
    /// None: on this machine only.
    None,
}

/// Whom messages may be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notifications {
    /// The URL by which endpoints reach this server. `None`: where it listens.
    pub(crate) url: Option<String>,
    allowed: Vec<Allowed>,
    mail: Vec<String>,
    /// Whom to trust (PEM). `None`: the system's authorities.
    pub(crate) ca_file: Option<PathBuf>,
    /// Messages under way at once.
    pub(crate) workers: NonZeroU16,
    /// The mail server.
    pub(crate) smtp: Option<Smtp>,
}

/// The mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Smtp {
    /// Its name.
    pub(crate) host: String,
    /// Its port.
    pub(crate) port: u16,
    /// How it is spoken to.
    pub(crate) tls: SmtpTls,
    /// Who logs in, and a file with the password.
    pub(crate) login: Option<(String, PathBuf)>,
    /// The sender's address.
    pub(crate) from: String,
    /// Whom to trust (PEM). `None`: the system's authorities.
    pub(crate) ca_file: Option<PathBuf>,
}

/// URLs that messages may be posted to.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Allowed {
    is_https: bool,
    /// In lower case.
    host: String,
    /// Whether it is any name under `host`.
    is_any_below: bool,
    port: u16,
    path: String,
    /// Whether the address may be one of the server's own networks.
    is_private: bool,
}

/// A URL that may be posted to.
#[derive(Clone, Debug)]
pub(crate) struct Admitted {
    /// The URL.
    pub(crate) endpoint: Endpoint,
    /// Whether the address may be one of the server's own networks.
    pub(crate) is_private: bool,
}

/// Why `[notifications]` cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotificationsError {
    /// Not how URLs begin.
    #[error(
        "`{0}` cannot be allowed: write the beginning of a URL like `https://hooks.example/` or \
         `https://*.corp.example/`, without user name, query and fragment (`http://` is for loopback \
         hosts only)"
    )]
    Url(String),
    /// Not an address pattern.
    #[error("`{0}` is no address for mail: write it like `ops@corp.example` or `*@corp.example`")]
    Mail(String),
    /// Not the address of a sender.
    #[error(
        "`{0}` cannot send mail: write `smtp.from` as an address alone, like `alarms@corp.example`"
    )]
    Sender(String),
    /// Half of a login.
    #[error("`smtp.user` and `smtp.password_file` go together: give both or none")]
    HalfLogin,
    /// Too few to share.
    #[error("`workers` is {0}: accounts share them, so there have to be {FEWEST_WORKERS}")]
    Workers(NonZeroU16),
    /// A password in the clear.
    #[error("`smtp.tls = \"none\"` is for a mail server on this machine only")]
    ClearBeyondLoopback,
}

impl Notifications {
    pub(super) fn resolve(section: Section) -> Result<Self, NotificationsError> {
        if let Some(url) = &section.url {
            let parsed = Endpoint::parse(url).filter(|parsed| parsed.target() == "/");
            parsed.ok_or_else(|| NotificationsError::Url(url.clone()))?;
        }
        if section.workers.get() < FEWEST_WORKERS {
            return Err(NotificationsError::Workers(section.workers));
        }
        let allowed = section.allow.into_iter().map(Allowed::of);
        for pattern in &section.mail {
            let is_pattern = pattern.split_once('@').is_some_and(|(local, domain)| {
                !local.is_empty() && !domain.is_empty() && !domain.contains(['@', '*'])
            });
            if !is_pattern {
                return Err(NotificationsError::Mail(pattern.clone()));
            }
        }
        Ok(Self {
            url: section.url.map(|url| url.trim_end_matches('/').to_owned()),
            allowed: allowed.collect::<Result<_, _>>()?,
            mail: section
                .mail
                .iter()
                .map(|one| one.to_ascii_lowercase())
                .collect(),
            ca_file: section.ca_file,
            workers: section.workers,
            smtp: section.smtp.map(Smtp::of).transpose()?,
        })
    }

    /// `url`, if messages may be posted to it. Of several entries that admit it, one that is for private
    /// addresses is enough, whatever their order.
    pub(crate) fn admits(&self, url: &str) -> Option<Admitted> {
        let endpoint = Endpoint::parse(url)?;
        let mut entries = self.allowed.iter().filter(|one| one.admits(&endpoint));
        let first = entries.next()?;
        Some(Admitted {
            is_private: first.is_private || entries.any(|one| one.is_private),
            endpoint,
        })
    }

    /// Whether mail may be sent to `address`.
    pub(crate) fn admits_mail(&self, address: &str) -> bool {
        let address = address.to_ascii_lowercase();
        let Some((_, domain)) = address.split_once('@') else {
            return false;
        };
        self.smtp.is_some()
            && self
                .mail
                .iter()
                .any(|pattern| match pattern.split_once('@') {
                    Some(("*", allowed)) => domain == allowed,
                    _ => *pattern == address,
                })
    }
}

impl Smtp {
    fn of(section: SmtpSection) -> Result<Self, NotificationsError> {
        let login = match (section.user, section.password_file) {
            (Some(user), Some(file)) => Some((user, file)),
            (None, None) => None,
            _ => return Err(NotificationsError::HalfLogin),
        };
        let address: Result<IpAddr, _> = section.host.parse();
        let is_local = address.map_or(section.host == "localhost", |it| it.is_loopback());
        if section.tls == SmtpTls::None && !is_local {
            return Err(NotificationsError::ClearBeyondLoopback);
        }
        if !is_address(&section.from) {
            return Err(NotificationsError::Sender(section.from));
        }
        let usual = match section.tls {
            SmtpTls::Implicit => 465,
            SmtpTls::StartTls => 587,
            SmtpTls::None => 25,
        };
        Ok(Self {
            host: section.host,
            port: section.port.map_or(usual, NonZeroU16::get),
            tls: section.tls,
            login,
            from: section.from,
            ca_file: section.ca_file,
        })
    }
}

impl Allowed {
    fn of(section: AllowSection) -> Result<Self, NotificationsError> {
        let (url, is_private) = match section {
            AllowSection::Url(url) => (url, false),
            AllowSection::Entry(entry) => (entry.url, entry.private),
        };
        let refused = || NotificationsError::Url(url.clone());
        let is_any_below = url.contains("://*.");
        let plain = url.replacen("://*.", "://", 1);
        let parsed: Uri = plain.parse().map_err(|_| refused())?;
        let endpoint = Endpoint::parse(&plain).ok_or_else(refused)?;
        let path = parsed.path().to_owned();
        if endpoint.target().contains('?') || !is_plain(&path) || plain.contains('*') {
            return Err(refused());
        }
        let host = endpoint.host().to_ascii_lowercase();
        let is_address = host.parse::<IpAddr>().is_ok();
        if is_any_below && (is_address || !host.contains('.')) {
            return Err(refused());
        }
        Ok(Self {
            is_https: endpoint.is_https(),
            is_any_below,
            port: endpoint.port(),
            path,
            // An address that the operator wrote down is meant.
            is_private: is_private || is_address || endpoint.is_loopback(),
            host,
        })
    }

    /// SECURITY: whole labels and whole segments are compared, and a path that could be read as another
    /// one is not admitted.
    fn admits(&self, endpoint: &Endpoint) -> bool {
        let host = endpoint.host().to_ascii_lowercase();
        let is_host = match self.is_any_below {
            true => host
                .strip_suffix(self.host.as_str())
                .and_then(|before| before.strip_suffix('.'))
                .is_some_and(|before| !before.is_empty()),
            false => host == self.host,
        };
        let path = endpoint.target().split('?').next().unwrap_or_default();
        let at_a_segment = path.strip_prefix(self.path.as_str()).is_some_and(|rest| {
            rest.is_empty() || self.path.ends_with('/') || rest.starts_with('/')
        });
        let has_origin = endpoint.is_https() == self.is_https && endpoint.port() == self.port;
        is_host && has_origin && at_a_segment && is_plain(path)
    }
}

/// Whether `text` is one address and nothing else: no name before it, and no angle brackets.
fn is_address(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_graphic() && !"<>()[],;:\\\"".contains(c);
    text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.is_empty()
            && !domain.contains('@')
            && text.chars().all(is_plain)
    })
}

/// Whether every segment of a path means itself.
fn is_plain(path: &str) -> bool {
    let lower = path.to_ascii_lowercase().replace("%2e", ".");
    let means_another = |segment: &str| matches!(segment, "." | "..");
    let is_hidden = lower.contains("%2f") || lower.contains("%5c") || lower.contains('\\');
    !is_hidden && !lower.split('/').any(means_another)
}

/// Whether `address` is one of the open internet. Everything else is the server's own surroundings.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation();
    let is_shared = a == 100 && (64..128).contains(&b);
    let is_of_protocols = a == 192 && b == 0 && c == 0;
    let is_for_benchmarks = a == 198 && (b == 18 || b == 19);
    let is_outside = a == 0 || a >= 240;
    !(is_special || is_shared || is_of_protocols || is_for_benchmarks || is_outside)
}

/// Only what is assigned to the internet, and no address that carries another one.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let is_global = first & 0xe000 == 0x2000;
    // 6to4, Teredo, ORCHID, documentation.
    let is_special = first == 0x2002
        || (first == 0x2001 && (second < 0x0200 || second == 0x0db8))
        || first == 0x3fff;
    is_global && !is_special
}

/// An account has a quarter of all.
const FEWEST_WORKERS: u16 = 4;

#[cfg(test)]
mod tests;
