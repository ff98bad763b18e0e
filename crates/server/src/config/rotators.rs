//! `[rotators]`: how the built-in rotation functions reach databases and endpoints.

use super::seconds;
use super::upstream::{self, Upstream, UpstreamError};
use serde::Deserialize;
use std::net::IpAddr;
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::time::Duration;

/// `[rotators]` as it is written.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Section {
    /// Whose certificates databases may show (PEM), in the place of the system's authorities.
    database_ca_file: Option<PathBuf>,
    /// Seconds for connecting and logging in.
    connect_timeout_seconds: NonZeroU16,
    /// Seconds for a statement.
    statement_timeout_seconds: NonZeroU16,
    /// Which databases may be connected to; all when left out.
    allowed_hosts: Option<Vec<String>>,
    /// How new passwords are sent to PostgreSQL.
    postgres_passwords: PostgresPasswords,
    /// `[[rotators.http]]`
    http: Vec<upstream::Section>,
}

/// `rotators.postgres_passwords`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PostgresPasswords {
    /// As the verifier that the server stores.
    #[default]
    Verifier,
    /// As they are, for extensions that judge them.
    Clear,
}

impl Default for Section {
    fn default() -> Self {
        Self {
            database_ca_file: None,
            connect_timeout_seconds: super::count(5),
            statement_timeout_seconds: super::count(30),
            allowed_hosts: None,
            postgres_passwords: PostgresPasswords::Verifier,
            http: Vec::new(),
        }
    }
}

/// How the built-in rotation functions reach what they change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rotators {
    /// Whose certificates databases may show (PEM). `None`: the system's authorities.
    pub(crate) database_ca_file: Option<PathBuf>,
    /// For connecting and logging in.
    pub(crate) connect_timeout: Duration,
    /// For a statement.
    pub(crate) statement_timeout: Duration,
    /// Which databases may be connected to.
    pub(crate) hosts: Hosts,
    /// How new passwords are sent to PostgreSQL.
    pub(crate) postgres_passwords: PostgresPasswords,
    /// Which endpoints may be asked to rotate.
    pub(crate) endpoints: Vec<Upstream>,
}

/// Which databases may be connected to. `None`: all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hosts(Option<Vec<Pattern>>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    host: HostPattern,
    /// `None`: any.
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum HostPattern {
    Any,
    /// In small letters.
    Name(String),
    /// What names end in, with its dot, in small letters.
    Below(String),
    /// Addresses with the same first bits.
    Network(IpAddr, u8),
}

/// Why `[rotators]` cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RotatorsError {
    /// Not a pattern of hosts.
    #[error(
        "`rotators.allowed_hosts` has `{0}`: write host and port like `db.example:5432`, \
         `*.db.example:*`, `10.0.0.0/8:5432` or `[::1]:3306`"
    )]
    Host(String),
    /// An endpoint.
    #[error("`[[rotators.http]]`")]
    Endpoint(#[from] UpstreamError),
}

impl Rotators {
    /// Reads the section.
    pub(super) fn resolve(section: Section) -> Result<Self, RotatorsError> {
        let hosts = section.allowed_hosts.map(|texts| {
            let patterns = texts
                .into_iter()
                .map(|text| Pattern::parse(&text).ok_or(RotatorsError::Host(text)));
            patterns.collect::<Result<_, _>>()
        });
        Ok(Self {
            database_ca_file: section.database_ca_file,
            connect_timeout: seconds(section.connect_timeout_seconds),
            statement_timeout: seconds(section.statement_timeout_seconds),
            hosts: Hosts(hosts.transpose()?),
            postgres_passwords: section.postgres_passwords,
            endpoints: Upstream::resolve(&section.http)?,
        })
    }
}

impl Hosts {
    /// Whether `host`, a name or an address, may be connected to at `port`.
    pub(crate) fn permit(&self, host: &str, port: u16) -> bool {
        let Some(patterns) = &self.0 else { return true };
        patterns.iter().any(|pattern| pattern.matches(host, port))
    }
}

impl Pattern {
    fn parse(text: &str) -> Option<Self> {
        let (host, port) = text.rsplit_once(':')?;
        let port = match port {
            "*" => None,
            number => Some(number.parse().ok().filter(|port| *port > 0)?),
        };
        let host = HostPattern::parse(host)?;
        Some(Self { host, port })
    }

    fn matches(&self, host: &str, port: u16) -> bool {
        self.port.is_none_or(|own| own == port) && self.host.matches(host)
    }
}

impl HostPattern {
    fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Any);
        }
        let inner = text
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let (address, bits) = match inner.unwrap_or(text).split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse().ok()?)),
            None => (inner.unwrap_or(text), None),
        };
        if let Ok(address) = address.parse::<IpAddr>() {
            let all = if address.is_ipv4() { 32 } else { 128 };
            let bits = bits.unwrap_or(all);
            let is_written_well = address.is_ipv6() == inner.is_some();
            return (bits <= all && is_written_well).then_some(Self::Network(address, bits));
        }
        let (name, below) = match text.strip_prefix("*.") {
            Some(name) => (name, true),
            None => (text, false),
        };
        let is_of_a_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        if name.is_empty() || !name.bytes().all(is_of_a_name) {
            return None;
        }
        let name = name.to_ascii_lowercase();
        Some(if below {
            Self::Below(format!(".{name}"))
        } else {
            Self::Name(name)
        })
    }

    fn matches(&self, host: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Name(name) => host.eq_ignore_ascii_case(name),
            Self::Below(end) => {
                let host = host.to_ascii_lowercase();
                host.len() > end.len() && host.ends_with(end.as_str())
            }
            Self::Network(network, bits) => host
                .parse()
                .is_ok_and(|address: IpAddr| shares(*network, address.to_canonical(), *bits)),
        }
    }
}

