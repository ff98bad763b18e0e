//! A running `strongroom`, on ports that the system picks.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

/// A directory for a server's data, gone at the end of the test.
pub(crate) struct Data(tempfile::TempDir);

impl Drop for Data {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(self.scratch());
    }
}

impl Data {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join("data").join(name)
    }

    pub(crate) fn dir(&self) -> PathBuf {
        self.0.path().join("data")
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// All lines of the audit log, each with its place in the chain.
    pub(crate) fn audit(&self) -> String {
        let names = names_in(&self.path("audit"));
        let segments = names.iter().filter(|name| name.ends_with(".log"));
        segments
            .map(|name| self.read(&format!("audit/{name}")))
            .collect()
    }

    /// Looks whether the audit log is what it was.
    pub(crate) fn audit_is_whole(&self) -> bool {
        let verified = self.json(&["audit", "verify", "--json"]);
        verified["problems"] == serde_json::json!([])
    }

    pub(crate) fn mode(&self, name: &str) -> u32 {
        fs::metadata(self.path(name)).unwrap().mode() & 0o7777
    }

    /// A path beside the data.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A directory for functions, which another user can reach. It is not there yet.
    pub(crate) fn scratch(&self) -> PathBuf {
        let own = self.0.path().file_name().unwrap().to_str().unwrap();
        std::env::temp_dir().join(format!(
            "strongroom-functions-{}",
            own.trim_start_matches('.')
        ))
    }

    /// A configuration file with this content, which stands beside the data.
    pub(crate) fn config(&self, toml: &str) -> String {
        let path = self.0.path().join("strongroom.toml");
        fs::write(&path, toml).unwrap();
        path.display().to_string()
    }

    /// Starts a server with both kinds of listeners.
    pub(crate) fn start(&self) -> Server {
        self.start_with(&[])
    }

    /// Starts a server with both kinds of listeners and further flags.
    pub(crate) fn start_with(&self, flags: &[&str]) -> Server {
        self.start_in(flags, &[])
    }

    /// Starts a server with further flags and variables of the environment.
    pub(crate) fn start_in(&self, flags: &[&str], variables: &[(&str, &str)]) -> Server {
        let listen = ["--listen", "127.0.0.1:0", "--listen-plain", "127.0.0.1:0"];
        let mut process = self
            .serve(&[&listen, flags].concat())
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let ready = serde_json::from_str(&line).unwrap_or_default();
        Server {
            process,
            ready,
            out,
        }
    }

    /// Runs a `serve` that is expected to end by itself.
    pub(crate) fn refused(&self, flags: &[&str]) -> String {
        let listen = ["--listen-plain", "127.0.0.1:0"];
        let output = self.serve(&[&listen, flags].concat()).output().unwrap();
        complaint(&output)
    }

    /// Runs an operator command on this directory.
    pub(crate) fn command(&self, arguments: &[&str]) -> Output {
        program()
            .args(arguments)
            .arg("--data-dir")
            .arg(self.dir())
            .output()
            .unwrap()
    }

    /// Runs an operator command that reads `input`.
    pub(crate) fn command_with(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = program()
            .args(arguments)
            .arg("--data-dir")
            .arg(self.dir())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A command that is refused may end before it has read everything.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        child.wait_with_output().unwrap()
    }

    /// Runs an operator command that is expected to print JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let output = self.command(arguments);
        assert!(output.status.success(), "{}", complaint(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn serve(&self, flags: &[&str]) -> Command {
        let mut command = program();
        command
            .arg("serve")
            .arg("--data-dir")
            .arg(self.dir())
            .args(flags);
        command
    }
}

/// The program under test.
pub(crate) fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_strongroom"))
}

/// What a program that failed with code 1 said, which must be one line and all that it said.
pub(crate) fn complaint(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(output.stdout.is_empty());
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.contains("\"level\":"))
        .collect();
    assert_eq!(lines.len(), 1, "{text}");
    lines[0].strip_prefix("strongroom: ").unwrap().to_owned()
}

/// A server that said it is ready. Killed when dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) ready: serde_json::Value,
    out: BufReader<ChildStdout>,
}

impl Server {
    /// `127.0.0.1:PORT` of the listener with TLS.
    pub(crate) fn tls_address(&self) -> String {
        self.address("https://")
    }

    /// `127.0.0.1:PORT` of the listener without TLS.
    pub(crate) fn plain_address(&self) -> String {
        self.address("http://")
    }

    fn address(&self, scheme: &str) -> String {
        let endpoints = self.ready["endpoints"].as_array().unwrap();
        endpoints
            .iter()
            .filter_map(|endpoint| endpoint.as_str()?.strip_prefix(scheme))
            .next()
            .unwrap()
            .to_owned()
    }

    /// A connection without TLS.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.plain_address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// The answer to a request without a body, on a connection of its own.
    pub(crate) fn get(&self, path: &str) -> Answer {
        ask(
            &mut self.connect(),
            &format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n"),
        )
    }

    /// The next line that it prints.
    pub(crate) fn next_line(&mut self) -> serde_json::Value {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// The number of the process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Asks the server to stop.
    pub(crate) fn signal(&self) {
        let pid = i32::try_from(self.process.id()).unwrap();
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    }

    /// Stops the server and gives its exit code.
    pub(crate) fn stop(mut self) -> Option<i32> {
        self.signal();
        self.wait().code()
    }

    /// Waits until the server has ended.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.process.wait().unwrap()
    }

    /// Ends the server without warning, as a loss of power would.
    pub(crate) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An HTTP answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// The value of a header, as it was sent.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (own, value) = line.split_once(": ")?;
            own.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// Sends `request` and reads one answer.
pub(crate) fn ask<S: std::io::Read + std::io::Write>(stream: &mut S, request: &str) -> Answer {
    stream.write_all(request.as_bytes()).unwrap();
    read_answer(stream)
}

/// Reads one answer with a `content-length`.
pub(crate) fn read_answer(stream: &mut impl std::io::Read) -> Answer {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head,
        body: String::from_utf8(body).unwrap(),
    }
}

/// Whether the other end closes the connection without saying more.
pub(crate) fn is_closed(stream: &mut TcpStream) -> bool {
    match stream.read(&mut [0; 64]) {
        Ok(count) => count == 0,
        Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
    }
}

/// Tries until `condition` holds. One that never will ends the test.
pub(crate) fn until(condition: impl Fn() -> bool) {
    let came = (0..MOST_TRIES).any(|_| {
        std::thread::sleep(Duration::from_millis(5));
        condition()
    });
    assert!(came, "it never came");
}

/// The names in a directory, sorted.
pub(crate) fn names_in(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

const PATIENCE: Duration = Duration::from_secs(60);
/// Five minutes or more: no machine is so slow.
const MOST_TRIES: u32 = 60_000;
