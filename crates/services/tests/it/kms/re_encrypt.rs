use super::kit::*;
use serde_json::json;
use std::slice::from_ref;
use testkit::{Harness, with};

#[tokio::test]
async fn a_ciphertext_goes_to_another_key_and_context() {
    let h = Harness::new().await;
    let (old, new) = (h.a_key().await, h.a_key().await);
    let blob = encrypted(&h, &old, json!({ "a": "1" })).await;

    let body = json!({
        "CiphertextBlob": blob, "SourceEncryptionContext": { "a": "1" },
        "DestinationKeyId": new, "DestinationEncryptionContext": { "b": "2" },
    });
    let moved = h.kms("ReEncrypt", body).await.ok();

    let expected = json!({
        "CiphertextBlob": moved["CiphertextBlob"],
        "SourceKeyId": old,
        "KeyId": new,
        "SourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "DestinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "SourceKeyMaterialId": described(&h, &old).await["CurrentKeyMaterialId"],
        "DestinationKeyMaterialId": described(&h, &new).await["CurrentKeyMaterialId"],
    });
    assert_eq!(moved, expected);
    let body = json!({
        "CiphertextBlob": moved["CiphertextBlob"], "KeyId": new, "EncryptionContext": { "b": "2" },
    });
    assert_eq!(h.kms("Decrypt", body).await.ok()["Plaintext"], SECRET);
}

#[tokio::test]
async fn the_event_names_both_keys_and_both_decisions() {
    let h = Harness::new().await;
    let other = h.another_account("999988887777").await;
    let theirs = statement("Allow", Some("999988887777"), "kms:ReEncryptFrom");
    let old = a_key_with(&h, &[theirs]).await;
    let blob = encrypted(&h, &old, json!({})).await;
    let created = h.kms_as(&other, "CreateKey", json!({})).await.ok();
    let new = created["KeyMetadata"]["Arn"].clone();

    let body = json!({ "CiphertextBlob": blob, "DestinationKeyId": new });
    let reply = h.kms_as(&other, "ReEncrypt", body).await;

    reply.ok();
    let event = &h.audit.events_of(&reply.request_id)[0];
    let resource = |account: &str, arn: &str| json!({ "accountId": account, "type": "AWS::KMS::Key", "ARN": arn });
    let both = json!([
        resource("123456789012", &old),
        resource("999988887777", new.as_str().unwrap()),
    ]);
    assert_eq!(event["resources"], both);
    let told = &event["additionalEventData"];
    assert_eq!(told["decision"]["action"], "kms:ReEncryptTo");
    assert_eq!(told["sourceDecision"]["action"], "kms:ReEncryptFrom");
}

#[tokio::test]
async fn both_keys_must_be_there_and_in_use() {
    let h = Harness::new().await;
    let (old, new) = (h.a_key().await, h.a_key().await);
    let blob = encrypted(&h, &old, json!({})).await;
    let body = json!({ "CiphertextBlob": blob, "DestinationKeyId": new });

    let missing = with(body.clone(), json!({ "DestinationKeyId": NO_KEY }));
    let text = format!("Key '{NO_KEY_ARN}' does not exist");
    h.kms("ReEncrypt", missing)
        .await
        .refused("NotFoundException", &text);
    let wrong = with(body.clone(), json!({ "SourceKeyId": new }));
    h.kms("ReEncrypt", wrong).await.refused(
        "IncorrectKeyException",
        "The key ID in the request does not identify a CMK that can perform this operation.",
    );
    for key in [&old, &new] {
        h.kms("DisableKey", json!({ "KeyId": key })).await.ok();
        let text = format!("{key} is disabled.");
        h.kms("ReEncrypt", body.clone())
            .await
            .refused("DisabledException", &text);
        h.kms("EnableKey", json!({ "KeyId": key })).await.ok();
    }
    h.kms("ReEncrypt", body).await.ok();
}

#[tokio::test]
async fn leave_is_needed_at_both_ends() {
    let h = Harness::new().await;
    let (old, new) = (h.a_key().await, h.a_key().await);
    let blob = encrypted(&h, &old, json!({})).await;
    let body = json!({ "CiphertextBlob": blob, "DestinationKeyId": new });
    let from = statement("Allow", None, "kms:ReEncryptFrom");
    let to = statement("Allow", None, "kms:ReEncryptTo");
    let alice = "arn:aws:iam::123456789012:user/alice";
    let user = h.a_user("alice", Some(&policy(from_ref(&from)))).await;

    let reply = h.kms_as(&user, "ReEncrypt", body.clone()).await;
    assert_denied(&reply, alice, "ReEncryptTo", &new);
    h.allow("alice", &policy(from_ref(&to))).await;
    let reply = h.kms_as(&user, "ReEncrypt", body.clone()).await;
    assert_denied(&reply, alice, "ReEncryptFrom", &old);
    h.allow("alice", &policy(&[from, to])).await;
    h.kms_as(&user, "ReEncrypt", body).await.ok();
}

#[tokio::test]
async fn a_policy_can_tell_a_change_of_key_from_one_of_context() {
    let h = Harness::new().await;
    let (old, new) = (h.a_key().await, h.a_key().await);
    let blob = encrypted(&h, &old, json!({})).await;
    let same = json!({ "Bool": { "kms:ReEncryptOnSameKey": "true" } });
    let allowed = with(
        statement("Allow", None, "kms:ReEncrypt*"),
        json!({ "Condition": same }),
    );
    let user = h.a_user("alice", Some(&policy(&[allowed]))).await;

    let body = json!({ "CiphertextBlob": blob, "DestinationKeyId": old });
    h.kms_as(&user, "ReEncrypt", body.clone()).await.ok();
    let to_new = with(body, json!({ "DestinationKeyId": new }));
    let reply = h.kms_as(&user, "ReEncrypt", to_new).await;

    assert_denied(
        &reply,
        "arn:aws:iam::123456789012:user/alice",
        "ReEncryptFrom",
        &old,
    );
}
