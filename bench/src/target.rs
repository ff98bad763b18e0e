//! The processes that are measured: starting one, learning how to talk to it, stopping it.

use crate::Error;
use crate::clock::instant;
use crate::load::Endpoint;
use crate::operation::Operation;
use crate::sign::Signer;
use base::Plaintext;
use rustix::process::{Pid, Signal, kill_process};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde::Deserialize;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// How to start a server.
pub(crate) struct Plan {
    /// What it is called in messages.
    pub(crate) name: &'static str,
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) data_dir: PathBuf,
}

impl Plan {
    /// The server itself, with its data in `data_dir`.
    pub(crate) fn server(program: &Path, data_dir: &Path) -> Self {
        let mut arguments = words(&["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
        arguments.push(data_dir.into());
        Self {
            name: "the server",
            program: program.into(),
            arguments,
            data_dir: data_dir.into(),
        }
    }

    /// The same with the configuration at `config`.
    pub(crate) fn configured(program: &Path, data_dir: &Path, config: &Path) -> Self {
        let mut plan = Self::server(program, data_dir);
        plan.arguments.push("--config".into());
        plan.arguments.push(config.into());
        plan
    }

    /// A rotation function with an address of its own: this program again.
    pub(crate) fn function(data_dir: &Path) -> Result<Self, Error> {
        let mut arguments = words(&["function", "--data-dir"]);
        arguments.push(data_dir.into());
        Ok(Self {
            name: "the rotation function",
            program: std::env::current_exe().map_err(Error::io("find this program"))?,
            arguments,
            data_dir: data_dir.into(),
        })
    }

    /// Where it writes its log.
    pub(crate) fn log(&self) -> PathBuf {
        self.data_dir.with_extension("log")
    }

    /// A bare server for `operation` whose answers have `answer_bytes`: this program again.
    pub(crate) fn bare(
        data_dir: &Path,
        answer_bytes: usize,
        operation: Operation,
    ) -> Result<Self, Error> {
        let size = answer_bytes.to_string();
        let service = operation.service();
        let mut arguments = words(&["bare", "--answer-bytes", &size, "--service", service]);
        if operation.writes() {
            arguments.push("--durable".into());
        }
        arguments.push("--data-dir".into());
        arguments.push(data_dir.into());
        Ok(Self {
            name: "the bare server",
            program: std::env::current_exe().map_err(Error::io("find this program"))?,
            arguments,
            data_dir: data_dir.into(),
        })
    }
}

/// A running server. It is stopped when dropped.
pub(crate) struct Target {
    child: Child,
    pub(crate) endpoint: Endpoint,
    pub(crate) signer: Signer,
    /// From the start of the process to its ready line.
    pub(crate) start_up: Duration,
}

impl Target {
    /// Starts a server and waits until it is ready.
    pub(crate) fn start(plan: &Plan) -> Result<Self, Error> {
        let began = instant();
        let (mut guard, ready) = launch(plan)?;
        let start_up = began.elapsed();
        let (endpoint, signer) = introduction(plan, &ready)?;
        let child = guard.0.take().ok_or(Error::ThreadLost)?;
        Ok(Self {
            child,
            endpoint,
            signer,
            start_up,
        })
    }

    /// The id of the process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Stops the server as an operator would, and waits for its end.
    pub(crate) fn stop(mut self) -> Result<(), Error> {
        stop(&mut self.child).map_err(Error::io("stop a server"))?;
        Ok(())
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        // The run is over or has failed already; there is no one to tell.
        let _ = stop(&mut self.child);
    }
}

/// A running rotation function. It is stopped when dropped.
pub(crate) struct Helper {
    child: Guard,
    /// How it is reached: the beginning of a URL.
    pub(crate) url: String,
}

impl Helper {
    /// Starts it and waits until it is ready.
    pub(crate) fn start(plan: &Plan) -> Result<Self, Error> {
        let (child, ready) = launch(plan)?;
        let url = ready.endpoints.into_iter().next();
        let url = url.ok_or_else(|| Error::Contract {
            name: plan.name,
            what: "endpoint",
            reason: String::from("there is none"),
        })?;
        Ok(Self { child, url })
    }

    /// The id of the process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.0.as_ref().map_or(0, Child::id)
    }
}

/// Starts a process and waits for its ready line.
fn launch(plan: &Plan) -> Result<(Guard, Ready), Error> {
    if !plan.program.is_file() {
        return Err(Error::NoServer(plan.program.clone()));
    }
    fs::create_dir_all(&plan.data_dir).map_err(Error::io("make a data directory"))?;
    let log = plan.log();
    let stderr = File::create(&log).map_err(Error::io(log.display().to_string()))?;
    let child = Command::new(&plan.program)
        .args(&plan.arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(stderr)
        .spawn()
        .map_err(Error::io(plan.program.display().to_string()))?;
    let mut guard = Guard(Some(child));
    let ready = guard.ready_line().map_err(|reason| Error::NotReady {
        name: plan.name,
        reason,
        log: end_of(&log),
    })?;
    Ok((guard, ready))
}

/// A child that is killed unless it is taken out.
struct Guard(Option<Child>);

impl Guard {
    /// The first line that the child prints, in time.
    fn ready_line(&mut self) -> Result<Ready, String> {
        let stdout = self.0.as_mut().and_then(|child| child.stdout.take());
        let stdout = stdout.ok_or("it has no output")?;
        let (sender, lines) = channel();
        // Reads on after the first line, so that the child never writes to a closed pipe.
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let line = lines
            .recv_timeout(READY_WITHIN)
            .map_err(|_| "it printed no line")?;
        match serde_json::from_str::<Ready>(&line) {
            Ok(ready) if ready.event == "ready" => Ok(ready),
            _ => Err(format!("it printed `{line}`")),
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = stop(child);
        }
    }
}

/// What a server says when it is ready.
#[derive(Deserialize)]
struct Ready {
    event: String,
    endpoints: Vec<String>,
    region: String,
}

/// How to reach the server that said `ready`, and what to sign with.
fn introduction(plan: &Plan, ready: &Ready) -> Result<(Endpoint, Signer), Error> {
    let unusable = |what| {
        move |reason: String| Error::Contract {
            name: plan.name,
            what,
            reason,
        }
    };
    let address = address(&ready.endpoints).map_err(unusable("endpoint"))?;
    let tls = client(&plan.data_dir.join("tls/ca.pem")).map_err(unusable("certificate"))?;
    let credentials = plan.data_dir.join("aws/credentials");
    let credentials = fs::read_to_string(credentials)
        .map_err(|error| error.to_string())
        .map_err(unusable("credentials"))?;
    let wanted = |key| {
        setting(&credentials, key)
            .ok_or_else(|| format!("`{key}` is missing"))
            .map_err(unusable("credentials"))
    };
    let signer = Signer {
        host: address.to_string(),
        region: ready.region.clone(),
        access_key_id: wanted("aws_access_key_id")?.to_owned(),
        secret_access_key: Plaintext::from(wanted("aws_secret_access_key")?.to_owned()),
        session_token: None,
    };
    let tls = Arc::new(tls);
    Ok((Endpoint { address, tls }, signer))
}

fn address(endpoints: &[String]) -> Result<SocketAddr, String> {
    endpoints
        .iter()
        .find_map(|endpoint| endpoint.strip_prefix("https://")?.parse().ok())
        .ok_or_else(|| format!("no https address among {endpoints:?}"))
}

/// A client that trusts the certificates in `authority`, and no others.
pub(crate) fn client(authority: &Path) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(authority).map_err(|e| e.to_string())? {
        let certificate = certificate.map_err(|e| e.to_string())?;
        roots.add(certificate).map_err(|e| e.to_string())?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// The value of `key` in the profile `default`.
fn setting<'a>(ini: &'a str, key: &str) -> Option<&'a str> {
    ini.lines()
        .map(str::trim)
        .skip_while(|line| *line != "[default]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once('='))
        .find(|(name, _)| name.trim() == key)
        .map(|(_, value)| value.trim())
}

/// Asks `child` to end, and makes it when it does not.
fn stop(child: &mut Child) -> std::io::Result<ExitStatus> {
    if let Some(status) = child.try_wait()? {
        return Ok(status);
    }
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        kill_process(pid, Signal::TERM)?;
    }
    let began = instant();
    while began.elapsed() < STOPPED_WITHIN {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        thread::sleep(GLANCE);
    }
    child.kill()?;
    child.wait()
}

/// The last lines of a log.
pub(crate) fn end_of(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let shown = lines.len().saturating_sub(LOG_LINES);
    lines.get(shown..).unwrap_or_default().join("\n")
}

fn words(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}

const READY_WITHIN: Duration = Duration::from_secs(60);
const STOPPED_WITHIN: Duration = Duration::from_secs(60);
const GLANCE: Duration = Duration::from_millis(2);
const LOG_LINES: usize = 20;

#[cfg(test)]
mod tests;
