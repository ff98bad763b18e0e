//! The end of a recovery window: `App::tick` removes what is due.

use super::NOT_FOUND;
use serde_json::{Value, json};
use strongroom_services::Limits;
use testkit::{Engine, Harness, token};

async fn delete(h: &Harness, name: &str, days: i64) {
    let body = json!({ "SecretId": name, "RecoveryWindowInDays": days });
    h.call("DeleteSecret", body).await.ok();
}

#[tokio::test]
async fn a_secret_goes_when_its_window_ends_and_not_before() {
    for engine in [Engine::Memory, Engine::Sqlite] {
        let h = Harness::over(engine, Limits::default()).await;
        h.a_secret("db", "x").await;
        h.a_secret("stays", "x").await;
        delete(&h, "db", 7).await;

        h.clock.advance_seconds(7 * 86_400 - 1);
        h.app.tick().await.unwrap();
        assert_eq!(h.everything().await.as_array().map(Vec::len), Some(2));
        h.clock.advance_seconds(1);
        h.app.tick().await.unwrap();

        let gone = h.call("DescribeSecret", json!({ "SecretId": "db" })).await;
        gone.refused("ResourceNotFoundException", NOT_FOUND);
        assert_eq!(h.value("stays").await, "x");
    }
}

#[tokio::test]
async fn each_window_is_its_own() {
    let h = Harness::new().await;
    for (name, days) in [("a", 30), ("b", 7), ("c", 15)] {
        h.a_secret(name, "x").await;
        delete(&h, name, days).await;
    }

    let mut left = Vec::new();
    for _ in 0..3 {
        h.clock.advance_days(10);
        h.app.tick().await.unwrap();
        let all = h.everything().await;
        left.push(all.as_array().unwrap().len());
    }

    assert_eq!(left, [2, 1, 0]);
}

#[tokio::test]
async fn a_purged_name_is_free_for_another_secret() {
    let h = Harness::new().await;
    let old = h.a_secret("db", "old").await;
    delete(&h, "db", 7).await;
    h.clock.advance_days(7);
    let still_taken = json!({
        "Name": "db", "SecretString": "new", "ClientRequestToken": token(0),
    });
    h.call("CreateSecret", still_taken).await.refused(
        "InvalidRequestException",
        "You can't create this secret because a secret with this name is already scheduled for \
         deletion.",
    );

    h.app.tick().await.unwrap();
    let new = h.a_secret("db", "new").await;

    assert_ne!(new, old);
    assert_eq!(h.stages("db").await, "0:[AWSCURRENT]");
    assert_eq!(h.value("db").await, "new");
    let by_old_arn = h.call("GetSecretValue", json!({ "SecretId": old })).await;
    by_old_arn.refused("ResourceNotFoundException", NOT_FOUND);
}

#[tokio::test]
async fn a_purge_makes_room_in_the_quota() {
    let h = Harness::over(
        Engine::Sqlite,
        Limits {
            secrets: 1,
            ..Limits::default()
        },
    )
    .await;
    h.a_secret("a", "x").await;
    delete(&h, "a", 7).await;
    let body = json!({ "Name": "b", "SecretString": "x", "ClientRequestToken": token(0) });
    h.call("CreateSecret", body.clone()).await.refused(
        "LimitExceededException",
        "The account has reached its limit of secrets in this Region.",
    );

    h.clock.advance_days(7);
    h.app.tick().await.unwrap();

    h.call("CreateSecret", body).await.ok();
}

#[tokio::test]
async fn a_purge_is_recorded_for_each_version_and_happens_once() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "x").await;
    h.put("db", 1, "y", Value::Null).await;
    h.put("db", 2, "z", Value::Null).await;
    delete(&h, "db", 7).await;
    h.clock.advance_days(7);
    h.app.tick().await.unwrap();

    h.app.tick().await.unwrap();

    let events = h.audit.named("EndSecretVersionDelete");
    assert_eq!(events.len(), 3);
    for (n, event) in events.iter().enumerate() {
        let detail = json!({ "SecretId": arn, "SecretVersionId": token(n) });
        assert_eq!(event["additionalEventData"], detail);
        assert_eq!(event["eventType"], "AwsServiceEvent");
        assert_eq!(event["eventTime"], "2026-01-22T12:00:00Z");
        assert_eq!(event["awsRegion"], "us-east-1");
        assert_eq!(event["recipientAccountId"], "123456789012");
    }
}

#[tokio::test]
async fn many_that_are_due_at_once_all_go() {
    let h = Harness::new().await;
    for n in 0..230 {
        let name = format!("db{n}");
        h.a_secret(&name, "x").await;
        delete(&h, &name, 7).await;
    }
    h.clock.advance_days(8);

    h.app.tick().await.unwrap();

    assert_eq!(h.everything().await, json!([]));
    assert_eq!(h.audit.named("EndSecretVersionDelete").len(), 230);
}

#[tokio::test]
async fn every_account_and_region_is_purged() {
    let h = Harness::new().await;
    let other = h.another_account("999988887777").await;
    let elsewhere = h.root.in_region("eu-west-1");
    let body = json!({ "Name": "db", "SecretString": "x", "ClientRequestToken": token(0) });
    for caller in [&h.root, &other, &elsewhere] {
        h.call_as(caller, "CreateSecret", body.clone()).await.ok();
        h.call_as(caller, "DeleteSecret", json!({ "SecretId": "db" }))
            .await
            .ok();
    }
    h.clock.advance_days(30);

    h.app.tick().await.unwrap();

    for caller in [&h.root, &other, &elsewhere] {
        let list = json!({ "IncludePlannedDeletion": true });
        let left = h.call_as(caller, "ListSecrets", list).await.ok();
        assert_eq!(left, json!({ "SecretList": [] }));
    }
}

#[tokio::test]
async fn a_purge_that_cannot_be_recorded_is_an_error() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    delete(&h, "db", 7).await;
    h.clock.advance_days(7);
    h.audit.fail(true);

    assert!(h.app.tick().await.is_err());

    let outbox = h.store.outbox(10).await.unwrap();
    let last = String::from_utf8(outbox.last().unwrap().body.clone()).unwrap();
    assert!(last.contains("EndSecretVersionDelete"), "{last}");
}
