//! Lists that may only shrink, and what must be there for every operation.

use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use strongroom_services::operations;
use testkit::Harness;

/// Operations of the API that this release refuses. An operation that is built leaves this list.
pub(crate) const UNSUPPORTED: [&str; 7] = [
    "AssociateCrossAccountReplica",
    "CancelRotateSecret",
    "DisassociateCrossAccountReplica",
    "RemoveRegionsFromReplication",
    "ReplicateSecretToRegions",
    "RotateSecret",
    "StopReplicationToReplica",
];

/// The operations of the API, version 2017-10-17.
const OPERATIONS: usize = 26;

#[test]
fn the_table_has_every_operation_once_in_order() {
    let names: Vec<&str> = operations("secretsmanager").map(|info| info.name).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    sorted.dedup();

    assert_eq!(names, sorted);
    assert_eq!(names.len(), OPERATIONS);
}

#[test]
fn every_supported_operation_has_a_test_file_and_no_other_has() {
    let folder = crate_folder().join("tests/it/secretsmanager");

    for info in operations("secretsmanager") {
        let file = format!("{}.rs", snake_case(info.name));
        let is_supported = !UNSUPPORTED.contains(&info.name);
        assert_eq!(folder.join(&file).exists(), is_supported, "{file}");
    }
    assert!(folder.join("unsupported.rs").exists());
}

#[tokio::test]
async fn the_unsupported_operations_are_exactly_these() {
    let h = Harness::new().await;
    let mut refused = Vec::new();

    for info in operations("secretsmanager") {
        let reply = h.call(info.name, json!({})).await;
        if reply.text.contains("is not supported by this server yet.") {
            refused.push(info.name);
        }
    }

    assert_eq!(refused, UNSUPPORTED);
}

#[test]
fn every_operation_is_in_the_compatibility_document() {
    let path = crate_folder().join("../../docs/compat/secretsmanager.md");
    let text = fs::read_to_string(path).unwrap();

    for info in operations("secretsmanager") {
        assert!(text.contains(&format!("`{}`", info.name)), "{}", info.name);
    }
}

#[tokio::test]
async fn every_operation_refuses_an_anonymous_caller() {
    let h = Harness::new().await;
    h.a_secret("x", "value").await;
    let before = h.everything().await;

    for info in operations("secretsmanager") {
        let body = wire::probe::minimal(info.input);
        let mut request = h.root.signed(info.name, &body, h.now());
        request.headers.remove("authorization");
        let reply = h.send(request).await;
        reply.rejected(
            "MissingAuthenticationTokenException",
            Some("Request is missing Authentication Token"),
        );
        let event = only_event(&h, &reply.request_id, info.name);
        assert_eq!(event["errorCode"], "MissingAuthenticationTokenException");
        assert_eq!(event["userIdentity"], json!({ "type": "Unknown" }));
        assert_eq!(event["requestParameters"], Value::Null);
    }

    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn every_operation_refuses_a_wrong_signature() {
    let h = Harness::new().await;
    h.a_secret("x", "value").await;
    let before = h.everything().await;
    let impostor = h.root.with_secret("not the secret");

    for info in operations("secretsmanager") {
        let body = wire::probe::minimal(info.input);
        let reply = h.send(impostor.signed(info.name, &body, h.now())).await;
        assert_eq!(
            (reply.status, &reply.json()["__type"]),
            (400, &json!("InvalidSignatureException"))
        );
        let event = only_event(&h, &reply.request_id, info.name);
        assert_eq!(event["errorCode"], "InvalidSignatureException");
        let claimed = json!({ "type": "Unknown", "accessKeyId": h.root.access_key_id() });
        assert_eq!(event["userIdentity"], claimed);
        assert_eq!(event["requestParameters"], Value::Null);
    }

    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn every_operation_leaves_one_event_of_its_own() {
    for info in operations("secretsmanager") {
        let h = Harness::new().await;
        let reply = h.call(info.name, wire::probe::complete(info.input)).await;
        let event = only_event(&h, &reply.request_id, info.name);
        let is_supported = !UNSUPPORTED.contains(&info.name);
        if is_supported {
            let reads = ["BatchGet", "Describe", "Get", "List", "Validate"];
            let is_read = reads.iter().any(|prefix| info.name.starts_with(prefix));
            assert_eq!(
                (info.read_only, &event["readOnly"]),
                (is_read, &json!(is_read))
            );
        }
    }
}

#[test]
fn no_service_names_another() {
    let source = crate_folder().join("src");
    let services = ["iam", "kms", "secretsmanager", "sts"];
    let mut looked_at = 0;

    for service in services {
        for file in files_under(&source.join(service)) {
            looked_at += 1;
            let text = fs::read_to_string(&file).unwrap();
            for other in services.iter().filter(|other| **other != service) {
                let named = format!("crate::{other}");
                assert!(!text.contains(&named), "{} names {named}", file.display());
                let inside = format!("{other}::");
                let grouped = text
                    .split("use crate::{")
                    .skip(1)
                    .filter_map(|rest| rest.split("};").next())
                    .any(|names| names.contains(&inside) || names.split(", ").any(|n| n == *other));
                assert!(!grouped, "{} names {other}", file.display());
            }
        }
    }

    assert!(looked_at > 40, "only {looked_at} files");
}

fn only_event(h: &Harness, request_id: &str, operation: &str) -> Value {
    let mut events = h.audit.events_of(request_id);
    events.retain(|event| event["eventType"] == "AwsApiCall");
    assert_eq!(events.len(), 1, "{operation}");
    assert_eq!(events[0]["eventName"], operation);
    events.remove(0)
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_under(&path));
        } else {
            files.push(path);
        }
    }
    files
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for (position, c) in name.chars().enumerate() {
        if c.is_ascii_uppercase() && position > 0 {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

fn crate_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
