//! Steps that fail, and what is done about it.

use super::kit::{Act, FUNCTION, Rig, STEPS, quick};
use crate::secretsmanager::{DAY, MIDNIGHT};
use serde_json::{Value, json};
use testkit::{Engine, token};

/// Lets the time between attempts pass until nothing is due any more.
async fn to_the_end(rig: &Rig) {
    for _ in 0..20 {
        rig.work().await;
        rig.h.clock.advance_seconds(10);
    }
}

fn failed(step: &str) -> String {
    format!("RotationFailed: Error when executing lambda {FUNCTION} during {step} step")
}

#[tokio::test]
async fn a_step_that_fails_once_is_tried_again_from_the_first_on() {
    for step in STEPS {
        let rig = Rig::new().await;
        rig.h.a_secret("db", "old").await;
        rig.rotator.script(step, [Act::Fail]);

        rig.rotate(1).await.ok();
        rig.work().await;
        let before = rig.rotator.steps();
        assert_eq!(rig.work().await, 0, "not before its time");
        rig.h.clock.advance_seconds(1);
        rig.work().await;

        let at = STEPS.iter().position(|one| *one == step).unwrap();
        assert_eq!(before, STEPS[..=at]);
        assert_eq!(rig.rotator.steps()[at + 1..], STEPS);
        assert_eq!(rig.events(), ["RotationStarted", "RotationSucceeded"]);
        assert_eq!(
            rig.labels().await,
            json!({ token(0): ["AWSPREVIOUS"], token(1): ["AWSCURRENT", "AWSPENDING"] })
        );
    }
}

#[tokio::test]
async fn a_step_that_always_fails_fails_the_rotation_and_leaves_the_current_value() {
    for step in STEPS {
        let rig = Rig::new().await;
        rig.h.a_secret("db", "old").await;
        rig.rotator.script(step, [Act::Fail, Act::Fail, Act::Fail]);

        rig.rotate(1).await.ok();
        to_the_end(&rig).await;

        assert_eq!(
            rig.events(),
            [String::from("RotationStarted"), failed(step)]
        );
        assert_eq!(
            rig.labels().await,
            json!({ token(0): ["AWSCURRENT"], token(1): ["AWSPENDING"] })
        );
        assert_eq!(rig.h.value("db").await, "old");
        let described = rig.describe("db").await;
        assert_eq!(described["RotationEnabled"], true);
        assert!(described.get("LastRotatedDate").is_none());
    }
}

#[tokio::test]
async fn a_rotation_that_was_asked_for_and_failed_is_tried_again_the_next_day() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    rig.rotator
        .script("testSecret", [Act::Fail, Act::Fail, Act::Fail]);

    let rules = json!({ "RotationRules": { "AutomaticallyAfterDays": 30 } });
    rig.rotate_with(1, rules).await.ok();
    to_the_end(&rig).await;
    let failed_at = rig.rotator.steps().len();
    assert_eq!(rig.work().await, 0, "not on the same day");
    let promised = rig.describe("db").await["NextRotationDate"].clone();
    assert_eq!(promised, MIDNIGHT + 2 * DAY - 1);
    let shown = rig.shown().await;
    assert_eq!(shown["NextWindows"][0]["Opens"], MIDNIGHT + DAY);
    for _ in 0..2 {
        rig.h.clock.advance_seconds(24 * 60 * 60);
        rig.work().await;
    }

    assert_eq!(rig.rotator.steps()[failed_at..], STEPS);
    assert_eq!(
        rig.labels().await,
        json!({ token(0): ["AWSPREVIOUS"], token(1): ["AWSCURRENT", "AWSPENDING"] })
    );
    let described = rig.describe("db").await;
    let moment = |member: &str| described[member].as_i64().unwrap();
    let days_ahead = (moment("NextRotationDate") - moment("LastRotatedDate")) / (24 * 60 * 60);
    assert_eq!(days_ahead, 30);
}

