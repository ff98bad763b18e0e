use super::kit::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_key_that_is_kept_is_disabled_and_can_be_enabled() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let blob = encrypted(&h, &key, json!({})).await;
    let before = described(&h, &key).await;
    h.kms("ScheduleKeyDeletion", json!({ "KeyId": key }))
        .await
        .ok();

    let kept = h
        .kms("CancelKeyDeletion", json!({ "KeyId": id_of(&key) }))
        .await
        .ok();

    assert_eq!(kept, json!({ "KeyId": key }));
    assert_eq!(described(&h, &key).await["KeyState"], "Disabled");
    h.kms("EnableKey", json!({ "KeyId": key })).await.ok();
    assert_eq!(described(&h, &key).await, before);
    h.kms("Decrypt", json!({ "CiphertextBlob": blob }))
        .await
        .ok();
}

#[tokio::test]
async fn a_key_that_was_not_to_be_deleted_is_left_alone() {
    let h = Harness::new().await;
    let key = h.a_key().await;

    let reply = h.kms("CancelKeyDeletion", json!({ "KeyId": key })).await;

    reply.refused(
        "KMSInvalidStateException",
        &format!("{key} is not pending deletion."),
    );
    assert_eq!(described(&h, &key).await["KeyState"], "Enabled");
}
