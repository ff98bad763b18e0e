//! Against PostgreSQL, from Debian's package `postgresql`. Without it the test says so and passes,
//! unless `STRONGROOM_NEEDS_POSTGRES` is set, as `./test` does once it has installed the package.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod cluster;
mod hostile;

use cluster::Cluster;
use rotator_testkit::cases::{self, FIRST_PASSWORD, MASTER, SECRET, Scene, World};
use rotator_testkit::{Flood, is_needed};
use rotators::{Dial, Engine, Strategy, TOO_MUCH, Tls};
use strongroom_rotator_postgres::{PasswordForm, Postgres};

/// One server serves all cases, since starting it takes longer than any of them.
#[tokio::test]
async fn every_case_on_a_server() {
    let Some(cluster) = Cluster::start() else {
        assert!(!is_needed("postgresql", "STRONGROOM_NEEDS_POSTGRES"));
        return;
    };

    cases::run_all(&cluster).await;
    a_clone_has_the_attributes_and_settings_of_the_original(&cluster).await;
    servers_that_store_md5_are_sent_md5(&cluster).await;
    no_password_stands_in_the_servers_log(&cluster).await;
    a_password_that_the_server_judges_weak_is_refused(&cluster).await;
    a_clone_that_cannot_be_finished_is_not_begun(&cluster).await;
}

#[tokio::test]
async fn what_others_set_is_not_the_masters() {
    let Some(cluster) = Cluster::start() else {
        assert!(!is_needed("postgresql", "STRONGROOM_NEEDS_POSTGRES"));
        return;
    };

    hostile::run_all(&cluster).await;
}

/// Whoever names the host in a secret says what speaks there.
#[tokio::test]
async fn a_server_that_never_stops_talking_is_left() {
    let long_error = [b"E".as_slice(), &0x7fff_fff0_u32.to_be_bytes()].concat();
    let one_error = Flood::start(Vec::new(), vec![long_error], vec![b'A'; 65536]);
    let logged_in = b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I".to_vec();
    let header = b"T\0\0\0\x1a\0\x01a\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\0\0\0\0\0\0".to_vec();
    let row = [b"D\0\0\x03\xf2\0\x01\0\0\x03\xe8".as_slice(), &[b'A'; 1000]].concat();
    let rows = Flood::start(Vec::new(), vec![logged_in, header], row.repeat(60));

    for flood in [one_error, rows] {
        let driver = Postgres::new(Dial::default(), PasswordForm::Verifier);

        let refusal = flood.refusal(&driver, Engine::Postgres, Tls::Plain).await;

        let text = refusal.to_string();
        assert!(
            text.starts_with("the database cannot be reached: "),
            "{text}"
        );
        assert!(text.ends_with(TOO_MUCH), "{text}");
        assert!(flood.was_left());
    }
}

