//! Against SecantusDB, which speaks MongoDB's protocol: its package on PyPI is a test tool here.
//! `STRONGROOM_SECANTUSD` is its program. Without it the test says so and passes, unless
//! `STRONGROOM_NEEDS_SECANTUS` is set, as `./test` does.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use mongodb::Client;
use mongodb::bson::{Document, doc};
use mongodb::options::{ClientOptions, Credential, ServerAddress, Tls, TlsOptions};
use rotator_testkit::cases::{self, Done, MASTER, SECRET, Scene, World};
use rotator_testkit::{Authority, Flood, Server, free_port, is_needed, program};
use rotators::{Database, Dial, Engine, Strategy, TOO_MUCH};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use strongroom_rotator_mongodb::MongoDb;

/// One server serves all cases, since starting it takes longer than any of them.
#[tokio::test]
async fn every_case_on_a_compatible_server() {
    let Some(daemon) = Daemon::start().await else {
        assert!(!is_needed("SecantusDB", "STRONGROOM_NEEDS_SECANTUS"));
        return;
    };

    cases::run_all(&daemon).await;
    a_clone_has_the_roles_of_the_original(&daemon).await;
    a_master_may_be_at_home_elsewhere(&daemon).await;
}

/// Whoever names the host in a secret says what speaks there, and how much the library takes.
#[tokio::test]
async fn a_server_that_never_stops_talking_is_left() {
    for announced in [i32::MAX, 47 * 1024 * 1024, 3] {
        let flood = Flood::start(
            Vec::new(),
            vec![announced.to_le_bytes().to_vec()],
            vec![1; 65536],
        );
        let dial = Dial {
            connect_timeout: Duration::from_millis(500),
            ..Dial::default()
        };

        let driver = MongoDb::new(dial);
        let refusal = flood
            .refusal(&driver, Engine::MongoDb, rotators::Tls::Plain)
            .await;

        assert_eq!(
            refusal.to_string(),
            format!("the database cannot be reached: {TOO_MUCH}")
        );
        assert!(flood.was_left());
    }
}

async fn a_clone_has_the_roles_of_the_original(daemon: &Daemon) {
    let scene = Scene::new(daemon, Strategy::AlternatingUsers, "roles").await;
    scene.secrets.start(SECRET, "v2");

    scene.rotate("v2", 1).await.unwrap();

    let roles = |user: &'static str| async move {
        let described = daemon.command("admin", doc! { "usersInfo": user }).await;
        let users = described.get_array("users").unwrap().clone();
        let user = users.first().unwrap().as_document().unwrap().clone();
        user.get_array("roles").unwrap().clone()
    };
    assert_eq!(roles("roles").await.len(), 1);
    assert_eq!(roles("roles_clone").await, roles("roles").await);
    scene.told();
}

/// The user is kept in the database that it works in, the master in `admin`.
async fn a_master_may_be_at_home_elsewhere(daemon: &Daemon) {
    let scene = Scene::new(daemon, Strategy::AlternatingUsers, "elsewhere").await;
    let password = "First-0f-the-shop!";
    let create = doc! { "createUser": "clerk", "pwd": password, "roles": ["readWrite"] };
    daemon.command("shop", create).await;
    let mut value = scene.value("clerk", password);
    let members = value.as_object_mut().unwrap();
    members.insert("dbname".to_owned(), "shop".into());
    scene.secrets.put(SECRET, "v2", &value);
    let mut master = scene.value(daemon.master().0, daemon.master().1);
    master.as_object_mut().unwrap().remove("dbname");
    scene.secrets.overwrite(MASTER, "m1", &master);

    for (token, user) in [("v3", "clerk_clone"), ("v4", "clerk")] {
        scene.secrets.start(SECRET, token);
        scene.rotate(token, 2).await.unwrap();

        let (name, password) = scene.login("AWSCURRENT");
        assert_eq!(name, user);
        let who = doc! { "ping": 1 };
        daemon.run_as(&name, &password, "shop", who).await.unwrap();
    }
    scene.told();
}

struct Daemon {
    server: Server,
    authority: Authority,
    certificate: PathBuf,
}

