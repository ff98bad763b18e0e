//! What the tests share: a runner in a temporary directory, and functions from sources.

use base::{Clock, Entropy, Plaintext, Timestamp};
use std::fs::Permissions;
use std::io::{Cursor, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};
use strongroom_runner::{
    Bubblewrap, Code, Credentials, Executed, Execution, Launcher, Outcome, RunError, Runner,
    Runtime, Settings,
};
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A runner, and the directory that it works in.
pub(crate) struct Bench {
    pub(crate) runner: Runner,
    pub(crate) directory: TempDir,
}

impl Bench {
    /// A runner that isolates with what the kernel has.
    pub(crate) async fn new() -> Self {
        Self::with(|settings| settings.bubblewrap = Bubblewrap::Off).await
    }

    /// A runner with other settings.
    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::try_with(change).await.unwrap()
    }

    pub(crate) async fn try_with(change: impl FnOnce(&mut Settings)) -> Result<Self, RunError> {
        let directory = passable();
        let mut settings = settings(&directory);
        change(&mut settings);
        let runner = Runner::start(settings, Arc::new(System), Arc::new(Chance)).await?;
        Ok(Self { runner, directory })
    }

    /// Runs and tells what came of it; the private directory must be gone and nothing running.
    pub(crate) async fn run(&self, execution: Execution) -> Ran {
        let executed = self.runner.run(execution, &[]).await.unwrap();
        self.nothing_is_left();
        Ran::of(executed)
    }

    pub(crate) async fn run_with_secret(&self, execution: Execution, secret: &str) -> Ran {
        let secret = Plaintext::from(secret.to_owned());
        let executed = self.runner.run(execution, &[secret]).await.unwrap();
        self.nothing_is_left();
        Ran::of(executed)
    }

    pub(crate) fn nothing_is_left(&self) {
        let homes = std::fs::read_dir(self.directory.path().join("scratch/run")).unwrap();

        assert_eq!(homes.count(), 0);
    }
}

pub(crate) fn settings(directory: &TempDir) -> Settings {
    Settings::new(directory.path().join("scratch"), launcher(directory))
}

/// A directory that the functions' user gets through when the tests run as root.
pub(crate) fn passable() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::set_permissions(directory.path(), Permissions::from_mode(0o711)).unwrap();
    directory
}

/// A copy of the launcher where the functions' user can execute it.
fn launcher(directory: &TempDir) -> Launcher {
    let program = directory.path().join("launcher");
    // By another process: a file that this one writes would be busy while any test forks.
    let copied = Command::new("cp")
        .arg(env!("CARGO_BIN_EXE_strongroom-function-launcher"))
        .arg(&program)
        .status();
    assert!(copied.unwrap().success());
    Launcher {
        program,
        arguments: Vec::new(),
    }
}

/// What came of an invocation, in a form that tests can compare.
#[derive(Debug)]
pub(crate) struct Ran {
    /// `returned`, `failed`, `timed out`, `exited N`, `killed N` or `out of memory`.
    pub(crate) outcome: String,
    pub(crate) error_type: String,
    pub(crate) message: String,
    pub(crate) trace: Vec<String>,
    pub(crate) response: String,
    pub(crate) log: String,
    pub(crate) lines: Vec<String>,
    pub(crate) max_memory_bytes: u64,
    pub(crate) init_duration: Option<Duration>,
}

impl Ran {
    pub(crate) fn of(executed: Executed) -> Self {
        let (mut error_type, mut message, mut trace) = (String::new(), String::new(), Vec::new());
        let mut response = String::new();
        let outcome = match executed.outcome {
            Outcome::Returned(body) => {
                response = String::from_utf8(body.expose().to_vec()).unwrap();
                String::from("returned")
            }
            Outcome::Failed {
                error_type: kind,
                message: text,
                trace: stack,
            } => {
                (error_type, message, trace) = (kind, text, stack);
                String::from("failed")
            }
            Outcome::TimedOut(_) => String::from("timed out"),
            Outcome::Exited(status) => format!("exited {status}"),
            Outcome::Killed(signal) => format!("killed {signal}"),
            Outcome::OutOfMemory => String::from("out of memory"),
        };
        let lines: Vec<String> = executed.log.into_iter().map(|line| line.text).collect();
        Self {
            outcome,
            error_type,
            message,
            trace,
            response,
            log: lines.join("\n"),
            lines,
            max_memory_bytes: executed.max_memory_bytes,
            init_duration: executed.init_duration,
        }
    }

