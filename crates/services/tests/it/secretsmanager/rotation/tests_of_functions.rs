//! `RotateImmediately=false`: the function is tried with a copy of the current value.

use super::kit::{Act, FUNCTION, Rig};
use serde_json::{Value, json};
use testkit::token;

async fn configure(rig: &Rig, n: usize) -> testkit::Reply {
    rig.rotate_with(n, json!({ "RotateImmediately": false }))
        .await
}

#[tokio::test]
async fn a_test_calls_the_function_once_with_a_copy_of_the_value() {
    let rig = Rig::new().await;
    let arn = rig.h.a_secret("db", "old").await;
    let before = rig.labels().await;

    let configured = configure(&rig, 1).await.ok();
    assert_eq!(
        configured,
        json!({ "ARN": arn, "Name": "db", "VersionId": token(1) })
    );
    let body = json!({ "SecretId": "db", "VersionStage": "AWSPENDING" });
    let pending = rig.h.call("GetSecretValue", body).await.ok();
    assert_eq!(pending["SecretString"], "old");
    assert_eq!(pending["VersionId"], token(1));
    assert_eq!(pending["VersionStages"], json!(["AWSPENDING"]));
    rig.work().await;

    assert_eq!(rig.rotator.steps(), ["testSecret"]);
    assert_eq!(
        rig.events(),
        ["TestRotationStarted", "TestRotationSucceeded"]
    );
    assert_eq!(rig.labels().await, before);
    let body = json!({ "SecretId": "db", "IncludeDeprecated": true });
    let listed = rig.h.call("ListSecretVersionIds", body).await.ok();
    assert_eq!(listed["Versions"].as_array().unwrap().len(), 1);
    let described = rig.describe("db").await;
    assert_eq!(described["RotationEnabled"], true);
    assert!(described.get("LastRotatedDate").is_none());
    assert_eq!(rig.h.value("db").await, "old");
}

#[tokio::test]
async fn a_test_of_a_value_under_a_customers_key_calls_no_kms_of_its_own() {
    let rig = Rig::new().await;
    let key = rig.h.a_key().await;
    let body = json!({
        "Name": "db", "SecretString": "old", "ClientRequestToken": token(0), "KmsKeyId": key,
    });
    rig.h.call("CreateSecret", body).await.ok();

    let configured = configure(&rig, 1).await;

    assert_eq!(rig.h.audit.events_of(&configured.request_id).len(), 1);
    let body = json!({ "SecretId": "db", "VersionStage": "AWSPENDING" });
    let pending = rig.h.call("GetSecretValue", body).await.ok();
    assert_eq!(pending["SecretString"], "old");
}

#[tokio::test]
async fn a_test_that_fails_is_not_tried_again_and_keeps_the_configuration() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    rig.rotator.script("testSecret", [Act::Fail]);

    configure(&rig, 1).await.ok();
    rig.work().await;
    rig.h.clock.advance_days(1);
    rig.work().await;

    let text = format!(
        "TestRotationFailed: Error when executing lambda {FUNCTION} during testSecret step"
    );
    assert_eq!(rig.events(), ["TestRotationStarted", &text]);
    assert_eq!(rig.rotator.steps(), ["testSecret"]);
    assert_eq!(rig.labels().await, json!({ token(0): ["AWSCURRENT"] }));
    assert_eq!(rig.describe("db").await["RotationEnabled"], true);
    rig.rotate(2).await.ok();
}

#[tokio::test]
async fn a_secret_without_a_value_is_tested_without_one() {
    let rig = Rig::new().await;
    let body = json!({ "Name": "db", "ClientRequestToken": token(0) });
    rig.h.call("CreateSecret", body).await.ok();
    rig.rotator.script("testSecret", [Act::Skip]);

    configure(&rig, 1).await.ok();
    assert_eq!(rig.labels().await, json!({ token(1): ["AWSPENDING"] }));
    rig.work().await;

    assert_eq!(rig.labels().await, Value::Null);
    assert_eq!(
        rig.events(),
        ["TestRotationStarted", "TestRotationSucceeded"]
    );
}

#[tokio::test]
async fn what_comes_in_between_of_a_test_removes_its_version() {
    let put = json!({
        "SecretId": "db", "SecretString": "mine", "ClientRequestToken": token(7),
    });
    let removal = json!({
        "SecretId": "db", "VersionStage": "AWSPENDING", "RemoveFromVersionId": token(1),
    });
    let db = json!({ "SecretId": "db" });
    let again = json!({ "SecretId": "db", "ClientRequestToken": token(2) });
    let anew = vec![
        ("UpdateSecretVersionStage", removal.clone()),
        ("RotateSecret", again),
    ];
    for (calls, events, versions) in [
        (vec![("PutSecretValue", put)], 2, 2),
        (vec![("CancelRotateSecret", db.clone())], 1, 1),
        (vec![("DeleteSecret", db.clone())], 1, 1),
        (vec![("UpdateSecretVersionStage", removal)], 2, 1),
        (anew, 4, 2),
    ] {
        let rig = Rig::new().await;
        rig.h.a_secret("db", "old").await;
        let told = format!("{calls:?}");
        rig.rotator.script("testSecret", [Act::BeforeAll(calls)]);

        configure(&rig, 1).await.ok();
        rig.work().await;

        assert_eq!(rig.events().len(), events, "{told}: {:?}", rig.events());
        let body = json!({ "SecretId": "db", "IncludeDeprecated": true });
        let listed = rig.h.call("ListSecretVersionIds", body).await.ok();
        let listed = listed["Versions"].as_array().unwrap();
        assert_eq!(listed.len(), versions, "{told}: {listed:?}");
        assert!(listed.iter().all(|one| one["VersionId"] != token(1)));
        let body = json!({ "SecretId": "db", "VersionId": token(1) });
        let read = rig.h.call("GetSecretValue", body).await;
        assert_ne!(read.status, 200, "{told}");
    }
}

#[tokio::test]
async fn a_version_of_a_test_that_was_given_a_label_stays() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    let blue = json!({ "SecretId": "db", "VersionStage": "BLUE", "MoveToVersionId": token(1) });
    rig.rotator.script(
        "testSecret",
        [Act::Before("UpdateSecretVersionStage", blue)],
    );

    configure(&rig, 1).await.ok();
    rig.work().await;

    assert_eq!(
        rig.labels().await,
        json!({ token(0): ["AWSCURRENT"], token(1): ["BLUE"] })
    );
    let body = json!({ "SecretId": "db", "VersionStage": "BLUE" });
    let read = rig.h.call("GetSecretValue", body).await.ok();
    assert_eq!(read["SecretString"], "old");
}
