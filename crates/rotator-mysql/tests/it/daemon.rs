use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Opts, OptsBuilder, SslOpts, Value};
use rotator_testkit::cases::{Done, World};
use rotator_testkit::{Authority, Server, Unprivileged, free_port, program};
use rotators::{Database, Dial, Engine};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use strongroom_rotator_mysql::MySql;

/// Whose server it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavour {
    MariaDb,
    MySql,
}

/// A server in a temporary folder, with passwords and TLS.
pub(crate) struct Daemon {
    pub(crate) flavour: Flavour,
    server: Server,
    authority: Authority,
}

impl Daemon {
    /// `None`: there is no such server.
    pub(crate) async fn start(flavour: Flavour) -> Option<Self> {
        let mysqld = match flavour {
            Flavour::MariaDb => program("STRONGROOM_MARIADBD", &["/usr/sbin/mariadbd"])?,
            Flavour::MySql => program("STRONGROOM_MYSQLD", &[])?,
        };
        let user = Unprivileged::find();
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::default();
        let (certificate, key) = authority.write_certificate("localhost", folder.path());
        let data = folder.path().join("data");
        make(flavour, &mysqld, &data, user);
        let first = folder.path().join("first.sql");
        std::fs::write(&first, FIRST_STATEMENTS).unwrap();
        let port = free_port();
        let mut command = Command::new(&mysqld);
        command
            .args(common(&mysqld, &data, user))
            .args(["--bind-address=127.0.0.1", "--sql-mode=ANSI_QUOTES"])
            .arg(format!("--port={port}"))
            .arg(format!("--socket={}", folder.path().join("s").display()))
            .arg(format!(
                "--pid-file={}",
                folder.path().join("pid").display()
            ))
            .arg(format!("--init-file={}", first.display()))
            .arg(format!("--ssl-cert={}", certificate.display()))
            .arg(format!("--ssl-key={}", key.display()));
        match flavour {
            Flavour::MariaDb => command.arg("--plugin-load-add=simple_password_check"),
            Flavour::MySql => command.args(["--mysqlx=OFF", "--secure-file-priv=NULL"]),
        };
        Some(Self {
            flavour,
            server: Server::start(command, folder, port),
            authority,
        })
    }

    /// Runs a statement as the master; fails if it fails. A row is a line.
    pub(crate) async fn sql(&self, statement: &str) -> Vec<String> {
        let mut master = self.connect(MASTER.0, MASTER.1).await.unwrap();
        master.query_drop("SET sql_mode = ''").await.unwrap();
        let rows: Vec<mysql_async::Row> = master
            .query(statement)
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error}"));
        master.disconnect().await.unwrap();
        rows.into_iter().map(line).collect()
    }

    async fn connect(&self, user: &str, password: &str) -> mysql_async::Result<Conn> {
        let tls = SslOpts::default()
            .with_root_certs(vec![self.authority.pem().to_vec().into()])
            .with_disable_built_in_roots(true);
        let settings = OptsBuilder::default()
            .ip_or_hostname("localhost")
            .tcp_port(self.server.port)
            .user(Some(user))
            .pass(Some(password))
            .prefer_socket(false)
            .ssl_opts(tls);
        Conn::new(Opts::from(settings)).await
    }
}

fn line(row: mysql_async::Row) -> String {
    let values = row.unwrap().into_iter().map(|value| match value {
        Value::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        other => other.as_sql(true),
    });
    values.collect::<Vec<_>>().join("|")
}

impl World for Daemon {
    fn engine(&self) -> Engine {
        match self.flavour {
            Flavour::MariaDb => Engine::MariaDb,
            Flavour::MySql => Engine::MySql,
        }
    }

    fn port(&self) -> u16 {
        self.server.port
    }

    fn master(&self) -> (&str, &str) {
        MASTER
    }

    fn dbname(&self) -> &str {
        "shop"
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
        Box::new(MySql::new(dial))
    }

    fn make_user<'a>(&'a self, name: &'a str, password: &'a str) -> Done<'a, ()> {
        Box::pin(async move {
            let account = format!("{}@'%'", quoted(name));
            let password = quoted(password);
            self.sql(&format!("CREATE USER {account} IDENTIFIED BY {password}"))
                .await;
            self.sql(&format!("GRANT SELECT ON shop.* TO {account}"))
                .await;
        })
    }

    fn can_read<'a>(&'a self, name: &'a str, password: &'a str) -> Done<'a, bool> {
        Box::pin(async move {
            let Ok(mut user) = self.connect(name, password).await else {
                return false;
            };
            let read = user
                .query_drop("SELECT count(*) FROM shop.orders")
                .await
                .is_ok();
            user.disconnect().await.unwrap();
            read
        })
    }
}

/// With backslashes as they are by default.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', r"\\").replace('\'', "''"))
}

fn make(flavour: Flavour, mysqld: &Path, data: &Path, user: Unprivileged) {
    let mut command = match flavour {
        Flavour::MariaDb => {
            let mut command = Command::new("mariadb-install-db");
            command
                .args(common(mysqld, data, user))
                .args(["--auth-root-authentication-method=normal", "--skip-test-db"]);
            command
        }
        Flavour::MySql => {
            let mut command = Command::new(mysqld);
            command
                .args(common(mysqld, data, user))
                .arg("--initialize-insecure");
            command
        }
    };
    let made = command.output().unwrap();
    let said = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "{said}");
}

fn common(mysqld: &Path, data: &Path, user: Unprivileged) -> Vec<String> {
    let mut arguments = vec![
        "--no-defaults".to_owned(),
        format!("--datadir={}", data.display()),
    ];
    if user.is_another() {
        arguments.push("--user=root".to_owned());
    }
    // One that was unpacked beside the system has its plugins and messages there too.
    let root = mysqld.parent().map(|folder| folder.join("root/usr"));
    if let Some(root) = root.filter(|root| root.is_dir()) {
        let at = |path: &str| -> PathBuf { root.join(path) };
        arguments.push(format!("--basedir={}", root.display()));
        arguments.push(format!("--plugin-dir={}", at("lib/mysql/plugin").display()));
        arguments.push(format!("--lc-messages-dir={}", at("share/mysql").display()));
    }
    arguments
}

const MASTER: (&str, &str) = ("master", "Master-Passw0rd-of-mysql!");
const FIRST_STATEMENTS: &str = "CREATE USER master@'%' IDENTIFIED BY 'Master-Passw0rd-of-mysql!';
GRANT ALL PRIVILEGES ON *.* TO master@'%' WITH GRANT OPTION;
CREATE DATABASE shop;
CREATE TABLE shop.orders (id int);
";
