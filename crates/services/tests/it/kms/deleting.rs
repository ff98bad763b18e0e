//! The job that deletes keys whose window has ended.

use super::kit::*;
use serde_json::json;
use strongroom_services::Limits;
use testkit::{Engine, Harness};

#[tokio::test]
async fn a_key_is_deleted_when_its_window_ends_and_not_before() {
    for engine in [Engine::Memory, Engine::Sqlite] {
        let h = Harness::over(engine, Limits::default()).await;
        let (key, other) = (h.a_key().await, h.a_key().await);
        let blob = encrypted(&h, &key, json!({})).await;
        for (key, days) in [(&key, 7), (&other, 8)] {
            let body = json!({ "KeyId": key, "PendingWindowInDays": days });
            h.kms("ScheduleKeyDeletion", body).await.ok();
        }

        h.clock.advance_seconds(7 * 86_400 - 1);
        h.app.tick().await.unwrap();
        assert_eq!(described(&h, &key).await["KeyState"], "PendingDeletion");
        h.clock.advance_seconds(1);
        h.app.tick().await.unwrap();

        let gone = format!("Key '{key}' does not exist");
        let reply = h.kms("DescribeKey", json!({ "KeyId": key })).await;
        reply.refused("NotFoundException", &gone);
        let reply = h.kms("Decrypt", json!({ "CiphertextBlob": blob })).await;
        assert_eq!(reply.json()["__type"], "AccessDeniedException");
        assert_eq!(described(&h, &other).await["KeyState"], "PendingDeletion");
        let listed = h.kms("ListKeys", json!({})).await.ok();
        assert_eq!(listed["Keys"].as_array().map(Vec::len), Some(1));
    }
}

#[tokio::test]
async fn more_keys_than_a_page_are_deleted_at_once() {
    let h = Harness::new().await;
    for _ in 0..230 {
        let body = json!({ "KeyId": h.a_key().await, "PendingWindowInDays": 7 });
        h.kms("ScheduleKeyDeletion", body).await.ok();
    }
    h.clock.advance_seconds(7 * 86_400);

    h.app.tick().await.unwrap();

    assert_eq!(h.kms("ListKeys", json!({})).await.ok()["Keys"], json!([]));
}

#[tokio::test]
async fn a_key_that_is_kept_is_never_deleted() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    h.kms("ScheduleKeyDeletion", json!({ "KeyId": key }))
        .await
        .ok();
    h.kms("CancelKeyDeletion", json!({ "KeyId": key }))
        .await
        .ok();

    h.clock.advance_seconds(400 * 86_400);
    h.app.tick().await.unwrap();

    assert_eq!(described(&h, &key).await["KeyState"], "Disabled");
}

#[tokio::test]
async fn a_deletion_leaves_an_event() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    h.kms("ScheduleKeyDeletion", json!({ "KeyId": key }))
        .await
        .ok();
    h.clock.advance_seconds(30 * 86_400);

    h.app.tick().await.unwrap();
    h.app.tick().await.unwrap();

    let events = h.audit.events();
    let deleted: Vec<_> = events
        .iter()
        .filter(|event| event["eventName"] == "DeleteKey")
        .collect();
    assert_eq!(deleted.len(), 1);
    assert_eq!(deleted[0]["eventSource"], "kms.amazonaws.com");
    assert_eq!(deleted[0]["eventType"], "AwsServiceEvent");
    assert_eq!(deleted[0]["additionalEventData"], json!({ "keyId": key }));
}
