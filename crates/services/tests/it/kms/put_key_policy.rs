use super::kit::*;
use serde_json::{Value, json};
use testkit::{Harness, Reply, with};

const LOCK_OUT: &str =
    "The new key policy will not allow you to update the key policy in the future.";

async fn put(h: &Harness, key: &str, policy: &Value) -> Reply {
    let body = json!({ "KeyId": key, "Policy": policy.to_string() });
    h.kms("PutKeyPolicy", body).await
}

async fn text_of(h: &Harness, key: &str) -> Value {
    let shown = h.kms("GetKeyPolicy", json!({ "KeyId": key })).await.ok();
    shown["Policy"].clone()
}

#[tokio::test]
async fn a_policy_takes_the_place_of_the_old_one_at_once() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let user = h.a_user("alice", None).await;
    let alice = "arn:aws:iam::123456789012:user/alice";
    let describe = json!({ "KeyId": key });
    let new = policy(&[
        delegation(),
        statement("Allow", Some(alice), "kms:DescribeKey"),
    ]);

    let reply = put(&h, &key, &new).await;

    assert_eq!(reply.ok(), json!({}));
    assert_eq!(text_of(&h, &key).await, new.to_string());
    h.kms_as(&user, "DescribeKey", describe.clone()).await.ok();
    put(&h, &key, &policy(&[delegation()])).await.ok();
    let reply = h.kms_as(&user, "DescribeKey", describe).await;
    assert_denied(&reply, alice, "DescribeKey", &key);
}

#[tokio::test]
async fn who_would_lock_itself_out_is_kept_from_it() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    h.a_user("alice", None).await;
    let alice = "arn:aws:iam::123456789012:user/alice";
    let before = text_of(&h, &key).await;

    for locking in [
        policy(&[statement("Allow", Some(alice), "kms:*")]),
        policy(&[
            delegation(),
            statement("Deny", Some("*"), "kms:PutKeyPolicy"),
        ]),
    ] {
        put(&h, &key, &locking)
            .await
            .refused("MalformedPolicyDocumentException", LOCK_OUT);
    }

    assert_eq!(text_of(&h, &key).await, before);
}

#[tokio::test]
async fn the_check_asks_iam_too() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let only_as_it_is = json!({ "StringLike": { "aws:ResourceTag/x": "*" } });
    let allowed = statement("Allow", None, "kms:PutKeyPolicy");
    let user = h
        .a_user("alice", Some(&policy(std::slice::from_ref(&allowed))))
        .await;
    let conditional = with(delegation(), json!({ "Condition": only_as_it_is }));
    let body = json!({ "KeyId": key, "Policy": policy(&[conditional]).to_string() });

    let reply = h.kms_as(&user, "PutKeyPolicy", body).await;
    reply.refused("MalformedPolicyDocumentException", LOCK_OUT);
    let body = json!({ "KeyId": key, "Policy": policy(&[delegation()]).to_string() });
    h.kms_as(&user, "PutKeyPolicy", body).await.ok();
}

#[tokio::test]
async fn the_check_can_be_left_out_by_who_may() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    h.a_user("alice", None).await;
    let alice = "arn:aws:iam::123456789012:user/alice";
    let locking = policy(&[statement("Allow", Some(alice), "kms:*")]);
    let body = json!({
        "KeyId": key, "Policy": locking.to_string(), "BypassPolicyLockoutSafetyCheck": true,
    });
    let careful = json!({ "Bool": { "kms:BypassPolicyLockoutSafetyCheck": "true" } });
    let careful = with(
        statement("Deny", None, "kms:*"),
        json!({ "Condition": careful }),
    );
    let allowed = policy(&[statement("Allow", None, "kms:*"), careful]);
    let bob = h.a_user("bob", Some(&allowed)).await;

    let reply = h.kms_as(&bob, "PutKeyPolicy", body.clone()).await;
    let text = format!(
        "User: arn:aws:iam::123456789012:user/bob is not authorized to perform: \
         kms:PutKeyPolicy on resource: {key} with an explicit deny in an identity-based policy"
    );
    reply.refused("AccessDeniedException", &text);
    h.kms("PutKeyPolicy", body).await.ok();

    let reply = h.kms("DescribeKey", json!({ "KeyId": key })).await;
    let root = "arn:aws:iam::123456789012:root";
    let text = denial(root, "DescribeKey", &key, "resource-based");
    reply.refused("AccessDeniedException", &text);
}

#[tokio::test]
async fn what_is_no_policy_is_refused_and_changes_nothing() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let before = text_of(&h, &key).await;
    let principals = "Policy contains a statement with one or more invalid principals.";
    let nobody = "arn:aws:iam::123456789012:user/nobody";

    for stranger in [nobody, "arn:aws:iam::111111111111:root", "not a principal"] {
        let unknown = policy(&[delegation(), statement("Allow", Some(stranger), "kms:*")]);
        put(&h, &key, &unknown)
            .await
            .refused("MalformedPolicyDocumentException", principals);
    }
    for text in ["{}", "[", "not a policy"] {
        let reply = h
            .kms("PutKeyPolicy", json!({ "KeyId": key, "Policy": text }))
            .await;
        assert_eq!(reply.json()["__type"], "MalformedPolicyDocumentException");
    }
    let long = with(delegation(), json!({ "Sid": "x".repeat(33_000) }));
    let reply = put(&h, &key, &policy(&[long])).await;
    let text = "The key policy document is larger than 32 KB.";
    reply.refused("LimitExceededException", text);

    assert_eq!(text_of(&h, &key).await, before);
}

#[tokio::test]
async fn a_key_policy_has_one_name() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let text = policy(&[delegation()]).to_string();

    let body = json!({ "KeyId": key, "Policy": text, "PolicyName": "default" });
    h.kms("PutKeyPolicy", body.clone()).await.ok();
    let other = with(body, json!({ "PolicyName": "other" }));
    h.kms("PutKeyPolicy", other)
        .await
        .refused("NotFoundException", "No such policy exists");
}

#[tokio::test]
async fn whoever_takes_a_deleted_users_name_does_not_take_its_place() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let first = h.a_user("alice", None).await;
    let alice = "arn:aws:iam::123456789012:user/alice";
    let new = policy(&[
        delegation(),
        statement("Allow", Some(alice), "kms:DescribeKey"),
    ]);
    put(&h, &key, &new).await.ok();
    h.kms_as(&first, "DescribeKey", json!({ "KeyId": key }))
        .await
        .ok();
    let name = ("UserName", "alice");
    let id = ("AccessKeyId", first.access_key_id());
    h.iam("DeleteAccessKey", &[name, id]).await.xml_ok();
    h.iam("DeleteUser", &[name]).await.xml_ok();

    let second = h.a_user("alice", None).await;
    let reply = h
        .kms_as(&second, "DescribeKey", json!({ "KeyId": key }))
        .await;

    assert_denied(&reply, alice, "DescribeKey", &key);
}
