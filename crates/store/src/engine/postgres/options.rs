//! Settings of the PostgreSQL engine, and the URL that names the database.
//!
//! SECURITY: a password is neither in `Debug` nor in an error. What a URL cannot say without a
//! chance to be read wrongly is refused, and the refusal repeats nothing of the URL. A host that is
//! not this machine is spoken to with TLS and a verified certificate unless the URL says
//! `sslmode=disable`; nothing else makes a connection weaker than it was asked for.

use super::tls::Tls;
use crate::StoreError;
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

mod passfile;

pub(super) use passfile::password_for;

/// Settings of the PostgreSQL engine.
#[derive(Clone)]
pub struct PostgresOptions {
    pub(super) target: Target,
    /// The schema of the database in which the tables are.
    pub schema: String,
    /// The name of this node. Nodes of one deployment have different names, and keep them.
    pub node: String,
    /// How many connections are open at most, beside the one that follows the changes of others.
    pub connections: usize,
    /// How long one host may take to accept a connection and a login.
    pub connect_timeout: Duration,
    /// How long a call waits for one of the connections to be free.
    pub pool_timeout: Duration,
    /// How long a statement may run.
    pub statement_timeout: Duration,
    /// How long a statement may wait for a lock.
    pub lock_timeout: Duration,
    /// After how long the server ends the transaction of a node that does not go on with it.
    pub idle_transaction_timeout: Duration,
    /// How long the answer to a `COMMIT` is waited for.
    pub commit_timeout: Duration,
    /// How long a caller waits for an unknown outcome to become known.
    pub resolve_timeout: Duration,
    /// How long a transaction is tried again that others came between.
    pub retry_timeout: Duration,
    /// How long the change log keeps what was changed, the same on all nodes. A node that was paused for
    /// half of that forgets what it has cached, and what became of a commit is known for as long.
    pub changes_kept: Duration,
    /// How old the knowledge of other nodes' changes may be when the cache answers; a second at
    /// most. At 0, what a completed call on any node has written is seen by every later one.
    pub max_staleness: Duration,
}

/// Where the database is and how to log in.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) hosts: Vec<Endpoint>,
    /// Everything but hosts and timeouts.
    pub(super) login: Config,
    /// A file with passwords, read anew for every connection.
    pub(super) passfile: Option<PathBuf>,
    /// `None`: the connection is not encrypted.
    pub(super) tls: Option<Tls>,
    pub(super) keepalive: Keepalive,
}

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    pub(super) address: Address,
    pub(super) port: u16,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Address {
    Tcp(String),
    /// The folder of a local socket.
    Unix(PathBuf),
}

/// How a silent network is noticed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keepalive {
    pub(super) idle: Duration,
    pub(super) interval: Duration,
    pub(super) retries: u32,
    pub(super) user_timeout: Duration,
}

impl PostgresOptions {
    /// The settings for the database at `url`: `postgres://user:password@host:port,host:port/name`,
    /// with parameters of libpq's.
    ///
    /// # Errors
    /// [`StoreError::Schema`] when the URL is not understood completely.
    pub fn parse(url: &str) -> Result<Self, StoreError> {
        let (address, parameters) = url.split_once('?').unwrap_or((url, ""));
        if !SCHEMES.iter().any(|scheme| address.starts_with(scheme)) {
            return Err(refused("does not begin with `postgres://`"));
        }
        // Of what stands between two of them, the driver might take a password for a host.
        if address.matches('@').count() > 1 {
            return Err(refused("is not understood"));
        }
        let mut given = Given::default();
        let mut passed_on = Vec::new();
        for pair in parameters.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').ok_or_else(unknown_parameter)?;
            if !given.take(name, &decoded(value)?)? {
                passed_on.push((name, value));
            }
        }
        let config = parsed(address, &passed_on)?;
        let connect_timeout = config.get_connect_timeout().copied();
        Ok(Self {
            target: given.target(config)?,
            connect_timeout: connect_timeout.unwrap_or(CONNECT_TIMEOUT),
            ..Self::default_for_target()
        })
    }

    fn default_for_target() -> Self {
        Self {
            target: Target {
                hosts: Vec::new(),
                login: Config::new(),
                passfile: None,
                tls: None,
                keepalive: KEEPALIVE,
            },
            schema: String::from("strongroom"),
            node: String::from("strongroom"),
            connections: 16,
            connect_timeout: CONNECT_TIMEOUT,
            pool_timeout: Duration::from_secs(3),
            statement_timeout: Duration::from_secs(5),
            lock_timeout: Duration::from_secs(3),
            idle_transaction_timeout: Duration::from_secs(10),
            commit_timeout: Duration::from_secs(10),
            resolve_timeout: Duration::from_secs(15),
            retry_timeout: Duration::from_secs(5),
            changes_kept: Duration::from_secs(600),
            max_staleness: Duration::ZERO,
        }
    }
}

