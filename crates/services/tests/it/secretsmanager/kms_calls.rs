//! Which calls to KMS each operation makes (behaviour reference §12.2), and what their events say.

use serde_json::{Value, json};
use strongroom_services::Limits;
use testkit::{Engine, Harness, token, with};

/// The calls to KMS that Secrets Manager made since the event number `from`, each with the version
/// it was for.
fn calls(h: &Harness, from: usize) -> Vec<String> {
    let events = h.audit.events();
    let new = events.iter().skip(from);
    let of_kms = new.filter(|event| {
        event["eventSource"] == "kms.amazonaws.com" && event["userIdentity"]["invokedBy"] == SERVICE
    });
    of_kms
        .map(|event| {
            let context = &event["requestParameters"]["encryptionContext"];
            let version = context["SecretVersionId"].as_str().unwrap();
            let version = version.split('-').next().unwrap().trim_start_matches('0');
            format!("{} {version}", event["eventName"].as_str().unwrap())
        })
        .collect()
}

/// Operations on a secret `db`, and the calls that each makes of KMS.
fn steps(old: &str, new: &str) -> Vec<(&'static str, Value, Vec<&'static str>)> {
    let id = json!({ "SecretId": "db" });
    let value = |n| json!({ "SecretString": "x", "ClientRequestToken": token(n) });
    let trial = [
        "GenerateDataKey RequestToValidateKeyAccess",
        "Decrypt RequestToValidateKeyAccess",
    ];

    vec![
        (
            "CreateSecret",
            json!({ "Name": "empty", "KmsKeyId": old, "ClientRequestToken": token(1) }),
            trial.to_vec(),
        ),
        (
            "CreateSecret",
            with(value(1), json!({ "Name": "db", "KmsKeyId": old })),
            [&trial[..], &["GenerateDataKey 1"]].concat(),
        ),
        (
            "PutSecretValue",
            with(value(2), id.clone()),
            vec!["GenerateDataKey 2"],
        ),
        (
            "PutSecretValue",
            with(value(2), id.clone()),
            vec!["Decrypt 2"],
        ),
        (
            "UpdateSecret",
            with(value(3), id.clone()),
            vec!["GenerateDataKey 3"],
        ),
        (
            "UpdateSecret",
            with(value(3), id.clone()),
            vec!["Decrypt 3"],
        ),
        ("GetSecretValue", id.clone(), vec!["Decrypt 3"]),
        (
            "BatchGetSecretValue",
            json!({ "SecretIdList": ["db"] }),
            vec!["Decrypt 3"],
        ),
        (
            "UpdateSecret",
            with(id.clone(), json!({ "KmsKeyId": new })),
            [
                &trial[..],
                &["Decrypt 2", "Encrypt 2", "Decrypt 3", "Encrypt 3"],
            ]
            .concat(),
        ),
    ]
}

