//! Who may use a key: the key policy first, then IAM where it delegates.

use super::kit::*;
use serde_json::{Value, json};
use testkit::Harness;

const ALICE: &str = "arn:aws:iam::123456789012:user/alice";
const ROOT: &str = "arn:aws:iam::123456789012:root";
const OTHER: &str = "arn:aws:iam::999988887777:root";

fn encrypt(key: &str) -> Value {
    json!({ "KeyId": key, "Plaintext": SECRET })
}

#[tokio::test]
async fn by_delegation_iam_decides() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let user = h.a_user("alice", None).await;

    let reply = h.kms_as(&user, "Encrypt", encrypt(&key)).await;
    assert_denied(&reply, ALICE, "Encrypt", &key);
    h.allow("alice", &policy(&[statement("Allow", None, "kms:Encrypt")]))
        .await;
    h.kms_as(&user, "Encrypt", encrypt(&key)).await.ok();
}

#[tokio::test]
async fn without_delegation_iam_counts_for_nothing_and_root_neither() {
    let h = Harness::new().await;
    let user = h
        .a_user("alice", Some(&policy(&[statement("Allow", None, "kms:*")])))
        .await;
    let own = policy(&[statement("Allow", Some(ALICE), "kms:PutKeyPolicy")]);
    let body = json!({ "Policy": own.to_string() });
    let created = h.kms_as(&user, "CreateKey", body).await.ok();
    let key = created["KeyMetadata"]["Arn"].as_str().unwrap();

    for (caller, arn) in [(&user, ALICE), (&h.root, ROOT)] {
        let reply = h.kms_as(caller, "Encrypt", encrypt(key)).await;
        let text = denial(arn, "Encrypt", key, "resource-based");
        reply.refused("AccessDeniedException", &text);
    }
}

#[tokio::test]
async fn the_key_policy_alone_lets_in_whom_it_names() {
    let h = Harness::new().await;
    let user = h.a_user("alice", None).await;
    let key = a_key_with(&h, &[statement("Allow", Some(ALICE), "kms:Encrypt")]).await;

    h.kms_as(&user, "Encrypt", encrypt(&key)).await.ok();
    let reply = h
        .kms_as(&user, "DescribeKey", json!({ "KeyId": key }))
        .await;
    assert_denied(&reply, ALICE, "DescribeKey", &key);
}

#[tokio::test]
async fn a_denial_in_the_key_policy_beats_everything() {
    let h = Harness::new().await;
    let user = h
        .a_user("alice", Some(&policy(&[statement("Allow", None, "kms:*")])))
        .await;
    let key = a_key_with(
        &h,
        &[
            statement("Allow", Some(ALICE), "kms:*"),
            statement("Deny", Some("*"), "kms:Encrypt"),
        ],
    )
    .await;

    for (caller, arn) in [(&user, ALICE), (&h.root, ROOT)] {
        let reply = h.kms_as(caller, "Encrypt", encrypt(&key)).await;
        let text = format!(
            "User: {arn} is not authorized to perform: kms:Encrypt on resource: {key} with an \
             explicit deny in a resource-based policy"
        );
        reply.refused("AccessDeniedException", &text);
    }
}

#[tokio::test]
async fn across_accounts_both_sides_must_allow() {
    let h = Harness::new().await;
    let other = h.another_account("999988887777").await;
    let closed = h.a_key().await;
    let open = a_key_with(&h, &[statement("Allow", Some(OTHER), "kms:Encrypt")]).await;

    let reply = h.kms_as(&other, "Encrypt", encrypt(&closed)).await;
    let text = denial(OTHER, "Encrypt", &closed, "resource-based");
    reply.refused("AccessDeniedException", &text);
    let sealed = h.kms_as(&other, "Encrypt", encrypt(&open)).await.ok();
    assert_eq!(sealed["KeyId"], open);

    // A key id alone is one of the caller's own account.
    let reply = h.kms_as(&other, "Encrypt", encrypt(id_of(&open))).await;
    let own = open.replace("123456789012", "999988887777");
    reply.refused("NotFoundException", &format!("Key '{own}' does not exist"));
}

#[tokio::test]
async fn a_foreign_key_that_is_not_there_is_refused_like_one_that_is() {
    let h = Harness::new().await;
    let other = h.another_account("999988887777").await;

    let reply = h.kms_as(&other, "Encrypt", encrypt(NO_KEY_ARN)).await;

    let text = denial(OTHER, "Encrypt", NO_KEY_ARN, "resource-based");
    reply.refused("AccessDeniedException", &text);
}

#[tokio::test]
async fn a_foreign_alias_that_is_not_there_is_refused_like_one_that_is() {
    let h = Harness::new().await;
    let other = h.another_account("999988887777").await;
    let key = h.a_key().await;
    let body = json!({ "AliasName": "alias/here", "TargetKeyId": key });
    h.kms("CreateAlias", body).await.ok();

    for name in ["here", "none"] {
        let alias = format!("arn:aws:kms:us-east-1:123456789012:alias/{name}");
        for operation in ["Encrypt", "DescribeKey"] {
            let body = match operation {
                "Encrypt" => encrypt(&alias),
                _ => json!({ "KeyId": alias }),
            };
            let reply = h.kms_as(&other, operation, body).await;

            let text = denial(OTHER, operation, &alias, "resource-based");
            reply.refused("AccessDeniedException", &text);
        }
    }
}

