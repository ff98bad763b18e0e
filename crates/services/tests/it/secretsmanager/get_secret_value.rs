use super::{DAY, DELETED, MIDNIGHT, NOON, NOT_FOUND};
use crate::block_on;
use data_encoding::BASE64;
use proptest::prelude::*;
use serde_json::{Value, json};
use testkit::{Harness, token, with};

async fn get(h: &Harness, more: Value) -> testkit::Reply {
    h.call("GetSecretValue", with(json!({ "SecretId": "db" }), more))
        .await
}

/// Versions 0 (deprecated), 1 (previous, BLUE) and 2 (current), a second apart.
async fn with_history(h: &Harness) -> String {
    let arn = h.a_secret("db", "zero").await;
    h.clock.advance_seconds(1);
    h.put("db", 1, "one", json!(["AWSCURRENT", "BLUE"])).await;
    h.clock.advance_seconds(1);
    h.put("db", 2, "two", Value::Null).await;
    arn
}

#[tokio::test]
async fn the_current_version_is_the_default() {
    let h = Harness::new().await;
    let arn = with_history(&h).await;

    let read = get(&h, json!({})).await.ok();

    assert_eq!(
        read,
        json!({
            "ARN": arn,
            "Name": "db",
            "VersionId": token(2),
            "SecretString": "two",
            "VersionStages": ["AWSCURRENT"],
            "CreatedDate": NOON + 2,
        })
    );
}

#[tokio::test]
async fn an_id_a_label_or_both_choose_the_version() {
    let h = Harness::new().await;
    let arn = with_history(&h).await;
    let previous = json!({
        "ARN": arn,
        "Name": "db",
        "VersionId": token(1),
        "SecretString": "one",
        "VersionStages": ["BLUE", "AWSPREVIOUS"],
        "CreatedDate": NOON + 1,
    });
    let deprecated = json!({
        "ARN": arn,
        "Name": "db",
        "VersionId": token(0),
        "SecretString": "zero",
        "CreatedDate": NOON,
    });

    for stage in ["AWSPREVIOUS", "BLUE"] {
        assert_eq!(
            sorted(get(&h, json!({ "VersionStage": stage })).await.ok()),
            sorted(previous.clone())
        );
        let both = json!({ "VersionId": token(1), "VersionStage": stage });
        assert_eq!(sorted(get(&h, both).await.ok()), sorted(previous.clone()));
    }
    assert_eq!(
        sorted(get(&h, json!({ "VersionId": token(1) })).await.ok()),
        sorted(previous)
    );
    assert_eq!(
        get(&h, json!({ "VersionId": token(0) })).await.ok(),
        deprecated
    );
}

fn sorted(mut read: Value) -> Value {
    let stages = read["VersionStages"].as_array_mut().unwrap();
    stages.sort_by_key(ToString::to_string);
    read
}

