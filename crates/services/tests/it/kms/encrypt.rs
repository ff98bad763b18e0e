use super::kit::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_ciphertext_names_its_key_and_not_its_content() {
    let h = Harness::new().await;
    let key = h.a_key().await;

    let body = json!({ "KeyId": id_of(&key), "Plaintext": SECRET });
    let one = h.kms("Encrypt", body.clone()).await.ok();
    let other = h.kms("Encrypt", body).await.ok();

    assert_eq!(one["KeyId"], key);
    assert_eq!(one["EncryptionAlgorithm"], "SYMMETRIC_DEFAULT");
    assert_ne!(one["CiphertextBlob"], other["CiphertextBlob"]);
    let blob = bytes(&one["CiphertextBlob"]);
    assert!(!blob.windows(6).any(|run| run == b"secret"));
    assert!(blob.windows(36).any(|run| run == id_of(&key).as_bytes()));
}

#[tokio::test]
async fn a_context_of_eight_kibibytes_is_the_most() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let encrypt = |length: usize| {
        let context = json!({ "name": "x".repeat(length) });
        let body = json!({ "KeyId": key, "Plaintext": SECRET, "EncryptionContext": context });
        h.kms("Encrypt", body)
    };

    encrypt(8_188).await.ok();
    let text = "The encryption context is longer than 8192 bytes.";
    encrypt(8_189).await.refused("ValidationException", text);
}

#[tokio::test]
async fn an_empty_context_is_none() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let blob = encrypted(&h, &key, json!({})).await;

    let opened = h
        .kms("Decrypt", json!({ "CiphertextBlob": blob }))
        .await
        .ok();

    assert_eq!(opened["Plaintext"], SECRET);
}

#[tokio::test]
async fn the_longest_plaintext_comes_back() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let longest = data_encoding::BASE64.encode(&[7; 4_096]);

    let body = json!({ "KeyId": key, "Plaintext": longest });
    let sealed = h.kms("Encrypt", body).await.ok();

    assert!(bytes(&sealed["CiphertextBlob"]).len() <= 6_144);
    let body = json!({ "CiphertextBlob": sealed["CiphertextBlob"] });
    assert_eq!(h.kms("Decrypt", body).await.ok()["Plaintext"], longest);
}

#[tokio::test]
async fn the_event_shows_no_plaintext() {
    let h = Harness::new().await;
    let key = h.a_key().await;

    let body = json!({ "KeyId": key, "Plaintext": SECRET, "EncryptionContext": { "A b": "1" } });
    let reply = h.kms("Encrypt", body).await;

    let event = &h.audit.events_of(&reply.request_id)[0];
    let shown = json!({ "keyId": key, "encryptionContext": { "A b": "1" } });
    assert_eq!(event["requestParameters"], shown);
    assert_eq!(
        (&event["readOnly"], &event["responseElements"]),
        (&json!(true), &json!(null))
    );
    assert!(!event.to_string().contains(SECRET));
}

#[tokio::test]
async fn a_dry_run_and_a_wrong_algorithm_encrypt_nothing() {
    let h = Harness::new().await;
    let key = h.a_key().await;

    for (more, code, text) in [
        (
            json!({ "DryRun": true }),
            "DryRunOperationException",
            String::from("The request would have succeeded, but the DryRun option is set."),
        ),
        (
            json!({ "EncryptionAlgorithm": "SM2PKE" }),
            "InvalidKeyUsageException",
            format!("{key} key usage is ENCRYPT_DECRYPT which is not valid for this algorithm."),
        ),
    ] {
        let body = testkit::with(json!({ "KeyId": key, "Plaintext": SECRET }), more);
        h.kms("Encrypt", body).await.refused(code, &text);
    }
}
