//! `[functions]`: whether functions run on this host, behind what, and which run elsewhere.

use super::upstream::{self, Upstream, UpstreamError};
use super::{oidc, seconds};
use runner::{Bubblewrap, Demand, User};
use serde::Deserialize;
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::time::Duration;

/// `[functions]` as it is written.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Section {
    /// Whether zip files may be run on this host.
    enabled: bool,
    /// What happens where the system cannot isolate them fully.
    isolation: Isolation,
    /// Whether bubblewrap is used.
    bubblewrap: Wrapping,
    /// Whom they run as when the server is root: `UID:GID`.
    user: Option<String>,
    /// Under which URL they reach this server, when not by its first listener.
    endpoint: Option<String>,
    /// Whom they trust at that URL (PEM).
    ca_file: Option<PathBuf>,
    /// Where code is unpacked and functions have their private directories.
    scratch_dir: Option<PathBuf>,
    /// Where interpreters are looked for.
    search: Option<Vec<PathBuf>>,
    /// What functions may read beside the system's programs and libraries.
    readable: Vec<PathBuf>,
    /// Functions in processes at once; others wait.
    concurrency: NonZeroU16,
    /// Functions of one account at once; others are refused.
    account_concurrency: NonZeroU16,
    /// Runs of one function at once; others are refused.
    function_concurrency: NonZeroU16,
    /// The longest run, whatever the function's own timeout.
    max_timeout_seconds: NonZeroU16,
    /// The longest start of a runtime.
    init_seconds: NonZeroU16,
    /// What a function may write, in MiB.
    disk_mib: NonZeroU16,
    /// Processes and threads of one run.
    processes: NonZeroU16,
    /// `[[functions.remote]]`
    remote: Vec<upstream::Section>,
}

/// `functions.isolation`
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Isolation {
    Strict,
    BestEffort,
}

/// `functions.bubblewrap`
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Wrapping {
    IfItWorks,
    Required,
    Off,
}

impl Default for Section {
    fn default() -> Self {
        Self {
            enabled: false,
            isolation: Isolation::Strict,
            bubblewrap: Wrapping::IfItWorks,
            user: None,
            endpoint: None,
            ca_file: None,
            scratch_dir: None,
            search: None,
            readable: Vec::new(),
            concurrency: super::count(16),
            account_concurrency: super::count(16),
            function_concurrency: super::count(8),
            max_timeout_seconds: super::count(900),
            init_seconds: super::count(10),
            disk_mib: super::count(512),
            processes: super::count(1_024),
            remote: Vec::new(),
        }
    }
}

/// How functions are run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Functions {
    /// Whether zip files may be run on this host.
    pub(crate) enabled: bool,
    /// How they would be.
    pub(crate) processes: Processes,
    /// Functions of one account at once.
    pub(crate) account_concurrency: usize,
    /// Runs of one function at once.
    pub(crate) function_concurrency: usize,
    /// The longest run of any function.
    pub(crate) max_timeout: Duration,
    /// Where functions may be called that run elsewhere.
    pub(crate) remotes: Vec<Upstream>,
}

/// How functions run in processes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Processes {
    /// Whether a weaker isolation will do.
    pub(crate) demand: Demand,
    /// Whether bubblewrap is used.
    pub(crate) bubblewrap: Bubblewrap,
    /// Whom functions run as when the server is root.
    pub(crate) user: Option<User>,
    /// Under which URL they reach this server. `None`: by its first listener.
    pub(crate) endpoint: Option<String>,
    /// Whom they trust there.
    pub(crate) ca_file: Option<PathBuf>,
    /// Where code is unpacked. `None`: beside or in the data directory.
    pub(crate) scratch_dir: Option<PathBuf>,
    /// Where interpreters are looked for. `None`: the usual places.
    pub(crate) search: Option<Vec<PathBuf>>,
    /// What functions may read beside the system's programs and libraries.
    pub(crate) readable: Vec<PathBuf>,
    /// How many run at once.
    pub(crate) concurrency: usize,
    /// The longest start of a runtime.
    pub(crate) init: Duration,
    /// What one may write.
    pub(crate) disk_bytes: u64,
    /// How many processes one may have.
    pub(crate) processes: usize,
}