#[tokio::test]
async fn a_function_that_never_ends_is_given_up() {
    let mut settings = quick();
    settings.attempts = 1;
    settings.step_millis = 20;
    let rig = Rig::over(Engine::Memory, settings).await;
    rig.h.a_secret("db", "old").await;
    rig.rotator.script("setSecret", [Act::Hang]);

    rig.rotate(1).await.ok();
    rig.work().await;

    assert_eq!(
        rig.events(),
        [String::from("RotationStarted"), failed("setSecret")]
    );
    let shown = rig.shown().await;
    assert_eq!(shown["Runs"][0]["Calls"][1]["ErrorType"], "Timeout");
    assert_eq!(rig.h.value("db").await, "old");
}

#[tokio::test]
async fn a_worker_keeps_its_claim_as_long_as_the_function_runs() {
    let mut settings = quick();
    settings.attempts = 1;
    settings.lease_millis = 6;
    settings.step_millis = 60;
    let rig = Rig::over(Engine::Memory, settings).await;
    rig.h.a_secret("db", "old").await;
    rig.rotator.script("createSecret", [Act::Hang]);
    rig.rotate(1).await.ok();
    let commits = rig.h.store.stats().commits;

    rig.work().await;

    assert!(rig.h.store.stats().commits > commits + 6);
    assert_eq!(rig.events().len(), 2);
}

#[tokio::test]
async fn success_without_moving_the_current_label_is_a_failure() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    rig.rotator
        .script("finishSecret", [Act::Skip, Act::Skip, Act::Skip]);

    rig.rotate(1).await.ok();
    to_the_end(&rig).await;

    assert_eq!(
        rig.events(),
        [String::from("RotationStarted"), failed("finishSecret")]
    );
    assert_eq!(rig.h.value("db").await, "old");
    let shown = rig.shown().await;
    assert_eq!(shown["Runs"][0]["Calls"][3]["ErrorType"], "NotFinished");
}

#[tokio::test]
async fn a_function_that_cannot_be_called_fails_the_step() {
    for (act, kind) in [
        (Act::NotInvocable, "AccessDenied"),
        (Act::Throttled, "Throttled"),
    ] {
        let rig = Rig::new().await;
        rig.h.a_secret("db", "old").await;
        rig.rotator.script("createSecret", [act]);

        rig.rotate(1).await.ok();
        rig.work().await;

        let shown = rig.shown().await;
        assert_eq!(shown["Runs"][0]["Calls"][0]["ErrorType"], kind);
        rig.h.clock.advance_seconds(1);
        rig.work().await;
        assert_eq!(rig.events(), ["RotationStarted", "RotationSucceeded"]);
    }
}

#[tokio::test]
async fn a_function_that_is_busy_uses_up_no_attempt() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    rig.rotator.script("setSecret", vec![Act::Throttled; 6]);

    rig.rotate(1).await.ok();
    to_the_end(&rig).await;

    assert_eq!(rig.events(), ["RotationStarted", "RotationSucceeded"]);
    let run = &rig.shown().await["Runs"][0];
    assert_eq!(run["Attempts"], 1);
    let steps = rig.rotator.steps();
    let asked = |step: &str| steps.iter().filter(|one| *one == step).count();
    assert_eq!((asked("createSecret"), asked("setSecret")), (1, 7));
}

#[tokio::test]
async fn a_function_that_stays_busy_fails_the_rotation_after_an_hour() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    rig.rotator
        .script("createSecret", vec![Act::Throttled; 999]);
    rig.rotate(1).await.ok();
    let minutes = async |n: usize| {
        for _ in 0..n {
            rig.work().await;
            rig.h.clock.advance_seconds(60);
        }
        rig.events()
    };

    assert_eq!(minutes(59).await, ["RotationStarted"]);

    let told = minutes(10).await;
    assert_eq!(
        told,
        [String::from("RotationStarted"), failed("createSecret")]
    );
}