#[tokio::test]
async fn policies_match_the_key_behind_a_foreign_alias() {
    let h = Harness::new().await;
    let other = h.another_account("999988887777").await;
    let key = a_key_with(&h, &[statement("Allow", Some(OTHER), "kms:Encrypt")]).await;
    let body = json!({ "AliasName": "alias/here", "TargetKeyId": key });
    h.kms("CreateAlias", body).await.ok();
    let alias = "arn:aws:kms:us-east-1:123456789012:alias/here";

    let sealed = h.kms_as(&other, "Encrypt", encrypt(alias)).await;

    assert_eq!(sealed.ok()["KeyId"], key);
    let event = &h.audit.events_of(&sealed.request_id)[0];
    assert_eq!(event["resources"][0]["ARN"], key);
}

#[tokio::test]
async fn a_ciphertext_of_a_key_out_of_reach_does_not_tell_whether_it_is_there() {
    let h = Harness::new().await;
    let other = h.another_account("999988887777").await;
    let key = h.a_key().await;
    let blob = encrypted(&h, &key, json!({})).await;
    let body = json!({ "CiphertextBlob": blob });

    let there = h.kms_as(&other, "Decrypt", body.clone()).await;
    let elsewhere = h
        .kms_as(&h.root.in_region("eu-west-1"), "Decrypt", body)
        .await;

    for (reply, arn) in [(there, OTHER), (elsewhere, ROOT)] {
        let text = format!(
            "User: {arn} is not authorized to perform: kms:Decrypt on the resource associated with \
             this ciphertext because the resource does not exist in this Region, no resource-based \
             policies allow access, or a resource-based policy explicitly denies access"
        );
        reply.refused("AccessDeniedException", &text);
    }
}

#[tokio::test]
async fn who_lacks_leave_by_iam_is_told_which_key_it_was() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let blob = encrypted(&h, &key, json!({})).await;
    let user = h.a_user("alice", None).await;

    let reply = h
        .kms_as(&user, "Decrypt", json!({ "CiphertextBlob": blob }))
        .await;

    assert_denied(&reply, ALICE, "Decrypt", &key);
}

#[tokio::test]
async fn the_key_of_a_service_is_nobodys_to_change_or_to_use() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let key = h.kms("ListKeys", json!({})).await.ok()["Keys"][0]["KeyArn"].clone();
    let key = key.as_str().unwrap();

    for (operation, body) in [
        ("DisableKey", json!({})),
        ("ScheduleKeyDeletion", json!({})),
        (
            "PutKeyPolicy",
            json!({ "Policy": policy(&[delegation()]).to_string() }),
        ),
        ("UpdateKeyDescription", json!({ "Description": "mine" })),
        ("Encrypt", json!({ "Plaintext": SECRET })),
        ("GenerateDataKey", json!({ "KeySpec": "AES_256" })),
    ] {
        let body = testkit::with(body, json!({ "KeyId": key }));
        let reply = h.kms(operation, body).await;
        let text = denial(ROOT, operation, key, "resource-based");
        reply.refused("AccessDeniedException", &text);
    }

    let shown = h
        .kms(
            "DescribeKey",
            json!({ "KeyId": "alias/aws/secretsmanager" }),
        )
        .await
        .ok();
    assert_eq!(shown["KeyMetadata"]["Arn"], key);
}

#[tokio::test]
async fn errors_name_their_text_as_the_model_does_and_denials_with_a_capital() {
    let h = Harness::new().await;
    let user = h.a_user("alice", None).await;
    let key = h.a_key().await;

    let missing = h.kms("Encrypt", encrypt(NO_KEY)).await.json();
    let denied = h.kms_as(&user, "Encrypt", encrypt(&key)).await.json();

    let text = format!("Key '{NO_KEY_ARN}' does not exist");
    assert_eq!(
        missing,
        json!({ "__type": "NotFoundException", "message": text })
    );
    let text = denial(ALICE, "Encrypt", &key, "identity-based");
    assert_eq!(
        denied,
        json!({ "__type": "AccessDeniedException", "Message": text })
    );
}

#[tokio::test]
async fn refusal_comes_before_state_and_parameters() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let user = h.a_user("alice", None).await;
    h.kms("DisableKey", json!({ "KeyId": key })).await.ok();

    let body = json!({ "KeyId": key, "GrantTokens": ["none of ours"] });
    let reply = h.kms_as(&user, "GenerateDataKey", body.clone()).await;
    assert_denied(&reply, ALICE, "GenerateDataKey", &key);
    let reply = h.kms("GenerateDataKey", body).await;
    reply.refused("InvalidGrantTokenException", "");
}
