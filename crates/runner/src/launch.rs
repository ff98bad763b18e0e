//! What a function's process does before it becomes the function.
//!
//! The server starts this binary once more with a hidden subcommand that ends in [`launch()`]. It
//! reads its [`Plan`] from its standard input, isolates itself, says what is in force, and turns
//! into the function's runtime with `exec`.
//!
//! Rules kept here:
//! - SECURITY: the function's variables arrive with the plan and not as the launcher's own, for
//!   `LD_PRELOAD` of a function would otherwise run before anything is in force.
//! - Whatever cannot be put in force, but was required, ends the launch.
//! - Nothing stays open but the log; nothing is started here but the runtime.

mod calls;
mod files;
mod limits;

use rustix::process::{
    Signal, getpid, set_child_subreaper, set_parent_process_death_signal, setsid, umask,
};
use rustix::thread::{clear_ambient_capability_set, set_no_new_privs};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Duration;
use zeroize::Zeroizing;

pub(crate) use files::SYSTEM_FILES;
pub(crate) use limits::ProcessLimits;

/// Becomes the function that the standard input describes. Comes back only when that failed, or
/// when it was a trial.
pub fn launch() -> ExitCode {
    give_way();
    let Ok(mut channel) = channel() else {
        return ExitCode::from(FAILED);
    };
    let outcome = prepare(&mut channel);
    if let Err(failed) = outcome {
        let text = failed.to_string();
        let _ = report(&mut channel, &Report::Failed(text));
        return ExitCode::from(FAILED);
    }
    ExitCode::SUCCESS
}

/// How a process isolates itself and what it becomes.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// `None` for a trial.
    pub(crate) program: Option<PathBuf>,
    pub(crate) arguments: Vec<String>,
    pub(crate) directory: PathBuf,
    /// What may be read and executed.
    pub(crate) readable: Vec<PathBuf>,
    /// The one directory that may be written.
    pub(crate) writable: PathBuf,
    /// Whether `/proc` shows only the function's own processes.
    pub(crate) own_proc: bool,
    pub(crate) limits: ProcessLimits,
    /// The version of Landlock's interface that is needed at least.
    pub(crate) least_landlock: i32,
    pub(crate) needs_seccomp: bool,
    /// Whether the modes and owners of files may not be changed by path, which Landlock
    /// does not guard and the server's own user could.
    pub(crate) keeps_modes: bool,
}

/// What the launcher answers.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Report {
    /// The function is about to start behind this.
    Ready {
        /// The version of Landlock's interface that is in force; 0 for none.
        landlock: i32,
        seccomp: bool,
    },
    Failed(String),
}

/// Requests come first where processors are short, also before the launcher's own work.
fn give_way() {
    // Who asks for less is not refused; and a function that did not give way is no danger.
    let _ = rustix::process::nice(LESS_URGENT);
}

/// The plan and the environment in the form that the launcher reads.
pub(crate) fn message(plan: &Plan, environment: &[u8]) -> io::Result<Zeroizing<Vec<u8>>> {
    let plan = serde_json::to_vec(plan)?;
    let size = plan
        .len()
        .saturating_add(environment.len())
        .saturating_add(1);
    if size > MOST_MESSAGE {
        return Err(io::Error::other("the function's variables are too large"));
    }
    let mut message = Zeroizing::new(Vec::with_capacity(size));
    message.extend_from_slice(&plan);
    message.push(b'\n');
    message.extend_from_slice(environment);
    Ok(message)
}

/// Standard input is one end of a pair of sockets; the server has the other.
fn channel() -> io::Result<UnixStream> {
    close_the_rest()?;
    let end = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?;
    Ok(UnixStream::from(end))
}

/// SECURITY: whatever the server itself inherited, without a mark to close it on `exec`, ends here.
fn close_the_rest() -> io::Result<()> {
    let mut open = Vec::new();
    for entry in fs::read_dir("/proc/self/fd")? {
        let number: Option<i32> = entry?.file_name().to_str().and_then(|n| n.parse().ok());
        open.extend(number.filter(|number| *number > 2));
    }
    for number in open {
        // The listing's own is closed already.
        let _ = nix::unistd::close(number);
    }
    Ok(())
}

