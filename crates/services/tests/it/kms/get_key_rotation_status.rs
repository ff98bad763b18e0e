use super::kit::*;
use super::stage::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_new_key_does_not_rotate() {
    let h = Harness::new().await;
    let key = h.a_key().await;

    for name in [key.as_str(), id_of(&key)] {
        let status = h
            .kms("GetKeyRotationStatus", json!({ "KeyId": name }))
            .await;
        let expected = json!({ "KeyRotationEnabled": false, "KeyId": id_of(&key) });
        assert_eq!(status.ok(), expected);
    }
}

#[tokio::test]
async fn a_disabled_key_keeps_its_status() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let body = json!({ "KeyId": key });
    h.kms("EnableKeyRotation", body.clone()).await.ok();
    let before = h.kms("GetKeyRotationStatus", body.clone()).await.ok();

    h.kms("DisableKey", body.clone()).await.ok();

    assert_eq!(before["KeyRotationEnabled"], true);
    assert_eq!(h.kms("GetKeyRotationStatus", body).await.ok(), before);
}

#[tokio::test]
async fn a_key_policy_shows_the_status_to_another_account() {
    let h = Harness::new().await;
    let other = h.another_account(OTHER).await;
    let root = format!("arn:aws:iam::{OTHER}:root");
    let allow = statement("Allow", Some(&root), "kms:GetKeyRotationStatus");
    let (shared, closed) = (a_key_with(&h, &[allow]).await, h.a_key().await);

    let seen = json!({ "KeyId": shared });
    let seen = h.kms_as(&other, "GetKeyRotationStatus", seen).await;
    let refused = json!({ "KeyId": closed });
    let refused = h.kms_as(&other, "GetKeyRotationStatus", refused).await;

    assert_eq!(seen.ok()["KeyId"], id_of(&shared));
    assert_no_leave(&refused, "GetKeyRotationStatus");
}

#[tokio::test]
async fn what_is_not_there_or_not_allowed_is_refused() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let user = h.a_user("ana", None).await;

    let missing = h
        .kms("GetKeyRotationStatus", json!({ "KeyId": NO_KEY }))
        .await;
    let alias = json!({ "KeyId": "alias/x" });
    let alias = h.kms("GetKeyRotationStatus", alias).await;
    let body = json!({ "KeyId": key });
    let refused = h.kms_as(&user, "GetKeyRotationStatus", body).await;

    let text = format!("Key '{NO_KEY_ARN}' does not exist");
    missing.refused("NotFoundException", &text);
    alias.refused("NotFoundException", "Invalid keyId 'alias/x'");
    assert_denied(&refused, &user_arn("ana"), "GetKeyRotationStatus", &key);
}
