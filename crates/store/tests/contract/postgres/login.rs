//! Whom a store trusts to be its database, and as whom it logs in.

use crate::support::postgres::Server;
use crate::support::{Bench, SeededEntropy, item, item_at, put};
use rotator_testkit::{Authority, Unprivileged};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use strongroom_store::{Database, PostgresOptions, StoreError};

struct Rig {
    server: Server,
    bench: Bench,
    folder: tempfile::TempDir,
}

impl Rig {
    /// A server with a certificate for `localhost`, which wants connections to be encrypted.
    fn new() -> Option<Self> {
        Self::with(&|_| Vec::new())
    }

    /// With further settings, whose files are in the folder.
    fn with(further: &dyn Fn(&Path) -> Vec<String>) -> Option<Self> {
        let folder = Unprivileged::find().folder();
        let authority = Authority::default();
        let (certificate, key) = authority.write_certificate("localhost", folder.path());
        Unprivileged::find().own(&certificate);
        Unprivileged::find().own(&key);
        std::fs::write(folder.path().join("ca.pem"), authority.pem()).unwrap();
        let other = Authority::default().pem();
        std::fs::write(folder.path().join("other.pem"), other).unwrap();
        let settings = vec![
            String::from("ssl=on"),
            format!("ssl_cert_file={}", certificate.display()),
            format!("ssl_key_file={}", key.display()),
        ];
        let client = folder.path().join("client");
        std::fs::create_dir(&client).unwrap();
        let (_, key) = authority.write_certificate("a client", &client);
        std::fs::set_permissions(key, std::fs::Permissions::from_mode(0o600)).unwrap();
        let further = further(folder.path());
        let server = Server::start(&[settings, further].concat())?;
        let bench = Bench::at(server.place());
        Some(Self {
            server,
            bench,
            folder,
        })
    }

    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn open(&self, login: &str, host: &str, parameters: &str) -> Result<Database, StoreError> {
        let url = format!(
            "postgres://{login}@{host}:{}/postgres{parameters}",
            self.server.port
        );
        let mut options = PostgresOptions::parse(&url)?;
        options
            .schema
            .clone_from(&self.bench.postgres.as_ref().unwrap().schema);
        options.connect_timeout = Duration::from_secs(20);
        Database::postgres(&options, Arc::new(SeededEntropy::default()))
    }
}

const LOGIN: &str = "postgres:Passw0rd-of-the-tests";

#[tokio::test]
async fn a_certificate_is_verified_as_it_was_asked_for() {
    let Some(rig) = Rig::new() else { return };
    let roots = format!("&sslrootcert={}", rig.file("ca.pem"));
    let others = format!("&sslrootcert={}", rig.file("other.pem"));

    let full = rig.open(LOGIN, "localhost", &format!("?sslmode=verify-full{roots}"));
    let implied = rig.open(LOGIN, "localhost", &format!("?{roots}"));
    let chain = rig.open(LOGIN, "127.0.0.1", &format!("?sslmode=verify-ca{roots}"));
    let name = rig.open(LOGIN, "127.0.0.1", &format!("?sslmode=verify-full{roots}"));
    let signer = rig.open(LOGIN, "localhost", &format!("?sslmode=verify-full{others}"));
    let chain_signer = rig.open(LOGIN, "localhost", &format!("?sslmode=verify-ca{others}"));

    let encrypted = "SELECT count(*) > 0 FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                     WHERE ssl AND application_name = 'strongroom'";
    assert_eq!(rig.server.sql(encrypted), "t");
    for answer in [full, implied, chain] {
        assert!(answer.is_ok(), "{answer:?}");
    }
    for answer in [name, signer, chain_signer] {
        assert!(
            matches!(answer, Err(StoreError::Unavailable(_))),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn a_client_shows_its_certificate() {
    let access = "hostnossl all all 127.0.0.1/32 scram-sha-256\n\
                  hostssl all all 127.0.0.1/32 scram-sha-256 clientcert=verify-ca\n";
    let rig = Rig::with(&|folder| {
        let file = folder.join("hba");
        std::fs::write(&file, access).unwrap();
        vec![
            format!("hba_file={}", file.display()),
            format!("ssl_ca_file={}", folder.join("ca.pem").display()),
        ]
    });
    let Some(rig) = rig else { return };
    let (roots, certificate) = (rig.file("ca.pem"), rig.file("client/server.pem"));
    let key = rig.file("client/server.key");
    let verified = format!("?sslmode=verify-full&sslrootcert={roots}");

    let without = rig.open(LOGIN, "localhost", &verified);
    let with = format!("{verified}&sslcert={certificate}&sslkey={key}");
    let with = rig.open(LOGIN, "localhost", &with);

    assert!(
        matches!(without, Err(StoreError::Unavailable(_))),
        "{without:?}"
    );
    assert!(with.is_ok(), "{with:?}");
}

#[tokio::test]
async fn a_server_without_tls_gets_no_password() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    let port = bench.postgres.as_ref().unwrap().port;
    let url = format!("postgres://{LOGIN}@localhost:{port}/postgres?sslmode=verify-full");

    let answer = Database::postgres(
        &PostgresOptions::parse(&url).unwrap(),
        Arc::new(SeededEntropy::default()),
    );

    let Err(StoreError::Unavailable(cause)) = answer else {
        panic!("{answer:?}");
    };
    assert!(
        cause.to_string().contains("does not support TLS"),
        "{cause}"
    );
}

#[tokio::test]
async fn a_password_comes_from_a_file_that_is_private() {
    let Some(rig) = Rig::new() else { return };
    let file = rig.file("passwords");
    let passfile = format!("?sslmode=disable&passfile={file}");
    let mode = |mode| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(Path::new(&file), permissions).unwrap();
    };

    let absent = rig.open("postgres", "localhost", &passfile);
    std::fs::write(&file, "localhost:*:*:postgres:Passw0rd-of-the-tests\n").unwrap();
    mode(0o644);
    let public = rig.open("postgres", "localhost", &passfile);
    mode(0o600);
    let private = rig.open("postgres", "localhost", &passfile);
    std::fs::write(&file, "*:*:*:*:wrong\n").unwrap();
    let wrong = rig.open("postgres", "localhost", &passfile);

    assert!(private.is_ok(), "{private:?}");
    for answer in [absent, public, wrong] {
        let Err(StoreError::Unavailable(cause)) = answer else {
            panic!("{answer:?}");
        };
        assert!(!cause.to_string().contains("wrong\n"), "{cause}");
    }
}

#[tokio::test]
async fn of_several_hosts_the_primary_is_found() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    let Some(standby) = Server::start(&[String::from("default_transaction_read_only=on")]) else {
        return;
    };
    let place = bench.postgres.as_ref().unwrap();
    let nobody = rotator_testkit::free_port();
    let hosts = format!(
        "127.0.0.1:{nobody},127.0.0.1:{},127.0.0.1:{}",
        standby.port, place.port
    );
    let mut options = PostgresOptions::parse(&format!("postgres://{LOGIN}@{hosts}/postgres"));
    let options = options.as_mut().unwrap();
    options.schema.clone_from(&place.schema);
    options.connect_timeout = Duration::from_secs(20);

    let store = bench.store_with(options);

    put(&store, [item("a", "x")]).await;
    assert_eq!(item_at(&store, "a", "x").await, Some(item("a", "x")));
}
