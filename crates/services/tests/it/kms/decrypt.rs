use super::kit::*;
use serde_json::json;
use testkit::{Harness, with};

#[tokio::test]
async fn a_ciphertext_opens_without_its_key_being_named() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let blob = encrypted(&h, &key, json!({ "a": "1", "B": "2" })).await;

    let body = json!({ "CiphertextBlob": blob, "EncryptionContext": { "B": "2", "a": "1" } });
    let reply = h.kms("Decrypt", body).await;

    let material = described(&h, &key).await["CurrentKeyMaterialId"].clone();
    let expected = json!({
        "KeyId": key,
        "Plaintext": SECRET,
        "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "KeyMaterialId": material,
    });
    assert_eq!(reply.ok(), expected);
}

#[tokio::test]
async fn another_key_than_its_own_is_incorrect() {
    let h = Harness::new().await;
    let (key, other) = (h.a_key().await, h.a_key().await);
    let blob = encrypted(&h, &key, json!({})).await;

    let body = json!({ "CiphertextBlob": blob, "KeyId": other });
    h.kms("Decrypt", body.clone()).await.refused(
        "IncorrectKeyException",
        "The key ID in the request does not identify a CMK that can perform this operation.",
    );

    for name in [key.as_str(), id_of(&key)] {
        let body = with(body.clone(), json!({ "KeyId": name }));
        assert_eq!(h.kms("Decrypt", body).await.ok()["Plaintext"], SECRET);
    }
}

#[tokio::test]
async fn another_context_does_not_open_it() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let blob = encrypted(&h, &key, json!({ "a": "1" })).await;

    for context in [
        json!({}),
        json!({ "a": "2" }),
        json!({ "A": "1" }),
        json!({ "a": "1", "b": "" }),
    ] {
        let body = json!({ "CiphertextBlob": blob, "EncryptionContext": context });
        let reply = h.kms("Decrypt", body).await;
        reply.refused("InvalidCiphertextException", "");
    }
}

#[tokio::test]
async fn what_is_no_ciphertext_is_refused() {
    let h = Harness::new().await;
    let key = h.a_key().await;

    for body in [
        json!({ "CiphertextBlob": SECRET }),
        json!({ "CiphertextBlob": SECRET, "KeyId": key }),
    ] {
        let reply = h.kms("Decrypt", body).await;
        reply.refused("InvalidCiphertextException", "");
    }
    let nothing = "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy \
                   constraint: Member must not be null";
    for body in [json!({}), json!({ "KeyId": key })] {
        let reply = h.kms("Decrypt", body).await;
        reply.refused("ValidationException", nothing);
    }
}

#[tokio::test]
async fn a_dry_run_says_what_would_have_been() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let blob = encrypted(&h, &key, json!({})).await;
    let text = "The request would have succeeded, but the DryRun option is set.";

    let body = json!({ "CiphertextBlob": blob, "DryRun": true });
    h.kms("Decrypt", body)
        .await
        .refused("DryRunOperationException", text);
    let ignoring =
        json!({ "KeyId": key, "DryRun": true, "DryRunModifiers": ["IGNORE_CIPHERTEXT"] });
    h.kms("Decrypt", ignoring)
        .await
        .refused("DryRunOperationException", text);
    let wrong = json!({ "CiphertextBlob": blob, "DryRun": true, "EncryptionContext": { "a": "" } });
    h.kms("Decrypt", wrong)
        .await
        .refused("InvalidCiphertextException", "");
    let not_dry = json!({ "KeyId": key, "DryRunModifiers": ["IGNORE_CIPHERTEXT"] });
    h.kms("Decrypt", not_dry).await.refused(
        "ValidationException",
        "DryRunModifiers can be specified only when DryRun is true.",
    );
}

#[tokio::test]
async fn other_algorithms_and_enclaves_are_refused() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let blob = encrypted(&h, &key, json!({})).await;

    let body = json!({ "CiphertextBlob": blob, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256" });
    let text = format!("{key} key usage is ENCRYPT_DECRYPT which is not valid for this algorithm.");
    h.kms("Decrypt", body)
        .await
        .refused("InvalidKeyUsageException", &text);
    let body = json!({ "CiphertextBlob": blob, "Recipient": {} });
    let text = "Recipient is not supported by this server yet.";
    h.kms("Decrypt", body)
        .await
        .refused("UnsupportedOperationException", text);
}

#[tokio::test]
async fn the_event_shows_the_context_and_neither_plaintext_nor_ciphertext() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let blob = encrypted(&h, &key, json!({ "Team": "a" })).await;

    let body = json!({ "CiphertextBlob": blob, "EncryptionContext": { "Team": "a" } });
    let reply = h.kms("Decrypt", body).await;

    let event = &h.audit.events_of(&reply.request_id)[0];
    assert_eq!(
        event["requestParameters"],
        json!({ "encryptionContext": { "Team": "a" } })
    );
    assert_eq!(event["resources"][0]["ARN"], key);
    assert_eq!(
        (&event["readOnly"], &event["responseElements"]),
        (&json!(true), &json!(null))
    );
    let text = event.to_string();
    assert!(!text.contains(&blob) && !text.contains(SECRET), "{text}");
}
