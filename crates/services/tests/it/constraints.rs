//! Every constraint of the model, of every operation, broken once and sent.

mod query;

use serde_json::{Value, json};
use strongroom_services::{OperationInfo, operations};
use testkit::Harness;
use wire::probe;

#[tokio::test]
async fn every_violation_is_answered_in_aws_words_and_changes_nothing() {
    let h = Harness::new().await;
    h.a_secret("x", "value").await;
    let before = (
        h.everything().await,
        h.kms("ListKeys", json!({})).await.ok(),
    );
    let mut sent = 0;

    for (service, info) in swept() {
        for violation in probe::violations(info.input) {
            let reply = h.json_as(&h.root, service, info.name, violation.body).await;
            let code = code_of(service, violation.code);
            let expected = match &violation.message {
                Some(message) => json!({ "__type": code, "message": message }),
                None => json!({ "__type": code }),
            };
            assert_eq!(
                (reply.status, reply.json()),
                (400, expected),
                "{}: {}",
                info.name,
                violation.what
            );
            sent += 1;
        }
    }

    let after = (
        h.everything().await,
        h.kms("ListKeys", json!({})).await.ok(),
    );
    assert_eq!(after, before);
    assert!(sent > 700, "only {sent} violations were found");
}

#[tokio::test]
async fn a_violation_is_recorded_with_its_text_and_without_what_is_confidential() {
    let h = Harness::new().await;

    for (service, info) in swept() {
        for violation in probe::violations(info.input) {
            let body = violation.body.clone();
            let reply = h.json_as(&h.root, service, info.name, body).await;
            let event = &h.audit.events_of(&reply.request_id)[0];
            assert_eq!(event["errorCode"], code_of(service, violation.code));
            // What cannot even be read has no text, and is refused before its signature.
            let (caller, text) = match violation.message {
                Some(text) => ("Root", text),
                None => ("Unknown", String::new()),
            };
            assert_eq!(event["userIdentity"]["type"], caller, "{}", violation.what);
            assert_eq!(event["errorMessage"], text);
            for confidential in CONFIDENTIAL {
                let value = &violation.body[confidential];
                // Of a long value no more than its beginning would be shown.
                let start = value.as_str().and_then(|text| text.get(..100));
                assert!(!start.is_some_and(|text| event.to_string().contains(text)));
            }
        }
    }
}

#[tokio::test]
async fn a_minimal_and_a_complete_request_break_no_constraint() {
    for (service, info) in swept() {
        for body in [probe::minimal(info.input), probe::complete(info.input)] {
            let h = Harness::new().await;
            let reply = h.json_as(&h.root, service, info.name, body).await;
            let code = match reply.status {
                200 => Value::Null,
                _ => reply.json()["__type"].clone(),
            };
            assert_ne!(code, "SerializationException", "{}", info.name);
            // What the service itself asks for beyond the model is told as `Message`. KMS tells both
            // alike, and asks for one member that its model does not require.
            let text = reply.text;
            let is_broken = match service {
                "cloudtrail" | "events" | "kms" | "logs" => {
                    text.contains("constraint: ") && !text.contains("'ciphertextBlob'")
                }
                _ => text.contains("\"message\""),
            };
            assert!(!is_broken, "{}: {text}", info.name);
        }
    }
}

#[tokio::test]
async fn a_wrong_type_wins_over_a_missing_member() {
    let h = Harness::new().await;

    let reply = h.call("TagResource", json!({ "SecretId": 1 })).await;

    let text = "NUMBER_VALUE can not be converted to a String";
    reply.rejected("SerializationException", Some(text));
}

#[tokio::test]
async fn null_is_absent_and_unknown_members_are_ignored() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;

    let body = json!({
        "SecretId": "db", "VersionId": null, "VersionStage": null, "Colour": { "a": [1, null] },
    });
    let read = h.call("GetSecretValue", body).await.ok();

    assert_eq!(read["SecretString"], "x");
}

#[tokio::test]
async fn a_fraction_is_truncated_where_a_number_is_wanted() {
    let h = Harness::new().await;

    let body = json!({ "PasswordLength": 7.9 });
    let drawn = h.call("GetRandomPassword", body).await.ok();

    assert_eq!(drawn["RandomPassword"].as_str().map(str::len), Some(7));
}

/// The operations of every service that speaks awsJson.
fn swept() -> impl Iterator<Item = (&'static str, OperationInfo)> {
    let services = SWEPT.into_iter();
    services.flat_map(|service| operations(service).map(move |info| (service, info)))
}

/// What a service calls an input that breaks a constraint.
fn code_of(service: &str, code: &'static str) -> &'static str {
    match (service, code) {
        ("logs", "ValidationException") => "InvalidParameterException",
        _ => code,
    }
}

/// The services that speak awsJson.
const SWEPT: [&str; 5] = ["cloudtrail", "events", "kms", "logs", "secretsmanager"];

/// Members that the audit record never shows.
const CONFIDENTIAL: [&str; 5] = [
    "CiphertextBlob",
    "Plaintext",
    "RotationToken",
    "SecretBinary",
    "SecretString",
];
