//! PostgreSQL servers for the cases: one that all of a test program share, and ones of their own for
//! those that kill them.

use rotator_testkit::{Unprivileged, free_port, is_needed};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// A schema of its own in a running server.
pub(crate) struct Place {
    pub(crate) port: u16,
    pub(crate) schema: String,
}

impl Place {
    /// In the server that all tests share. `None`: PostgreSQL is not installed, and need not be.
    pub(crate) fn shared() -> Option<Self> {
        static SERVER: OnceLock<Option<Server>> = OnceLock::new();
        let server = SERVER.get_or_init(|| Server::start(&[]));
        match server {
            Some(server) => Some(server.place()),
            None => {
                assert!(!is_needed("postgresql", "STRONGROOM_NEEDS_POSTGRES"));
                None
            }
        }
    }

    pub(crate) fn url(&self) -> String {
        url(self.port)
    }

    /// Runs statements in the schema; fails if one fails. Gives what they print.
    pub(crate) fn sql(&self, statements: &str) -> String {
        let output = psql(self.port, Some(&self.schema), statements);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{statements}: {error}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

/// The URL of the database behind a port, which may be a proxy's.
pub(crate) fn url(port: u16) -> String {
    format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{port}/postgres")
}

/// A server with a folder of its own. It ends when this process does, however that ends.
pub(crate) struct Server {
    pub(crate) port: u16,
    folder: PathBuf,
    programs: PathBuf,
    settings: Vec<String>,
    /// A shell that ends the server when its input does.
    guard: Option<Child>,
}

impl Server {
    /// `None`: PostgreSQL is not installed.
    pub(crate) fn start(settings: &[String]) -> Option<Self> {
        let programs = programs()?;
        let user = Unprivileged::find();
        let folder = user.folder().keep();
        let password = folder.join("password");
        std::fs::write(&password, PASSWORD).unwrap();
        user.own(&password);
        let made = user
            .command(&programs.join("initdb"))
            .args(["--username", USER, "--auth", "scram-sha-256", "--no-sync"])
            // An order of text that is not the one of its bytes.
            .args(["--encoding", "UTF8", "--locale-provider=icu"])
            .args(["--icu-locale=en-US", "--locale=C.UTF-8"])
            .arg(format!("--pwfile={}", password.display()))
            .arg(format!("--pgdata={}", folder.join("data").display()))
            .current_dir(&folder)
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        let mut server = Self {
            port: free_port(),
            folder,
            programs,
            settings: settings.to_vec(),
            guard: None,
        };
        server.run();
        Some(server)
    }

    /// A new schema's name. The store makes the schema.
    pub(crate) fn place(&self) -> Place {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        Place {
            port: self.port,
            schema: format!("test_{number}"),
        }
    }

    /// Starts what was killed, and waits until it lets somebody in.
    pub(crate) fn run(&mut self) {
        let log = self.folder.join("server.log");
        let log = std::fs::File::options().create(true).append(true).open(log);
        let log = log.unwrap();
        let guard = Unprivileged::find()
            .command(Path::new("/bin/sh"))
            .args(["-c", GUARD, "guard"])
            .arg(&self.folder)
            .arg(self.programs.join("postgres"))
            .arg(format!("-D{}", self.folder.join("data").display()))
            .arg(format!("-cport={}", self.port))
            .args(SETTINGS.map(|setting| format!("-c{setting}")))
            .args(self.settings.iter().map(|setting| format!("-c{setting}")))
            .current_dir(&self.folder)
            .stdin(Stdio::piped())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.guard = Some(guard);
        let mut looks = 0;
        while !psql(self.port, None, "SELECT 1").status.success() {
            let log = std::fs::read_to_string(self.folder.join("server.log"));
            assert!(looks < MOST_LOOKS, "{log:?}");
            std::thread::sleep(Duration::from_millis(50));
            looks += 1;
        }
    }

    /// Kills the server as a loss of power would, but for its disk.
    pub(crate) fn kill(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            let mut input = guard.stdin.take().unwrap();
            input.write_all(b"kill\n").unwrap();
            drop(input);
            guard.wait().unwrap();
        }
    }

    /// What the server said.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("server.log")).unwrap()
    }

    /// Runs statements; fails if one fails. Gives what they print.
    pub(crate) fn sql(&self, statements: &str) -> String {
        let output = psql(self.port, None, statements);
        assert!(output.status.success(), "{statements}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            drop(guard.stdin.take());
            let _ = guard.wait();
        }
    }
}

fn psql(port: u16, schema: Option<&str>, statements: &str) -> Output {
    let program = programs().unwrap().join("psql");
    let mut command = Command::new(program);
    command
        .args(["--no-psqlrc", "--no-align", "--tuples-only", "--quiet"])
        .args(["--set", "ON_ERROR_STOP=1", "--command", statements])
        .env_clear()
        .env("PGHOST", "127.0.0.1")
        .env("PGPORT", port.to_string())
        .env("PGUSER", USER)
        .env("PGPASSWORD", PASSWORD)
        .env("PGDATABASE", "postgres")
        .env("PGSSLMODE", "prefer")
        .env("PGCLIENTENCODING", "UTF8");
    if let Some(schema) = schema {
        command.env("PGOPTIONS", format!("-csearch_path={schema}"));
    }
    command.output().unwrap()
}

/// The newest of Debian's.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<PathBuf> = versions
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .filter(|programs| programs.join("postgres").is_file() && programs.join("psql").is_file())
        .collect();
    found.sort();
    found.pop()
}

/// Ends the server with its input, and removes the folder; at a line of input it kills the server and
/// leaves the folder.
const GUARD: &str = r#"
    folder=$1; shift
    "$@" & server=$!
    if read -r _; then
        kill -KILL $server
        wait $server
        exit 0
    fi
    kill -QUIT $server
    wait $server
    rm -rf "$folder"
"#;
const SETTINGS: [&str; 6] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=300",
    "fsync=off",
    // The tests wait for nothing that happens at times.
    "autovacuum=off",
    "max_locks_per_transaction=512",
];
const USER: &str = "postgres";
const PASSWORD: &str = "Passw0rd-of-the-tests";
const MOST_LOOKS: u32 = 1_800;
