use super::kit::*;
use serde_json::{Value, json};
use testkit::{Harness, with};

const EITHER: &str = "Please specify either number of bytes or key spec.";

#[tokio::test]
async fn a_data_key_comes_in_the_clear_and_under_its_key() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let context = json!({ "EncryptionContext": { "a": "1" } });

    for (wanted, length) in [
        (json!({ "KeySpec": "AES_256" }), 32),
        (json!({ "KeySpec": "AES_128" }), 16),
        (json!({ "NumberOfBytes": 1024 }), 1024),
    ] {
        let body = with(json!({ "KeyId": key }), with(wanted, context.clone()));
        let made = h.kms("GenerateDataKey", body).await.ok();

        assert_eq!(bytes(&made["Plaintext"]).len(), length);
        assert_eq!(made["KeyId"], key);
        assert_eq!(
            made["KeyMaterialId"],
            described(&h, &key).await["CurrentKeyMaterialId"]
        );
        let body = with(
            json!({ "CiphertextBlob": made["CiphertextBlob"] }),
            context.clone(),
        );
        let opened = h.kms("Decrypt", body).await.ok();
        assert_eq!(opened["Plaintext"], made["Plaintext"]);
    }
}

#[tokio::test]
async fn exactly_one_of_spec_and_length_is_given() {
    let h = Harness::new().await;
    let key = h.a_key().await;

    for wanted in [
        json!({}),
        json!({ "KeySpec": "AES_256", "NumberOfBytes": 32 }),
    ] {
        let body = with(json!({ "KeyId": key }), wanted);
        for operation in ["GenerateDataKey", "GenerateDataKeyWithoutPlaintext"] {
            let reply = h.kms(operation, body.clone()).await;
            reply.refused("ValidationException", EITHER);
        }
    }
}

#[tokio::test]
async fn no_two_data_keys_are_alike() {
    let h = Harness::new().await;
    let body = json!({ "KeyId": h.a_key().await, "KeySpec": "AES_256" });

    let one = h.kms("GenerateDataKey", body.clone()).await.ok();
    let other = h.kms("GenerateDataKey", body).await.ok();

    assert_ne!(one["Plaintext"], other["Plaintext"]);
    assert_ne!(one["CiphertextBlob"], other["CiphertextBlob"]);
}

#[tokio::test]
async fn the_data_key_is_in_no_event() {
    let h = Harness::new().await;
    let body = json!({ "KeyId": h.a_key().await, "KeySpec": "AES_256" });

    let reply = h.kms("GenerateDataKey", body).await;

    let made = reply.ok();
    let event = &h.audit.events_of(&reply.request_id)[0];
    assert_eq!(event["responseElements"], Value::Null);
    for member in ["Plaintext", "CiphertextBlob"] {
        assert!(!event.to_string().contains(made[member].as_str().unwrap()));
    }
}

#[tokio::test]
async fn enclaves_and_dry_runs_get_no_key() {
    let h = Harness::new().await;
    let body = json!({ "KeyId": h.a_key().await, "KeySpec": "AES_256" });

    let enclave = with(
        body.clone(),
        json!({ "Recipient": { "AttestationDocument": SECRET } }),
    );
    let text = "Recipient is not supported by this server yet.";
    h.kms("GenerateDataKey", enclave)
        .await
        .refused("UnsupportedOperationException", text);
    let dry = with(body, json!({ "DryRun": true }));
    let text = "The request would have succeeded, but the DryRun option is set.";
    h.kms("GenerateDataKey", dry)
        .await
        .refused("DryRunOperationException", text);
}
