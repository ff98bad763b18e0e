use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A database server in a folder of its own, which ends with it.
pub struct Server {
    child: Child,
    folder: TempDir,
    /// Where it listens, on the loopback address.
    pub port: u16,
}

impl Server {
    /// Starts `command`, which is to listen on `port`, and waits until somebody listens there.
    ///
    /// What it says is in `server.log` in the folder.
    pub fn start(mut command: Command, folder: TempDir, port: u16) -> Self {
        let log = std::fs::File::create(folder.path().join("server.log")).unwrap();
        command
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        let mut server = Self {
            child: command.spawn().unwrap(),
            folder,
            port,
        };
        let deadline = Instant::now() + START;
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = server.child.try_wait().unwrap();
            assert!(
                ended.is_none() && Instant::now() < deadline,
                "the server did not start: {}",
                server.log()
            );
            std::thread::sleep(POLL);
        }
        server
    }

    /// What the server said.
    pub fn log(&self) -> String {
        let text = std::fs::read(self.folder.path().join("server.log")).unwrap();
        String::from_utf8_lossy(&text).into_owned()
    }

    /// The server's folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A user without rights, as whom servers run that refuse to be root's.
#[derive(Clone, Copy)]
pub struct Unprivileged(Option<(u32, u32)>);

impl Unprivileged {
    /// Whoever runs the tests, or `nobody` if that is root.
    pub fn find() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let is_root = status
            .lines()
            .any(|line| line.starts_with("Uid:") && line.split_whitespace().nth(2) == Some("0"));
        Self(is_root.then_some((NOBODY, NOBODY)))
    }

    /// Whether that is somebody else than who runs the tests, who then is root.
    pub fn is_another(self) -> bool {
        self.0.is_some()
    }

    /// A temporary folder of that user's.
    pub fn folder(self) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        self.own(folder.path());
        folder
    }

    /// Gives that user a file or folder.
    pub fn own(self, path: &Path) {
        if let Some((user, group)) = self.0 {
            chown(path, Some(user), Some(group)).unwrap();
        }
        if path.is_file() {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
    }

    /// A command that runs as that user.
    pub fn command(self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if let Some((user, group)) = self.0 {
            command.uid(user).gid(group);
        }
        command
    }
}

/// A port that nobody listens on at this moment.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// The first of `paths` that is there. An environment variable, if it is set, comes first.
pub fn program(variable: &str, paths: &[&str]) -> Option<PathBuf> {
    let told = std::env::var_os(variable).map(PathBuf::from);
    told.into_iter()
        .chain(paths.iter().map(PathBuf::from))
        .find(|path| path.is_file())
}

/// Whether a test fails without its server, rather than saying so and passing.
///
/// Prints what is missing.
pub fn is_needed(package: &str, variable: &str) -> bool {
    println!("not run: {package} is not installed");
    std::env::var_os(variable).is_some()
}

const NOBODY: u32 = 65534;
const START: Duration = Duration::from_secs(90);
const POLL: Duration = Duration::from_millis(50);
