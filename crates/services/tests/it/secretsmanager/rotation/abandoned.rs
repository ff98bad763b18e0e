//! Rotations that something comes in between of.

use super::kit::{Act, Rig, STEPS};
use serde_json::{Value, json};
use testkit::token;

#[tokio::test]
async fn cancelling_between_steps_stops_the_run_and_leaves_the_labels() {
    for (n, step) in STEPS.into_iter().enumerate().take(3) {
        let rig = Rig::new().await;
        let arn = rig.h.a_secret("db", "old").await;
        let body = json!({ "SecretId": "db" });
        rig.rotator
            .script(step, [Act::Before("CancelRotateSecret", body)]);

        rig.rotate(1).await.ok();
        rig.work().await;
        rig.h.clock.advance_days(1);
        rig.work().await;

        assert_eq!(rig.rotator.steps(), STEPS[..=n]);
        assert_eq!(rig.events(), ["RotationStarted"]);
        let labels = json!({ token(0): ["AWSCURRENT"], token(1): ["AWSPENDING"] });
        assert_eq!(rig.labels().await, labels);
        assert_eq!(rig.shown().await["Runs"][0]["Outcome"], "cancelled");
        let answered = rig.h.audit.named("CancelRotateSecret");
        assert_eq!(answered[0]["resources"][0]["ARN"], arn);
    }
}

#[tokio::test]
async fn a_value_put_in_by_hand_abandons_the_rotation() {
    for (operation, body) in [
        (
            "PutSecretValue",
            json!({ "SecretId": "db", "SecretString": "mine", "ClientRequestToken": token(7) }),
        ),
        (
            "UpdateSecret",
            json!({ "SecretId": "db", "SecretString": "mine", "ClientRequestToken": token(7) }),
        ),
    ] {
        let rig = Rig::new().await;
        rig.h.a_secret("db", "old").await;
        rig.rotator
            .script("createSecret", [Act::Before(operation, body)]);

        rig.rotate(1).await.ok();
        rig.work().await;

        assert_eq!(rig.rotator.steps(), ["createSecret"]);
        assert_eq!(rig.events(), ["RotationStarted", "RotationAbandoned"]);
        assert_eq!(
            rig.labels().await,
            json!({ token(0): ["AWSPREVIOUS"], token(7): ["AWSCURRENT"] })
        );
        assert_eq!(rig.h.value("db").await, "mine");
        assert_eq!(rig.shown().await["Runs"][0]["Outcome"], "abandoned");
        rig.rotate(8).await.ok();
        rig.work().await;
        assert_eq!(
            rig.labels().await,
            json!({ token(7): ["AWSPREVIOUS"], token(8): ["AWSCURRENT", "AWSPENDING"] })
        );
    }
}

#[tokio::test]
async fn a_value_put_in_by_hand_abandons_a_rotation_that_failed_or_never_began_to_work() {
    let rig = Rig::new().await;
    let arn = rig.h.a_secret("db", "old").await;
    rig.rotate(1).await.ok();

    let put = json!({
        "SecretId": "db", "SecretString": "mine", "ClientRequestToken": token(7),
    });
    let put = rig.h.call("PutSecretValue", put).await;
    rig.work().await;

    assert_eq!(rig.rotator.steps(), Vec::<String>::new());
    let abandoned = rig.h.audit.named("RotationAbandoned");
    assert_eq!(abandoned.len(), 1);
    assert_eq!(
        abandoned[0]["requestID"],
        format!("Rotation-{arn}-{}", token(1))
    );
    put.ok();
    assert_eq!(rig.labels().await[token(7)], json!(["AWSCURRENT"]));
}

#[tokio::test]
async fn custom_labels_and_other_pending_versions_abandon_nothing_of_themselves() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    let put = json!({
        "SecretId": "db", "SecretString": "x", "ClientRequestToken": token(7),
        "VersionStages": ["BLUE"],
    });
    rig.rotator
        .script("createSecret", [Act::Before("PutSecretValue", put)]);

    rig.rotate(1).await.ok();
    rig.work().await;

    assert_eq!(rig.events(), ["RotationStarted", "RotationSucceeded"]);
    assert_eq!(rig.labels().await[token(7)], json!(["BLUE"]));
}

