use super::kit::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_disabled_key_works_again() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let blob = encrypted(&h, &key, json!({})).await;
    let before = described(&h, &key).await;
    h.kms("DisableKey", json!({ "KeyId": key })).await.ok();

    let reply = h.kms("EnableKey", json!({ "KeyId": id_of(&key) })).await;

    assert_eq!(reply.ok(), json!({}));
    assert_eq!(described(&h, &key).await, before);
    let opened = h
        .kms("Decrypt", json!({ "CiphertextBlob": blob }))
        .await
        .ok();
    assert_eq!(opened["Plaintext"], SECRET);
}

#[tokio::test]
async fn enabling_twice_is_idempotent_and_a_key_to_be_deleted_stays_so() {
    let h = Harness::new().await;
    let key = h.a_key().await;

    h.kms("EnableKey", json!({ "KeyId": key })).await.ok();
    h.kms("ScheduleKeyDeletion", json!({ "KeyId": key }))
        .await
        .ok();
    let reply = h.kms("EnableKey", json!({ "KeyId": key })).await;

    reply.refused(
        "KMSInvalidStateException",
        &format!("{key} is pending deletion."),
    );
    assert_eq!(described(&h, &key).await["KeyState"], "PendingDeletion");
}

#[tokio::test]
async fn an_alias_names_no_key_to_manage() {
    let h = Harness::new().await;

    let reply = h.kms("EnableKey", json!({ "KeyId": "alias/x" })).await;

    reply.refused("NotFoundException", "Invalid keyId 'alias/x'");
}

#[tokio::test]
async fn the_event_names_the_key() {
    let h = Harness::new().await;
    let key = h.a_key().await;

    let reply = h.kms("EnableKey", json!({ "KeyId": id_of(&key) })).await;

    let event = &h.audit.events_of(&reply.request_id)[0];
    assert_eq!(event["resources"][0]["ARN"], key);
    assert_eq!(event["requestParameters"], json!({ "keyId": id_of(&key) }));
    assert_eq!(event["responseElements"], json!({ "keyId": key }));
    assert_eq!(event["readOnly"], false);
}