#[tokio::test]
async fn what_denotes_no_version_is_refused_and_changes_nothing() {
    let h = Harness::new().await;
    with_history(&h).await;
    let before = h.everything().await;
    let unknown = format!(
        "Secrets Manager can't find the specified secret value for VersionId: {}",
        token(7)
    );
    let cases = [
        (
            json!({ "VersionStage": "GREEN" }),
            "ResourceNotFoundException",
            "Secrets Manager can't find the specified secret value for staging label: GREEN",
        ),
        (
            json!({ "VersionStage": "awscurrent" }),
            "ResourceNotFoundException",
            "Secrets Manager can't find the specified secret value for staging label: awscurrent",
        ),
        (
            json!({ "VersionId": token(7) }),
            "ResourceNotFoundException",
            &unknown,
        ),
        (
            json!({ "VersionId": token(7), "VersionStage": "AWSCURRENT" }),
            "ResourceNotFoundException",
            &unknown,
        ),
        (
            json!({ "VersionId": token(1), "VersionStage": "AWSCURRENT" }),
            "InvalidRequestException",
            "You provided a VersionStage that is not associated to the provided VersionId.",
        ),
        (
            json!({ "VersionId": token(0), "VersionStage": "GREEN" }),
            "InvalidRequestException",
            "You provided a VersionStage that is not associated to the provided VersionId.",
        ),
    ];

    for (more, code, text) in cases {
        get(&h, more).await.refused(code, text);
    }

    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn a_secret_without_a_value_has_no_current_one() {
    let h = Harness::new().await;
    let body = json!({ "Name": "db", "ClientRequestToken": token(0) });
    h.call("CreateSecret", body).await.ok();
    let before = h.everything().await;

    let reply = get(&h, json!({})).await;

    reply.refused(
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    );
    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn what_is_missing_or_deleted_cannot_be_read() {
    let h = Harness::new().await;
    h.a_secret("db", "hunter2").await;
    h.call("DeleteSecret", json!({ "SecretId": "db" }))
        .await
        .ok();

    let missing = h
        .call("GetSecretValue", json!({ "SecretId": "other" }))
        .await;
    let by_version = get(&h, json!({ "VersionId": token(0) })).await;

    missing.refused("ResourceNotFoundException", NOT_FOUND);
    by_version.refused("InvalidRequestException", DELETED);
    let event = &h.audit.events_of(&by_version.request_id)[0];
    assert!(
        event["errorMessage"]
            .as_str()
            .unwrap()
            .contains("marked for deletion")
    );
}

#[tokio::test]
async fn reading_notes_the_day_and_nothing_else() {
    let h = Harness::new().await;
    h.a_secret("db", "zero").await;
    h.put("db", 1, "one", Value::Null).await;
    let before = h.everything().await;
    assert_eq!(before[0]["secret"].get("LastAccessedDate"), None);

    h.clock.advance_seconds(600);
    get(&h, json!({})).await.ok();

    let mut after = h.everything().await;
    assert_eq!(after[0]["secret"]["LastAccessedDate"], MIDNIGHT);
    assert_eq!(after[0]["versions"][1]["LastAccessedDate"], MIDNIGHT);
    after[0]["secret"]
        .as_object_mut()
        .unwrap()
        .remove("LastAccessedDate");
    after[0]["versions"][1]
        .as_object_mut()
        .unwrap()
        .remove("LastAccessedDate");
    assert_eq!(after, before);
}

#[tokio::test]
async fn the_day_is_noted_once_for_each_version() {
    let h = Harness::new().await;
    h.a_secret("db", "zero").await;
    h.put("db", 1, "one", Value::Null).await;
    let commits = || h.store.stats().commits;
    let first = commits();

    get(&h, json!({})).await.ok();
    get(&h, json!({})).await.ok();
    assert_eq!(commits() - first, 1);
    get(&h, json!({ "VersionId": token(0) })).await.ok();
    get(&h, json!({ "VersionId": token(0) })).await.ok();
    assert_eq!(commits() - first, 2);

    h.clock.advance_days(1);
    get(&h, json!({})).await.ok();
    assert_eq!(commits() - first, 3);
    let all = h.everything().await;
    assert_eq!(all[0]["secret"]["LastAccessedDate"], MIDNIGHT + DAY);
    assert_eq!(all[0]["versions"][0]["LastAccessedDate"], MIDNIGHT);
    assert_eq!(all[0]["versions"][1]["LastAccessedDate"], MIDNIGHT + DAY);
}

#[tokio::test]
async fn describing_and_listing_are_no_reads_of_the_value() {
    let h = Harness::new().await;
    h.a_secret("db", "hunter2").await;

    h.describe("db").await;
    h.everything().await;

    let all = h.everything().await;
    assert_eq!(all[0]["secret"].get("LastAccessedDate"), None);
    assert_eq!(all[0]["versions"][0].get("LastAccessedDate"), None);
}

#[tokio::test]
async fn the_event_says_what_was_read_and_never_the_value() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "hunter2").await;

    let body = json!({ "VersionId": token(0), "VersionStage": "AWSCURRENT", "Unknown": "ignored" });
    let reply = get(&h, body).await;

    let events = h.audit.events_of(&reply.request_id);
    assert_eq!(events.len(), 1);
    let expected = json!({
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "Root",
            "principalId": "123456789012",
            "arn": "arn:aws:iam::123456789012:root",
            "accountId": "123456789012",
            "accessKeyId": h.root.access_key_id(),
        },
        "eventTime": "2026-01-15T12:00:00Z",
        "eventSource": "secretsmanager.amazonaws.com",
        "eventName": "GetSecretValue",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "127.0.0.1",
        "userAgent": "",
        "requestParameters": {
            "secretId": "db", "versionId": token(0), "versionStage": "AWSCURRENT",
        },
        "responseElements": null,
        "additionalEventData": {
            "decision": {
                "outcome": "allowed",
                "action": "secretsmanager:GetSecretValue",
            },
        },
        "requestID": reply.request_id,
        "eventID": events[0]["eventID"],
        "readOnly": true,
        "resources": [{ "accountId": "123456789012", "ARN": arn }],
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": "123456789012",
        "eventCategory": "Management",
    });
    assert_eq!(events[0], expected);
    assert!(
        !h.audit
            .events()
            .iter()
            .any(|event| event.to_string().contains("hunter2"))
    );
}

