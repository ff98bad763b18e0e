use super::{FIRST_PASSWORD, SECRET, Scene, World};
use rotators::{Engine, Step, Strategy};

pub(super) async fn run_all(world: &dyn World) {
    every_step_may_run_twice(world).await;
    a_rotation_that_is_cut_off_anywhere_ends_well(world).await;
    the_password_before_the_current_one_serves(world).await;
    hostile_passwords_and_names_are_only_text(world).await;
}

async fn every_step_may_run_twice(world: &dyn World) {
    let scene = Scene::new(world, Strategy::SingleUser, "twice").await;
    scene.secrets.start(SECRET, "v2");

    scene.rotate("v2", 2).await.unwrap();

    let title = world.engine().title();
    let expected = [
        format!("createSecret: Successfully put secret for ARN {SECRET} and version v2."),
        format!("createSecret: Successfully retrieved secret for {SECRET}."),
        format!(
            "setSecret: Successfully set password for user twice in {title} DB for secret arn {SECRET}."
        ),
        format!(
            "setSecret: AWSPENDING secret is already set as password in {title} DB for secret arn {SECRET}."
        ),
        format!(
            "testSecret: Successfully signed into {title} DB with AWSPENDING secret in {SECRET}."
        ),
        format!(
            "testSecret: Successfully signed into {title} DB with AWSPENDING secret in {SECRET}."
        ),
        format!(
            "finishSecret: Successfully set AWSCURRENT stage to version v2 for secret {SECRET}."
        ),
        format!("Secret version v2 already set as AWSCURRENT for secret {SECRET}."),
    ];
    assert_eq!(scene.told(), expected);
    assert!(scene.works("AWSCURRENT").await);
    assert!(!scene.works("AWSPREVIOUS").await);
    assert_eq!(scene.login("AWSCURRENT").0, "twice");
    let mut value = scene.value("twice", FIRST_PASSWORD);
    value["password"] = scene.login("AWSCURRENT").1.into();
    assert_eq!(scene.secrets.value_at(SECRET, "AWSCURRENT"), Some(value));
}

async fn a_rotation_that_is_cut_off_anywhere_ends_well(world: &dyn World) {
    let scene = Scene::new(world, Strategy::SingleUser, "cut_off").await;

    for calls in 0.. {
        let token = format!("cut-{calls}");
        scene.secrets.start(SECRET, &token);
        scene.secrets.fail_after(Some(calls));
        let was_cut_off = scene.rotate(&token, 1).await.is_err();
        scene.secrets.fail_after(None);
        scene.rotate(&token, 1).await.unwrap();

        assert_eq!(scene.secrets.labels(SECRET)["AWSCURRENT"], token);
        assert!(
            scene.works("AWSCURRENT").await,
            "cut off after {calls} calls"
        );
        scene.told();
        if !was_cut_off {
            assert!(calls > 10, "every call was cut off once");
            break;
        }
    }
}

/// A value was put by hand and never set, so the database has the password before it.
async fn the_password_before_the_current_one_serves(world: &dyn World) {
    let scene = Scene::new(world, Strategy::SingleUser, "by_hand").await;
    let wrong = scene.value("by_hand", "never set in the database");
    scene.secrets.put(SECRET, "v2", &wrong);
    scene.secrets.start(SECRET, "v3");

    scene.rotate("v3", 1).await.unwrap();

    assert!(scene.works("AWSCURRENT").await);
    scene.told();
}

async fn hostile_passwords_and_names_are_only_text(world: &dyn World) {
    let user = r#"o'b"r`i]e\n; --"#;
    let scene = Scene::new(world, Strategy::SingleUser, user).await;

    // MongoDB prepares passwords, and drivers and servers do not agree how beyond printable ASCII.
    let is_possible = |password: &&str| {
        world.engine() != Engine::MongoDb
            || password.bytes().all(|byte| matches!(byte, b' '..=b'~'))
    };
    for (turn, password) in HOSTILE.into_iter().filter(is_possible).enumerate() {
        let token = format!("hostile-{turn}");
        scene.secrets.start(SECRET, &token);
        scene.secrets.draw_next(password);
        scene.rotate(&token, 1).await.unwrap();

        assert!(world.can_read(user, password).await, "{password}");
        scene.told();
    }
    scene.step("hostile-0", Step::TestSecret).await.unwrap_err();
}

/// All of them strong by the rules of common plugins.
const HOSTILE: [&str; 7] = [
    r"A1b-x'; DROP USER app; --",
    r#"A1b-"double" and `ticks` [and] {braces}"#,
    r"A1b-back\slash\' and \\",
    r"A1b-ends with a backslash\",
    "A1b-tab\tnew\nline",
    "A1b-縗ß€😀 übergroß",
    "A1b-$1 %s ? :name @var $$tag$$",
];
