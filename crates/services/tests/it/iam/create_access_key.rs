use super::denial;
use serde_json::{Value, json};
use testkit::Harness;

#[tokio::test]
async fn the_new_key_signs_from_the_next_request_on() {
    let h = Harness::new().await;
    h.iam("CreateUser", &[("UserName", "Alice")]).await.xml_ok();

    let created = h.iam("CreateAccessKey", &[("UserName", "aLICE")]).await;

    let body = created.xml_ok();
    let key = &body["CreateAccessKeyResult"]["AccessKey"];
    let id = key["AccessKeyId"].as_str().unwrap();
    let secret = key["SecretAccessKey"].as_str().unwrap();
    assert!(id.starts_with("AKIA") && id.len() == 20, "{id}");
    assert_eq!(secret.len(), 40);
    assert_eq!(
        body,
        json!({ "CreateAccessKeyResult": { "AccessKey": {
            "UserName": "Alice",
            "AccessKeyId": id,
            "Status": "Active",
            "SecretAccessKey": secret,
            "CreateDate": "2026-01-15T12:00:00Z",
        } } })
    );
    let alice = h.root.with_access_key_id(id).with_secret(secret);
    let identity = h.sts_as(&alice, "GetCallerIdentity", &[]).await.xml_ok();
    assert_eq!(
        identity["GetCallerIdentityResult"]["Arn"],
        "arn:aws:iam::123456789012:user/Alice"
    );
}

#[tokio::test]
async fn the_audit_record_has_the_id_and_not_the_secret() {
    let h = Harness::new().await;
    h.iam("CreateUser", &[("UserName", "alice")]).await.xml_ok();

    let created = h.iam("CreateAccessKey", &[("UserName", "alice")]).await;

    let body = created.xml_ok();
    let key = &body["CreateAccessKeyResult"]["AccessKey"];
    let events = h.audit.events_of(&created.request_id);
    assert_eq!(
        events[0]["responseElements"],
        json!({ "accessKey": {
            "accessKeyId": key["AccessKeyId"], "status": "Active", "userName": "alice",
        } })
    );
    let secret = key["SecretAccessKey"].as_str().unwrap();
    assert!(!events[0].to_string().contains(secret));
}

#[tokio::test]
async fn a_user_has_two_keys_at_most() {
    let h = Harness::new().await;
    h.a_user("alice", None).await;
    let second = [("UserName", "alice")];
    h.iam("CreateAccessKey", &second).await.xml_ok();
    let before = keys_of(&h, "alice").await;

    let third = h.iam("CreateAccessKey", &second).await;

    let text = "Cannot exceed quota for AccessKeysPerUser: 2";
    third.xml_refused(409, "LimitExceeded", text);
    assert_eq!(keys_of(&h, "alice").await, before);
    assert_eq!(before.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn without_a_name_the_caller_gets_the_key() {
    let h = Harness::new().await;
    let own = json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "iam:CreateAccessKey",
            "Resource": "arn:aws:iam::*:user/${aws:username}",
        },
    });
    let alice = h.a_user("alice", Some(&own)).await;
    h.a_user("bob", None).await;

    let created = h.iam_as(&alice, "CreateAccessKey", &[]).await.xml_ok();
    let for_bob = [("UserName", "bob")];
    let refused = h.iam_as(&alice, "CreateAccessKey", &for_bob).await;

    let key = &created["CreateAccessKeyResult"]["AccessKey"];
    assert_eq!(key["UserName"], "alice");
    assert_eq!(keys_of(&h, "alice").await.as_array().unwrap().len(), 2);
    let bob = "user bob";
    refused.xml_refused(
        403,
        "AccessDenied",
        &denial("alice", "CreateAccessKey", bob),
    );
    assert_eq!(keys_of(&h, "bob").await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_second_key_of_a_root_is_refused() {
    let h = Harness::new().await;

    let second = h.iam("CreateAccessKey", &[]).await;

    let text =
        "the root user has its one access key already: delete it first, or renew it on the host";
    second.xml_refused(409, "LimitExceeded", text);
    let keys = h.iam("ListAccessKeys", &[]).await.xml_ok();
    let keys = &keys["ListAccessKeysResult"]["AccessKeyMetadata"];
    assert_eq!(keys.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn nobody_gets_no_key() {
    let h = Harness::new().await;

    let missing = h.iam("CreateAccessKey", &[("UserName", "nobody")]).await;

    let text = "The user with name nobody cannot be found.";
    missing.xml_refused(404, "NoSuchEntity", text);
}

#[tokio::test]
async fn a_denied_caller_makes_no_key() {
    let h = Harness::new().await;
    let mallory = h.a_user("mallory", None).await;
    let before = keys_of(&h, "mallory").await;

    let own = h.iam_as(&mallory, "CreateAccessKey", &[]).await;
    let missing = [("UserName", "nobody")];
    let missing = h.iam_as(&mallory, "CreateAccessKey", &missing).await;

    let resource = "user mallory";
    own.xml_refused(
        403,
        "AccessDenied",
        &denial("mallory", "CreateAccessKey", resource),
    );
    let resource = "user nobody";
    let text = denial("mallory", "CreateAccessKey", resource);
    missing.xml_refused(403, "AccessDenied", &text);
    assert_eq!(keys_of(&h, "mallory").await, before);
}

#[tokio::test]
async fn another_account_has_users_of_its_own() {
    let h = Harness::new().await;
    h.a_user("alice", None).await;
    let other = h.another_account("999988887777").await;

    let refused = h
        .iam_as(&other, "CreateAccessKey", &[("UserName", "alice")])
        .await;

    let text = "The user with name alice cannot be found.";
    refused.xml_refused(404, "NoSuchEntity", text);
}

async fn keys_of(h: &Harness, user: &str) -> Value {
    let listed = h.iam("ListAccessKeys", &[("UserName", user)]).await;
    listed.xml_ok()["ListAccessKeysResult"]["AccessKeyMetadata"].clone()
}
