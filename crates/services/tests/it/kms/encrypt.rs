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
