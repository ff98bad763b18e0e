use crate::{AuditLog, Aws, Client, Keys, binary};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;
use tempfile::TempDir;

/// How to start a server.
#[derive(Default)]
pub struct Launch {
    wrapper: Vec<OsString>,
    flags: Vec<OsString>,
    config: Option<String>,
    data_dir: Option<DataDir>,
}

/// A data directory that the test did not make.
struct DataDir {
    /// As the server knows it.
    inside: PathBuf,
    /// As the test reaches it.
    outside: PathBuf,
}

/// The built server on free ports of loopback, with and without TLS, over a directory of its own.
/// It is killed and its files go when this is dropped.
pub struct Server {
    home: TempDir,
    launch: Launch,
    process: Option<Process>,
}

/// A server that is ready.
struct Process {
    child: Child,
    https: SocketAddr,
    plain: SocketAddr,
    account: String,
    region: String,
}

impl Launch {
    /// Adds an argument to `strongroom serve`.
    #[must_use]
    pub fn flag(mut self, flag: impl Into<OsString>) -> Self {
        self.flags.push(flag.into());
        self
    }

    /// Configures the server by a file with this text.
    #[must_use]
    pub fn config(mut self, text: &str) -> Self {
        self.config = Some(text.to_owned());
        self
    }

    /// Runs the server by another program, which must become the server.
    #[must_use]
    pub fn by(mut self, wrapper: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.wrapper = wrapper.into_iter().map(Into::into).collect();
        self
    }

    /// Uses `inside` as the data directory, which this process reaches as `outside`.
    #[must_use]
    pub fn data_dir(mut self, inside: &Path, outside: &Path) -> Self {
        self.data_dir = Some(DataDir {
            inside: inside.to_owned(),
            outside: outside.to_owned(),
        });
        self
    }

    /// Starts the server and waits until it is ready.
    pub fn start(self) -> Server {
        let home = tempfile::Builder::new()
            .prefix("sr-")
            .tempdir()
            .expect("a folder is made");
        let mut server = Server {
            home,
            launch: self,
            process: None,
        };
        server.start_again();
        server
    }
}

impl Server {
    /// Starts a server as it comes.
    pub fn start() -> Self {
        Launch::default().start()
    }

    /// Starts the server again over the same files, after it has ended.
    pub fn start_again(&mut self) {
        assert!(self.process.is_none(), "the server is running");
        let mut child = self.spawn();
        let stdout = child.stdout.take().expect("standard output is a pipe");
        let first_line = self.follow(stdout);
        let Ok(line) = first_line.recv_timeout(PATIENCE) else {
            let _ = child.kill();
            let status = child.wait();
            panic!(
                "the server did not start ({status:?}): {}",
                self.last_errors()
            );
        };
        self.process = Some(Process::new(child, &line));
    }

    /// Starts the server and kills it after `delay`, ready or not.
    pub fn start_in_vain(&mut self, delay: Duration) {
        assert!(self.process.is_none(), "the server is running");
        let mut child = self.spawn();
        // The delay is the moment of the crash, which no state announces.
        std::thread::sleep(delay);
        child.kill().expect("the server can be killed");
        child.wait().expect("the server has ended");
    }

    /// Ends the server as a crash would.
    pub fn kill(&mut self) {
        let mut process = self.process.take().expect("the server is running");
        process.child.kill().expect("the server can be killed");
        process.child.wait().expect("the server has ended");
    }

    /// Asks the server to stop (SIGTERM) and does not wait.
    pub fn ask_to_stop(&self) {
        let pid = Pid::from_child(&self.process().child);
        kill_process(pid, Signal::TERM).expect("the server can be told");
    }

    /// Waits until the server has ended by itself.
    pub fn wait(&mut self) -> ExitStatus {
        let mut process = self.process.take().expect("the server is running");
        process.child.wait().expect("the server has ended")
    }

    /// Stops the server in order (SIGTERM) and gives how it ended.
    pub fn stop(&mut self) -> ExitStatus {
        self.ask_to_stop();
        self.wait()
    }

    /// Whether the process is there.
    pub fn is_running(&mut self) -> bool {
        let process = self.process.as_mut();
        process.is_some_and(|process| matches!(process.child.try_wait(), Ok(None)))
    }

    /// Where HTTPS is served.
    pub fn https(&self) -> SocketAddr {
        self.process().https
    }

    /// Where HTTP without TLS is served.
    pub fn plain(&self) -> SocketAddr {
        self.process().plain
    }

    /// The first account.
    pub fn account(&self) -> &str {
        &self.process().account
    }

    /// The Region of the first account.
    pub fn region(&self) -> &str {
        &self.process().region
    }

    /// The data directory, as this process reaches it.
    pub fn data_dir(&self) -> PathBuf {
        match &self.launch.data_dir {
            Some(data_dir) => data_dir.outside.clone(),
            None => self.home.path().join("data"),
        }
    }