/// Operations on it that make none.
fn steps_without_kms() -> [(&'static str, Value); 7] {
    let id = json!({ "SecretId": "db" });
    [
        ("DescribeSecret", id.clone()),
        ("ListSecrets", json!({})),
        ("ListSecretVersionIds", id.clone()),
        (
            "UpdateSecret",
            with(id.clone(), json!({ "Description": "d" })),
        ),
        ("TagResource", with(id.clone(), json!({ "Tags": [] }))),
        ("DeleteSecret", id.clone()),
        ("RestoreSecret", id),
    ]
}

#[tokio::test]
async fn each_operation_makes_its_own_calls() {
    let h = Harness::new().await;
    let (old, new) = (h.a_key().await, h.a_key().await);

    let none = steps_without_kms().map(|(operation, body)| (operation, body, vec![]));
    for (operation, body, expected) in steps(&old, &new).into_iter().chain(none) {
        let from = h.audit.events().len();
        h.call(operation, body).await.ok();
        assert_eq!(calls(&h, from), expected, "{operation}");
    }
}

#[tokio::test]
async fn the_event_of_a_call_names_caller_service_and_key() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let body = json!({ "Name": "db", "SecretString": "hunter2", "KmsKeyId": key,
                       "ClientRequestToken": token(0) });
    let created = h.call("CreateSecret", body).await.ok();

    let read = h.call("GetSecretValue", json!({ "SecretId": "db" })).await;

    let events = h.audit.events();
    let event = events
        .iter()
        .rfind(|event| event["eventName"] == "Decrypt")
        .unwrap();
    let own = &h.audit.events_of(&read.request_id)[0];
    assert_ne!(event["requestID"], own["requestID"]);
    assert_ne!(event["eventID"], own["eventID"]);
    let told = json!({
        "eventSource": event["eventSource"],
        "eventType": event["eventType"],
        "readOnly": event["readOnly"],
        "sourceIPAddress": event["sourceIPAddress"],
        "userAgent": event["userAgent"],
        "arn": event["userIdentity"]["arn"],
        "accessKeyId": event["userIdentity"]["accessKeyId"],
        "invokedBy": event["userIdentity"]["invokedBy"],
        "requestParameters": event["requestParameters"],
        "resources": event["resources"],
        "decision": event["additionalEventData"]["decision"]["action"],
    });
    let expected = json!({
        "eventSource": "kms.amazonaws.com",
        "eventType": "AwsApiCall",
        "readOnly": true,
        "sourceIPAddress": SERVICE,
        "userAgent": SERVICE,
        "arn": "arn:aws:iam::123456789012:root",
        "accessKeyId": h.root.access_key_id(),
        "invokedBy": SERVICE,
        "requestParameters": {
            "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
            "encryptionContext": { "SecretARN": created["ARN"], "SecretVersionId": token(0) },
        },
        "resources": [{ "accountId": "123456789012", "type": "AWS::KMS::Key", "ARN": key }],
        "decision": "kms:Decrypt",
    });
    assert_eq!(told, expected);
    assert_eq!(own["userIdentity"].get("invokedBy"), None);
}

#[tokio::test]
async fn the_default_key_is_called_like_any_other() {
    let h = Harness::new().await;
    let from = h.audit.events().len();

    h.a_secret("db", "hunter2").await;
    h.value("db").await;

    assert_eq!(calls(&h, from), ["GenerateDataKey ", "Decrypt "]);
    let events = h.audit.events();
    let generated = events
        .iter()
        .find(|event| event["eventName"] == "GenerateDataKey");
    assert_eq!(
        generated.unwrap()["requestParameters"]["keyId"],
        "alias/aws/secretsmanager"
    );
}

#[tokio::test]
async fn no_event_shows_a_value_or_a_key() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let body = json!({ "Name": "db", "SecretString": "hunter2", "KmsKeyId": key,
                       "ClientRequestToken": token(0) });
    h.call("CreateSecret", body).await.ok();
    h.value("db").await;

    for event in h.audit.events() {
        let text = event.to_string();
        assert!(!text.contains("hunter2"), "{text}");
        assert!(!text.to_lowercase().contains("ciphertext"), "{text}");
        assert!(!text.to_lowercase().contains("plaintext"), "{text}");
    }
}

const SERVICE: &str = "secretsmanager.amazonaws.com";

#[tokio::test]
async fn calls_made_for_a_change_that_is_not_stored_are_told_all_the_same() {
    let h = Harness::over(
        Engine::Memory,
        Limits {
            secrets: 1,
            ..Limits::default()
        },
    )
    .await;
    let key = h.a_key().await;
    h.a_secret("only", "hunter2").await;
    let from = h.audit.events().len();

    let body = json!({ "Name": "db", "KmsKeyId": key, "SecretString": "x",
                       "ClientRequestToken": token(1) });
    let refused = h.call("CreateSecret", body).await;

    assert_eq!(refused.json()["__type"], "LimitExceededException");
    let told = [
        "GenerateDataKey RequestToValidateKeyAccess",
        "Decrypt RequestToValidateKeyAccess",
        "GenerateDataKey 1",
    ];
    assert_eq!(calls(&h, from), told);
}
