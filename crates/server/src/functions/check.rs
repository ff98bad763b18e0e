//! `strongroom functions check`: what functions would run behind, and with what.

use super::{FunctionsError, start};
use crate::config::{Config, Processes};
use crate::outside::{SystemClock, SystemEntropy};
use base::{Clock, Entropy};
use runner::Runtime;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What was found.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    /// Whether the configuration lets functions run.
    pub(crate) enabled: bool,
    /// The version of Landlock's interface; 0 for none.
    pub(crate) landlock: i32,
    /// Whether system calls are filtered.
    pub(crate) seccomp: bool,
    /// Whether functions have namespaces of their own.
    pub(crate) bubblewrap: bool,
    /// Whom they run as, when it is not the server's user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<String>,
    /// What a hostile function, or a program of the functions' user, could still do.
    pub(crate) weaknesses: Vec<String>,
    /// The interpreters.
    pub(crate) runtimes: Vec<Interpreter>,
}

/// A program that runs functions.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Interpreter {
    /// Such as `python3.12`.
    pub(crate) runtime: String,
    /// Where it is.
    pub(crate) program: PathBuf,
    /// Whether AWS's own client for it is installed; else ours is used.
    pub(crate) aws_client: bool,
    /// Whether AWS's SDK for Python, `boto3`, is: AWS's rotation functions import it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) boto3: Option<bool>,
}

/// Tries the isolation that the configuration asks for, in a directory of its own, so that a running
/// server is not disturbed.
pub(crate) async fn check(config: &Config) -> Result<Report, FunctionsError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let settings = &config.functions.processes;
    let place = place(settings, &config.data_dir);
    let runner = start(settings, place.clone(), &clock, &entropy).await;
    let report = runner.map(|runner| report(config.functions.enabled, &runner));
    let _ = std::fs::remove_dir_all(&place);
    report
}

/// Beside where functions would be, or among temporary files if there is no data directory yet.
fn place(settings: &Processes, data_dir: &Path) -> PathBuf {
    let usual = match data_dir.canonicalize() {
        Ok(dir) => super::scratch(settings, &dir),
        Err(_) => std::env::temp_dir().join("strongroom-functions"),
    };
    let mut place = usual.into_os_string();
    place.push(format!("-check-{}", std::process::id()));
    PathBuf::from(place)
}

fn report(enabled: bool, runner: &runner::Runner) -> Report {
    let isolation = runner.check();
    let found = runner.runtimes().iter();
    Report {
        enabled,
        landlock: isolation.landlock,
        seccomp: isolation.seccomp,
        bubblewrap: isolation.bubblewrap,
        user: isolation
            .user
            .map(|user| format!("{}:{}", user.uid, user.gid)),
        weaknesses: isolation.weaknesses.clone(),
        runtimes: found
            .map(|found| Interpreter {
                runtime: found.runtime.name(),
                program: found.program.clone(),
                aws_client: found.aws_client.is_some(),
                boto3: matches!(found.runtime, Runtime::Python(_)).then_some(found.boto3),
            })
            .collect(),
    }
}
