//! Against MariaDB, from Debian's package `mariadb-server`, and MySQL, as `tests/fetch-mysql` puts it
//! into a folder: `STRONGROOM_MYSQLD` is the program there. Without them the tests say so and pass,
//! unless `STRONGROOM_NEEDS_MARIADB` or `STRONGROOM_NEEDS_MYSQL` is set, as `./test` does.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod daemon;
mod impostor;

use base::Plaintext;
use daemon::{Daemon, Flavour};
use rotator_testkit::cases::{self, FIRST_PASSWORD, SECRET, Scene, World};
use rotator_testkit::is_needed;
use rotators::{Database as _, Dial, Engine, Login, Strategy, Tls};
use strongroom_rotator_mysql::MySql;

/// One server serves all cases, since starting it takes longer than any of them.
#[tokio::test]
async fn every_case_on_mariadb() {
    let Some(daemon) = Daemon::start(Flavour::MariaDb).await else {
        assert!(!is_needed("mariadb-server", "STRONGROOM_NEEDS_MARIADB"));
        return;
    };

    every_case(&daemon).await;
    let refusal =
        "Your password does not satisfy the current policy requirements (simple_password_check)";
    a_password_that_the_server_judges_weak_is_refused(&daemon, refusal).await;
}

#[tokio::test]
async fn every_case_on_mysql() {
    let Some(daemon) = Daemon::start(Flavour::MySql).await else {
        assert!(!is_needed("MySQL", "STRONGROOM_NEEDS_MYSQL"));
        return;
    };

    every_case(&daemon).await;
    a_password_is_encrypted_where_the_connection_is_not(&daemon).await;
    daemon
        .sql("INSTALL COMPONENT 'file://component_validate_password'")
        .await;
    let refusal = "Your password does not satisfy the current policy requirements";
    a_password_that_the_server_judges_weak_is_refused(&daemon, refusal).await;
    a_server_that_wants_the_current_password_too_gets_it(&daemon).await;
}

async fn every_case(daemon: &Daemon) {
    cases::run_all(daemon).await;
    a_clone_has_what_the_original_has_at_every_host(daemon).await;
    a_clone_that_was_cut_off_is_completed(daemon).await;
    nothing_is_granted_to_the_original(daemon).await;
}

async fn a_clone_has_what_the_original_has_at_every_host(daemon: &Daemon) {
    let scene = Scene::new(daemon, Strategy::AlternatingUsers, "everywhere").await;
    for statement in [
        "CREATE ROLE clerks",
        "GRANT clerks TO everywhere@'%' WITH ADMIN OPTION",
        "GRANT UPDATE (id), DELETE ON shop.orders TO everywhere@'%' WITH GRANT OPTION",
        "CREATE DATABASE `odd TO ``x``@``%``@`",
        "GRANT SELECT ON `odd TO ``x``@``%``@`.* TO everywhere@'%'",
        "CREATE USER everywhere@'10.0.0.%' IDENTIFIED BY 'An0ther-password!' REQUIRE SUBJECT '/CN=it''s' \
            WITH MAX_USER_CONNECTIONS 3 MAX_QUERIES_PER_HOUR 5",
        "GRANT SELECT ON shop.* TO everywhere@'10.0.0.%'",
    ] {
        daemon.sql(statement).await;
    }
    daemon
        .sql(match daemon.flavour {
            Flavour::MariaDb => "SET DEFAULT ROLE clerks FOR everywhere@'%'",
            Flavour::MySql => "ALTER USER everywhere@'%' DEFAULT ROLE clerks",
        })
        .await;
    scene.secrets.start(SECRET, "v2");

    scene.rotate("v2", 1).await.unwrap();

    for host in ["%", "10.0.0.%"] {
        let original = described(daemon, "everywhere", host).await;
        let clone = described(daemon, "everywhere_clone", host).await;
        assert!(original.len() > 2, "{original:?}");
        assert_eq!(clone, original);
    }
    scene.told();
}

