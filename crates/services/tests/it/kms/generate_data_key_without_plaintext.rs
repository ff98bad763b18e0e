use super::kit::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn only_the_wrapped_key_comes_and_it_opens_later() {
    let h = Harness::new().await;
    let key = h.a_key().await;

    let body = json!({ "KeyId": key, "KeySpec": "AES_128", "EncryptionContext": { "a": "1" } });
    let made = h.kms("GenerateDataKeyWithoutPlaintext", body).await.ok();

    let expected = json!({
        "CiphertextBlob": made["CiphertextBlob"],
        "KeyId": key,
        "KeyMaterialId": described(&h, &key).await["CurrentKeyMaterialId"],
    });
    assert_eq!(made, expected);
    let body = json!({
        "CiphertextBlob": made["CiphertextBlob"], "EncryptionContext": { "a": "1" },
    });
    let opened = h.kms("Decrypt", body).await.ok();
    assert_eq!(bytes(&opened["Plaintext"]).len(), 16);
}

#[tokio::test]
async fn leave_to_generate_with_plaintext_is_not_enough() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let allowed = statement("Allow", None, "kms:GenerateDataKey");
    let user = h.a_user("alice", Some(&policy(&[allowed]))).await;
    let body = json!({ "KeyId": key, "KeySpec": "AES_256" });

    h.kms_as(&user, "GenerateDataKey", body.clone()).await.ok();
    let operation = "GenerateDataKeyWithoutPlaintext";
    let reply = h.kms_as(&user, operation, body).await;

    assert_denied(
        &reply,
        "arn:aws:iam::123456789012:user/alice",
        operation,
        &key,
    );
}

#[tokio::test]
async fn a_dry_run_gets_no_key() {
    let h = Harness::new().await;
    let body = json!({ "KeyId": h.a_key().await, "NumberOfBytes": 1, "DryRun": true });

    let reply = h.kms("GenerateDataKeyWithoutPlaintext", body).await;

    let text = "The request would have succeeded, but the DryRun option is set.";
    reply.refused("DryRunOperationException", text);
}
