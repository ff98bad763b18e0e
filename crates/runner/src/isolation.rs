//! What stands between a function and the host, and how a process is put behind it.

use crate::error::RunError;
use crate::launch::{Plan, ProcessLimits, Report, SYSTEM_FILES, message};
use crate::process::Process;
use crate::settings::{Bubblewrap, Demand, Launcher, Settings, User};
use crate::user;
use rustix::process::geteuid;
use std::io::{self, PipeReader};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::net::unix::pipe::Receiver;
use tokio::time::timeout;

/// The isolation that is in force for every function, for operators to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Isolation {
    /// The version of Landlock's interface; 0 where the kernel has none.
    pub landlock: i32,
    /// Whether system calls are filtered.
    pub seccomp: bool,
    /// Whether bubblewrap gives functions namespaces of their own.
    pub bubblewrap: bool,
    /// The user that functions run as, when it is not the server's.
    pub user: Option<User>,
    /// What a hostile function, or a program that runs as the same user, could still do because
    /// something is missing, in sentences.
    pub weaknesses: Vec<String>,
}

/// Starts processes behind the isolation that was found to work.
pub(crate) struct Sandbox {
    launcher: Launcher,
    bubblewrap: Option<PathBuf>,
    user: Option<User>,
    least_landlock: i32,
    needs_seccomp: bool,
    readable: Vec<PathBuf>,
}

/// A process that was started, with what it writes and what its launcher says.
pub(crate) struct Started {
    pub(crate) process: Process,
    pub(crate) output: Receiver,
    pub(crate) channel: UnixStream,
}

impl Sandbox {
    /// Finds out, by trying in the directory `place`, what this host offers, and refuses if that is
    /// less than what `settings` demand.
    pub(crate) async fn find(
        settings: &Settings,
        user: Option<User>,
        place: &Path,
    ) -> Result<(Self, Isolation), RunError> {
        let mut sandbox = Self {
            launcher: settings.launcher.clone(),
            bubblewrap: None,
            user,
            least_landlock: 0,
            needs_seccomp: false,
            readable: SYSTEM.iter().map(PathBuf::from).collect(),
        };
        sandbox.readable.extend(settings.readable.iter().cloned());
        let mut found = sandbox.with_bubblewrap(settings, place).await?;
        if found.is_none() {
            found = Some(sandbox.trial(place).await?);
        }
        let (landlock, seccomp) = found.unwrap_or_default();
        let mut isolation = Isolation {
            landlock,
            seccomp,
            bubblewrap: sandbox.bubblewrap.is_some(),
            user,
            weaknesses: weaknesses(landlock, seccomp, sandbox.bubblewrap.is_some(), user),
        };
        if settings.demand == Demand::Strict {
            let least = least_landlock(sandbox.bubblewrap.is_some(), user);
            if landlock < least || !seccomp {
                return Err(RunError::Isolation(isolation.weaknesses.join("; ")));
            }
            sandbox.least_landlock = least;
            sandbox.needs_seccomp = true;
        }
        isolation.weaknesses.extend(user::weakness(user));
        Ok((sandbox, isolation))
    }

    /// Tries bubblewrap, and keeps it if it works.
    async fn with_bubblewrap(
        &mut self,
        settings: &Settings,
        place: &Path,
    ) -> Result<Option<(i32, bool)>, RunError> {
        if settings.bubblewrap == Bubblewrap::Off {
            return Ok(None);
        }
        let programs = settings.search.iter().map(|dir| dir.join("bwrap"));
        let tried = match programs.into_iter().find(|program| program.is_file()) {
            None => Err(RunError::Isolation(String::from(
                "bubblewrap is not installed",
            ))),
            Some(program) => {
                self.bubblewrap = Some(program);
                self.trial(place).await
            }
        };
        match tried {
            Ok(found) => Ok(Some(found)),
            Err(error) if settings.bubblewrap == Bubblewrap::Required => Err(error),
            Err(error) => {
                tracing::debug!(%error, "functions run without bubblewrap");
                self.bubblewrap = None;
                Ok(None)
            }
        }
    }

    /// Starts a process that isolates itself and ends.
    async fn trial(&self, place: &Path) -> Result<(i32, bool), RunError> {
        let limits = ProcessLimits {
            open_files: 64,
            file_bytes: 0,
            cpu_seconds: 10,
            memory_bytes: 1 << 30,
            processes: 4096,
        };
        let plan = self.plan(place, place, &[], limits);
        let started = self.start(&plan, b"").await?;
        let Started {
            process,
            output,
            channel,
        } = started;
        let _ = timeout(MOST_TRIAL, process.exited()).await;
        let ended = RunError::system("end a trial of the isolation");
        process.end().await.map_err(ended)?;
        let mut said = Vec::new();
        let _ = timeout(MOST_TRIAL, output.take(MOST_SAID).read_to_end(&mut said)).await;
        match reports(channel).await.pop() {
            Some(Report::Ready { landlock, seccomp }) => Ok((landlock, seccomp)),
            Some(Report::Failed(why)) => Err(RunError::Isolation(why)),
            None => {
                let said = String::from_utf8_lossy(&said);
                let said = said.trim();
                Err(RunError::Isolation(format!("the launcher says `{said}`")))
            }
        }
    }

    /// A plan without a program: `directory` is where it starts, `home` what it may write.
    pub(crate) fn plan(
        &self,
        directory: &Path,
        home: &Path,
        readable: &[PathBuf],
        limits: ProcessLimits,
    ) -> Plan {
        Plan {
            program: None,
            arguments: Vec::new(),
            directory: directory.to_owned(),
            readable: self.readable.iter().chain(readable).cloned().collect(),
            writable: home.to_owned(),
            own_proc: self.bubblewrap.is_some(),
            limits,
            least_landlock: self.least_landlock,
            needs_seccomp: self.needs_seccomp,
            keeps_modes: self.user.is_none() && self.bubblewrap.is_none(),
        }
    }

