use super::{MIDNIGHT, NOON, NOT_FOUND};
use serde_json::{Value, json};
use testkit::{Harness, token};

#[tokio::test]
async fn only_members_that_have_a_value_are_shown() {
    let h = Harness::new().await;
    let body = json!({ "Name": "db", "ClientRequestToken": token(0) });
    let arn = h.call("CreateSecret", body).await.ok()["ARN"].clone();

    let described = h.describe("db").await;

    let expected = json!({
        "ARN": arn, "Name": "db", "CreatedDate": NOON, "LastChangedDate": NOON,
    });
    assert_eq!(described, expected);
}

#[tokio::test]
async fn every_member_is_shown_when_it_has_a_value() {
    let h = Harness::new().await;
    let tags = json!([{ "Key": "team", "Value": "a" }, { "Key": "Env", "Value": "" }]);
    let body = json!({
        "Name": "db", "SecretString": "0", "ClientRequestToken": token(0),
        "Description": "größe", "Tags": tags, "KmsKeyId": "alias/aws/secretsmanager",
    });
    let arn = h.call("CreateSecret", body).await.ok()["ARN"].clone();
    h.put("db", 1, "1", Value::Null).await;
    h.put("db", 2, "2", json!(["AWSCURRENT", "BLUE"])).await;
    h.value("db").await;
    h.clock.advance_seconds(90);
    h.call("DeleteSecret", json!({ "SecretId": "db" }))
        .await
        .ok();

    let described = h.describe("db").await;

    let expected = json!({
        "ARN": arn,
        "Name": "db",
        "Description": "größe",
        "Tags": tags,
        "CreatedDate": NOON,
        "LastChangedDate": NOON,
        "LastAccessedDate": MIDNIGHT,
        "DeletedDate": NOON + 90,
        "VersionIdsToStages": {
            token(1): ["AWSPREVIOUS"],
            token(2): described["VersionIdsToStages"][token(2)],
        },
    });
    assert_eq!(described, expected);
    assert_eq!(h.stages("db").await, "1:[AWSPREVIOUS] 2:[AWSCURRENT,BLUE]");
}

#[tokio::test]
async fn moments_have_milliseconds() {
    let h = Harness::new().await;
    h.clock.advance_millis(7);

    h.a_secret("db", "x").await;

    let body = json!({ "SecretId": "db" });
    let reply = h.call("DescribeSecret", body).await;
    assert!(
        reply.text.contains(&format!(r#""CreatedDate":{NOON}.007"#)),
        "{}",
        reply.text
    );
}

#[tokio::test]
async fn a_missing_secret_is_not_found() {
    let h = Harness::new().await;

    let reply = h.call("DescribeSecret", json!({ "SecretId": "db" })).await;

    reply.refused("ResourceNotFoundException", NOT_FOUND);
    let event = &h.audit.events_of(&reply.request_id)[0];
    assert_eq!(event["errorCode"], "ResourceNotFoundException");
    assert_eq!(event["errorMessage"], NOT_FOUND);
    assert_eq!(event["requestParameters"], json!({ "secretId": "db" }));
}

#[tokio::test]
async fn describing_changes_nothing_and_is_recorded_as_a_read() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "hunter2").await;
    let before = h.everything().await;
    let commits = h.store.stats().commits;

    let reply = h.call("DescribeSecret", json!({ "SecretId": "db" })).await;

    let events = h.audit.events_of(&reply.request_id);
    assert_eq!(events.len(), 1);
    assert_eq!(
        (&events[0]["readOnly"], &events[0]["responseElements"]),
        (&json!(true), &json!(null))
    );
    assert_eq!(
        events[0]["resources"],
        json!([{ "accountId": "123456789012", "ARN": arn }])
    );
    assert!(!reply.text.contains("hunter2"));
    assert_eq!(h.store.stats().commits, commits);
    assert_eq!(h.everything().await, before);
}
