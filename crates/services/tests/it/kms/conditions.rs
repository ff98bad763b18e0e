//! Condition keys of KMS.

use super::kit::*;
use serde_json::{Value, json};
use testkit::{Caller, Harness, with};

const ALICE: &str = "arn:aws:iam::123456789012:user/alice";

/// A user who may encrypt under the condition.
async fn under(h: &Harness, condition: Value) -> Caller {
    let allowed = statement("Allow", None, "kms:Encrypt");
    let allowed = with(allowed, json!({ "Condition": condition }));
    h.a_user("alice", Some(&policy(&[allowed]))).await
}

async fn may(h: &Harness, user: &Caller, key: &str, context: Value) -> bool {
    let body = json!({ "KeyId": key, "Plaintext": SECRET, "EncryptionContext": context });
    let reply = h.kms_as(user, "Encrypt", body).await;
    if reply.status != 200 {
        assert_denied(&reply, ALICE, "Encrypt", key);
    }
    reply.status == 200
}

#[tokio::test]
async fn a_pair_of_the_encryption_context() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let user = under(
        &h,
        json!({ "StringEquals": { "kms:EncryptionContext:Team": "a" } }),
    )
    .await;

    for (context, expected) in [
        (json!({ "Team": "a" }), true),
        (json!({ "team": "a", "other": "b" }), true),
        (json!({ "Team": "A" }), false),
        (json!({ "Team": "b" }), false),
        (json!({}), false),
        (json!({ "Team": "a", "team": "b" }), false),
    ] {
        assert_eq!(
            may(&h, &user, &key, context.clone()).await,
            expected,
            "{context}"
        );
    }
}

#[tokio::test]
async fn the_names_in_the_encryption_context() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let names = json!({ "ForAllValues:StringEquals": { "kms:EncryptionContextKeys": ["a", "b"] } });
    let present = json!({ "Null": { "kms:EncryptionContextKeys": "false" } });
    let user = under(&h, with(names, present)).await;

    for (context, expected) in [
        (json!({ "a": "1" }), true),
        (json!({ "a": "1", "b": "2" }), true),
        (json!({ "A": "1" }), false),
        (json!({ "a": "1", "c": "2" }), false),
        (json!({}), false),
    ] {
        assert_eq!(
            may(&h, &user, &key, context.clone()).await,
            expected,
            "{context}"
        );
    }
}

#[tokio::test]
async fn what_is_known_of_every_key_and_caller() {
    let h = Harness::new().await;
    let key = h.a_key().await;

    for (name, value, other) in [
        ("kms:CallerAccount", "123456789012", "999988887777"),
        ("kms:KeyOrigin", "AWS_KMS", "EXTERNAL"),
        ("kms:KeySpec", "SYMMETRIC_DEFAULT", "RSA_2048"),
        ("kms:KeyUsage", "ENCRYPT_DECRYPT", "SIGN_VERIFY"),
        ("kms:MultiRegion", "false", "true"),
        ("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT", "SM2PKE"),
        ("aws:ViaAWSService", "false", "true"),
    ] {
        for (value, expected) in [(value, true), (other, false)] {
            let h = Harness::new().await;
            let key = h.a_key().await;
            let user = under(&h, json!({ "StringEquals": { name: value } })).await;
            assert_eq!(
                may(&h, &user, &key, json!({})).await,
                expected,
                "{name} {value}"
            );
        }
    }
    let absent = json!({ "Null": { "kms:ViaService": "true", "kms:RequestAlias": "true",
                                   "kms:ResourceAliases": "true", "aws:CalledVia": "true" } });
    let user = under(&h, absent).await;
    assert!(may(&h, &user, &key, json!({})).await);
}

#[tokio::test]
async fn aliases_of_the_request_and_of_the_key() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let alias = "alias/aws/secretsmanager";
    let key = described(&h, alias).await["Arn"].clone();
    let key = key.as_str().unwrap();

    for (name, operator, named, expected) in [
        ("kms:RequestAlias", "StringEquals", alias, true),
        ("kms:RequestAlias", "StringEquals", key, false),
        ("kms:ResourceAliases", "ForAnyValue:StringLike", alias, true),
        ("kms:ResourceAliases", "ForAnyValue:StringLike", key, true),
    ] {
        let allowed = statement("Allow", None, "kms:DescribeKey");
        let condition = json!({ operator: { name: alias } });
        let allowed = with(allowed, json!({ "Condition": condition }));
        let user = h
            .a_user(
                &format!("u{}", h.audit.events().len()),
                Some(&policy(&[allowed])),
            )
            .await;
        let reply = h
            .kms_as(&user, "DescribeKey", json!({ "KeyId": named }))
            .await;
        assert_eq!(
            reply.status == 200,
            expected,
            "{name} {named}: {}",
            reply.text
        );
    }
}

#[tokio::test]
async fn tags_of_the_key_and_of_the_request() {
    let h = Harness::new().await;
    let tags = json!([{ "TagKey": "team", "TagValue": "a" }]);
    let created = h.kms("CreateKey", json!({ "Tags": tags })).await.ok();
    let tagged = created["KeyMetadata"]["Arn"].as_str().unwrap();
    let untagged = h.a_key().await;
    let user = under(
        &h,
        json!({ "StringEquals": { "aws:ResourceTag/team": "a" } }),
    )
    .await;

    assert!(may(&h, &user, tagged, json!({})).await);
    assert!(!may(&h, &user, &untagged, json!({})).await);

    let needed = json!({ "StringEquals": { "aws:RequestTag/team": "a" } });
    let creating = statement("Allow", None, "kms:CreateKey");
    let creating = with(creating, json!({ "Condition": needed }));
    let tagging = statement("Allow", None, "kms:TagResource");
    h.allow(
        "alice",
        &policy(&[
            creating,
            tagging,
            statement("Allow", None, "kms:PutKeyPolicy"),
        ]),
    )
    .await;
    h.kms_as(&user, "CreateKey", json!({ "Tags": tags }))
        .await
        .ok();
    let reply = h.kms_as(&user, "CreateKey", json!({})).await;
    assert_denied(&reply, ALICE, "CreateKey", "*");
}