#[tokio::test]
async fn a_version_that_loses_its_label_is_not_rotated_any_further() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    let removal = json!({
        "SecretId": "db", "VersionStage": "AWSPENDING", "RemoveFromVersionId": token(1),
    });
    rig.rotator.script(
        "setSecret",
        [Act::Before("UpdateSecretVersionStage", removal)],
    );

    rig.rotate(1).await.ok();
    rig.work().await;

    assert_eq!(rig.rotator.steps(), ["createSecret", "setSecret"]);
    assert_eq!(rig.events(), ["RotationStarted", "RotationAbandoned"]);
    assert_eq!(rig.labels().await, json!({ token(0): ["AWSCURRENT"] }));
}

#[tokio::test]
async fn deleting_in_between_stops_the_run_and_restoring_begins_none() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    let body = json!({ "SecretId": "db" });
    rig.rotator
        .script("createSecret", [Act::Before("DeleteSecret", body.clone())]);
    let more = json!({ "RotationRules": { "AutomaticallyAfterDays": 10 } });
    rig.rotate_with(1, more).await.ok();
    rig.work().await;
    rig.h.clock.advance_days(12);
    rig.work().await;
    assert_eq!(rig.rotator.steps(), ["createSecret"]);
    assert_eq!(rig.events(), ["RotationStarted"]);

    rig.h.call("RestoreSecret", body).await.ok();
    assert_eq!(rig.h.value("db").await, "old");
    // It is overdue: the schedule takes the version up that was not completed.
    rig.h.clock.advance_days(1);
    rig.work().await;

    assert_eq!(
        rig.labels().await,
        json!({ token(0): ["AWSPREVIOUS"], token(1): ["AWSCURRENT", "AWSPENDING"] })
    );
}

#[tokio::test]
async fn forcing_a_secret_away_in_between_leaves_nothing() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    let body = json!({ "SecretId": "db", "ForceDeleteWithoutRecovery": true });
    rig.rotator
        .script("setSecret", [Act::Before("DeleteSecret", body)]);

    rig.rotate(1).await.ok();
    rig.work().await;
    rig.h.clock.advance_days(400);
    rig.work().await;

    assert_eq!(rig.rotator.steps(), ["createSecret", "setSecret"]);
    assert_eq!(rig.h.everything().await, json!([]));
    rig.h.a_secret("db", "another").await;
    assert!(rig.describe("db").await.get("RotationEnabled").is_none());
    rig.rotate(1).await.ok();
    rig.work().await;
    assert_eq!(
        rig.labels().await[token(1)],
        json!(["AWSCURRENT", "AWSPENDING"])
    );
}

#[tokio::test]
async fn only_the_token_of_the_rotation_is_taken_with_a_value() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    rig.h.a_secret("plain", "old").await;
    rig.rotate(1).await.ok();
    let wrong = "00000000-0000-4000-8000-000000000000";
    let put = |secret: &str, n, rotation_token: Value| {
        json!({
            "SecretId": secret, "SecretString": "x", "ClientRequestToken": token(n),
            "VersionStages": ["AWSPENDING"], "RotationToken": rotation_token,
        })
    };
    let text = "The RotationToken isn't the token of a rotation in progress of this version.";

    for (secret, n) in [("db", 1), ("db", 2), ("plain", 1)] {
        let refused = rig
            .h
            .call("PutSecretValue", put(secret, n, json!(wrong)))
            .await;
        refused.refused("InvalidParameterException", text);
    }
    rig.work().await;

    // That of a rotation that is over is none.
    let own = rig.rotator.payloads()[0]["RotationToken"].clone();
    let late = rig.h.call("PutSecretValue", put("db", 1, own)).await;
    late.refused("InvalidParameterException", text);
    assert_eq!(rig.events(), ["RotationStarted", "RotationSucceeded"]);
}

/// What the last call came to in the last run but `before`, and what that run did.
async fn last_call(rig: &Rig, before: usize) -> (Value, Value) {
    let mut run = rig.shown().await["Runs"][before].take();
    let calls = run["Calls"].as_array_mut().unwrap();
    let mut call = calls.pop().unwrap();
    assert_ne!(call["Outcome"], "in progress");
    let told = ["Step", "Outcome", "ErrorMessage", "RequestId", "Ended"];
    let told = told.map(|member| call[member].take());
    (run["Outcome"].take(), told.into_iter().collect())
}