    /// What the server wrote to its standard output and error.
    pub fn logs_dir(&self) -> PathBuf {
        self.home.path().join("logs")
    }

    /// The certificate of the server's own authority (PEM).
    pub fn authority(&self) -> Vec<u8> {
        fs::read(self.data_dir().join("tls/ca.pem")).expect("there is an authority")
    }

    /// The root keys of the first account, from the credentials file.
    pub fn keys(&self) -> Keys {
        let path = self.data_dir().join("aws/credentials");
        let text = fs::read_to_string(path).expect("there are credentials");
        let value = |name: &str| {
            let mut pairs = text.lines().filter_map(|line| line.split_once('='));
            let (_, value) = pairs
                .find(|(key, _)| key.trim() == name)
                .expect("the key is there");
            value.trim().to_owned()
        };
        Keys {
            id: value("aws_access_key_id"),
            secret: value("aws_secret_access_key"),
        }
    }

    /// A small client without TLS, as the first account's root.
    pub fn client(&self) -> Client {
        Client::new(self.plain(), self.keys(), self.region())
    }

    /// AWS's own clients over TLS, configured by the files that the server wrote.
    pub async fn aws(&self) -> Aws {
        Aws::of(self).await
    }

    /// The audit log, from its beginning.
    pub fn audit_log(&self) -> AuditLog {
        AuditLog::new(self.data_dir().join("audit"))
    }

    /// What `strongroom audit verify` says of the log. Panics when it finds a problem.
    pub fn verified_audit_log(&self) -> Value {
        let output = Command::new(binary::path())
            .args(["audit", "verify", "--json", "--data-dir"])
            .arg(self.data_dir())
            .output()
            .expect("the log is verified");
        let report = serde_json::from_slice(&output.stdout).expect("the report is JSON");
        assert!(output.status.success(), "{report}");
        report
    }

    fn process(&self) -> &Process {
        self.process.as_ref().expect("the server is running")
    }

    fn spawn(&self) -> Child {
        fs::create_dir_all(self.logs_dir()).expect("a folder is made");
        let data_dir = match &self.launch.data_dir {
            Some(data_dir) => data_dir.inside.clone(),
            None => self.home.path().join("data"),
        };
        let mut line = self.launch.wrapper.clone();
        line.push(binary::path().into());
        line.extend(["serve", "--listen", FREE, "--listen-plain", FREE].map(OsString::from));
        line.extend(["--data-dir".into(), data_dir.into()]);
        let text = self.launch.config.as_deref().unwrap_or_default();
        // Tests call as often as they can.
        let text = format!("{text}\n[quotas]\nthrottling = false\n");
        let path = self.home.path().join("strongroom.toml");
        fs::write(&path, text).expect("the configuration is written");
        line.extend(["--config".into(), path.into()]);
        line.extend(self.launch.flags.iter().cloned());
        Command::new(&line[0])
            .args(&line[1..])
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(self.log("stderr.log"))
            .spawn()
            .expect("the server can be run")
    }

    /// Copies standard output to a file and gives its first line.
    fn follow(&self, stdout: ChildStdout) -> Receiver<String> {
        let (first, receiver) = mpsc::channel();
        let mut copy = self.log("stdout.log");
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _ = writeln!(copy, "{line}");
                let _ = first.send(line);
            }
        });
        receiver
    }

    fn log(&self, name: &str) -> File {
        let path = self.logs_dir().join(name);
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .expect("the log is opened")
    }

    fn last_errors(&self) -> String {
        let text = fs::read(self.logs_dir().join("stderr.log")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.child.kill();
            let _ = process.child.wait();
        }
        if std::thread::panicking() {
            let _ = writeln!(
                std::io::stderr(),
                "the server's log ends:\n{}",
                self.last_errors()
            );
        }
    }
}

impl Process {
    /// Reads the line that says `ready`.
    fn new(child: Child, line: &str) -> Self {
        let ready: Value = serde_json::from_str(line).expect("the ready line is JSON");
        assert_eq!(ready["event"], "ready", "{line}");
        let endpoint = |scheme: &str| {
            let endpoints = ready["endpoints"].as_array().expect("there are endpoints");
            let mut urls = endpoints.iter().filter_map(Value::as_str);
            let address = urls
                .find_map(|url| url.strip_prefix(scheme))
                .expect("it listens there");
            address.parse().expect("an endpoint is an address")
        };
        let text = |name: &str| ready[name].as_str().expect("it is a text").to_owned();
        Self {
            https: endpoint("https://"),
            plain: endpoint("http://"),
            account: text("account"),
            region: text("region"),
            child,
        }
    }
}

/// Longer than any start takes; a server that hangs fails the test by it.
const PATIENCE: Duration = Duration::from_secs(60);
const FREE: &str = "127.0.0.1:0";
