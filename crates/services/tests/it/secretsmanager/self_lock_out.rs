//! Whoever changes tags keeps the permission to do so: a change that would take it away is refused.

use serde_json::{Value, json};
use testkit::{Caller, Harness, token};

/// Alice, who may do everything to secrets but those tagged `env=prod`, whatever the key's case.
async fn alice(h: &Harness) -> Caller {
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*" },
        {
            "Effect": "Deny", "Action": "secretsmanager:*", "Resource": "*",
            "Condition": { "StringEquals": { "aws:ResourceTag/env": "prod" } },
        },
    ]});
    h.a_user("alice", Some(&policy)).await
}

/// Bob, who may do everything to secrets tagged `team=a` and to no other, and may create any.
async fn bob(h: &Harness) -> Caller {
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        {
            "Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*",
            "Condition": { "StringEquals": { "secretsmanager:ResourceTag/team": "a" } },
        },
        { "Effect": "Allow", "Action": "secretsmanager:CreateSecret", "Resource": "*" },
    ]});
    h.a_user("bob", Some(&policy)).await
}

fn tags(pairs: &[(&str, &str)]) -> Value {
    pairs
        .iter()
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect()
}

fn set(pairs: &[(&str, &str)]) -> Value {
    json!({ "SecretId": "db", "Tags": tags(pairs) })
}

fn refusal(user: &str, operation: &str, resource: &str, reason: &str) -> String {
    format!(
        "User: arn:aws:iam::123456789012:user/{user} is not authorized to perform: \
         secretsmanager:{operation} on resource: {resource} {reason}"
    )
}

const DENIED: &str = "with an explicit deny in an identity-based policy";

fn not_allowed(operation: &str) -> String {
    format!("because no identity-based policy allows the secretsmanager:{operation} action")
}

#[tokio::test]
async fn a_tag_that_brings_a_deny_upon_the_tagger_is_refused() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "x").await;
    let alice = alice(&h).await;
    let before = h.everything().await;

    let refused = h
        .call_as(&alice, "TagResource", set(&[("a", "1"), ("env", "prod")]))
        .await;

    let text = refusal("alice", "TagResource", &arn, DENIED);
    refused.refused("AccessDeniedException", &text);
    assert_eq!(h.everything().await, before);
    let event = &h.audit.events_of(&refused.request_id)[0];
    assert_eq!(event["errorCode"], "AccessDeniedException");
    let decision = &event["additionalEventData"]["decision"];
    assert_eq!(decision["outcome"], "explicitDeny");
    for pairs in [[("env", "test")], [("b", "prod")]] {
        h.call_as(&alice, "TagResource", set(&pairs)).await.ok();
    }
    // The root has nothing to lose.
    h.call("TagResource", set(&[("env", "prod")])).await.ok();
}

#[tokio::test]
async fn a_value_that_takes_the_grant_away_is_refused() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "x").await;
    h.call("TagResource", set(&[("team", "a")])).await.ok();
    let bob = bob(&h).await;
    let before = h.everything().await;

    let refused = h.call_as(&bob, "TagResource", set(&[("team", "b")])).await;

    let reason = not_allowed("TagResource");
    let text = refusal("bob", "TagResource", &arn, &reason);
    refused.refused("AccessDeniedException", &text);
    assert_eq!(h.everything().await, before);
    let harmless = set(&[("team", "a"), ("more", "b")]);
    h.call_as(&bob, "TagResource", harmless).await.ok();
}

#[tokio::test]
async fn removing_the_tag_that_grants_is_refused() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "x").await;
    let both = set(&[("team", "a"), ("other", "1")]);
    h.call("TagResource", both).await.ok();
    let bob = bob(&h).await;
    let before = h.everything().await;
    let untag = |keys: Value| json!({ "SecretId": "db", "TagKeys": keys });

    let refused = h
        .call_as(&bob, "UntagResource", untag(json!(["other", "team"])))
        .await;

    let reason = not_allowed("UntagResource");
    let text = refusal("bob", "UntagResource", &arn, &reason);
    refused.refused("AccessDeniedException", &text);
    assert_eq!(h.everything().await, before);
    h.call_as(&bob, "UntagResource", untag(json!(["other"])))
        .await
        .ok();
    h.call("UntagResource", untag(json!(["team"]))).await.ok();
}

#[tokio::test]
async fn the_policy_of_the_secret_counts_too() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "x").await;
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": "*", "Action": "secretsmanager:TagResource",
        "Resource": "*", "Condition": { "StringEquals": { "aws:ResourceTag/sealed": "yes" } },
    }]});
    let body = json!({ "SecretId": "db", "ResourcePolicy": policy.to_string() });
    h.call("PutResourcePolicy", body).await.ok();
    let before = h.everything().await;

    let refused = h.call("TagResource", set(&[("sealed", "yes")])).await;

    let text = format!(
        "User: arn:aws:iam::123456789012:root is not authorized to perform: \
         secretsmanager:TagResource on resource: {arn} with an explicit deny in a resource-based \
         policy"
    );
    refused.refused("AccessDeniedException", &text);
    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn creating_what_one_may_not_manage_afterwards_is_refused() {
    let h = Harness::new().await;
    let alice = alice(&h).await;
    let create = |pairs: &[(&str, &str)]| {
        json!({
            "Name": "new", "SecretString": "x", "ClientRequestToken": token(1),
            "Tags": tags(pairs),
        })
    };
    let before = h.everything().await;

    let refused = h
        .call_as(&alice, "CreateSecret", create(&[("env", "prod")]))
        .await;

    let text = refusal("alice", "TagResource", "new", DENIED);
    refused.refused("AccessDeniedException", &text);
    assert_eq!(h.everything().await, before);
    h.call_as(&alice, "CreateSecret", create(&[("env", "test")]))
        .await
        .ok();
}