#[tokio::test]
async fn rotating_after_a_failure_is_refused_and_takes_the_old_one_up_again() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    rig.rotator
        .script("createSecret", [Act::Fail, Act::Fail, Act::Fail]);
    rig.rotate(1).await.ok();
    to_the_end(&rig).await;
    let before = rig.describe("db").await;

    let more = json!({ "RotationRules": { "AutomaticallyAfterDays": 5 } });
    let refused = rig.rotate_with(2, more).await;

    let text = "A previous rotation isn't complete. That rotation will be reattempted.";
    refused.refused("InvalidRequestException", text);
    assert_eq!(rig.describe("db").await, before);
    rig.work().await;
    assert_eq!(
        rig.labels().await,
        json!({ token(0): ["AWSPREVIOUS"], token(1): ["AWSCURRENT", "AWSPENDING"] })
    );
    let all = rig.events();
    assert_eq!(all[2..], ["RotationStarted", "RotationSucceeded"]);
}

#[tokio::test]
async fn rotating_while_an_attempt_waits_has_it_made_at_once() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    rig.rotator.script("createSecret", [Act::Fail]);
    rig.rotate(1).await.ok();
    rig.work().await;
    assert_eq!(rig.work().await, 0);

    let text = "A previous rotation isn't complete. That rotation will be reattempted.";
    rig.rotate(2).await.refused("InvalidRequestException", text);

    assert_eq!(rig.work().await, 1);
    assert_eq!(rig.events(), ["RotationStarted", "RotationSucceeded"]);
}

#[tokio::test]
async fn taking_the_pending_label_away_by_hand_lets_a_new_rotation_begin() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    rig.rotator
        .script("setSecret", [Act::Fail, Act::Fail, Act::Fail]);
    rig.rotate(1).await.ok();
    to_the_end(&rig).await;

    let body = json!({
        "SecretId": "db", "VersionStage": "AWSPENDING", "RemoveFromVersionId": token(1),
    });
    rig.h.call("UpdateSecretVersionStage", body).await.ok();
    rig.rotate(2).await.ok();
    rig.work().await;

    assert_eq!(
        rig.labels().await,
        json!({ token(0): ["AWSPREVIOUS"], token(2): ["AWSCURRENT", "AWSPENDING"] })
    );
}

#[tokio::test]
async fn the_pending_label_can_be_taken_from_a_version_without_a_value() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    rig.rotator
        .script("createSecret", [Act::Fail, Act::Fail, Act::Fail]);
    rig.rotate(1).await.ok();
    to_the_end(&rig).await;

    let body = json!({
        "SecretId": "db", "VersionStage": "AWSPENDING", "RemoveFromVersionId": token(1),
    });
    rig.h.call("UpdateSecretVersionStage", body).await.ok();

    assert_eq!(rig.labels().await, json!({ token(0): ["AWSCURRENT"] }));
    let body = json!({ "SecretId": "db", "IncludeDeprecated": true });
    let listed = rig.h.call("ListSecretVersionIds", body).await.ok();
    assert_eq!(listed["Versions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn when_the_audit_log_fails_nothing_is_told_as_done() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    rig.rotator.script("finishSecret", [Act::Mute]);
    rig.rotate(1).await.ok();

    let failed = rig.h.app.rotate_next("worker").await;
    rig.h.audit.fail(false);

    assert!(failed.is_err(), "{failed:?}");
    assert_eq!(rig.events(), ["RotationStarted"]);
    // The end of the rotation is stored, and its event with it, to be told when the log is back.
    let waiting = rig.h.store.outbox(1_000).await.unwrap();
    let ends = waiting.iter().filter(|entry| {
        let event: Value = serde_json::from_slice(&entry.body).unwrap();
        event["eventName"] == "RotationSucceeded"
    });
    assert_eq!(ends.count(), 1);
    rig.h.clock.advance_seconds(20);
    to_the_end(&rig).await;
    assert_eq!(rig.events(), ["RotationStarted"], "and not a second time");
    assert_eq!(rig.rotator.steps(), STEPS);
    assert!(rig.describe("db").await["LastRotatedDate"].is_number());
    assert_eq!(
        rig.labels().await,
        json!({ token(0): ["AWSPREVIOUS"], token(1): ["AWSCURRENT", "AWSPENDING"] })
    );
}
