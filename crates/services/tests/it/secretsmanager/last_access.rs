//! Who read which secret: exactly those who got the value, by principal.

use base::{AccountId, RegionName};
use serde_json::{Value, json};
use strongroom_services::secretsmanager::{ShownAccess, UnusedSecrets};
use testkit::Harness;

fn everything() -> Value {
    let statement = json!({ "Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*" });
    json!({ "Version": "2012-10-17", "Statement": statement })
}

async fn shown(h: &Harness, secret: &str) -> Option<ShownAccess> {
    let account = AccountId::parse("123456789012").unwrap();
    let region = RegionName::parse("us-east-1").unwrap();
    h.app.show_access(&account, &region, secret).await.unwrap()
}

async fn unused(h: &Harness, days: u32) -> UnusedSecrets {
    let account = AccountId::parse("123456789012").unwrap();
    let region = RegionName::parse("us-east-1").unwrap();
    h.app.unused_secrets(&account, &region, days).await.unwrap()
}

fn told(access: &ShownAccess) -> Vec<(&str, u64, i64)> {
    let readers = access.readers.iter();
    readers
        .map(|one| {
            (
                one.principal.as_str(),
                one.reads,
                one.last_read.0.as_millis(),
            )
        })
        .collect()
}

#[tokio::test]
async fn each_reader_is_shown_with_the_last_read_and_how_many_there_were() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "hunter2").await;
    let ann = h.a_user("ann", Some(&everything())).await;
    let noon = h.now().as_millis();

    h.call_as(&ann, "GetSecretValue", json!({ "SecretId": "db" }))
        .await
        .ok();
    h.clock.advance_millis(5_000);
    h.call("GetSecretValue", json!({ "SecretId": "db" }))
        .await
        .ok();
    h.call("BatchGetSecretValue", json!({ "SecretIdList": ["db"] }))
        .await
        .ok();
    let access = shown(&h, &arn).await.unwrap();

    assert_eq!((access.name.as_str(), &access.arn), ("db", &arn));
    assert_eq!(
        told(&access),
        [
            ("arn:aws:iam::123456789012:root", 2, noon + 5_000),
            ("arn:aws:iam::123456789012:user/ann", 1, noon),
        ]
    );
}

#[tokio::test]
async fn who_did_not_get_the_value_is_no_reader() {
    let h = Harness::new().await;
    h.a_secret("db", "hunter2").await;
    let bob = h.a_user("bob", None).await;

    let refused = h
        .call_as(&bob, "GetSecretValue", json!({ "SecretId": "db" }))
        .await;
    h.call("DescribeSecret", json!({ "SecretId": "db" }))
        .await
        .ok();
    let access = shown(&h, "db").await.unwrap();

    assert_eq!(refused.status, 400);
    assert_eq!(told(&access), []);
    assert_eq!(shown(&h, "other").await, None);
}

#[tokio::test]
async fn what_was_stored_is_added_to_and_counted_once() {
    let h = Harness::new().await;
    h.a_secret("db", "hunter2").await;

    h.call("GetSecretValue", json!({ "SecretId": "db" }))
        .await
        .ok();
    let first = shown(&h, "db").await.unwrap();
    h.call("GetSecretValue", json!({ "SecretId": "db" }))
        .await
        .ok();
    let another = h.another_node(h.lambda.clone());
    let account = AccountId::parse("123456789012").unwrap();
    let region = RegionName::parse("us-east-1").unwrap();
    let elsewhere = another.show_access(&account, &region, "db").await.unwrap();
    let here = shown(&h, "db").await.unwrap();

    assert_eq!(first.readers[0].reads, 1);
    assert_eq!(elsewhere.unwrap().readers[0].reads, 2);
    assert_eq!(here.readers[0].reads, 2);
}

#[tokio::test]
async fn of_a_secret_that_is_gone_nothing_is_kept_and_the_next_of_its_name_begins_anew() {
    let h = Harness::new().await;
    h.a_secret("db", "hunter2").await;
    h.call("GetSecretValue", json!({ "SecretId": "db" }))
        .await
        .ok();
    shown(&h, "db").await.unwrap();
    // Read once more, and noted only after it is gone.
    h.call("GetSecretValue", json!({ "SecretId": "db" }))
        .await
        .ok();
    let delete = json!({ "SecretId": "db", "ForceDeleteWithoutRecovery": true });
    h.call("DeleteSecret", delete).await.ok();
    let gone = shown(&h, "db").await;
    h.a_secret("db", "another").await;
    let anew = shown(&h, "db").await.unwrap();

    assert_eq!(gone, None);
    assert_eq!(told(&anew), []);
}

#[tokio::test]
async fn secrets_that_nobody_read_for_so_long_are_listed_those_never_read_first() {
    let h = Harness::new().await;
    let read = h.a_secret("read", "v").await;
    let never = h.a_secret("never", "v").await;
    h.a_secret("deleted", "v").await;
    h.a_secret("used", "v").await;
    h.call("GetSecretValue", json!({ "SecretId": "read" }))
        .await
        .ok();
    h.call(
        "DeleteSecret",
        json!({ "SecretId": "deleted", "RecoveryWindowInDays": 30 }),
    )
    .await
    .ok();
    h.clock.advance_millis(20 * 86_400_000);
    h.call("GetSecretValue", json!({ "SecretId": "used" }))
        .await
        .ok();
    h.a_secret("new", "v").await;

    let listed = unused(&h, 10).await;
    let none = unused(&h, 30).await;

    let arns: Vec<_> = listed.secrets.iter().map(|one| one.arn.clone()).collect();
    assert_eq!(arns, [never, read]);
    assert!(!listed.has_more);
    assert_eq!(listed.secrets[0].last_accessed_date, None);
    assert_eq!(none, UnusedSecrets::default());
}
