use super::{DAY, NOT_FOUND};
use serde_json::{Value, json};
use testkit::{Harness, token};

async fn restore(h: &Harness) -> testkit::Reply {
    h.call("RestoreSecret", json!({ "SecretId": "db" })).await
}

#[tokio::test]
async fn restoring_takes_a_deletion_back_completely() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "0").await;
    h.put("db", 1, "1", json!(["AWSCURRENT", "BLUE"])).await;
    let tags = json!({ "SecretId": "db", "Tags": [{ "Key": "k", "Value": "v" }] });
    h.call("TagResource", tags).await.ok();
    let before = h.everything().await;
    h.call("DeleteSecret", json!({ "SecretId": "db" }))
        .await
        .ok();
    h.clock.advance_seconds(30 * DAY - 1);
    h.app.tick().await.unwrap();

    let answer = restore(&h).await.ok();

    assert_eq!(answer, json!({ "ARN": arn, "Name": "db" }));
    assert_eq!(h.everything().await, before);
    assert_eq!(h.value("db").await, "1");
}

#[tokio::test]
async fn a_restored_secret_is_never_purged() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    h.call("DeleteSecret", json!({ "SecretId": "db" }))
        .await
        .ok();
    restore(&h).await.ok();

    h.clock.advance_days(400);
    h.app.tick().await.unwrap();

    assert_eq!(h.value("db").await, "x");
    assert_eq!(h.audit.named("EndSecretVersionDelete"), Vec::<Value>::new());
}

#[tokio::test]
async fn with_nothing_to_take_back_restoring_succeeds_unchanged() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "x").await;
    let before = h.everything().await;
    let commits = h.store.stats().commits;

    let reply = restore(&h).await;

    assert_eq!(reply.ok(), json!({ "ARN": arn, "Name": "db" }));
    assert_eq!(h.audit.events_of(&reply.request_id).len(), 1);
    assert_eq!(h.store.stats().commits, commits);
    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn what_is_missing_or_purged_is_not_found() {
    let h = Harness::new().await;

    restore(&h)
        .await
        .refused("ResourceNotFoundException", NOT_FOUND);
    h.a_secret("db", "x").await;
    h.call(
        "DeleteSecret",
        json!({ "SecretId": "db", "RecoveryWindowInDays": 7 }),
    )
    .await
    .ok();
    h.clock.advance_days(7);
    h.app.tick().await.unwrap();

    restore(&h)
        .await
        .refused("ResourceNotFoundException", NOT_FOUND);
    assert_eq!(h.everything().await, json!([]));
}

#[tokio::test]
async fn after_the_window_and_before_the_purge_it_is_not_too_late() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    h.call("DeleteSecret", json!({ "SecretId": "db" }))
        .await
        .ok();
    h.clock.advance_days(31);

    restore(&h).await.ok();
    h.app.tick().await.unwrap();

    assert_eq!(h.value("db").await, "x");
}

#[tokio::test]
async fn restoring_is_recorded_for_each_version() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "x").await;
    h.put("db", 1, "y", Value::Null).await;
    h.call("DeleteSecret", json!({ "SecretId": "db" }))
        .await
        .ok();

    let reply = restore(&h).await;

    let events = h.audit.events_of(&reply.request_id);
    assert_eq!(events.len(), 3);
    assert_eq!(events[0]["eventName"], "RestoreSecret");
    assert_eq!(events[0]["requestParameters"], json!({ "secretId": "db" }));
    assert_eq!(events[0]["resources"][0]["ARN"], arn);
    for (n, event) in events[1..].iter().enumerate() {
        assert_eq!(event["eventName"], "CancelSecretVersionDelete");
        assert_eq!(event["eventType"], "AwsServiceEvent");
        let detail = json!({ "SecretId": arn, "SecretVersionId": token(n) });
        assert_eq!(event["additionalEventData"], detail);
    }
}
