use super::kit::*;
use serde_json::json;
use testkit::{Harness, with};

#[tokio::test]
async fn a_description_changes_and_nothing_else() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let before = described(&h, &key).await;

    let body = json!({ "KeyId": key, "Description": "größe\n" });
    let reply = h.kms("UpdateKeyDescription", body).await;

    assert_eq!(reply.ok(), json!({}));
    let after = with(before, json!({ "Description": "größe\n" }));
    assert_eq!(described(&h, &key).await, after);
}

#[tokio::test]
async fn a_disabled_key_can_be_described_anew_and_one_to_be_deleted_cannot() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let body = json!({ "KeyId": key, "Description": "" });

    h.kms("DisableKey", json!({ "KeyId": key })).await.ok();
    h.kms("UpdateKeyDescription", body.clone()).await.ok();
    h.kms("ScheduleKeyDeletion", json!({ "KeyId": key }))
        .await
        .ok();
    let reply = h.kms("UpdateKeyDescription", body).await;

    reply.refused(
        "KMSInvalidStateException",
        &format!("{key} is pending deletion."),
    );
}