#[tokio::test]
async fn what_a_step_said_is_noted_though_the_run_was_ended_meanwhile() {
    let db = json!({ "SecretId": "db" });
    let mine = json!({ "SecretId": "db", "SecretString": "mine", "ClientRequestToken": token(7) });
    let endings = [
        ("CancelRotateSecret", &db, "cancelled"),
        ("DeleteSecret", &db, "cancelled"),
        ("PutSecretValue", &mine, "abandoned"),
        ("UpdateSecret", &mine, "abandoned"),
    ];
    for (operation, body, outcome) in endings {
        for (n, step) in STEPS.into_iter().enumerate().take(3) {
            let rig = Rig::new().await;
            rig.h.a_secret("db", "old").await;
            rig.rotator
                .script(step, [Act::Before(operation, body.clone())]);
            rig.rotate(1).await.ok();

            rig.work().await;

            let id = format!("call-{}", n + 1);
            let call = json!([step, "succeeded", null, id, 1_768_478_400]);
            let context = format!("{operation} in {step}");
            assert_eq!(
                last_call(&rig, 0).await,
                (json!(outcome), call),
                "{context}"
            );
        }
    }
}

#[tokio::test]
async fn what_the_last_step_said_is_noted_though_the_run_was_ended_meanwhile() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    let body = json!({ "SecretId": "db" });
    rig.rotator
        .script("finishSecret", [Act::Before("CancelRotateSecret", body)]);
    rig.rotate(1).await.ok();

    rig.work().await;

    let call = json!(["finishSecret", "succeeded", null, "call-4", 1_768_478_400]);
    assert_eq!(last_call(&rig, 0).await, (json!("cancelled"), call));
}

#[tokio::test]
async fn a_failure_is_noted_though_the_run_was_ended_meanwhile() {
    for (attempts, step) in [
        (1, "createSecret"),
        (3, "createSecret"),
        (1, "finishSecret"),
    ] {
        let settings = strongroom_services::secretsmanager::RotationSettings {
            attempts,
            ..super::kit::quick()
        };
        let rig = Rig::over(testkit::Engine::Memory, settings).await;
        rig.h.a_secret("db", "old").await;
        let body = json!({ "SecretId": "db" });
        rig.rotator
            .script(step, [Act::After("CancelRotateSecret", body)]);
        rig.rotate(1).await.ok();

        rig.work().await;

        let id = format!("call-{}", rig.rotator.steps().len());
        let call = json!([step, "failed", "not enabled", id, 1_768_478_400]);
        assert_eq!(last_call(&rig, 0).await, (json!("cancelled"), call));
        assert_eq!(rig.events(), ["RotationStarted"]);
    }
}

#[tokio::test]
async fn what_a_step_said_is_noted_in_its_own_run_when_the_next_one_has_begun() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    let next = json!({ "SecretId": "db", "ClientRequestToken": token(2) });
    rig.rotator
        .script("finishSecret", [Act::Before("RotateSecret", next)]);
    rig.rotate(1).await.ok();

    rig.work().await;

    let call = |n: usize| {
        let id = format!("call-{n}");
        json!(["finishSecret", "succeeded", null, id, 1_768_478_400])
    };
    assert_eq!(last_call(&rig, 1).await, (json!("succeeded"), call(4)));
    assert_eq!(last_call(&rig, 0).await, (json!("succeeded"), call(8)));
}

#[tokio::test]
async fn what_nobody_heard_of_a_run_that_is_over_is_not_in_progress() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    rig.rotator.script("setSecret", [Act::Hang]);
    rig.rotate(1).await.ok();
    {
        let mut dies = Box::pin(rig.h.app.rotate_next("dies"));
        let hangs = async {
            while rig.rotator.steps().len() < 2 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            _ = &mut dies => panic!("it should hang"),
            () = hangs => {}
        }
    }

    let body = json!({ "SecretId": "db" });
    rig.h.call("CancelRotateSecret", body).await.ok();
    let at_once = last_call(&rig, 0).await;
    rig.h.clock.advance_seconds(21);
    rig.work().await;

    let unknown = "not known: the run was ended meanwhile";
    let call = json!(["setSecret", unknown, null, null, null]);
    assert_eq!(at_once, (json!("cancelled"), call));
    assert_eq!(last_call(&rig, 0).await, at_once);
}
