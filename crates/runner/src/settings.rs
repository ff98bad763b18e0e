use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// How a [`Runner`](crate::Runner) works.
#[derive(Clone, Debug)]
pub struct Settings {
    /// A directory for the runner alone, made if it is missing. Unpacked code and the functions'
    /// private directories lie in it. The functions' user must be able to reach it.
    pub scratch: PathBuf,
    /// The program that isolates itself and becomes the function: this binary, once more.
    pub launcher: Launcher,
    /// Directories in which `python3…` and `node` are looked for, the first match of each wins.
    pub search: Vec<PathBuf>,
    /// More directories and files that functions may read, such as a layer of libraries.
    pub readable: Vec<PathBuf>,
    /// Whether a weaker isolation will do.
    pub demand: Demand,
    /// Whether bubblewrap is used.
    pub bubblewrap: Bubblewrap,
    /// Whom functions run as when the server is root. `None` keeps the server's user; root without
    /// a user here becomes the system user `strongroom-functions` if there is one, or else `nobody`.
    pub user: Option<User>,
    /// What an invocation may use.
    pub limits: Limits,
}

impl Settings {
    /// The defaults: everything that the system offers, and strictly.
    pub fn new(scratch: PathBuf, launcher: Launcher) -> Self {
        Self {
            scratch,
            launcher,
            search: SEARCH.iter().map(PathBuf::from).collect(),
            readable: Vec::new(),
            demand: Demand::Strict,
            bubblewrap: Bubblewrap::IfItWorks,
            user: None,
            limits: Limits::default(),
        }
    }
}

/// A program that ends in [`launch`](crate::launch()).
#[derive(Clone, Debug)]
pub struct Launcher {
    /// Its path; the functions' user must be able to execute it.
    pub program: PathBuf,
    /// What makes it a launcher: a hidden subcommand.
    pub arguments: Vec<OsString>,
}

/// What happens where the system cannot isolate functions fully.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// They are not run.
    Strict,
    /// They are run behind what there is.
    BestEffort,
}

/// Whether bubblewrap is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bubblewrap {
    /// If it is installed and works for the functions' user.
    IfItWorks,
    /// Always: a runner does not start without it.
    Required,
    /// Never.
    Off,
}

/// A user and a group, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User {
    /// The user's number.
    pub uid: u32,
    /// The group's number.
    pub gid: u32,
}

/// What one invocation may use, beside its own timeout and memory.
#[derive(Clone, Debug)]
pub struct Limits {
    /// From the start of the process until it asks for the event.
    pub init: Duration,
    /// Bytes in the private directory.
    pub disk_bytes: u64,
    /// Processes at once.
    pub processes: usize,
    /// Files that a process may have open.
    pub open_files: u64,
    /// Bytes of log that are kept.
    pub log_bytes: usize,
    /// Lines of log that are kept.
    pub log_lines: usize,
    /// Invocations that run at once; others wait.
    pub concurrency: usize,
    /// Bytes of unpacked code that are kept for later invocations.
    pub cache_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            init: Duration::from_secs(10),
            disk_bytes: 512 << 20,
            processes: 1024,
            open_files: 1024,
            log_bytes: 1 << 20,
            log_lines: 10_000,
            concurrency: 16,
            cache_bytes: 1 << 30,
        }
    }
}

/// Lambda's limit for a synchronous payload, in both directions.
pub(crate) const MOST_PAYLOAD: usize = 6 << 20;

const SEARCH: [&str; 3] = ["/usr/local/bin", "/usr/bin", "/bin"];
