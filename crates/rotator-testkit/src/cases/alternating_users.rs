use super::{FIRST_PASSWORD, SECRET, Scene, World};
use rotators::Strategy;

pub(super) async fn run_all(world: &dyn World) {
    two_users_take_turns(world).await;
    a_rotation_that_is_cut_off_anywhere_ends_well(world).await;
    hostile_passwords_and_names_are_only_text(world).await;
}

/// After each rotation the credential before goes on working.
async fn two_users_take_turns(world: &dyn World) {
    let scene = Scene::new(world, Strategy::AlternatingUsers, "turns").await;
    let users = ["turns_clone", "turns", "turns_clone", "turns"];

    for (turn, user) in users.into_iter().enumerate() {
        let token = format!("turn-{turn}");
        scene.secrets.start(SECRET, &token);
        scene.rotate(&token, 2).await.unwrap();

        assert_eq!(scene.login("AWSCURRENT").0, user);
        assert!(scene.works("AWSCURRENT").await, "{user}");
        assert!(scene.works("AWSPREVIOUS").await, "{user}");
        let title = world.engine().title();
        let set = format!(
            "setSecret: Successfully set password for {user} in {title} DB for secret arn {SECRET}."
        );
        assert!(scene.told().contains(&set));
    }
    assert!(!world.can_read("turns", FIRST_PASSWORD).await);
}

async fn a_rotation_that_is_cut_off_anywhere_ends_well(world: &dyn World) {
    let scene = Scene::new(world, Strategy::AlternatingUsers, "alt_cut").await;

    for calls in 0.. {
        let token = format!("cut-{calls}");
        scene.secrets.start(SECRET, &token);
        scene.secrets.fail_after(Some(calls));
        let was_cut_off = scene.rotate(&token, 1).await.is_err();
        assert!(
            scene.works("AWSCURRENT").await,
            "cut off after {calls} calls"
        );
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

async fn hostile_passwords_and_names_are_only_text(world: &dyn World) {
    let user = r#"a'l"t`e]r\n; --"#;
    let scene = Scene::new(world, Strategy::AlternatingUsers, user).await;
    let passwords = [r"A1b-x'; DROP\' USER app; --\", r#"A1b-"x` TO `y"#];

    for (turn, password) in passwords.into_iter().enumerate() {
        let token = format!("hostile-{turn}");
        scene.secrets.start(SECRET, &token);
        scene.secrets.draw_next(password);
        scene.rotate(&token, 1).await.unwrap();

        assert_eq!(scene.login("AWSCURRENT").1, password);
        assert!(scene.works("AWSCURRENT").await, "{password}");
        scene.told();
    }
}
