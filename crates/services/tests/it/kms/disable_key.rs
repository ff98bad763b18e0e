use super::kit::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_disabled_key_does_nothing_and_can_be_looked_at() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let blob = encrypted(&h, &key, json!({})).await;

    let reply = h.kms("DisableKey", json!({ "KeyId": key })).await;

    assert_eq!(reply.ok(), json!({}));
    for (operation, body) in uses_of(&key, &blob) {
        let reply = h.kms(operation, body).await;
        reply.refused("DisabledException", &format!("{key} is disabled."));
    }
    let shown = described(&h, &key).await;
    assert_eq!(
        (&shown["KeyState"], &shown["Enabled"]),
        (&json!("Disabled"), &json!(false))
    );
    h.kms("GetKeyPolicy", json!({ "KeyId": key })).await.ok();
}

#[tokio::test]
async fn a_key_to_be_deleted_stays_so() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    h.kms("ScheduleKeyDeletion", json!({ "KeyId": key }))
        .await
        .ok();

    let reply = h.kms("DisableKey", json!({ "KeyId": key })).await;

    reply.refused(
        "KMSInvalidStateException",
        &format!("{key} is pending deletion."),
    );
}

#[tokio::test]
async fn a_key_of_another_account_cannot_be_managed_whatever_its_policy_says() {
    let h = Harness::new().await;
    let other = h.another_account("999988887777").await;
    let theirs = statement("Allow", Some("999988887777"), "kms:*");
    let key = a_key_with(&h, &[theirs]).await;

    h.kms_as(&other, "DescribeKey", json!({ "KeyId": key }))
        .await
        .ok();
    let reply = h
        .kms_as(&other, "DisableKey", json!({ "KeyId": key }))
        .await;

    let root = "arn:aws:iam::999988887777:root";
    let text = denial(root, "DisableKey", &key, "resource-based");
    reply.refused("AccessDeniedException", &text);
    assert_eq!(described(&h, &key).await["KeyState"], "Enabled");
}