#[tokio::test]
async fn nothing_is_revealed_while_the_audit_log_fails() {
    let h = Harness::new().await;
    h.a_secret("db", "hunter2").await;
    h.value("db").await;

    h.audit.fail(true);
    let again_today = get(&h, json!({})).await;
    h.clock.advance_days(1);
    let first_of_the_day = get(&h, json!({})).await;

    for reply in [again_today, first_of_the_day] {
        assert_eq!(
            (reply.status, reply.text.as_str()),
            (500, r#"{"__type":"InternalServiceError"}"#)
        );
    }
    h.audit.fail(false);
    assert_eq!(h.value("db").await, "hunter2");
}

#[tokio::test]
async fn binary_comes_back_as_binary_with_every_byte() {
    let h = Harness::new().await;
    let every_byte = BASE64.encode(&(0..=255).collect::<Vec<u8>>());

    let body = json!({
        "Name": "db", "SecretBinary": every_byte, "ClientRequestToken": token(0),
    });
    h.call("CreateSecret", body).await.ok();

    let read = get(&h, json!({})).await.ok();
    assert_eq!(read["SecretBinary"], every_byte);
    assert_eq!(read.get("SecretString"), None);
}

#[tokio::test]
async fn a_value_of_64_kib_comes_back_whole() {
    let h = Harness::new().await;
    let text = "é".repeat(32_768);
    let bytes = BASE64.encode(&[0xff; 65_536]);

    h.a_secret("db", &text).await;
    assert_eq!(h.value("db").await, text);
    let body = json!({
        "SecretId": "db", "SecretBinary": bytes, "ClientRequestToken": token(1),
    });
    h.call("PutSecretValue", body).await.ok();

    assert_eq!(get(&h, json!({})).await.ok()["SecretBinary"], bytes);
}

#[tokio::test]
async fn text_is_given_back_as_it_came() {
    let h = Harness::new().await;
    let texts = [
        r#"{ "user" : "a",  "password":"b\u0000" }"#,
        "\u{0}\u{1}\u{7f}\u{2028}\u{feff}\u{fffd}",
        "pa\"ss\\wo/rd\r\n\t",
        "пароль 密码 🔑 e\u{301}",
        " ",
        "null",
    ];

    for (n, text) in texts.into_iter().enumerate() {
        let name = format!("db{n}");
        h.a_secret(&name, text).await;
        assert_eq!(h.value(&name).await, text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_value_comes_back(text in "\\PC{1,80}|(.|\\n){1,20}", bytes in prop::collection::vec(any::<u8>(), 1..200)) {
        let (read, binary) = block_on(async {
            let h = Harness::new().await;
            h.a_secret("db", &text).await;
            let read = h.value("db").await;
            let body = json!({
                "SecretId": "db",
                "SecretBinary": BASE64.encode(&bytes),
                "ClientRequestToken": token(1),
            });
            h.call("PutSecretValue", body).await.ok();
            (read, get(&h, json!({})).await.ok()["SecretBinary"].clone())
        });

        prop_assert_eq!(read, text);
        prop_assert_eq!(binary, BASE64.encode(&bytes));
    }
}
