//! Tag keys that differ only in case: conditions could not tell them apart, so no secret gets them.

use serde_json::{Value, json};
use testkit::{Harness, Reply, token};

async fn tag(h: &Harness, tags: Value) -> Reply {
    h.call("TagResource", json!({ "SecretId": "db", "Tags": tags }))
        .await
}

fn text(key: &str) -> String {
    format!("Tag keys of a secret can't differ only in case. Key: {key}")
}

#[tokio::test]
async fn a_key_that_differs_only_in_case_is_refused_and_changes_nothing() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    tag(&h, json!([{ "Key": "env", "Value": "test" }]))
        .await
        .ok();
    let before = h.everything().await;
    let cases = [
        (json!([{ "Key": "ENV", "Value": "prod" }]), "ENV"),
        (
            json!([{ "Key": "a", "Value": "" }, { "Key": "Env", "Value": "test" }]),
            "Env",
        ),
        (
            json!([{ "Key": "team", "Value": "1" }, { "Key": "Team", "Value": "2" }]),
            "Team",
        ),
    ];

    for (tags, key) in cases {
        tag(&h, tags)
            .await
            .refused("InvalidParameterException", &text(key));
    }

    assert_eq!(h.everything().await, before);
    tag(&h, json!([{ "Key": "env", "Value": "prod" }]))
        .await
        .ok();
}

#[tokio::test]
async fn a_removed_key_may_come_back_in_another_case() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    tag(&h, json!([{ "Key": "env", "Value": "test" }]))
        .await
        .ok();

    let body = json!({ "SecretId": "db", "TagKeys": ["env"] });
    h.call("UntagResource", body).await.ok();
    tag(&h, json!([{ "Key": "Env", "Value": "test" }]))
        .await
        .ok();

    let tags = json!([{ "Key": "Env", "Value": "test" }]);
    assert_eq!(h.describe("db").await["Tags"], tags);
}

#[tokio::test]
async fn a_new_secret_gets_no_such_keys_either() {
    let h = Harness::new().await;
    let before = h.everything().await;
    let body = json!({
        "Name": "new", "ClientRequestToken": token(1),
        "Tags": [{ "Key": "env", "Value": "test" }, { "Key": "eNv", "Value": "prod" }],
    });

    let refused = h.call("CreateSecret", body).await;

    refused.refused("InvalidParameterException", &text("eNv"));
    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn a_condition_on_a_key_given_twice_is_never_met_to_the_callers_advantage() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let unless = |operator: &str, effect: &str| {
        json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*" },
            {
                "Effect": effect, "Action": "secretsmanager:TagResource", "Resource": "*",
                "Condition": { operator: { "aws:RequestTag/env": "prod" } },
            },
        ]})
    };
    let alice = h.a_user("alice", None).await;

    for operator in ["StringEquals", "StringNotEquals"] {
        h.allow("alice", &unless(operator, "Deny")).await;
        for values in [["prod", "test"], ["test", "prod"]] {
            let body = json!({ "SecretId": "db", "Tags": [
                { "Key": "env", "Value": values[0] }, { "Key": "ENV", "Value": values[1] },
            ]});
            let refused = h.call_as(&alice, "TagResource", body).await;
            assert_eq!(refused.json()["__type"], "AccessDeniedException");
        }
    }

    assert_eq!(h.describe("db").await.get("Tags"), None);
}
