use super::{FIRST_PASSWORD, MASTER, SECRET, Scene, World};
use crate::{Authority, free_port};
use rotators::{Dial, Step, Strategy};
use serde_json::Value;
use std::sync::Arc;

pub(super) async fn run_all(world: &dyn World) {
    nobody_elses_password_is_changed(world).await;
    a_master_acts_only_for_who_has_the_current_password(world).await;
    a_master_acts_only_on_its_own_host(world).await;
    a_wrong_master_is_told(world).await;
    a_database_that_is_down_changes_nothing(world).await;
    only_a_trusted_certificate_for_the_host_is_taken(world).await;
    if world.takes_plain() {
        only_a_clear_no_means_a_connection_in_the_clear(world).await;
    }
    a_host_that_is_not_permitted_is_not_asked(world).await;
}

async fn nobody_elses_password_is_changed(world: &dyn World) {
    for strategy in [Strategy::SingleUser, Strategy::AlternatingUsers] {
        let user = format!("own_{}", strategy == Strategy::SingleUser);
        let scene = Scene::new(world, strategy, &user).await;
        scene.secrets.start(SECRET, "v2");
        let (master, _) = world.master();
        let other = scene.value(master, "A1b-Passw0rd-not-the-masters");
        scene.secrets.overwrite(SECRET, "v2", &other);

        let refusal = scene.step("v2", Step::SetSecret).await.unwrap_err();

        let rest = match strategy {
            Strategy::SingleUser => format!("current user {user}"),
            Strategy::AlternatingUsers => format!("current user or clone {user}"),
        };
        assert_eq!(
            refusal.to_string(),
            format!("Attempting to modify user {master} other than {rest}")
        );
        let (name, password) = world.master();
        assert!(world.can_read(name, password).await);
        scene.told();
    }
}

async fn a_master_acts_only_for_who_has_the_current_password(world: &dyn World) {
    let scene = Scene::new(world, Strategy::AlternatingUsers, "deputy").await;
    let guessed = scene.value("deputy", "a guess");
    scene.secrets.put(SECRET, "v2", &guessed);
    scene.secrets.start(SECRET, "v3");

    let refusal = scene.rotate("v3", 1).await.unwrap_err();

    assert_eq!(
        refusal.to_string(),
        format!("Unable to log into database using current credentials for secret {SECRET}")
    );
    let (user, password) = scene.login("AWSPENDING");
    assert!(!world.can_read(&user, &password).await);
    assert!(world.can_read("deputy", FIRST_PASSWORD).await);
    scene.told();
}

async fn a_master_acts_only_on_its_own_host(world: &dyn World) {
    let scene = Scene::new(world, Strategy::AlternatingUsers, "other_host").await;
    let (name, password) = world.master();
    let mut master = scene.value(name, password);
    master["host"] = "127.0.0.1".into();
    scene.secrets.overwrite(MASTER, "m1", &master);
    scene.secrets.start(SECRET, "v2");

    let refusal = scene.rotate("v2", 1).await.unwrap_err();

    assert_eq!(
        refusal.to_string(),
        "Current database host localhost is not the same host as/rds replica of master 127.0.0.1"
    );
    assert!(!scene.works("AWSPENDING").await);
    scene.told();
}

async fn a_wrong_master_is_told(world: &dyn World) {
    let scene = Scene::new(world, Strategy::AlternatingUsers, "no_master").await;
    let wrong = scene.value(world.master().0, "not its password");
    scene.secrets.overwrite(MASTER, "m1", &wrong);
    scene.secrets.start(SECRET, "v2");

    let refusal = scene.rotate("v2", 1).await.unwrap_err();
    let without = without_master(&scene, "no_master");
    scene.secrets.overwrite(SECRET, "v1", &without);
    let nameless = scene.rotate("v2", 1).await.unwrap_err();

    assert_eq!(
        refusal.to_string(),
        format!("Unable to log into database using credentials in master secret {MASTER}")
    );
    assert_eq!(
        nameless.to_string(),
        format!("masterarn key is missing from secret JSON (secret {SECRET})")
    );
    assert!(!scene.works("AWSPENDING").await);
    scene.told();
}

fn without_master(scene: &Scene<'_>, user: &str) -> Value {
    let mut value = scene.value(user, FIRST_PASSWORD);
    value.as_object_mut().unwrap().remove("masterarn");
    value
}

async fn a_database_that_is_down_changes_nothing(world: &dyn World) {
    let scene = Scene::new(world, Strategy::SingleUser, "down").await;
    let mut value = scene.value("down", FIRST_PASSWORD);
    value["port"] = free_port().into();
    scene.secrets.put(SECRET, "v2", &value);
    scene.secrets.start(SECRET, "v3");

    let refusal = scene.rotate("v3", 1).await.unwrap_err();

    let text = refusal.to_string();
    assert!(
        text.starts_with("the database cannot be reached: "),
        "{text}"
    );
    assert_eq!(scene.secrets.labels(SECRET)["AWSCURRENT"], "v2");
    assert!(world.can_read("down", FIRST_PASSWORD).await);
    scene.told();
}

async fn only_a_trusted_certificate_for_the_host_is_taken(world: &dyn World) {
    let mut scene = Scene::new(world, Strategy::SingleUser, "untrusted").await;
    scene.secrets.start(SECRET, "v2");
    scene.driver = world.driver(Dial {
        authorities_pem: Some(Authority::default().pem()),
        ..world.dial()
    });

    let unknown = scene.rotate("v2", 1).await.unwrap_err();
    scene.driver = world.driver(world.dial());
    let mut elsewhere = scene.value("untrusted", FIRST_PASSWORD);
    elsewhere["host"] = "127.0.0.1".into();
    scene.secrets.put(SECRET, "v3", &elsewhere);
    scene.secrets.start(SECRET, "v4");
    let misnamed = scene.rotate("v4", 1).await.unwrap_err();

    for refusal in [unknown, misnamed] {
        let text = refusal.to_string();
        assert!(
            text.starts_with("the TLS connection to the database is not to be trusted: "),
            "{text}"
        );
    }
    assert!(world.can_read("untrusted", FIRST_PASSWORD).await);
    scene.told();
}

async fn only_a_clear_no_means_a_connection_in_the_clear(world: &dyn World) {
    let scene = Scene::new(world, Strategy::SingleUser, "plain").await;
    let mut value = scene.value("plain", FIRST_PASSWORD);
    // A certificate that would be refused is not looked at.
    value["host"] = "127.0.0.1".into();
    value["ssl"] = "false".into();
    scene.secrets.put(SECRET, "v2", &value);
    scene.secrets.start(SECRET, "v3");

    scene.rotate("v3", 1).await.unwrap();

    assert!(scene.works("AWSCURRENT").await);
    scene.told();
}

async fn a_host_that_is_not_permitted_is_not_asked(world: &dyn World) {
    let mut scene = Scene::new(world, Strategy::SingleUser, "unpermitted").await;
    scene.secrets.start(SECRET, "v2");
    scene.driver = world.driver(Dial {
        permits: Arc::new(|host, _| host != "localhost"),
        ..world.dial()
    });

    let refusal = scene.rotate("v2", 1).await.unwrap_err();

    assert_eq!(
        refusal.to_string(),
        format!(
            "connections to `localhost` port {} are not permitted",
            world.port()
        )
    );
    assert!(world.can_read("unpermitted", FIRST_PASSWORD).await);
    scene.told();
}
