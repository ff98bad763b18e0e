use super::kit::*;
use super::stage::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_key_stops_rotating_and_stopping_twice_is_idempotent() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let body = json!({ "KeyId": key });
    h.kms("EnableKeyRotation", body.clone()).await.ok();

    for _ in 0..2 {
        assert_done(&h.kms("DisableKeyRotation", body.clone()).await);
        let status = h.kms("GetKeyRotationStatus", body.clone()).await.ok();
        let expected = json!({ "KeyRotationEnabled": false, "KeyId": id_of(&key) });
        assert_eq!(status, expected);
    }
}

#[tokio::test]
async fn a_schedule_begins_anew_when_it_is_enabled_again() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let body = json!({ "KeyId": key });
    h.kms("EnableKeyRotation", body.clone()).await.ok();
    h.clock.advance_days(100);
    h.kms("DisableKeyRotation", body.clone()).await.ok();

    h.kms("EnableKeyRotation", body.clone()).await.ok();

    let status = h.kms("GetKeyRotationStatus", body).await.ok();
    assert_eq!(status["NextRotationDate"], 1_768_478_400 + 465 * 86_400);
}

#[tokio::test]
async fn only_keys_of_ones_own_that_can_be_used_stop() {
    let h = Harness::new().await;
    assert_manages_own_keys_only(&h, "DisableKeyRotation", &json!({})).await;
    assert_needs_enabled_key(&h, "DisableKeyRotation", &json!({})).await;
}