impl fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresOptions")
            .field("hosts", &self.target.hosts)
            .field("database", &self.target.login.get_dbname())
            .field("user", &self.target.login.get_user())
            .field("tls", &self.target.tls)
            .field("schema", &self.schema)
            .field("node", &self.node)
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}

/// The parameters that the driver does not know, or not well enough.
#[derive(Default)]
struct Given {
    sslmode: Option<String>,
    roots: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    passfile: Option<PathBuf>,
}

impl Given {
    /// Whether the parameter is dealt with here; `false`: it is the driver's.
    fn take(&mut self, name: &str, value: &str) -> Result<bool, StoreError> {
        let path = || Some(PathBuf::from(value));
        match name {
            "sslmode" => self.sslmode = Some(value.to_owned()),
            "sslrootcert" => self.roots = path(),
            "sslcert" => self.certificate = path(),
            "sslkey" => self.key = path(),
            "passfile" => self.passfile = path(),
            "target_session_attrs" if matches!(value, "read-write" | "primary") => {}
            "target_session_attrs" => {
                return Err(refused("may ask for no other server than the primary"));
            }
            _ if PASSED_ON.contains(&name) => return Ok(false),
            _ => return Err(unknown_parameter()),
        }
        Ok(true)
    }

    fn target(self, config: Config) -> Result<Target, StoreError> {
        let hosts = endpoints(&config)?;
        let tls = self.tls(&hosts)?;
        let mut login = Config::new();
        login.user(config.get_user().ok_or_else(|| refused("names no user"))?);
        let database = config.get_dbname().or(config.get_user());
        login.dbname(database.unwrap_or_default());
        login.application_name(config.get_application_name().unwrap_or("strongroom"));
        if let Some(password) = config.get_password() {
            login.password(password);
        }
        if let Some(options) = config.get_options() {
            login.options(options);
        }
        login.channel_binding(config.get_channel_binding());
        login.ssl_mode(match tls {
            Some(_) => SslMode::Require,
            None => SslMode::Disable,
        });
        Ok(Target {
            hosts,
            login,
            passfile: self.passfile,
            tls,
            keepalive: Keepalive::of(&config),
        })
    }

    fn tls(&self, hosts: &[Endpoint]) -> Result<Option<Tls>, StoreError> {
        let is_local = hosts.iter().all(Endpoint::is_local);
        let checks_name = match self.sslmode.as_deref() {
            None if is_local && self.roots.is_none() => return Ok(None),
            Some("disable") => return Ok(None),
            // Encryption to somebody unknown helps nobody, so this means the same.
            None | Some("verify-full" | "require") => true,
            Some("verify-ca") if self.roots.is_some() => false,
            Some("verify-ca") => return Err(refused("says `verify-ca` without `sslrootcert`")),
            Some("prefer" | "allow") => {
                return Err(refused("leaves it to the server whether it is encrypted"));
            }
            Some(_) => return Err(refused("has an `sslmode` that is not known")),
        };
        let identity = match (&self.certificate, &self.key) {
            (Some(certificate), Some(key)) => Some((certificate.clone(), key.clone())),
            (None, None) => None,
            _ => {
                return Err(refused(
                    "names one of `sslcert` and `sslkey` without the other",
                ));
            }
        };
        Ok(Some(Tls {
            checks_name,
            roots: self.roots.clone(),
            identity,
        }))
    }
}

