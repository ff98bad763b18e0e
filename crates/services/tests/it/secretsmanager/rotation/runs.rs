//! What a rotation does when all goes well.

use super::kit::{Act, FUNCTION, Rig, STEPS};
use serde_json::{Value, json};
use testkit::{Harness, token};

#[tokio::test]
async fn a_rotation_makes_a_new_current_version_in_four_steps() {
    let rig = Rig::new().await;
    let arn = rig.h.a_secret("db", "old").await;

    let begun = rig.rotate(1).await.ok();
    assert_eq!(
        begun,
        json!({ "ARN": arn, "Name": "db", "VersionId": token(1) })
    );
    assert_eq!(rig.work().await, 1);

    assert_eq!(rig.rotator.steps(), STEPS);
    assert_eq!(
        rig.labels().await,
        json!({ token(0): ["AWSPREVIOUS"], token(1): ["AWSCURRENT", "AWSPENDING"] })
    );
    assert_eq!(Some(rig.h.value("db").await), rig.rotator.password());
    assert_ne!(rig.h.value("db").await, "old");
    assert_eq!(rig.events(), ["RotationStarted", "RotationSucceeded"]);
    assert_eq!(rig.work().await, 0);
}

#[tokio::test]
async fn the_placeholder_is_a_version_without_a_value() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;

    rig.rotate(1).await.ok();

    assert_eq!(
        rig.labels().await,
        json!({ token(0): ["AWSCURRENT"], token(1): ["AWSPENDING"] })
    );
    let body = json!({ "SecretId": "db", "IncludeDeprecated": true });
    let listed = rig.h.call("ListSecretVersionIds", body).await.ok();
    assert_eq!(listed["Versions"].as_array().unwrap().len(), 1);
    for body in [
        json!({ "SecretId": "db", "VersionId": token(1) }),
        json!({ "SecretId": "db", "VersionStage": "AWSPENDING" }),
        json!({ "SecretId": "db", "VersionId": token(1), "VersionStage": "AWSPENDING" }),
    ] {
        let read = rig.h.call("GetSecretValue", body).await;
        assert_eq!(read.json()["__type"], "ResourceNotFoundException");
    }
    let body = json!({
        "SecretId": "db", "VersionStage": "AWSCURRENT", "MoveToVersionId": token(1),
        "RemoveFromVersionId": token(0),
    });
    let text = format!("Not a valid version: {}", token(1));
    let moved = rig.h.call("UpdateSecretVersionStage", body).await;
    moved.refused("InvalidParameterException", &text);
}

#[tokio::test]
async fn the_function_is_told_what_the_contract_says() {
    let rig = Rig::new().await;
    let arn = rig.h.a_secret("db", "old").await;

    rig.rotate(1).await.ok();
    rig.work().await;

    let payloads = rig.rotator.payloads();
    let rotation_token = payloads[0]["RotationToken"].as_str().unwrap();
    assert_eq!(rotation_token.len(), 36);
    for (payload, step) in payloads.iter().zip(STEPS) {
        assert_eq!(
            *payload,
            json!({
                "Step": step, "SecretId": arn, "ClientRequestToken": token(1),
                "RotationToken": rotation_token,
            })
        );
    }
    for invoker in rig.rotator.invokers() {
        assert_eq!(invoker, (arn.clone(), String::from("123456789012")));
    }
}

#[tokio::test]
async fn the_events_have_the_shape_of_aws() {
    let rig = Rig::new().await;
    let arn = rig.h.a_secret("db", "old").await;

    rig.rotate(1).await.ok();
    rig.work().await;

    let mut event = rig.h.audit.named("RotationSucceeded").remove(0);
    event.as_object_mut().unwrap().remove("eventID").unwrap();
    let service = "secretsmanager.amazonaws.com";
    assert_eq!(
        event,
        json!({
            "eventVersion": "1.08",
            "userIdentity": { "accountId": "123456789012", "invokedBy": service },
            "eventTime": "2026-01-15T12:00:00Z",
            "eventSource": service,
            "eventName": "RotationSucceeded",
            "awsRegion": "us-east-1",
            "sourceIPAddress": service,
            "userAgent": service,
            "requestParameters": null,
            "responseElements": null,
            "additionalEventData": { "SecretId": arn },
            "requestID": format!("Rotation-{arn}-{}", token(1)),
            "readOnly": false,
            "eventType": "AwsServiceEvent",
            "managementEvent": true,
            "recipientAccountId": "123456789012",
            "eventCategory": "Management",
        })
    );
}

