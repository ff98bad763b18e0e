use super::{DELETED, NOT_FOUND, a_policy, denial};
use serde_json::{Value, json};
use testkit::Harness;

async fn a_shared_secret(h: &Harness) -> String {
    let arn = h.a_secret("db", "x").await;
    let text = a_policy("999988887777", &json!("secretsmanager:DescribeSecret")).to_string();
    let body = json!({ "SecretId": "db", "ResourcePolicy": text });
    h.call("PutResourcePolicy", body).await.ok();
    arn
}

async fn attached(h: &Harness) -> Value {
    let answer = h
        .call("GetResourcePolicy", json!({ "SecretId": "db" }))
        .await;
    answer.ok()["ResourcePolicy"].clone()
}

#[tokio::test]
async fn a_policy_is_taken_off_and_grants_nothing_from_then_on() {
    let h = Harness::new().await;
    let other = h.another_account("999988887777").await;
    let arn = a_shared_secret(&h).await;
    let body = json!({ "SecretId": arn });
    h.call_as(&other, "DescribeSecret", body.clone()).await.ok();

    let answer = h
        .call("DeleteResourcePolicy", json!({ "SecretId": "db" }))
        .await;

    assert_eq!(
        answer.ok(),
        json!({ "ARN": arn, "Name": "db", "PolicyName": "default" })
    );
    assert_eq!(attached(&h).await, Value::Null);
    let refused = h.call_as(&other, "DescribeSecret", body).await;
    let text = denial("999988887777", "DescribeSecret", &arn);
    refused.refused("AccessDeniedException", &text);
    let event = &h.audit.events_of(&answer.request_id)[0];
    assert_eq!(
        event["responseElements"],
        json!({ "arn": arn, "name": "db" })
    );
}

#[tokio::test]
async fn taking_it_off_twice_is_as_good_as_once() {
    let h = Harness::new().await;
    h.another_account("999988887777").await;
    a_shared_secret(&h).await;
    let body = json!({ "SecretId": "db", "PolicyName": "default" });

    let first = h.call("DeleteResourcePolicy", body.clone()).await.ok();
    let second = h.call("DeleteResourcePolicy", body).await.ok();

    assert_eq!(first, second);
}

#[tokio::test]
async fn a_policy_can_be_attached_again() {
    let h = Harness::new().await;
    h.another_account("999988887777").await;
    a_shared_secret(&h).await;
    h.call("DeleteResourcePolicy", json!({ "SecretId": "db" }))
        .await
        .ok();
    let text = a_policy("123456789012", &json!("secretsmanager:*")).to_string();

    let body = json!({ "SecretId": "db", "ResourcePolicy": text });
    h.call("PutResourcePolicy", body).await.ok();

    assert_eq!(attached(&h).await, json!(text));
}

#[tokio::test]
async fn only_the_default_policy_can_be_taken_off() {
    let h = Harness::new().await;
    h.another_account("999988887777").await;
    a_shared_secret(&h).await;
    let before = attached(&h).await;

    let body = json!({ "SecretId": "db", "PolicyName": "other" });
    let reply = h.call("DeleteResourcePolicy", body).await;

    reply.refused(
        "InvalidParameterException",
        "You can only attach and delete the resource policy named default.",
    );
    assert_eq!(attached(&h).await, before);
}

#[tokio::test]
async fn who_may_not_changes_nothing() {
    let h = Harness::new().await;
    let other = h.another_account("999988887777").await;
    let alice = h.a_user("alice", None).await;
    let arn = a_shared_secret(&h).await;
    let before = attached(&h).await;

    for caller in [&other, &alice] {
        let body = json!({ "SecretId": arn });
        let reply = h.call_as(caller, "DeleteResourcePolicy", body).await;
        assert_eq!(reply.json()["__type"], "AccessDeniedException");
    }

    assert_eq!(attached(&h).await, before);
}

#[tokio::test]
async fn what_is_missing_or_deleted_is_refused() {
    let h = Harness::new().await;
    h.another_account("999988887777").await;
    let body = json!({ "SecretId": "db" });

    let missing = h.call("DeleteResourcePolicy", body.clone()).await;
    a_shared_secret(&h).await;
    let before = attached(&h).await;
    h.call("DeleteSecret", body.clone()).await.ok();
    let deleted = h.call("DeleteResourcePolicy", body.clone()).await;
    h.call("RestoreSecret", body).await.ok();

    missing.refused("ResourceNotFoundException", NOT_FOUND);
    deleted.refused("InvalidRequestException", DELETED);
    assert_eq!(attached(&h).await, before);
}