fn prepare(channel: &mut UnixStream) -> Result<(), LaunchError> {
    let mut message = Zeroizing::new(Vec::with_capacity(MOST_MESSAGE));
    channel
        .take(MOST_MESSAGE as u64)
        .read_to_end(&mut message)
        .map_err(LaunchError::step("read the plan"))?;
    let malformed = || LaunchError::Plan(io::ErrorKind::InvalidData.into());
    let end = message
        .iter()
        .position(|byte| *byte == b'\n')
        .ok_or_else(malformed)?;
    let (plan, environment) = message.split_at_checked(end).ok_or_else(malformed)?;
    let plan: Plan = serde_json::from_slice(plan).map_err(|e| LaunchError::Plan(e.into()))?;
    let environment = environment.get(1..).unwrap_or_default();

    detach(&plan)?;
    let landlock = files::restrict(&plan)?;
    let ready = |seccomp| Report::Ready { landlock, seccomp };
    let null = File::open("/dev/null").map_err(LaunchError::step("open /dev/null"))?;
    rustix::stdio::dup2_stdin(null).map_err(LaunchError::step("close standard input"))?;
    let seccomp = calls::restrict(plan.needs_seccomp, plan.keeps_modes)?;
    report(channel, &ready(seccomp)).map_err(LaunchError::step("report"))?;
    match &plan.program {
        Some(program) => Err(become_function(program, &plan, environment)),
        None => Ok(()),
    }
}

/// Leaves the server's session, and takes limits.
fn detach(plan: &Plan) -> Result<(), LaunchError> {
    setsid().map_err(LaunchError::step("open a session"))?;
    // Children that outlive their parents stay below this process, where they are counted.
    set_child_subreaper(Some(getpid())).map_err(LaunchError::step("adopt orphans"))?;
    set_parent_process_death_signal(Some(Signal::KILL))
        .map_err(LaunchError::step("end with the server"))?;
    umask(rustix::fs::Mode::from_bits_truncate(0o077));
    std::env::set_current_dir(&plan.directory)
        .map_err(LaunchError::step("enter the function's directory"))?;
    limits::take(&plan.limits)?;
    clear_ambient_capability_set().map_err(LaunchError::step("give capabilities up"))?;
    set_no_new_privs(true).map_err(LaunchError::step("give privileges up"))
}

fn become_function(program: &PathBuf, plan: &Plan, environment: &[u8]) -> LaunchError {
    let mut command = Command::new(program);
    command.args(&plan.arguments).env_clear();
    for variable in environment.split(|byte| *byte == 0) {
        let Some(equals) = variable.iter().position(|byte| *byte == b'=') else {
            continue;
        };
        let (name, value) = variable.split_at(equals);
        let value = value.get(1..).unwrap_or_default();
        command.env(
            OsString::from_vec(name.to_vec()),
            OsString::from_vec(value.to_vec()),
        );
    }
    let mut error = command.exec();
    // Code that was just written stays busy while a process that was forked at that moment still
    // has it open, which is until its own `exec`.
    for _ in 0..MOST_TRIES {
        if error.kind() != io::ErrorKind::ExecutableFileBusy {
            break;
        }
        std::thread::sleep(BETWEEN_TRIES);
        error = command.exec();
    }
    LaunchError::step("execute the runtime")(error)
}

fn report(channel: &mut UnixStream, report: &Report) -> io::Result<()> {
    let mut line = serde_json::to_vec(report)?;
    line.push(b'\n');
    channel.write_all(&line)
}

/// Why a process did not become a function.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LaunchError {
    #[error("the plan is malformed: {0}")]
    Plan(io::Error),
    #[error("could not {0}: {1}")]
    Step(&'static str, io::Error),
    #[error("Landlock: {0}")]
    Landlock(#[from] landlock::RulesetError),
    #[error("the kernel offers version {has} of Landlock, and {needs} is needed")]
    LandlockTooOld { has: i32, needs: i32 },
    #[error("seccomp: {0}")]
    Seccomp(String),
}

impl LaunchError {
    fn step<E: Into<io::Error>>(task: &'static str) -> impl FnOnce(E) -> Self {
        move |error| Self::Step(task, error.into())
    }
}

/// Lambda allows 4 KiB of variables; credentials and paths come on top.
const MOST_MESSAGE: usize = 1 << 20;
const FAILED: u8 = 125;
/// As `nice` has it: a processor that both want is the server's for nine parts of ten.
const LESS_URGENT: i32 = 10;
const MOST_TRIES: u32 = 100;
const BETWEEN_TRIES: Duration = Duration::from_millis(10);
