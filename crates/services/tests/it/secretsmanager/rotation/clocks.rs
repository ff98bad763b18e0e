//! A clock that was ahead and is put right: nothing waits for the years that it was ahead.

use super::crashes::for_turns;
use super::kit::{Act, FUNCTION, Rig, quick, work};
use serde_json::json;
use testkit::{Engine, token};

/// Ten years.
const AHEAD: i64 = 3_652;

/// A rig with the secret `db`, rotated at once and then every `days`.
async fn rotated(days: i64) -> Rig {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    let rules = json!({ "RotationRules": { "AutomaticallyAfterDays": days } });
    rig.rotate_with(1, rules).await.ok();
    rig.work().await;
    rig
}

/// Lets two days go by, an hour at a time.
async fn two_days(rig: &Rig) {
    for _ in 0..48 {
        rig.h.clock.advance_seconds(3_600);
        rig.work().await;
    }
}

fn ended(rig: &Rig) -> usize {
    rig.h.audit.named("RotationSucceeded").len()
}

#[tokio::test]
async fn a_worker_that_died_while_the_clock_was_ahead_is_followed_within_a_lease() {
    for is_restarted in [false, true] {
        let rig = Rig::over(Engine::Memory, quick()).await;
        for turns in 0..60 {
            let name = format!("db-{turns}");
            rig.h.a_secret(&name, "old").await;
            rig.h.clock.advance_days(AHEAD);
            let body = json!({
                "SecretId": name, "ClientRequestToken": token(1), "RotationLambdaARN": FUNCTION,
            });
            rig.h.call("RotateSecret", body).await.ok();
            let ended = for_turns(turns, rig.h.app.rotate_next("dies")).await;

            rig.h.clock.advance_days(-AHEAD);
            let other = rig.h.another_node(rig.rotator.clone());
            let lives = if is_restarted { &other } else { &rig.h.app };
            work(lives, "lives").await;
            rig.h.clock.advance_seconds(20);
            work(lives, "lives").await;

            let described = rig.describe(&name).await;
            let stages = &described["VersionIdsToStages"][token(1)];
            assert_eq!(*stages, json!(["AWSPENDING", "AWSCURRENT"]), "{turns}");
            if ended.is_some() {
                assert!(turns > 10, "only {turns} points");
                break;
            }
        }
    }
}

#[tokio::test]
async fn asking_for_a_rotation_helps_one_that_a_clock_put_off() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    rig.work().await;
    rig.h.clock.advance_days(AHEAD);
    rig.rotator.script("setSecret", [Act::Hang]);
    rig.rotate(1).await.ok();
    let hangs = async {
        while rig.rotator.steps().len() < 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        _ = rig.h.app.rotate_next("dies") => panic!("it should hang"),
        () = hangs => {}
    }
    rig.h.clock.advance_days(-AHEAD);

    let text = "A previous rotation isn't complete. That rotation will be reattempted.";
    rig.rotate(2).await.refused("InvalidRequestException", text);
    rig.h.clock.advance_seconds(20);
    rig.work().await;

    assert_eq!(rig.events(), ["RotationStarted", "RotationSucceeded"]);
}

#[tokio::test]
async fn what_was_rotated_while_the_clock_was_ahead_is_rotated_in_the_nearest_window() {
    let rig = rotated(30).await;
    rig.h.clock.advance_days(AHEAD);
    two_days(&rig).await;
    assert_eq!(ended(&rig), 2);

    rig.h.clock.advance_days(-AHEAD);
    two_days(&rig).await;
    assert_eq!(ended(&rig), 3);
    two_days(&rig).await;

    assert_eq!(ended(&rig), 3, "and then as its schedule says");
    let described = rig.describe("db").await;
    let moment = |member: &str| described[member].as_i64().unwrap();
    let days_ahead = (moment("NextRotationDate") - moment("LastRotatedDate")) / 86_400;
    assert_eq!(days_ahead, 30);
}

#[tokio::test]
async fn a_clock_that_goes_back_by_seconds_rotates_nothing_again() {
    for rules in [
        json!({ "AutomaticallyAfterDays": 30 }),
        json!({ "ScheduleExpression": "rate(4 hours)" }),
        json!({ "ScheduleExpression": "cron(0 12 * * ? *)" }),
    ] {
        let rig = Rig::new().await;
        rig.h.a_secret("db", "old").await;
        let more = json!({ "RotationRules": rules });
        rig.rotate_with(1, more).await.ok();
        rig.work().await;
        let before = rig.describe("db").await;

        rig.h.clock.advance_seconds(-3);
        rig.work().await;
        rig.h.clock.advance_seconds(60);
        rig.work().await;

        assert_eq!(ended(&rig), 1, "{rules}");
        assert_eq!(rig.describe("db").await, before, "{rules}");
    }
}

#[tokio::test]
async fn what_failed_while_the_clock_was_ahead_is_tried_in_the_nearest_window() {
    // Two years: less than a schedule may have between two rotations.
    for ahead in [AHEAD, 730] {
        let rig = rotated(30).await;
        let acts = vec![Act::Fail; 9];
        rig.rotator.script("setSecret", acts);
        rig.h.clock.advance_days(ahead);
        rig.rotate(2).await.ok();
        for _ in 0..20 {
            rig.work().await;
            rig.h.clock.advance_seconds(10);
        }
        let failed = rig.h.audit.named("RotationFailed").len();
        assert_eq!((failed, ended(&rig)), (1, 1), "{ahead}");
        rig.rotator.script("setSecret", []);

        rig.h.clock.advance_days(-ahead);
        two_days(&rig).await;

        assert_eq!(ended(&rig), 2, "{ahead}");
    }
}

#[tokio::test]
async fn an_attempt_that_waits_for_a_time_years_ahead_is_made() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    rig.h.clock.advance_days(AHEAD);
    rig.rotator.script("setSecret", [Act::Fail]);
    rig.rotate(1).await.ok();
    rig.work().await;

    rig.h.clock.advance_days(-AHEAD);
    rig.work().await;
    rig.h.clock.advance_seconds(8);
    rig.work().await;

    assert_eq!(rig.events(), ["RotationStarted", "RotationSucceeded"]);
}
