//! Configuration: a TOML file, overridden by flags, read once.
//!
//! Rules kept here: an unknown key is an error; every default stands in this file; what comes out
//! is typed and needs no second look. What a key means stands with its field.

mod buckets;
mod functions;
mod metrics;
mod notifications;
mod oidc;
mod private;
mod quotas;
mod rotators;
mod s3;
mod seal;
mod sections;
mod sinks;
mod store;
mod traces;
mod upstream;

pub(crate) use self::rotators::{PostgresPasswords, Rotators};
pub(crate) use self::s3::{ObjectUrl, S3};
#[cfg(test)]
pub(crate) use self::seal::Command as SealCommand;
pub(crate) use self::seal::{SealConfig, SecretFrom};
pub(crate) use buckets::{BucketPlace, TrailBucket};
pub(crate) use functions::{Functions, Processes};
pub(crate) use notifications::{Admitted, Notifications, Smtp, SmtpTls, is_public};
pub(crate) use oidc::{Endpoint, Fetching, Issuer, KeySource, Start};
pub(crate) use private::Private;
pub(crate) use sections::{Audit, Limits, Rotation, SyncPolicy, Trails, seconds};
pub(crate) use sinks::{
    Archive, Batches, Begin, Collector, Format, HeaderText, Sink, SinkKind, Syslog, SyslogPlace,
    SyslogTo,
};
#[cfg(feature = "postgres")]
pub(crate) use store::Postgres;
pub(crate) use store::StoreConfig;
pub(crate) use traces::Traces;
pub(crate) use upstream::Upstream;

use crate::cli::ServeFlags;
use base::{AccountId, InvalidId, RegionName};
use sections::{File, count};
use services::Quotas;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Where everything is kept unless the operator says otherwise.
pub(crate) const DEFAULT_DATA_DIR: &str = "data";

/// All that the server is told.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Config {
    /// Where everything is kept.
    pub(crate) data_dir: PathBuf,
    /// The first account, when the operator chose it.
    pub(crate) account: Option<AccountId>,
    /// The first account's Region, when the operator chose it.
    pub(crate) region: Option<RegionName>,
    /// The Regions that requests may name. `None`: every public AWS Region.
    pub(crate) regions: Option<Vec<RegionName>>,
    /// Where to listen.
    pub(crate) listen: Listen,
    /// Which certificate to show.
    pub(crate) tls: Tls,
    /// Where metrics are read. `None`: nowhere.
    pub(crate) metrics: Option<SocketAddr>,
    /// Where spans of requests are sent. `None`: nowhere.
    pub(crate) traces: Option<Traces>,
    /// How much accounts may have, and how often they may call.
    pub(crate) quotas: Quotas,
    /// What one client may use up.
    pub(crate) limits: Limits,
    /// How the audit file is kept.
    pub(crate) audit: Audit,
    /// What the audit log is sent on to.
    pub(crate) sinks: Vec<Sink>,
    /// Whether to go on with an audit log that is not what it was.
    pub(crate) accept_audit_loss: bool,
    /// The private endpoints.
    pub(crate) private: Vec<Private>,
    /// The issuers of web identity tokens.
    pub(crate) issuers: Vec<Issuer>,
    /// How functions are run.
    pub(crate) functions: Functions,
    /// Whom messages may be sent to.
    pub(crate) notifications: Notifications,
    /// How the built-in rotation functions reach what they change.
    pub(crate) rotators: Rotators,
    /// How often trails deliver.
    pub(crate) trails: Trails,
    /// Where trails of accounts may deliver to.
    pub(crate) trail_buckets: Vec<TrailBucket>,
    /// How much memory decoded records may take.
    pub(crate) cache_bytes: u64,
    /// Where the records are kept.
    pub(crate) store: StoreConfig,
    /// How secrets are rotated.
    pub(crate) rotation: Rotation,
    /// How the root keys are kept.
    pub(crate) seal: SealConfig,
    /// The file that all of this came from, if there was one.
    pub(crate) file: Option<PathBuf>,
    /// What to log.
    pub(crate) log: String,
}

/// Where to listen.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Listen {
    /// HTTPS.
    pub(crate) tls: Vec<SocketAddr>,
    /// HTTP without TLS. INVARIANT: loopback addresses only.
    pub(crate) plain: Vec<SocketAddr>,
    /// How many threads serve. `None`: one for each processor.
    pub(crate) workers: Option<usize>,
}

/// Which certificate to show.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tls {
    /// The operator's own certificate. `None`: one from the server's private CA.
    pub(crate) supplied: Option<Supplied>,
    /// Names and addresses for the private CA's certificate, beside the usual ones.
    pub(crate) names: Vec<String>,
}