/// Why `[functions]` cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FunctionsError {
    /// Not a user and a group.
    #[error("`functions.user` is `{0}`: write numbers like `990:990`, those of a user of its own")]
    User(String),
    /// SECURITY: a function that is root is not isolated.
    #[error("`functions.user` is `{0}`: functions cannot run as root or in its group")]
    Root(String),
    /// Not a URL for functions.
    #[error(
        "`functions.endpoint` is `{0}`: write a URL like `https://vault.example:8443`, without path \
         (`http://` is for loopback hosts only)"
    )]
    Endpoint(String),
    /// An authority for no URL.
    #[error(
        "`functions.ca_file` goes with `functions.endpoint`: without it the server's own is used"
    )]
    AuthorityAlone,
    /// Paths that mean another file in each directory.
    #[error("`functions.{key}` has `{}`: write an absolute path", .path.display())]
    Relative {
        /// Which key.
        key: &'static str,
        /// What it says.
        path: PathBuf,
    },
    /// A function elsewhere.
    #[error("`[[functions.remote]]`")]
    Remote(#[from] UpstreamError),
}

impl Functions {
    /// Reads the section.
    pub(super) fn resolve(section: Section) -> Result<Self, FunctionsError> {
        let number = |value: NonZeroU16| usize::from(value.get());
        Ok(Self {
            enabled: section.enabled,
            account_concurrency: number(section.account_concurrency),
            function_concurrency: number(section.function_concurrency),
            max_timeout: seconds(section.max_timeout_seconds),
            remotes: Upstream::resolve(&section.remote)?,
            processes: Processes::resolve(section)?,
        })
    }
}

impl Processes {
    fn resolve(section: Section) -> Result<Self, FunctionsError> {
        if section.ca_file.is_some() && section.endpoint.is_none() {
            return Err(FunctionsError::AuthorityAlone);
        }
        absolute("scratch_dir", section.scratch_dir.as_slice())?;
        absolute("search", section.search.as_deref().unwrap_or_default())?;
        absolute("readable", &section.readable)?;
        Ok(Self {
            demand: match section.isolation {
                Isolation::Strict => Demand::Strict,
                Isolation::BestEffort => Demand::BestEffort,
            },
            bubblewrap: match section.bubblewrap {
                Wrapping::IfItWorks => Bubblewrap::IfItWorks,
                Wrapping::Required => Bubblewrap::Required,
                Wrapping::Off => Bubblewrap::Off,
            },
            user: section.user.map(user).transpose()?,
            endpoint: section.endpoint.map(endpoint).transpose()?,
            ca_file: section.ca_file,
            scratch_dir: section.scratch_dir,
            search: section.search,
            readable: section.readable,
            concurrency: usize::from(section.concurrency.get()),
            init: seconds(section.init_seconds),
            disk_bytes: u64::from(section.disk_mib.get()) << 20,
            processes: usize::from(section.processes.get()),
        })
    }
}

fn user(text: String) -> Result<User, FunctionsError> {
    let numbers = text.split_once(':').and_then(|(uid, gid)| {
        let uid = uid.parse().ok()?;
        Some((uid, gid.parse().ok()?))
    });
    match numbers {
        None => Err(FunctionsError::User(text)),
        Some((0, _) | (_, 0)) => Err(FunctionsError::Root(text)),
        Some((uid, gid)) => Ok(User { uid, gid }),
    }
}

fn endpoint(text: String) -> Result<String, FunctionsError> {
    match oidc::Endpoint::parse(&text) {
        Some(endpoint) if endpoint.target() == "/" => Ok(text.trim_end_matches('/').to_owned()),
        _ => Err(FunctionsError::Endpoint(text)),
    }
}

fn absolute(key: &'static str, paths: &[PathBuf]) -> Result<(), FunctionsError> {
    match paths.iter().find(|path| !path.is_absolute()) {
        Some(path) => Err(FunctionsError::Relative {
            key,
            path: path.clone(),
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
