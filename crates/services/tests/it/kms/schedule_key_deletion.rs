use super::kit::*;
use serde_json::json;
use testkit::{Harness, with};

const NOON: i64 = 1_768_478_400;
const DAY: i64 = 86_400;

#[tokio::test]
async fn a_key_waits_for_its_deletion_and_does_nothing() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let blob = encrypted(&h, &key, json!({})).await;
    let before = described(&h, &key).await;

    let body = json!({ "KeyId": id_of(&key), "PendingWindowInDays": 7 });
    let scheduled = h.kms("ScheduleKeyDeletion", body).await.ok();

    let due = NOON + 7 * DAY;
    let expected = json!({
        "KeyId": key, "DeletionDate": due, "KeyState": "PendingDeletion", "PendingWindowInDays": 7,
    });
    assert_eq!(scheduled, expected);
    let waiting = json!({ "Enabled": false, "KeyState": "PendingDeletion", "DeletionDate": due });
    assert_eq!(described(&h, &key).await, with(before, waiting));
    for (operation, body) in uses_of(&key, &blob) {
        let reply = h.kms(operation, body).await;
        reply.refused(
            "KMSInvalidStateException",
            &format!("{key} is pending deletion."),
        );
    }
}

#[tokio::test]
async fn the_window_is_thirty_days_unless_another_is_given() {
    let h = Harness::new().await;

    for (window, days) in [(json!(null), 30), (json!(30), 30), (json!(8), 8)] {
        let body = json!({ "KeyId": h.a_key().await, "PendingWindowInDays": window });
        let scheduled = h.kms("ScheduleKeyDeletion", body).await.ok();
        assert_eq!(scheduled["DeletionDate"], NOON + days * DAY);
        assert_eq!(scheduled["PendingWindowInDays"], days);
    }
}

#[tokio::test]
async fn a_window_out_of_bounds_changes_nothing() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let before = described(&h, &key).await;

    for days in [1, 6, 31, 365] {
        let body = json!({ "KeyId": key, "PendingWindowInDays": days });
        h.kms("ScheduleKeyDeletion", body).await.refused(
            "ValidationException",
            "PendingWindowInDays must be between 7 and 30 days (inclusive).",
        );
    }

    assert_eq!(described(&h, &key).await, before);
}

#[tokio::test]
async fn a_second_schedule_is_refused_and_leaves_the_first() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let body = json!({ "KeyId": key, "PendingWindowInDays": 9 });
    h.kms("ScheduleKeyDeletion", body).await.ok();

    let again = json!({ "KeyId": key, "PendingWindowInDays": 7 });
    let reply = h.kms("ScheduleKeyDeletion", again).await;

    reply.refused(
        "KMSInvalidStateException",
        &format!("{key} is pending deletion."),
    );
    assert_eq!(described(&h, &key).await["DeletionDate"], NOON + 9 * DAY);
}

#[tokio::test]
async fn a_policy_can_ask_for_a_long_window() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let name = "kms:ScheduleKeyDeletionPendingWindowInDays";
    let long = json!({ "NumericGreaterThanEquals": { name: "20" } });
    let allowed = statement("Allow", None, "kms:ScheduleKeyDeletion");
    let user = h
        .a_user(
            "alice",
            Some(&policy(&[with(allowed, json!({ "Condition": long }))])),
        )
        .await;

    let short = json!({ "KeyId": key, "PendingWindowInDays": 19 });
    let reply = h.kms_as(&user, "ScheduleKeyDeletion", short).await;
    assert_denied(
        &reply,
        "arn:aws:iam::123456789012:user/alice",
        "ScheduleKeyDeletion",
        &key,
    );
    let by_default = json!({ "KeyId": key });
    h.kms_as(&user, "ScheduleKeyDeletion", by_default)
        .await
        .ok();
}
