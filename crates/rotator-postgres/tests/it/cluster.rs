use rotator_testkit::cases::{Done, World};
use rotator_testkit::{Authority, Server, Unprivileged, free_port};
use rotators::{Database, Dial, Engine};
use std::future::ready;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;
use strongroom_rotator_postgres::{PasswordForm, Postgres};

/// A PostgreSQL cluster in a temporary folder, with passwords and TLS.
pub(crate) struct Cluster {
    /// As what it is asked.
    pub(crate) engine: Engine,
    programs: PathBuf,
    server: Server,
    authority: Authority,
}

impl Cluster {
    /// `None`: PostgreSQL is not installed.
    pub(crate) fn start() -> Option<Self> {
        let programs = programs()?;
        let user = Unprivileged::find();
        let folder = user.folder();
        let authority = Authority::default();
        let (certificate, key) = authority.write_certificate("localhost", folder.path());
        let password = folder.path().join("password");
        std::fs::write(&password, MASTER.1).unwrap();
        for file in [&certificate, &key, &password] {
            user.own(file);
        }
        let data = folder.path().join("data");
        let made = user
            .command(&programs.join("initdb"))
            .args(["--username", MASTER.0, "--auth", "scram-sha-256"])
            .args(["--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"])
            .arg(format!("--pwfile={}", password.display()))
            .arg(format!("--pgdata={}", data.display()))
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", said(&made));
        // Both forms of stored passwords are good for logging in.
        let access = data.join("pg_hba.conf");
        std::fs::write(&access, "host all all 127.0.0.1/32 md5\n").unwrap();
        let port = free_port();
        let mut command = user.command(&programs.join("postgres"));
        command
            .current_dir(folder.path())
            .arg(format!("-D{}", data.display()));
        for setting in settings(port, &certificate, &key) {
            command.arg(format!("-c{setting}"));
        }
        let cluster = Self {
            engine: Engine::Postgres,
            programs,
            server: Server::start(command, folder, port),
            authority,
        };
        cluster.fill();
        Some(cluster)
    }

    fn fill(&self) {
        self.sql("CREATE DATABASE shop");
        self.sql(
            "CREATE TABLE orders (id int); CREATE ROLE readers; GRANT SELECT ON orders TO readers",
        );
    }

    /// Runs statements as the master; fails if one fails.
    pub(crate) fn sql(&self, statements: &str) -> String {
        self.sql_as(MASTER.0, MASTER.1, statements)
    }

    /// What `ALTER ROLE … SET` has set for a user, in every database and in one.
    pub(crate) fn settings(&self, user: &str) -> String {
        self.sql(&format!(
            "SELECT setdatabase, unnest(setconfig) FROM pg_db_role_setting s
                JOIN pg_roles r ON r.oid = setrole WHERE rolname = '{user}' ORDER BY 1, 2"
        ))
    }

    /// Who may do everything.
    pub(crate) fn superusers(&self) -> String {
        self.sql(
            "SELECT rolname FROM pg_catalog.pg_roles WHERE rolsuper ORDER BY rolname COLLATE \"C\"",
        )
    }

    /// Runs statements as a user; fails if one fails.
    pub(crate) fn sql_as(&self, user: &str, password: &str, statements: &str) -> String {
        let output = self.psql(user, password, statements);
        assert!(output.status.success(), "{statements}: {}", said(&output));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// What the server said.
    pub(crate) fn log(&self) -> String {
        self.server.log()
    }

    fn psql(&self, user: &str, password: &str, statements: &str) -> Output {
        // The first database that was asked for is there only once it was made.
        let dbname = if statements.starts_with("CREATE DATABASE") {
            "postgres"
        } else {
            DBNAME
        };
        Command::new(self.programs.join("psql"))
            .args(["--no-psqlrc", "--no-align", "--tuples-only", "--quiet"])
            .args(["--set", "ON_ERROR_STOP=1", "--command", statements])
            .env_clear()
            .env("PGHOST", "127.0.0.1")
            .env("PGPORT", self.server.port.to_string())
            .env("PGUSER", user)
            .env("PGPASSWORD", password)
            .env("PGDATABASE", dbname)
            .env("PGSSLMODE", "require")
            .env("PGCLIENTENCODING", "UTF8")
            .output()
            .unwrap()
    }
}

impl World for Cluster {
    fn engine(&self) -> Engine {
        self.engine
    }

    fn port(&self) -> u16 {
        self.server.port
    }

    fn master(&self) -> (&str, &str) {
        MASTER
    }

    fn dbname(&self) -> &str {
        DBNAME
    }

    fn dial(&self) -> Dial {
        Dial {
            // The machine may be busy.
            connect_timeout: Duration::from_secs(30),
            authorities_pem: Some(self.authority.pem()),
            ..Dial::default()
        }
    }

    fn driver(&self, dial: Dial) -> Box<dyn Database> {
        Box::new(Postgres::new(dial, PasswordForm::Verifier))
    }

    fn make_user<'a>(&'a self, name: &'a str, password: &'a str) -> Done<'a, ()> {
        let name = quoted(name, '"');
        let password = quoted(password, '\'');
        self.sql(&format!("CREATE USER {name} PASSWORD {password}"));
        self.sql(&format!("GRANT readers TO {name}"));
        Box::pin(ready(()))
    }

    fn can_read<'a>(&'a self, name: &'a str, password: &'a str) -> Done<'a, bool> {
        let output = self.psql(name, password, "SELECT count(*) FROM public.orders");
        Box::pin(ready(output.status.success()))
    }
}

fn quoted(text: &str, delimiter: char) -> String {
    let doubled = text.replace(delimiter, &format!("{delimiter}{delimiter}"));
    format!("{delimiter}{doubled}{delimiter}")
}

/// Every statement is logged, and weak passwords are refused where they can be seen.
fn settings(port: u16, certificate: &Path, key: &Path) -> Vec<String> {
    vec![
        "listen_addresses=127.0.0.1".to_owned(),
        "unix_socket_directories=".to_owned(),
        format!("port={port}"),
        "ssl=on".to_owned(),
        format!("ssl_cert_file={}", certificate.display()),
        format!("ssl_key_file={}", key.display()),
        "fsync=off".to_owned(),
        "log_statement=all".to_owned(),
        "shared_preload_libraries=passwordcheck".to_owned(),
    ]
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

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const MASTER: (&str, &str) = ("postgres", "Master-Passw0rd-of-postgres!");
const DBNAME: &str = "shop";