/// Everything about an account but its name and password.
async fn described(daemon: &Daemon, user: &str, host: &str) -> Vec<String> {
    let mut lines = daemon
        .sql(&format!("SHOW GRANTS FOR '{user}'@'{host}'"))
        .await;
    lines.extend(
        daemon
            .sql(&format!(
                "SELECT plugin, ssl_type, ssl_cipher, x509_issuer, x509_subject, max_questions,
                    max_updates, max_connections, max_user_connections
                    FROM mysql.user WHERE User = '{user}' AND Host = '{host}'"
            ))
            .await,
    );
    let default_role = match daemon.flavour {
        Flavour::MariaDb => "SELECT default_role FROM mysql.user",
        Flavour::MySql => "SELECT DEFAULT_ROLE_USER FROM mysql.default_roles",
    };
    let of = format!("{default_role} WHERE User = '{user}' AND Host = '{host}'");
    lines.extend(daemon.sql(&of).await);
    let name = |line: &String| {
        let (start, _) = line.split_once(" IDENTIFIED BY ").unwrap_or((line, ""));
        start.replace(&format!("`{user}`"), "USER")
    };
    lines.iter().map(name).collect()
}

async fn a_clone_that_was_cut_off_is_completed(daemon: &Daemon) {
    let scene = Scene::new(daemon, Strategy::AlternatingUsers, "half").await;
    daemon
        .sql("CREATE USER half_clone@'%' IDENTIFIED BY 'Half-0f-a-clone!'")
        .await;
    scene.secrets.start(SECRET, "v2");

    scene.rotate("v2", 1).await.unwrap();

    assert!(scene.works("AWSCURRENT").await);
    scene.told();
}

async fn nothing_is_granted_to_the_original(daemon: &Daemon) {
    let scene = Scene::new(daemon, Strategy::AlternatingUsers, "less").await;
    scene.secrets.start(SECRET, "v2");
    scene.rotate("v2", 1).await.unwrap();
    daemon.sql("REVOKE SELECT ON shop.* FROM less@'%'").await;
    scene.secrets.start(SECRET, "v3");

    // No database is left that it may open.
    scene.rotate("v3", 1).await.unwrap_err();

    let grants = daemon.sql("SHOW GRANTS FOR less@'%'").await;
    assert_eq!(grants.len(), 1, "{grants:?}");
    scene.told();
}

async fn a_password_that_the_server_judges_weak_is_refused(daemon: &Daemon, refusal: &str) {
    for (user, strategy, action) in [
        ("judged", Strategy::SingleUser, "change a password"),
        ("judged_too", Strategy::AlternatingUsers, "clone a user"),
    ] {
        let scene = Scene::new(daemon, strategy, user).await;
        scene.secrets.start(SECRET, "v2");
        scene.secrets.draw_next("weak");

        let error = scene.rotate("v2", 1).await.unwrap_err();

        assert_eq!(
            error.to_string(),
            format!("the database refused to {action}: {refusal}")
        );
        assert_eq!(scene.secrets.labels(SECRET)["AWSCURRENT"], "v1");
        assert!(daemon.can_read(user, FIRST_PASSWORD).await);
        scene.told();
    }
}

/// With the server's public key, which it is asked for at an account's first login.
async fn a_password_is_encrypted_where_the_connection_is_not(daemon: &Daemon) {
    let password = "Cl3ar-and-yet-not!";
    daemon
        .sql(&format!("CREATE USER clear@'%' IDENTIFIED BY '{password}'"))
        .await;

    for (tried, lets_in) in [
        ("wrong", false),
        (password, true),
        (&*"x".repeat(230), false),
    ] {
        let password = Plaintext::from(tried.to_owned());
        let login = Login {
            engine: Engine::MySql,
            host: "127.0.0.1",
            port: daemon.port(),
            username: "clear",
            password: &password,
            dbname: None,
            home: None,
            tls: Tls::Plain,
        };
        let logged_in = MySql::new(Dial::default()).log_in(login).await;
        assert_eq!(logged_in.is_ok(), lets_in, "{tried}");
    }
}

async fn a_server_that_wants_the_current_password_too_gets_it(daemon: &Daemon) {
    let scene = Scene::new(daemon, Strategy::SingleUser, "current_too").await;
    daemon
        .sql("ALTER USER current_too@'%' PASSWORD REQUIRE CURRENT")
        .await;
    scene.secrets.start(SECRET, "v2");

    scene.rotate("v2", 2).await.unwrap();

    assert!(scene.works("AWSCURRENT").await);
    scene.told();
}