/// What is asked of Redshift, PostgreSQL knows too: it has had no live server of its own here.
#[tokio::test]
async fn every_case_as_redshift() {
    let Some(mut cluster) = Cluster::start() else {
        assert!(!is_needed("postgresql", "STRONGROOM_NEEDS_POSTGRES"));
        return;
    };
    cluster.engine = Engine::Redshift;

    cases::run_all(&cluster).await;
    let scene = Scene::new(&cluster, Strategy::AlternatingUsers, "grouped").await;
    cluster.sql(r#"CREATE GROUP "Odd, group" USER grouped; ALTER USER grouped CREATEDB"#);
    scene.secrets.start(SECRET, "v2");
    scene.rotate("v2", 1).await.unwrap();

    let described = |user: &str| {
        cluster.sql(&format!(
            "SELECT usecreatedb, usesuper, groname FROM pg_user JOIN pg_group
                ON usesysid = ANY(grolist) WHERE usename = '{user}' ORDER BY 3"
        ))
    };
    assert_eq!(described("grouped_clone"), "t|f|Odd, group\nt|f|readers");
    assert_eq!(described("grouped_clone"), described("grouped"));
    scene.told();
}

async fn a_clone_has_the_attributes_and_settings_of_the_original(cluster: &Cluster) {
    let scene = Scene::new(cluster, Strategy::AlternatingUsers, "attributed").await;
    cluster.sql(
        r#"ALTER ROLE attributed CREATEDB CREATEROLE CONNECTION LIMIT 7;
        CREATE ROLE "Odd, role"; GRANT "Odd, role" TO attributed;
        ALTER ROLE attributed SET search_path = "$user", 'a "b', public;
        ALTER ROLE attributed IN DATABASE shop SET work_mem = '7MB';
        ALTER ROLE attributed SET role = 'Odd, role';
        ALTER ROLE attributed SET my.setting = 'it''s \ odd';"#,
    );
    scene.secrets.start(SECRET, "v2");

    scene.rotate("v2", 1).await.unwrap();

    let attributes = |user: &str| {
        cluster.sql(&format!(
            "SELECT rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication,
                rolbypassrls, rolconnlimit FROM pg_roles WHERE rolname = '{user}'"
        ))
    };
    assert_eq!(attributes("attributed_clone"), "f|t|t|t|t|f|f|7");
    assert_eq!(attributes("attributed_clone"), attributes("attributed"));
    assert_eq!(cluster.settings("attributed").lines().count(), 4);
    assert_eq!(
        cluster.settings("attributed_clone"),
        cluster.settings("attributed")
    );
    scene.told();
}

async fn servers_that_store_md5_are_sent_md5(cluster: &Cluster) {
    let scene = Scene::new(cluster, Strategy::AlternatingUsers, "old_times").await;
    cluster.sql("ALTER SYSTEM SET password_encryption = 'md5'");
    cluster.sql("SELECT pg_reload_conf()");
    scene.secrets.start(SECRET, "v2");

    scene.rotate("v2", 1).await.unwrap();

    cluster.sql("ALTER SYSTEM RESET password_encryption");
    cluster.sql("SELECT pg_reload_conf()");
    let stored = "SELECT left(rolpassword, 3) FROM pg_authid WHERE rolname = 'old_times_clone'";
    assert_eq!(cluster.sql(stored), "md5");
    assert!(scene.works("AWSCURRENT").await);
    scene.told();
}

/// The cluster logs every statement.
async fn no_password_stands_in_the_servers_log(cluster: &Cluster) {
    for (user, strategy) in [
        ("logged", Strategy::SingleUser),
        ("logged_too", Strategy::AlternatingUsers),
    ] {
        let scene = Scene::new(cluster, strategy, user).await;
        for token in ["v2", "v3"] {
            scene.secrets.start(SECRET, token);
            scene.rotate(token, 1).await.unwrap();
        }

        let log = cluster.log();
        assert!(log.contains(&format!("ALTER USER \"{user}\" WITH PASSWORD")));
        for password in scene.secrets.drawn() {
            assert!(!log.contains(&password));
        }
        scene.told();
    }
}

/// `passwordcheck` judges what it can see.
async fn a_password_that_the_server_judges_weak_is_refused(cluster: &Cluster) {
    let mut scene = Scene::new(cluster, Strategy::SingleUser, "judged").await;
    scene.driver = Box::new(Postgres::new(cluster.dial(), PasswordForm::Clear));
    scene.secrets.start(SECRET, "v2");
    scene.secrets.draw_next("weak");

    let refusal = scene.rotate("v2", 1).await.unwrap_err();

    assert_eq!(
        refusal.to_string(),
        "the database refused to change a password: password is too short"
    );
    assert_eq!(scene.secrets.labels(SECRET)["AWSCURRENT"], "v1");
    assert!(cluster.can_read("judged", FIRST_PASSWORD).await);
    scene.told();
}

/// The master may create users and not grant this one.
async fn a_clone_that_cannot_be_finished_is_not_begun(cluster: &Cluster) {
    let scene = Scene::new(cluster, Strategy::AlternatingUsers, "super").await;
    cluster.sql("ALTER ROLE super SUPERUSER");
    cluster.sql("CREATE USER creator CREATEROLE PASSWORD 'creat0r-of-users!'");
    let creator = scene.value("creator", "creat0r-of-users!");
    scene.secrets.overwrite(MASTER, "m1", &creator);
    scene.secrets.start(SECRET, "v2");

    let refusal = scene.rotate("v2", 1).await.unwrap_err();

    assert_eq!(
        refusal.to_string(),
        "the database refused to clone a user: must be superuser to create superusers"
    );
    let clones = "SELECT count(*) FROM pg_roles WHERE rolname = 'super_clone'";
    assert_eq!(cluster.sql(clones), "0");
    scene.told();
}
