//! The job that renews material when it is due.

use super::kit::*;
use super::stage::*;
use serde_json::{Value, json};
use testkit::Harness;

async fn a_rotating_key(h: &Harness, days: i64) -> String {
    let key = h.a_key().await;
    let body = json!({ "KeyId": key, "RotationPeriodInDays": days });
    h.kms("EnableKeyRotation", body).await.ok();
    key
}

async fn rotations(h: &Harness, key: &str) -> Vec<Value> {
    let listed = h.kms("ListKeyRotations", json!({ "KeyId": key })).await;
    listed.ok()["Rotations"].as_array().unwrap().clone()
}

async fn material(h: &Harness, key: &str) -> Value {
    described(h, key).await["CurrentKeyMaterialId"].clone()
}

async fn decrypted(h: &Harness, blob: &str) -> Value {
    let body = json!({ "CiphertextBlob": blob });
    h.kms("Decrypt", body).await.ok()["Plaintext"].clone()
}

#[tokio::test]
async fn material_is_renewed_when_its_period_is_over_and_not_before() {
    let h = Harness::new().await;
    let key = a_rotating_key(&h, 90).await;
    let still = h.a_key().await;
    let (first, kept) = (material(&h, &key).await, material(&h, &still).await);
    let old = encrypted(&h, &key, json!({})).await;

    h.clock.advance_days(89);
    h.app.tick().await.unwrap();
    let early = material(&h, &key).await;
    h.clock.advance_days(1);
    h.app.tick().await.unwrap();
    h.app.tick().await.unwrap();

    assert_eq!(early, first);
    assert_ne!(material(&h, &key).await, first);
    assert_eq!(material(&h, &still).await, kept);
    let done = rotations(&h, &key).await;
    assert_eq!(done.len(), 1);
    assert_eq!(done[0]["RotationType"], "AUTOMATIC");
    assert_eq!(done[0]["RotationDate"], 1_768_478_400 + 90 * 86_400);
    assert_eq!(decrypted(&h, &old).await, SECRET);
    let new = encrypted(&h, &key, json!({})).await;
    assert_eq!(decrypted(&h, &new).await, SECRET);
}

#[tokio::test]
async fn the_next_renewal_is_a_period_later_and_missed_ones_are_not_made_up() {
    let h = Harness::new().await;
    let key = a_rotating_key(&h, 90).await;
    let status = async || {
        let body = json!({ "KeyId": key });
        let status = h.kms("GetKeyRotationStatus", body).await.ok();
        status["NextRotationDate"].as_i64().unwrap()
    };
    let day = |n: i64| 1_768_478_400 + n * 86_400;

    h.clock.advance_days(100);
    h.app.tick().await.unwrap();
    let late = status().await;
    h.clock.advance_days(1_000);
    h.app.tick().await.unwrap();

    assert_eq!(late, day(180));
    assert_eq!(rotations(&h, &key).await.len(), 2);
    assert_eq!(status().await, day(1_190));
}

#[tokio::test]
async fn a_disabled_key_is_renewed_once_it_is_enabled_again() {
    let h = Harness::new().await;
    let key = a_rotating_key(&h, 90).await;
    let first = material(&h, &key).await;
    h.kms("DisableKey", json!({ "KeyId": key })).await.ok();

    h.clock.advance_days(91);
    h.app.tick().await.unwrap();
    let while_disabled = material(&h, &key).await;
    h.kms("EnableKey", json!({ "KeyId": key })).await.ok();
    h.app.tick().await.unwrap();

    assert_eq!(while_disabled, first);
    assert_ne!(material(&h, &key).await, first);
}

#[tokio::test]
async fn a_key_that_rotates_no_longer_keeps_its_material() {
    let h = Harness::new().await;
    let key = a_rotating_key(&h, 90).await;
    let first = material(&h, &key).await;
    h.kms("DisableKeyRotation", json!({ "KeyId": key }))
        .await
        .ok();

    h.clock.advance_days(91);
    h.app.tick().await.unwrap();

    assert_eq!(material(&h, &key).await, first);
}

#[tokio::test]
async fn every_key_that_is_due_is_renewed_and_told_of() {
    let h = Harness::new().await;
    let mut keys = Vec::new();
    for _ in 0..205 {
        keys.push(a_rotating_key(&h, 90).await);
    }

    h.clock.advance_days(90);
    h.app.tick().await.unwrap();

    for key in &keys {
        assert_eq!(rotations(&h, key).await.len(), 1);
    }
    let events = h.audit.named("RotateKey");
    assert_eq!(events.len(), keys.len());
    let event = events
        .iter()
        .find(|event| event["additionalEventData"]["keyId"] == keys[0])
        .unwrap();
    assert_eq!(event["eventType"], "AwsServiceEvent");
    assert_eq!(event["eventSource"], "kms.amazonaws.com");
    assert_eq!(
        event["additionalEventData"],
        json!({ "keyId": keys[0], "rotationType": "AUTOMATIC" })
    );
}

#[tokio::test]
async fn keys_of_services_are_renewed_every_year() {
    let h = Harness::new().await;
    let secret = h.a_secret("x", "value").await;
    let body = json!({ "KeyId": described(&h, "alias/aws/secretsmanager").await["Arn"] });

    h.clock.advance_days(365);
    h.app.tick().await.unwrap();

    let status = h.kms("GetKeyRotationStatus", body.clone()).await.ok();
    assert_eq!(status["KeyRotationEnabled"], true);
    assert_eq!(status["NextRotationDate"], 1_768_478_400 + 730 * 86_400);
    let read = h
        .call("GetSecretValue", json!({ "SecretId": secret }))
        .await
        .ok();
    assert_eq!(read["SecretString"], "value");
}

#[tokio::test]
async fn a_deletion_that_is_taken_back_brings_the_schedule_back() {
    let h = Harness::new().await;
    let key = a_rotating_key(&h, 90).await;
    let body = json!({ "KeyId": key });
    let before = h.kms("GetKeyRotationStatus", body.clone()).await.ok();

    doom(&h, &key).await;
    let doomed = h.kms("GetKeyRotationStatus", body.clone()).await.ok();
    h.kms("CancelKeyDeletion", body.clone()).await.ok();

    assert_eq!(
        doomed,
        json!({ "KeyRotationEnabled": false, "KeyId": id_of(&key) })
    );
    assert_eq!(h.kms("GetKeyRotationStatus", body).await.ok(), before);
}