#[tokio::test]
async fn neither_tokens_nor_values_are_in_any_event() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;

    rig.rotate(1).await.ok();
    rig.work().await;

    let all = Value::from(rig.h.audit.events()).to_string();
    let payload = &rig.rotator.payloads()[0];
    assert!(!all.contains(payload["RotationToken"].as_str().unwrap()));
    assert!(!all.contains(&rig.rotator.password().unwrap()));
    let shown = rig.shown().await.to_string();
    assert!(!shown.contains(payload["RotationToken"].as_str().unwrap()));
}

#[tokio::test]
async fn rotating_again_needs_no_configuration_and_keeps_one_current_version() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    rig.rotate(1).await.ok();
    rig.work().await;

    for n in 2..6 {
        rig.rotate_with(n, json!({ "RotationLambdaARN": null }))
            .await
            .ok();
        rig.work().await;
        assert_eq!(
            rig.labels().await,
            json!({ token(n - 1): ["AWSPREVIOUS"], token(n): ["AWSCURRENT", "AWSPENDING"] })
        );
    }

    assert_eq!(rig.h.audit.named("RotationSucceeded").len(), 5);
}

#[tokio::test]
async fn a_secret_without_a_value_gets_its_first_one() {
    let rig = Rig::new().await;
    let body = json!({ "Name": "db", "ClientRequestToken": token(0) });
    rig.h.call("CreateSecret", body).await.ok();
    let put = json!({
        "SecretId": "db", "SecretString": "first", "ClientRequestToken": token(1),
        "VersionStages": ["AWSPENDING"],
    });
    let moved = json!({
        "SecretId": "db", "VersionStage": "AWSCURRENT", "MoveToVersionId": token(1),
    });
    rig.rotator.script("createSecret", [Act::Skip]);
    rig.rotator.script("setSecret", [Act::Skip]);
    rig.rotator
        .script("testSecret", [Act::After("PutSecretValue", put)]);
    rig.rotator.script(
        "finishSecret",
        [Act::After("UpdateSecretVersionStage", moved)],
    );

    rig.rotate(1).await.ok();
    assert_eq!(rig.labels().await, json!({ token(1): ["AWSPENDING"] }));
    rig.work().await;

    assert_eq!(
        rig.labels().await,
        json!({ token(1): ["AWSCURRENT", "AWSPENDING"] })
    );
    assert_eq!(rig.h.value("db").await, "first");
    assert_eq!(rig.events(), ["RotationStarted", "RotationSucceeded"]);
}

#[tokio::test]
async fn the_template_cannot_rotate_a_secret_without_a_value() {
    let rig = Rig::new().await;
    let body = json!({ "Name": "db", "ClientRequestToken": token(0) });
    rig.h.call("CreateSecret", body).await.ok();
    rig.rotate(1).await.ok();
    while rig.work().await > 0 {
        rig.h.clock.advance_seconds(10);
    }

    let text =
        format!("RotationFailed: Error when executing lambda {FUNCTION} during createSecret step");
    assert_eq!(rig.events(), ["RotationStarted", &text]);
    assert_eq!(rig.labels().await, json!({ token(1): ["AWSPENDING"] }));
}

#[tokio::test]
async fn a_function_that_takes_the_pending_label_away_at_the_end_succeeds() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    let removal = json!({
        "SecretId": "db", "VersionStage": "AWSPENDING", "RemoveFromVersionId": token(1),
    });
    rig.rotator.script(
        "finishSecret",
        [Act::Before("UpdateSecretVersionStage", removal)],
    );

    rig.rotate(1).await.ok();
    rig.work().await;

    assert_eq!(
        rig.labels().await,
        json!({ token(0): ["AWSPREVIOUS"], token(1): ["AWSCURRENT"] })
    );
    assert_eq!(rig.events(), ["RotationStarted", "RotationSucceeded"]);
}

#[tokio::test]
async fn a_customers_key_is_used_by_the_function_only() {
    let rig = Rig::new().await;
    let key = rig.h.a_key().await;
    let body = json!({
        "Name": "db", "SecretString": "old", "ClientRequestToken": token(0), "KmsKeyId": key,
    });
    rig.h.call("CreateSecret", body).await.ok();

    let begun = rig.rotate(1).await;
    let of_the_request = rig.h.audit.events_of(&begun.request_id);
    rig.work().await;

    assert_eq!(of_the_request.len(), 1);
    assert_eq!(rig.events(), ["RotationStarted", "RotationSucceeded"]);
    assert_eq!(Some(rig.h.value("db").await), rig.rotator.password());
}

#[tokio::test]
async fn what_was_never_rotated_costs_no_further_record() {
    let h = Harness::new().await;
    h.a_secret("db", "old").await;

    let reads = h.store.stats().cache_misses;
    h.put("db", 1, "new", Value::Null).await;

    assert!(h.store.stats().cache_misses <= reads + 2);
    assert!(!h.app.rotate_next("worker").await.unwrap());
}