impl Endpoint {
    /// Whether what is sent there leaves this machine.
    fn is_local(&self) -> bool {
        match &self.address {
            Address::Unix(_) => true,
            Address::Tcp(host) => {
                host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
            }
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.address {
            Address::Tcp(host) => write!(f, "{host}:{}", self.port),
            Address::Unix(folder) => write!(f, "{}:{}", folder.display(), self.port),
        }
    }
}

impl Keepalive {
    fn of(config: &Config) -> Self {
        // The driver's default for the first is two hours; nobody asks for that.
        let idle = config.get_keepalives_idle();
        Self {
            idle: if idle > LONGEST_IDLE {
                KEEPALIVE.idle
            } else {
                idle
            },
            interval: config
                .get_keepalives_interval()
                .unwrap_or(KEEPALIVE.interval),
            retries: config.get_keepalives_retries().unwrap_or(KEEPALIVE.retries),
            user_timeout: config
                .get_tcp_user_timeout()
                .copied()
                .unwrap_or(KEEPALIVE.user_timeout),
        }
    }
}

fn endpoints(config: &Config) -> Result<Vec<Endpoint>, StoreError> {
    let ports = config.get_ports();
    let hosts = config.get_hosts();
    if hosts.is_empty() {
        return Err(refused("names no host"));
    }
    if ports.len() > 1 && ports.len() != hosts.len() {
        return Err(refused("has another number of ports than of hosts"));
    }
    let port = |i: usize| ports.get(i).or(ports.first()).copied().unwrap_or(PORT);
    let endpoint = |(i, host): (usize, &Host)| Endpoint {
        address: match host {
            Host::Tcp(name) => Address::Tcp(name.clone()),
            #[cfg(unix)]
            Host::Unix(folder) => Address::Unix(folder.clone()),
        },
        port: port(i),
    };
    Ok(hosts.iter().enumerate().map(endpoint).collect())
}

/// The driver's reading of a URL. Its own errors may repeat a part of a password.
fn parsed(address: &str, parameters: &[(&str, &str)]) -> Result<Config, StoreError> {
    let parameters = parameters.iter().map(|(name, value)| match *name {
        "keepalives_count" => format!("keepalives_retries={value}"),
        // The driver takes seconds where libpq takes milliseconds.
        "tcp_user_timeout" => {
            let millis = value.parse::<u64>().unwrap_or_default();
            format!("tcp_user_timeout={}", millis.div_ceil(1_000))
        }
        name => format!("{name}={value}"),
    });
    let parameters = parameters.collect::<Vec<_>>().join("&");
    format!("{address}?{parameters}")
        .parse()
        .map_err(|_| refused("is not understood"))
}

fn decoded(value: &str) -> Result<String, StoreError> {
    percent_encoding::percent_decode_str(value)
        .decode_utf8()
        .map(|text| text.into_owned())
        .map_err(|_| refused("is not text"))
}

fn unknown_parameter() -> StoreError {
    refused("has a parameter that is not known")
}

fn refused(problem: &str) -> StoreError {
    StoreError::Schema(format!("its URL {problem}"))
}

const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];
const PASSED_ON: [&str; 15] = [
    "application_name",
    "channel_binding",
    "connect_timeout",
    "dbname",
    "host",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "options",
    "password",
    "port",
    "tcp_user_timeout",
    "user",
];
const PORT: u16 = 5432;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const KEEPALIVE: Keepalive = Keepalive {
    idle: Duration::from_secs(10),
    interval: Duration::from_secs(5),
    retries: 3,
    user_timeout: Duration::from_secs(20),
};
const LONGEST_IDLE: Duration = Duration::from_secs(3_600);

#[cfg(test)]
mod tests;
