//! What is taken away counts on the very next request.

use serde_json::{Value, json};
use testkit::{Caller, Harness, Reply};

const READ: &str = "arn:aws:iam::aws:policy/AWSSecretsManagerClientReadOnlyAccess";

async fn read(h: &Harness, caller: &Caller) -> Reply {
    h.call_as(caller, "GetSecretValue", json!({ "SecretId": "db" }))
        .await
}

fn everything() -> Value {
    json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "*", "Resource": "*",
    } })
}

#[tokio::test]
async fn a_disabled_or_deleted_key_signs_nothing_more() {
    let h = Harness::new().await;
    h.a_secret("db", "value").await;
    let alice = h.a_user("alice", Some(&everything())).await;
    let key = [
        ("UserName", "alice"),
        ("AccessKeyId", alice.access_key_id()),
    ];
    let status = |status| [key[0], key[1], ("Status", status)];
    let unknown = "The security token included in the request is invalid.";

    read(&h, &alice).await.ok();
    h.iam("UpdateAccessKey", &status("Inactive")).await.xml_ok();
    let disabled = h
        .send(alice.signed("GetSecretValue", &json!({ "SecretId": "db" }), h.now()))
        .await;
    h.iam("UpdateAccessKey", &status("Active")).await.xml_ok();
    read(&h, &alice).await.ok();
    h.iam("DeleteAccessKey", &key).await.xml_ok();
    let deleted = h
        .send(alice.signed("GetSecretValue", &json!({ "SecretId": "db" }), h.now()))
        .await;

    disabled.rejected("UnrecognizedClientException", Some(unknown));
    deleted.rejected("UnrecognizedClientException", Some(unknown));
}

#[tokio::test]
async fn a_detached_policy_allows_nothing_more() {
    let h = Harness::new().await;
    h.a_secret("db", "value").await;
    let alice = h.a_user("alice", None).await;
    let attachment = [("UserName", "alice"), ("PolicyArn", READ)];

    let before = read(&h, &alice).await;
    h.iam("AttachUserPolicy", &attachment).await.xml_ok();
    let attached = read(&h, &alice).await;
    h.iam("DetachUserPolicy", &attachment).await.xml_ok();
    let after = read(&h, &alice).await;

    assert_eq!(attached.ok()["SecretString"], "value");
    assert_eq!((before.status, &before.text), (400, &after.text));
}

#[tokio::test]
async fn leaving_a_group_takes_its_policies_away() {
    let h = Harness::new().await;
    h.a_secret("db", "value").await;
    let alice = h.a_user("alice", None).await;
    let member = [("GroupName", "readers"), ("UserName", "alice")];
    let document = everything().to_string();
    let policy = [
        ("GroupName", "readers"),
        ("PolicyName", "p"),
        ("PolicyDocument", &document),
    ];
    h.iam("CreateGroup", &member[..1]).await.xml_ok();
    h.iam("PutGroupPolicy", &policy).await.xml_ok();

    h.iam("AddUserToGroup", &member).await.xml_ok();
    let inside = read(&h, &alice).await;
    h.iam("RemoveUserFromGroup", &member).await.xml_ok();
    let outside = read(&h, &alice).await;

    assert_eq!(inside.status, 200);
    assert_eq!(outside.json()["__type"], "AccessDeniedException");
}

#[tokio::test]
async fn a_new_deny_counts_at_once_for_everybody() {
    let h = Harness::new().await;
    h.a_secret("db", "value").await;
    let alice = h.a_user("alice", Some(&everything())).await;
    let policy = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Deny", "Principal": "*", "Action": "secretsmanager:GetSecretValue",
        "Resource": "*",
    } });
    let body = json!({ "SecretId": "db", "ResourcePolicy": policy.to_string() });

    read(&h, &alice).await.ok();
    h.call("PutResourcePolicy", body).await.ok();
    let of_alice = read(&h, &alice).await;
    let of_root = read(&h, &h.root).await;
    h.call("DeleteResourcePolicy", json!({ "SecretId": "db" }))
        .await
        .ok();

    assert_eq!(of_alice.json()["__type"], "AccessDeniedException");
    assert_eq!(of_root.json()["__type"], "AccessDeniedException");
    read(&h, &alice).await.ok();
    read(&h, &h.root).await.ok();
}

#[tokio::test]
async fn a_new_version_of_a_policy_replaces_the_old_at_once() {
    let h = Harness::new().await;
    h.a_secret("db", "value").await;
    let alice = h.a_user("alice", None).await;
    let document = everything().to_string();
    let made = h
        .iam(
            "CreatePolicy",
            &[("PolicyName", "all"), ("PolicyDocument", &document)],
        )
        .await;
    let arn = made.xml_ok()["CreatePolicyResult"]["Policy"]["Arn"]
        .as_str()
        .unwrap()
        .to_owned();
    h.iam(
        "AttachUserPolicy",
        &[("UserName", "alice"), ("PolicyArn", &arn)],
    )
    .await
    .xml_ok();
    let less = document.replace("\"*\"", "\"kms:*\"").replacen(
        "\"Resource\":\"kms:*\"",
        "\"Resource\":\"*\"",
        1,
    );
    let version = [
        ("PolicyArn", &*arn),
        ("PolicyDocument", &less),
        ("SetAsDefault", "true"),
    ];

    read(&h, &alice).await.ok();
    h.iam("CreatePolicyVersion", &version).await.xml_ok();
    let after = read(&h, &alice).await;
    h.iam(
        "SetDefaultPolicyVersion",
        &[("PolicyArn", &arn), ("VersionId", "v1")],
    )
    .await
    .xml_ok();

    assert_eq!(after.json()["__type"], "AccessDeniedException");
    read(&h, &alice).await.ok();
}
