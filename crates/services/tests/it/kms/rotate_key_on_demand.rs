use super::kit::*;
use super::stage::*;
use serde_json::{Value, json};
use testkit::Harness;

async fn decrypted(h: &Harness, blob: &str, context: &Value) -> Value {
    let body = json!({ "CiphertextBlob": blob, "EncryptionContext": context });
    h.kms("Decrypt", body).await.ok()["Plaintext"].clone()
}

#[tokio::test]
async fn old_ciphertexts_stay_readable_and_new_ones_are_of_new_material() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let context = json!({ "a": "1" });
    let mut blobs = vec![encrypted(&h, &key, context.clone()).await];
    let mut materials = vec![described(&h, &key).await["CurrentKeyMaterialId"].clone()];

    for _ in 0..3 {
        let reply = h.kms("RotateKeyOnDemand", json!({ "KeyId": key })).await;
        assert_eq!(reply.ok(), json!({ "KeyId": id_of(&key) }));
        blobs.push(encrypted(&h, &key, context.clone()).await);
        let material = described(&h, &key).await["CurrentKeyMaterialId"].clone();
        assert!(!materials.contains(&material));
        materials.push(material);
    }

    for blob in &blobs {
        assert_eq!(decrypted(&h, blob, &context).await, SECRET);
    }
}

#[tokio::test]
async fn the_twenty_fifth_rotation_is_the_last() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let old = encrypted(&h, &key, json!({})).await;
    let body = json!({ "KeyId": key });
    for _ in 0..25 {
        h.kms("RotateKeyOnDemand", body.clone()).await.ok();
    }
    let last = described(&h, &key).await;

    let reply = h.kms("RotateKeyOnDemand", body).await;

    let text = format!(
        "The on-demand rotations limit has been reached for the given keyId. No more on-demand \
         rotations can be performed for this key: {key}"
    );
    reply.refused("LimitExceededException", &text);
    assert_eq!(described(&h, &key).await, last);
    assert_eq!(decrypted(&h, &old, &json!({})).await, SECRET);
}

#[tokio::test]
async fn the_schedule_stays_and_its_rotations_do_not_count() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let body = json!({ "KeyId": key });
    let period = json!({ "KeyId": key, "RotationPeriodInDays": 90 });
    h.kms("EnableKeyRotation", period).await.ok();
    for _ in 0..26 {
        h.clock.advance_days(90);
        h.app.tick().await.unwrap();
    }
    let before = h.kms("GetKeyRotationStatus", body.clone()).await.ok();

    h.kms("RotateKeyOnDemand", body.clone()).await.ok();

    assert_eq!(h.kms("GetKeyRotationStatus", body).await.ok(), before);
}

#[tokio::test]
async fn a_rotation_is_told_of_twice() {
    let h = Harness::new().await;
    let key = h.a_key().await;

    let reply = h.kms("RotateKeyOnDemand", json!({ "KeyId": key })).await;

    let call = &h.audit.events_of(&reply.request_id)[0];
    assert_eq!(call["responseElements"], json!({ "keyId": id_of(&key) }));
    let events = h.audit.named("RotateKey");
    assert_eq!(events.len(), 1);
    assert_eq!(
        events[0]["additionalEventData"],
        json!({ "keyId": key, "rotationType": "ON_DEMAND" })
    );
}

#[tokio::test]
async fn only_keys_of_ones_own_that_can_be_used_are_rotated() {
    let h = Harness::new().await;
    assert_manages_own_keys_only(&h, "RotateKeyOnDemand", &json!({})).await;
    assert_needs_enabled_key(&h, "RotateKeyOnDemand", &json!({})).await;
}