impl Daemon {
    /// `None`: it is not installed.
    async fn start() -> Option<Self> {
        let secantusd = program("STRONGROOM_SECANTUSD", &[])?;
        let folder = tempfile::tempdir().unwrap();
        let storage = folder.path().join("data");
        // Who may make users is made while nobody has to log in.
        let open = tempfile::tempdir().unwrap();
        let port = free_port();
        let first = Server::start(command(&secantusd, &storage, port), open, port);
        let client = Client::with_options(options(port)).unwrap();
        let (name, password) = MASTER_USER;
        let create = doc! { "createUser": name, "pwd": password, "roles": ["root"] };
        client.database("admin").run_command(create).await.unwrap();
        client.shutdown().immediate(true).await;
        drop(first);
        let authority = Authority::default();
        let (certificate, key) = authority.write_certificate("localhost", folder.path());
        let port = free_port();
        let mut command = command(&secantusd, &storage, port);
        command
            .arg("--auth")
            .arg(format!("--tls-cert-file={}", certificate.display()))
            .arg(format!("--tls-key-file={}", key.display()));
        let trusted = folder.path().join("authority.pem");
        std::fs::write(&trusted, authority.pem()).unwrap();
        Some(Self {
            server: Server::start(command, folder, port),
            authority,
            certificate: trusted,
        })
    }

    async fn command(&self, database: &str, command: Document) -> Document {
        let (name, password) = MASTER_USER;
        let mut options = self.options(name, password, "admin");
        options.default_database = Some(database.to_owned());
        let client = Client::with_options(options).unwrap();
        let answer = client.database(database).run_command(command).await;
        client.shutdown().immediate(true).await;
        answer.unwrap_or_else(|error| panic!("{error}"))
    }

    async fn run_as(
        &self,
        name: &str,
        password: &str,
        database: &str,
        command: Document,
    ) -> mongodb::error::Result<Document> {
        let client = Client::with_options(self.options(name, password, database)).unwrap();
        let answer = client.database(database).run_command(command).await;
        client.shutdown().immediate(true).await;
        answer
    }

    fn options(&self, name: &str, password: &str, source: &str) -> ClientOptions {
        let mut options = options(self.server.port);
        let credential = Credential::builder()
            .username(name.to_owned())
            .password(password.to_owned())
            .source(source.to_owned());
        options.credential = Some(credential.build());
        let trust = TlsOptions::builder().ca_file_path(self.certificate.clone());
        options.tls = Some(Tls::Enabled(trust.build()));
        options
    }
}

fn command(secantusd: &Path, storage: &Path, port: u16) -> Command {
    let mut command = Command::new(secantusd);
    command
        .args([
            "--host",
            "127.0.0.1",
            "--log-level",
            "WARNING",
            "--standalone",
            "--sync-on-commit",
        ])
        .args(["--port", &port.to_string()])
        .arg("--storage-path")
        .arg(storage)
        .current_dir(storage.parent().unwrap());
    command
}

fn options(port: u16) -> ClientOptions {
    ClientOptions::builder()
        .hosts(vec![ServerAddress::Tcp {
            host: "localhost".to_owned(),
            port: Some(port),
        }])
        .direct_connection(true)
        .server_selection_timeout(TIMEOUT)
        .build()
}

impl World for Daemon {
    fn engine(&self) -> Engine {
        Engine::MongoDb
    }

    fn port(&self) -> u16 {
        self.server.port
    }

    fn master(&self) -> (&str, &str) {
        MASTER_USER
    }

    fn dbname(&self) -> &str {
        "admin"
    }

    fn takes_plain(&self) -> bool {
        false
    }

    fn dial(&self) -> Dial {
        Dial {
            connect_timeout: TIMEOUT,
            authorities_pem: Some(self.authority.pem()),
            ..Dial::default()
        }
    }

    fn driver(&self, dial: Dial) -> Box<dyn Database> {
        Box::new(MongoDb::new(dial))
    }

    fn make_user<'a>(&'a self, name: &'a str, password: &'a str) -> Done<'a, ()> {
        Box::pin(async move {
            let roles = ["userAdminAnyDatabase"];
            let create = doc! { "createUser": name, "pwd": password, "roles": roles };
            self.command("admin", create).await;
        })
    }

    fn can_read<'a>(&'a self, name: &'a str, password: &'a str) -> Done<'a, bool> {
        Box::pin(async move {
            let who = doc! { "connectionStatus": 1 };
            self.run_as(name, password, "admin", who).await.is_ok()
        })
    }
}

const MASTER_USER: (&str, &str) = ("master", "Master-Passw0rd-of-mongo!");
const TIMEOUT: Duration = Duration::from_secs(5);