    /// The response as JSON; fails the test, with the log, if there is none.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        assert_eq!(self.outcome, "returned", "{self:#?}");
        serde_json::from_str(&self.response).unwrap()
    }
}

/// A zip with these files.
pub(crate) fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let owned = |(name, content): &(&str, &str)| ((*name).to_owned(), content.as_bytes().to_vec());
    zip_of(&files.iter().map(owned).collect::<Vec<_>>())
}

pub(crate) fn zip_of(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        let mode = if name == "bootstrap" { 0o755 } else { 0o644 };
        zip.start_file(name, SimpleFileOptions::default().unix_permissions(mode))
            .unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

pub(crate) fn execution(runtime: &str, handler: &str, zip: Vec<u8>, event: &str) -> Execution {
    Execution {
        function_arn: String::from("arn:aws:lambda:us-east-1:111122223333:function:rotate"),
        function_name: String::from("rotate"),
        version: String::from("$LATEST"),
        handler: handler.to_owned(),
        runtime: Runtime::parse(runtime).unwrap(),
        code: Code::new(zip, [0; 32]),
        environment: Vec::new(),
        credentials: Credentials {
            access_key_id: String::from("ASIAEXAMPLE"),
            secret_access_key: Plaintext::from(String::from("the-secret-access-key")),
            session_token: Plaintext::from(String::from("the-session-token")),
        },
        region: String::from("us-east-1"),
        endpoint: Some(String::from("https://127.0.0.1:8443")),
        ca_bundle: None,
        timeout: Duration::from_secs(30),
        memory_mib: 256,
        request_id: String::from(REQUEST_ID),
        log_stream_name: String::from("2026/01/02/[$LATEST]0123"),
        payload: Plaintext::from(event.to_owned()),
    }
}

/// A Python function whose handler is `handler` in `source`.
pub(crate) fn python(source: &str) -> Execution {
    execution("python3.9", "app.handler", zip(&[("app.py", source)]), "{}")
}

pub(crate) fn node(source: &str) -> Execution {
    execution(
        "nodejs18.x",
        "app.handler",
        zip(&[("app.js", source)]),
        "{}",
    )
}

/// A function that is a shell script.
pub(crate) fn script(source: &str) -> Execution {
    let source = format!("#!/bin/sh\n{source}\n");
    execution("provided", "unused", zip(&[("bootstrap", &source)]), "{}")
}

/// Whether this host has the program `name` where runners look for it.
pub(crate) fn has(name: &str) -> bool {
    ["/usr/local/bin", "/usr/bin", "/bin"]
        .iter()
        .any(|directory| PathBuf::from(directory).join(name).exists())
}

/// Says why a test does nothing here.
pub(crate) fn skip(why: &str) {
    eprintln!("skipped: {why}");
}

pub(crate) const REQUEST_ID: &str = "6f0b7f0e-9d2c-4f4e-8a56-1d0c6a2b3c4d";

pub(crate) struct System;

impl Clock for System {
    #[expect(clippy::disallowed_methods, reason = "functions see real deadlines")]
    fn now(&self) -> Timestamp {
        let now = std::time::SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap();
        Timestamp::from_millis(i64::try_from(now.as_millis()).unwrap())
    }
}

pub(crate) struct Chance;

impl Entropy for Chance {
    fn fill(&self, buf: &mut [u8]) {
        aws_lc_rs::rand::fill(buf).unwrap();
    }
}
