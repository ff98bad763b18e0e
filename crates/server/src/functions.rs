//! What runs functions: processes of this host, rotators that are built in, and functions elsewhere.
//!
//! Rules kept here:
//! - SECURITY: code of functions runs in this host's processes only if the operator switched that on,
//!   and behind the isolation that was asked for: without it no function runs, and the server serves
//!   secrets all the same.
//! - SECURITY: what functions log is cleaned of the values that were in play before it is handed on.
//!   Where those cannot be had, the log is withheld.
//! - SECURITY: functions elsewhere, and endpoints that rotate, are called only at URLs that the
//!   operator listed, signed with keys that the operator gave for that and never with a role's own.
//! - A run ends at its function's timeout, and at the operator's.

mod address;
mod builtin;
mod check;
pub(crate) mod credentials;
mod event;
mod owner;
mod post;
mod process;
mod remote;
mod scrub;

pub(crate) use address::OwnAddress;
#[cfg(test)]
pub(crate) use check::Interpreter;
pub(crate) use check::{Report, check};

use crate::boot::Layout;
use crate::config::{Config, Processes};
use crate::error::chain;
use crate::files::FileError;
use base::{Clock, Entropy};
use builtin::Builtin;
use process::{InProcesses, Unavailable};
use remote::Remote;
use runner::{Launcher, Limits, RunError, Runner, Settings};
use services::Witness;
use services::ports::{Executor, Executors};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why functions cannot be set up as the configuration says.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FunctionsError {
    /// A file that the configuration names.
    #[error(transparent)]
    File(#[from] FileError),
    /// The drivers of databases.
    #[error("cannot set up the built-in rotation functions")]
    Drivers(#[from] rotators::DatabaseError),
    /// The runner.
    #[error("functions cannot run on this host")]
    Runner(#[from] RunError),
    /// This program, which functions are started with, is not found.
    #[error("cannot find the program of this server")]
    Program(#[source] std::io::Error),
}

/// What runs functions, and what the rest of the server shares with it.
pub(crate) struct Functions {
    /// For Lambda.
    pub(crate) executors: Executors,
    /// For the services: they tell it what sessions get to know.
    pub(crate) witness: Arc<Witness>,
    /// For the listeners: they tell where they are.
    pub(crate) address: Arc<OwnAddress>,
}

/// What functions stand on.
struct Ground<'a> {
    layout: &'a Layout,
    clock: &'a Arc<dyn Clock>,
    entropy: &'a Arc<dyn Entropy>,
    witness: &'a Arc<Witness>,
    address: &'a Arc<OwnAddress>,
}

impl Functions {
    /// Sets up what the configuration lets run.
    ///
    /// # Errors
    /// When a file that the configuration names cannot be used. That processes cannot be isolated is
    /// logged, and told to who calls a function.
    pub(crate) async fn set_up(
        config: &Config,
        layout: &Layout,
        clock: &Arc<dyn Clock>,
        entropy: &Arc<dyn Entropy>,
    ) -> Result<Self, FunctionsError> {
        let witness = Arc::new(Witness::default());
        let address = Arc::new(OwnAddress::of(&config.functions.processes)?);
        let ground = Ground {
            layout,
            clock,
            entropy,
            witness: &witness,
            address: &address,
        };
        let executors = executors(config, ground).await?;
        Ok(Self {
            executors,
            witness,
            address,
        })
    }
}

async fn executors(config: &Config, ground: Ground<'_>) -> Result<Executors, FunctionsError> {
    let functions = &config.functions;
    let builtin = Builtin::new(&config.rotators, functions.max_timeout, &ground)?;
    let remote = Remote::new(
        functions.remotes.clone(),
        functions.max_timeout,
        Arc::clone(ground.clock),
    );
    Ok(Executors {
        builtin: Some(Arc::new(builtin)),
        remote: (!functions.remotes.is_empty()).then(|| Arc::new(remote) as Arc<dyn Executor>),
        process: match functions.enabled {
            true => Some(processes(config, ground).await),
            false => None,
        },
    })
}

async fn processes(config: &Config, ground: Ground<'_>) -> Arc<dyn Executor> {
    let settings = &config.functions.processes;
    let scratch = scratch(settings, ground.layout.dir());
    match start(settings, scratch, ground.clock, ground.entropy).await {
        Ok(runner) => {
            for weakness in &runner.check().weaknesses {
                tracing::warn!("functions are isolated weakly: {weakness}");
            }
            Arc::new(InProcesses::new(
                runner,
                config.functions.max_timeout,
                &ground,
            ))
        }
        Err(error) => {
            let why = chain(&error);
            tracing::error!(error = why, "no function runs on this host");
            Arc::new(Unavailable(why))
        }
    }
}

async fn start(
    settings: &Processes,
    scratch: PathBuf,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) -> Result<Runner, FunctionsError> {
    let program = std::env::current_exe().map_err(FunctionsError::Program)?;
    let launcher = Launcher {
        program,
        arguments: vec![OsString::from(LAUNCHER)],
    };
    let defaults = Settings::new(scratch, launcher);
    let settings = Settings {
        search: settings.search.clone().unwrap_or(defaults.search),
        readable: settings.readable.clone(),
        demand: settings.demand,
        bubblewrap: settings.bubblewrap,
        user: settings.user,
        limits: Limits {
            init: settings.init,
            disk_bytes: settings.disk_bytes,
            processes: settings.processes,
            concurrency: settings.concurrency,
            ..Limits::default()
        },
        ..defaults
    };
    Ok(Runner::start(settings, Arc::clone(clock), Arc::clone(entropy)).await?)
}

/// In the data directory, which another user cannot enter: then beside it.
fn scratch(settings: &Processes, data_dir: &Path) -> PathBuf {
    if let Some(chosen) = &settings.scratch_dir {
        return chosen.clone();
    }
    if !rustix::process::geteuid().is_root() {
        return data_dir.join("functions");
    }
    let mut beside = data_dir.as_os_str().to_owned();
    beside.push("-functions");
    PathBuf::from(beside)
}

/// The hidden subcommand that isolates itself and becomes a function.
pub(crate) const LAUNCHER: &str = "function-launcher";

#[cfg(test)]
mod fixtures;