/// Whether both addresses are of one kind and have the same first `bits`.
fn shares(one: IpAddr, other: IpAddr, bits: u8) -> bool {
    let differ = match (one, other) {
        (IpAddr::V4(one), IpAddr::V4(other)) => u128::from(one.to_bits() ^ other.to_bits()) << 96,
        (IpAddr::V6(one), IpAddr::V6(other)) => one.to_bits() ^ other.to_bits(),
        _ => return false,
    };
    differ.leading_zeros() >= u32::from(bits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ConfigError;

    fn hosts(patterns: &[&str]) -> Result<Hosts, RotatorsError> {
        let section = Section {
            allowed_hosts: Some(patterns.iter().map(|one| String::from(*one)).collect()),
            ..Section::default()
        };
        Ok(Rotators::resolve(section)?.hosts)
    }

    #[test]
    fn without_a_list_every_host_is_permitted_and_with_an_empty_one_none() {
        let all = Rotators::resolve(Section::default()).unwrap().hosts;

        assert!(all.permit("127.0.0.1", 5432));
        assert!(!hosts(&[]).unwrap().permit("127.0.0.1", 5432));
    }

    #[test]
    fn hosts_match_by_name_network_and_port() {
        for (pattern, host, port, permitted) in [
            ("db.example:5432", "DB.example", 5432, true),
            ("db.example:5432", "db.example", 5433, false),
            ("db.example:5432", "adb.example", 5432, false),
            ("*.example:*", "a.b.Example", 1, true),
            ("*.example:*", "example", 1, false),
            ("*.example:*", ".example", 1, false),
            ("*.example:*", "evilexample", 1, false),
            ("*:3306", "10.0.0.1", 3306, true),
            ("*:3306", "10.0.0.1", 3307, false),
            ("10.0.0.0/8:*", "10.255.0.1", 1, true),
            ("10.0.0.0/8:*", "::ffff:10.1.2.3", 1, true),
            ("10.0.0.0/8:*", "11.0.0.1", 1, false),
            ("10.0.0.0/8:*", "10.example", 1, false),
            ("10.0.0.7:5432", "10.0.0.7", 5432, true),
            ("10.0.0.7:5432", "10.0.0.6", 5432, false),
            ("0.0.0.0/0:*", "192.0.2.1", 1, true),
            ("0.0.0.0/0:*", "::1", 1, false),
            ("[::1]:3306", "::1", 3306, true),
            ("[fd00::/8]:*", "fd12::1", 1, true),
            ("[fd00::/8]:*", "fe80::1", 1, false),
        ] {
            let found = hosts(&[pattern]).unwrap().permit(host, port);
            assert_eq!(found, permitted, "{pattern} {host} {port}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for pattern in [
            "",
            "db",
            "db:",
            "db:0",
            "db:65536",
            ":5432",
            "*.:1",
            "a*:1",
            "a b:1",
            "10.0.0.0/33:1",
            "::1:5432",
            "[10.0.0.1]:1",
            "10.0.0.0/x:1",
            "db/8:1",
            "[::1:3306",
        ] {
            let refused = hosts(&[pattern]).err();
            assert!(
                matches!(&refused, Some(RotatorsError::Host(named)) if named == pattern),
                "{pattern}: {refused:?}"
            );
        }
    }

    #[test]
    fn the_section_is_read_with_its_defaults() {
        let default = Rotators::resolve(toml::from_str("").unwrap()).unwrap();
        let written = r#"
            database_ca_file = "/etc/rds.pem"
            connect_timeout_seconds = 6
            statement_timeout_seconds = 7
            allowed_hosts = ["*:5432"]
            postgres_passwords = "clear"
            [[http]]
            url = "https://rotate.example/hook"
            region = "eu-west-1"
            credentials_file = "/etc/key"
            profile = "rotation"
            ca_file = "/etc/ca.pem"
        "#;
        let written = Rotators::resolve(toml::from_str(written).unwrap()).unwrap();

        let times = |of: &Rotators| (of.connect_timeout.as_secs(), of.statement_timeout.as_secs());
        assert_eq!(times(&default), (5, 30));
        assert_eq!(times(&written), (6, 7));
        assert_eq!(
            written.database_ca_file,
            Some(PathBuf::from("/etc/rds.pem"))
        );
        assert_eq!(written.postgres_passwords, PostgresPasswords::Clear);
        assert!(!written.hosts.permit("db", 1));
        let (endpoint, _) =
            Upstream::find(&written.endpoints, "https://rotate.example/hook/db").unwrap();
        assert_eq!(endpoint.profile, "rotation");
        assert_eq!(endpoint.ca_file, Some(PathBuf::from("/etc/ca.pem")));
    }

    #[test]
    fn keys_that_are_not_known_are_refused() {
        for text in [
            "port = 1",
            "connect_timeout_seconds = 0",
            "postgres_passwords = \"md5\"",
            "[[http]]\nurl = \"https://a.example/\"\nregion = \"us-east-1\"",
            "[[http]]\nurl = \"https://a.example/\"\nregion = \"us-east-1\"\ncredentials_file = \"k\"\nuser = 1",
        ] {
            assert!(toml::from_str::<Section>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_mistake_names_its_section() {
        let error = ConfigError::from(RotatorsError::from(UpstreamError::Url(String::from("x"))));

        assert!(crate::error::chain(&error).starts_with("`[[rotators.http]]`: `x` cannot be used"));
    }
}