/// A certificate that somebody else keeps up to date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Supplied {
    /// The chain, leaf first (PEM).
    pub(crate) cert: PathBuf,
    /// The private key (PEM).
    pub(crate) key: PathBuf,
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration file `{}`", .0.display())]
    Unreadable(PathBuf, #[source] io::Error),
    /// The file is not what we understand.
    #[error("the configuration file `{}` has a mistake", .0.display())]
    Malformed(PathBuf, #[source] Box<toml::de::Error>),
    /// Not an address with a port.
    #[error("`{0}` is no address to listen on: write it like `127.0.0.1:8443` or `[::1]:8443`")]
    Address(String),
    /// HTTP without TLS where others could read it.
    #[error("`{0}` is not a loopback address, and HTTP without TLS is served on loopback only")]
    PlainBeyondLoopback(SocketAddr),
    /// Not an account or Region.
    #[error("`{0}` cannot be used")]
    Id(String, #[source] InvalidId),
    /// The first account's Region is switched off.
    #[error("the Region `{0}` is not among `regions`")]
    RegionNotEnabled(RegionName),
    /// Where records are to be kept.
    #[error(transparent)]
    Store(#[from] store::StoreConfigError),
    /// Half of a certificate.
    #[error("`tls.cert` and `tls.key` go together: give both or none")]
    HalfCertificate,
    /// Not a name that a certificate can carry.
    #[error("`{0}` is neither a host name nor an address, so no certificate can name it")]
    CertificateName(String),
    /// Not a level.
    #[error("`{0}` is no log level: use `error`, `warn`, `info`, `debug` or `trace`")]
    LogLevel(String),
    /// A limit that the HTTP library cannot keep.
    #[error("`limits.header_bytes` must be at least {0}")]
    HeaderBytes(u32),
    /// An issuer of web identity tokens.
    #[error(transparent)]
    Oidc(#[from] oidc::OidcError),
    /// A private endpoint.
    #[error(transparent)]
    Private(#[from] private::PrivateError),
    /// Functions.
    #[error(transparent)]
    Functions(#[from] functions::FunctionsError),
    /// Notifications.
    #[error(transparent)]
    Notifications(#[from] notifications::NotificationsError),
    /// The built-in rotation functions.
    #[error(transparent)]
    Rotators(#[from] self::rotators::RotatorsError),
    /// Quotas.
    #[error(transparent)]
    Quotas(#[from] quotas::QuotasError),
    /// Spans.
    #[error(transparent)]
    Traces(#[from] traces::TracesError),
    /// Buckets of trails.
    #[error(transparent)]
    TrailBuckets(#[from] buckets::TrailBucketError),
    /// The seal.
    #[error(transparent)]
    Seal(#[from] self::seal::SealConfigError),
    /// What the audit log is sent on to.
    #[error(transparent)]
    Sinks(#[from] sinks::SinksError),
}

impl Config {
    /// Reads the file that `flags` name, if any, and lays the flags over it.
    pub(crate) fn load(flags: &ServeFlags) -> Result<Self, ConfigError> {
        let file = match &flags.config {
            Some(path) => read(path)?,
            None => File::default(),
        };
        Self::resolve(file, flags)
    }

    fn resolve(mut file: File, flags: &ServeFlags) -> Result<Self, ConfigError> {
        if file.limits.header_bytes.get() < LEAST_HEADER_BYTES {
            return Err(ConfigError::HeaderBytes(LEAST_HEADER_BYTES));
        }
        let listen = Listen::resolve(file.listen, flags)?;
        let private = Private::resolve(file.endpoint, listen.addresses())?;
        let account = flags.account_id.clone().or(file.account_id);
        let region = flags.region.clone().or(file.region);
        let config = Self {
            data_dir: flags
                .data_dir
                .clone()
                .or(file.data_dir)
                .unwrap_or_else(|| PathBuf::from(DEFAULT_DATA_DIR)),
            account: account.map(account_id).transpose()?,
            region: region.map(region_name).transpose()?,
            regions: file
                .regions
                .map(|names| names.into_iter().map(region_name).collect())
                .transpose()?,
            listen,
            private,
            tls: Tls::resolve(file.tls)?,
            metrics: file
                .metrics
                .resolve(flags.metrics.as_ref())
                .map_err(ConfigError::Address)?,
            traces: file.tracing.resolve()?,
            quotas: file.quotas.resolve(file.limits.body_bytes)?,
            limits: file.limits,
            sinks: Sink::resolve(std::mem::take(&mut file.audit.sinks))?,
            audit: file.audit,
            accept_audit_loss: flags.accept_audit_loss,
            issuers: Issuer::resolve(file.oidc)?,
            functions: Functions::resolve(file.functions)?,
            notifications: Notifications::resolve(file.notifications)?,
            rotators: Rotators::resolve(file.rotators)?,
            trails: file.trails,
            trail_buckets: TrailBucket::resolve(file.trail_buckets)?,
            cache_bytes: u64::from(file.store.cache_mib.get()).saturating_mul(1 << 20),
            store: StoreConfig::resolve(file.store, flags.store.as_deref())?,
            rotation: file.rotation,
            seal: SealConfig::resolve(file.seal)?,
            file: flags.config.clone(),
            log: flags.log.clone().unwrap_or(file.log),
        };
        config.region_is_enabled()?;
        Ok(config)
    }

    /// The variables of the environment that hold secrets.
    pub(crate) fn variables(&self) -> Vec<&str> {
        let mut variables = self.seal.variables();
        variables.extend(self.sinks.iter().flat_map(Sink::variables));
        variables
    }

    fn region_is_enabled(&self) -> Result<(), ConfigError> {
        match (&self.region, &self.regions) {
            (Some(region), Some(enabled)) if !enabled.contains(region) => {
                Err(ConfigError::RegionNotEnabled(region.clone()))
            }
            _ => Ok(()),
        }
    }
}

/// The `[seal]` of the configuration file at `path` as it is now. Without a file, the defaults.
pub(crate) fn seal_now(path: Option<&Path>) -> Result<SealConfig, ConfigError> {
    let file = match path {
        Some(path) => read(path)?,
        None => File::default(),
    };
    Ok(SealConfig::resolve(file.seal)?)
}

impl Listen {
    /// Flags take the place of the file's addresses; with neither, HTTPS on 127.0.0.1:8443.
    fn resolve(file: sections::Listen, flags: &ServeFlags) -> Result<Self, ConfigError> {
        let from_flags = !flags.listen.is_empty() || !flags.listen_plain.is_empty();
        let (tls, plain) = if from_flags {
            (flags.listen.clone(), flags.listen_plain.clone())
        } else if file.tls.is_empty() && file.plain.is_empty() {
            (vec![String::from(DEFAULT_LISTEN)], Vec::new())
        } else {
            (file.tls, file.plain)
        };
        let plain = addresses(plain)?;
        // SECURITY: requests carry secrets in their bodies; without TLS they stay on the machine.
        if let Some(open) = plain.iter().find(|address| !address.ip().is_loopback()) {
            return Err(ConfigError::PlainBeyondLoopback(*open));
        }
        Ok(Self {
            tls: addresses(tls)?,
            plain,
            workers: file.workers.map(|workers| usize::from(workers.get())),
        })
    }

    /// Every public address.
    fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.tls.iter().chain(&self.plain).copied()
    }
}

impl Tls {
    fn resolve(file: sections::Tls) -> Result<Self, ConfigError> {
        let supplied = match (file.cert, file.key) {
            (Some(cert), Some(key)) => Some(Supplied { cert, key }),
            (None, None) => None,
            _ => return Err(ConfigError::HalfCertificate),
        };
        for name in &file.names {
            rustls_pki_types::ServerName::try_from(name.as_str())
                .map_err(|_| ConfigError::CertificateName(name.clone()))?;
        }
        Ok(Self {
            supplied,
            names: file.names,
        })
    }
}

fn read(path: &Path) -> Result<File, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| ConfigError::Unreadable(path.to_owned(), error))?;
    toml::from_str(&text).map_err(|error| ConfigError::Malformed(path.to_owned(), Box::new(error)))
}

fn addresses(texts: Vec<String>) -> Result<Vec<SocketAddr>, ConfigError> {
    texts
        .into_iter()
        .map(|text| text.parse().map_err(|_| ConfigError::Address(text)))
        .collect()
}

/// Reads an account number that an operator gave.
pub(crate) fn account_id(text: String) -> Result<AccountId, ConfigError> {
    AccountId::parse(&text).map_err(|error| ConfigError::Id(text, error))
}

/// Reads the name of a Region that an operator gave.
pub(crate) fn region_name(text: String) -> Result<RegionName, ConfigError> {
    RegionName::parse(&text).map_err(|error| ConfigError::Id(text, error))
}

const DEFAULT_LISTEN: &str = "127.0.0.1:8443";
/// What the HTTP library needs for its buffer.
const LEAST_HEADER_BYTES: u32 = 8_192;

#[cfg(test)]
mod tests;