    /// Starts a process that follows `plan`.
    pub(crate) async fn start(&self, plan: &Plan, environment: &[u8]) -> Result<Started, RunError> {
        let task = "start a function's process";
        let message = message(plan, environment).map_err(RunError::system(task))?;
        let (process, output, channel) = self.spawn(plan).map_err(RunError::system(task))?;
        let mut started = Started {
            process,
            output: Receiver::from_owned_fd(OwnedFd::from(output))
                .map_err(RunError::system(task))?,
            channel: UnixStream::from_std(channel).map_err(RunError::system(task))?,
        };
        // A launcher that ends early does not read on; its report says why.
        let _ = started.channel.write_all(&message).await;
        let _ = started.channel.shutdown().await;
        Ok(started)
    }

    fn spawn(&self, plan: &Plan) -> io::Result<(Process, PipeReader, StdUnixStream)> {
        let (ours, theirs) = StdUnixStream::pair()?;
        ours.set_nonblocking(true)?;
        // One pipe for both keeps the order of what is written.
        let (output, writer) = io::pipe()?;
        let mut command = self.command(plan);
        command
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(writer.try_clone()?)
            .stderr(writer);
        if let Some(User { uid, gid }) = self.user {
            // Also leaves all other groups.
            command.uid(uid).gid(gid);
        }
        let process = Process::spawn(&mut command)?;
        Ok((process, output, ours))
    }

    fn command(&self, plan: &Plan) -> Command {
        let Some(bubblewrap) = &self.bubblewrap else {
            let mut command = Command::new(&self.launcher.program);
            command.args(&self.launcher.arguments);
            return command;
        };
        let mut command = Command::new(bubblewrap);
        command.process_group(0).args(NAMESPACES);
        let bound = plan.readable.iter().map(PathBuf::as_path);
        let files = SYSTEM_FILES.iter().map(Path::new);
        let files = files.filter(|path| !path.starts_with("/dev"));
        let inside: Vec<&Path> = bound
            .chain(files)
            .chain([plan.directory.as_path()])
            .collect();
        let launcher = self.launcher.program.as_path();
        let taken = |path: &&Path| path.starts_with("/tmp");
        if !inside.iter().any(taken) && !taken(&launcher) && !taken(&plan.writable.as_path()) {
            command.arg("--bind").arg(&plan.writable).arg("/tmp");
        }
        for path in inside {
            command.arg("--ro-bind-try").arg(path).arg(path);
        }
        command
            .args([Path::new("--ro-bind"), launcher, launcher])
            .args([Path::new("--bind"), &plan.writable, &plan.writable])
            .args(["--remount-ro", "/dev", "--remount-ro", "/", "--"])
            .arg(&self.launcher.program)
            .args(&self.launcher.arguments);
        command
    }

    /// Whom functions run as.
    pub(crate) fn uid(&self) -> u32 {
        self.user
            .map_or_else(|| geteuid().as_raw(), |user| user.uid)
    }

    /// Whether a process's own status is seen through bubblewrap, which adds 128 to signals.
    pub(crate) fn adds_to_signals(&self) -> bool {
        self.bubblewrap.is_some()
    }
}

/// What the launcher said, once it, or what it became, has ended.
pub(crate) async fn reports(channel: UnixStream) -> Vec<Report> {
    let mut said = Vec::new();
    let mut bounded = channel.take(MOST_SAID);
    let _ = timeout(MOST_TRIAL, bounded.read_to_end(&mut said)).await;
    said.split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect()
}

/// SECURITY: without namespaces, and as the server's own user, nothing but Landlock keeps a
/// function from the server's files (3: also from truncating them) and from its processes (6).
fn least_landlock(bubblewrap: bool, user: Option<User>) -> i32 {
    match (bubblewrap, user) {
        (true, _) => 0,
        (false, Some(_)) => 1,
        (false, None) => 6,
    }
}

fn weaknesses(landlock: i32, seccomp: bool, bubblewrap: bool, user: Option<User>) -> Vec<String> {
    let whose = match user {
        Some(_) => "the functions' user",
        None => "the server's user",
    };
    let mut found = Vec::new();
    if !bubblewrap && landlock < 1 {
        found.push(format!("a function can read every file that {whose} can"));
    }
    if !bubblewrap && landlock < 3 {
        found.push(format!(
            "a function can truncate files that {whose} may write"
        ));
    }
    if !bubblewrap && landlock < 6 {
        found.push(format!(
            "a function can send signals to processes of {whose}"
        ));
    }
    if !seccomp {
        found.push(String::from(
            "system calls are not filtered, and children of a function can leave its session",
        ));
    }
    found
}

const MOST_TRIAL: Duration = Duration::from_secs(10);
const MOST_SAID: u64 = 64 << 10;
/// Programs and libraries.
const SYSTEM: [&str; 6] = ["/bin", "/lib", "/lib32", "/lib64", "/sbin", "/usr"];
const NAMESPACES: [&str; 14] = [
    "--unshare-user",
    "--unshare-pid",
    "--unshare-ipc",
    "--unshare-uts",
    "--unshare-cgroup-try",
    "--hostname",
    "function",
    "--die-with-parent",
    "--cap-drop",
    "ALL",
    "--proc",
    "/proc",
    "--dev",
    "/dev",
];

#[cfg(test)]
mod tests;
