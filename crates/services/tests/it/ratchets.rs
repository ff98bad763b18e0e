//! Lists that may only shrink, and what must be there for every operation.

use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use strongroom_services::{OperationInfo, operations, services};
use testkit::{Caller, Harness, Reply, Signed};

/// Operations of the API that this release refuses. An operation that is built leaves this list.
pub(crate) const UNSUPPORTED: [&str; 5] = [
    "AssociateCrossAccountReplica",
    "DisassociateCrossAccountReplica",
    "RemoveRegionsFromReplication",
    "ReplicateSecretToRegions",
    "StopReplicationToReplica",
];

/// The id of a key that is not there.
const NO_KEY: &str = "11111111-2222-4333-8444-555555555555";

/// Operations that every identity may call, as on AWS.
const NEED_NO_PERMISSION: [&str; 2] = ["GetCallerIdentity", "GetSessionToken"];

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
    let tests = crate_folder().join("tests/it");
    let mut wrong = Vec::new();

    for service in services() {
        for info in operations(service) {
            let file = format!("{}/{}.rs", folder_of(service), snake_case(info.name));
            let is_supported = !UNSUPPORTED.contains(&info.name);
            if tests.join(&file).exists() != is_supported {
                wrong.push(file);
            }
        }
    }

    assert_eq!(wrong, Vec::<String>::new());
    assert!(tests.join("secretsmanager/unsupported.rs").exists());
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
    for service in services() {
        let path = crate_folder().join(format!("../../docs/compat/{}.md", folder_of(service)));
        let text = fs::read_to_string(path).unwrap();
        for info in operations(service) {
            assert!(text.contains(&format!("`{}`", info.name)), "{}", info.name);
        }
    }
}

/// A literal would be the wrong ARN in China and in GovCloud, for policies too.
#[test]
fn no_arn_of_these_services_has_a_partition_of_its_own() {
    let mut wrong = Vec::new();

    for service in ["cloudtrail", "cloudwatch", "events", "logs", "sns"] {
        for file in files_under(&crate_folder().join("src").join(service)) {
            let text = fs::read_to_string(&file).unwrap();
            let (source, _) = text
                .split_once("#[cfg(test)]\nmod tests")
                .unwrap_or((&text, ""));
            let is_test = file.ends_with("tests.rs");
            // Patterns of the model have an example that the sweep of constraints sends.
            let mut lines = source
                .lines()
                .filter(|line| !line.trim().starts_with("example:"));
            if !is_test && lines.any(|line| line.contains("\"arn:aws:")) {
                wrong.push(file);
            }
        }
    }

    assert_eq!(wrong, Vec::<PathBuf>::new());
}

#[tokio::test]
async fn every_operation_refuses_an_anonymous_caller() {
    let h = Harness::new().await;
    h.a_secret("x", "value").await;
    let before = h.everything().await;

    for (service, info) in signed_operations() {
        let mut request = request(&h, &h.root, service, &info);
        request.headers.remove("authorization");
        let reply = h.send(request).await;

        let (code, status) = match protocol_of(service) {
            Protocol::Json => ("MissingAuthenticationTokenException", 400),
            Protocol::Query => ("MissingAuthenticationToken", 403),
            Protocol::Rest => ("MissingAuthenticationTokenException", 403),
        };
        assert_eq!(
            refusal(service, &reply),
            (status, code.into()),
            "{}",
            info.name
        );
        let event = only_event(&h, &reply.request_id, info.event_name);
        assert_eq!(event["errorCode"], code);
        assert_eq!(event["userIdentity"], json!({ "type": "Unknown" }));
        assert_eq!(event["requestParameters"], Value::Null);
    }

    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn every_operation_refuses_an_unknown_key_and_a_wrong_signature() {
    let h = Harness::new().await;
    h.a_secret("x", "value").await;
    let before = h.everything().await;
    let unknown = h.root.with_access_key_id("AKIAUNKNOWNUNKNOWN00");
    let impostor = h.root.with_secret("not the secret");

    for (service, info) in signed_operations() {
        for (caller, json_code, query_code) in [
            (
                &unknown,
                "UnrecognizedClientException",
                "InvalidClientTokenId",
            ),
            (
                &impostor,
                "InvalidSignatureException",
                "SignatureDoesNotMatch",
            ),
        ] {
            let reply = h.send(request(&h, caller, service, &info)).await;

            let (code, status) = match protocol_of(service) {
                Protocol::Json => (json_code, 400),
                Protocol::Query => (query_code, 403),
                Protocol::Rest => (json_code, 403),
            };
            assert_eq!(
                refusal(service, &reply),
                (status, code.into()),
                "{}",
                info.name
            );
            let event = only_event(&h, &reply.request_id, info.event_name);
            assert_eq!(event["errorCode"], code);
            let claimed = json!({ "type": "Unknown", "accessKeyId": caller.access_key_id() });
            assert_eq!(event["userIdentity"], claimed);
            assert_eq!(event["requestParameters"], Value::Null);
        }
    }

    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn every_operation_refuses_a_user_without_policies() {
    let h = Harness::new().await;
    h.a_secret("x", "value").await;
    let nobody = h.a_user("nobody", None).await;
    let before = h.everything().await;
    let mut allowed = Vec::new();

    for (service, info) in signed_operations() {
        let reply = h.send(request(&h, &nobody, service, &info)).await;

        let (code, status) = match protocol_of(service) {
            Protocol::Json => ("AccessDeniedException", 400),
            Protocol::Query if service == "sns" => ("AuthorizationError", 403),
            Protocol::Query => ("AccessDenied", 403),
            Protocol::Rest => ("AccessDeniedException", 403),
        };
        let event = only_event(&h, &reply.request_id, info.event_name);
        if refusal(service, &reply) == (status, code.into()) {
            assert_eq!(event["errorCode"], code);
            assert!(!reply.text.contains("value"), "{}", reply.text);
        } else {
            allowed.push(info.name);
        }
    }

    assert_eq!(allowed, NEED_NO_PERMISSION);
    assert_eq!(h.everything().await, before);
}

#[test]
fn only_these_operations_are_not_signed() {
    let unsigned: Vec<&str> = services()
        .flat_map(operations)
        .filter(|info| !info.signed)
        .map(|info| info.name)
        .collect();

    assert_eq!(
        unsigned,
        [
            "ConfirmSubscription",
            "Unsubscribe",
            "AssumeRoleWithWebIdentity"
        ]
    );
}

#[test]
fn every_table_is_in_order_without_repetition() {
    for service in services() {
        let names: Vec<&str> = operations(service).map(|info| info.name).collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        sorted.dedup();

        assert_eq!(names, sorted, "{service}");
    }
}

#[tokio::test]
async fn every_operation_leaves_one_event_of_its_own() {
    for info in operations("secretsmanager") {
        let h = Harness::new().await;
        let reply = h.call(info.name, wire::probe::complete(info.input)).await;
        let event = only_event(&h, &reply.request_id, info.event_name);
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
    let services = [
        "cloudformation",
        "cloudtrail",
        "cloudwatch",
        "events",
        "iam",
        "kms",
        "lambda",
        "logs",
        "secretsmanager",
        "serverlessrepo",
        "sns",
        "sts",
    ];
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

/// What a request may not do without asking whether its caller may.
#[test]
fn no_operation_makes_its_own_permit() {
    let doors = ["app.rs", "app/door.rs", "app/operator.rs", "app/work.rs"];
    let mut operations = 0;

    for (file, text) in sources() {
        let may_open = doors.contains(&file.as_str());
        assert!(may_open || !text.contains("Door::open("), "{file}");
        assert!(may_open || !text.contains("::for_service("), "{file}");
        if file.contains("/ops/") {
            operations += 1;
            assert!(!text.contains("Door"), "{file}");
            assert!(!text.contains("for_service"), "{file}");
        }
    }

    assert!(operations > 50, "only {operations} files");
}

#[test]
fn only_operations_that_need_no_permission_go_unasked() {
    let mut unasked: Vec<String> = sources()
        .filter(|(file, text)| file != "cx.rs" && text.contains("unasked_event"))
        .map(|(file, _)| file)
        .collect();
    unasked.sort_unstable();

    let allowed = NEED_NO_PERMISSION.map(|name| format!("sts/ops/{}.rs", snake_case(name)));
    assert_eq!(unasked, allowed);
}

#[test]
fn only_notes_progress_and_what_is_derived_are_stored_without_an_audit_event_of_their_own() {
    for (exception, allowed) in [
        ("Derived", DERIVED),
        ("Progress", PROGRESS),
        ("Unaudited", &["identity/model/last_used.rs::LastUsed"]),
    ] {
        let of_it = format!("impl {exception} for ");
        let mut implementors: Vec<String> = sources()
            .flat_map(|(file, text)| {
                let implementors = text.split(&of_it).skip(1);
                let name = |rest: &str| format!("{file}::{}", rest.split(' ').next().unwrap());
                implementors.map(name).collect::<Vec<_>>()
            })
            .collect();

        implementors.sort_unstable();
        assert_eq!(implementors, allowed);
    }
}

#[test]
fn no_token_of_a_page_is_recorded() {
    let mut tokens = 0;

    for service in services() {
        for info in operations(service) {
            let members = info.input.members.iter();
            for member in members.filter(|one| ["Marker", "NextToken"].contains(&one.name)) {
                tokens += 1;
                assert!(!member.audited, "{}: {}", info.name, member.name);
            }
        }
    }

    assert!(tokens > 30, "only {tokens} tokens");
}

/// Where the source, the tests and the page of a service are.
fn folder_of(service: &str) -> &str {
    match service {
        "monitoring" => "cloudwatch",
        other => other,
    }
}

/// The files of the source by their paths in it, with their texts.
fn sources() -> impl Iterator<Item = (String, String)> {
    let source = crate_folder().join("src");
    files_under(&source).into_iter().map(move |file| {
        let text = fs::read_to_string(&file).unwrap();
        let path = file.strip_prefix(&source).unwrap();
        let path: Vec<_> = path.iter().map(|part| part.to_str().unwrap()).collect();
        (path.join("/"), text)
    })
}

fn signed_operations() -> impl Iterator<Item = (&'static str, OperationInfo)> {
    services()
        .flat_map(|service| operations(service).map(move |info| (service, info)))
        .filter(|(_, info)| info.signed)
}

/// A request with every parameter, each as the model wants it.
fn request(h: &Harness, caller: &Caller, service: &str, info: &OperationInfo) -> Signed {
    let mut body = wire::probe::complete(info.input);
    make_sense(service, &mut body);
    match protocol_of(service) {
        Protocol::Json => return caller.signed_json(service, info.name, &body, h.now()),
        Protocol::Rest => return caller.signed_rest(service, info.name, &body, h.now()),
        Protocol::Query => {}
    }
    let version = match service {
        "cloudformation" => "2010-05-15",
        "iam" => "2010-05-08",
        "monitoring" => "2010-08-01",
        "sns" => "2010-03-31",
        _ => "2011-06-15",
    };
    let form = wire::probe::form(&body, info.name, version);
    caller.signed_form(service, std::str::from_utf8(&form).unwrap(), h.now())
}

/// Puts values in that are more than well-formed, so that only the caller is wrong.
fn make_sense(service: &str, body: &mut Value) {
    let members = body.as_object_mut().unwrap();
    if service == "events" && members.contains_key("ResourceARN") {
        let rule = json!("arn:aws:events:us-east-1:123456789012:rule/x");
        members.insert(String::from("ResourceARN"), rule);
    }
    if service == "sns" {
        // A topic has one of three names.
        members.remove("TargetArn");
        members.remove("PhoneNumber");
    }
    for (member, value) in [
        ("TopicArn", "arn:aws:sns:us-east-1:123456789012:x"),
        ("ResourceArn", "arn:aws:sns:us-east-1:123456789012:x"),
        (
            "SubscriptionArn",
            "arn:aws:sns:us-east-1:123456789012:x:11111111-2222-4333-8444-555555555555",
        ),
        ("PolicyArn", "arn:aws:iam::123456789012:policy/x"),
        ("PolicySourceArn", "arn:aws:iam::123456789012:user/nobody"),
        (
            "OpenIDConnectProviderArn",
            "arn:aws:iam::123456789012:oidc-provider/x.example",
        ),
        ("RoleArn", "arn:aws:iam::123456789012:role/x"),
        ("Url", "https://x.example"),
        ("KeyId", NO_KEY),
        ("SourceKeyId", NO_KEY),
        ("DestinationKeyId", NO_KEY),
        ("TargetKeyId", NO_KEY),
    ] {
        if members.contains_key(member) {
            members.insert(member.to_owned(), json!(value));
        }
    }
    if members.contains_key("RecoveryWindowInDays") {
        members.insert(String::from("RecoveryWindowInDays"), json!(7));
    }
    // Of two names of a stack there may be one.
    members.remove("PhysicalResourceId");
    // Of two names of a group there may be one.
    members.remove("logGroupIdentifier");
    if service == "kms" {
        return;
    }
    // There is no MFA, the policy of a session is no text of x, and of two that exclude each
    // other only one may be there.
    for member in [
        "ForceDeleteWithoutRecovery",
        "MinimumSessionTokenSize",
        "Policy",
        "PolicyArns",
        "ProvidedContexts",
        "SecretBinary",
        "SerialNumber",
        "TokenCode",
    ] {
        members.remove(member);
    }
}

enum Protocol {
    Json,
    Query,
    Rest,
}

fn protocol_of(service: &str) -> Protocol {
    match service {
        "cloudtrail" | "events" | "kms" | "logs" | "secretsmanager" => Protocol::Json,
        "lambda" | "serverlessrepo" => Protocol::Rest,
        _ => Protocol::Query,
    }
}

/// Status and exception of an answer.
fn refusal(service: &str, reply: &Reply) -> (u16, Value) {
    let code = match protocol_of(service) {
        Protocol::Json => reply.json()["__type"].clone(),
        Protocol::Query => reply.xml()["Error"]["Code"].clone(),
        Protocol::Rest => json!(reply.error_type),
    };
    (reply.status, code)
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

/// `ListMFADevices` to `list_mfa_devices`.
fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (position, c) in letters.iter().enumerate() {
        let after_word = position > 0 && letters[position - 1].is_ascii_lowercase();
        let before_word = letters
            .get(position + 1)
            .is_some_and(char::is_ascii_lowercase);
        if c.is_ascii_uppercase() && position > 0 && (after_word || before_word) {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

fn crate_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What needs no audit event of its own. Think before you add: who would hear of a change?
const DERIVED: &[&str] = &[
    "cloudtrail/records.rs::LogDelivery",
    "cloudwatch/records/block.rs::Block",
    "cloudwatch/records/history.rs::HistoryItem",
    "cloudwatch/records/metric.rs::Metric",
    "cloudwatch/records/metric.rs::Tally",
    "cloudwatch/records/state.rs::AlarmState",
    "deliveries/records.rs::DeadLetter",
    "deliveries/records.rs::Delivery",
    "events/records.rs::PutEvent",
    "follow.rs::Cursor",
    "logs/records/chunk.rs::LogChunk",
    "logs/records/group.rs::LogUsage",
    "logs/records/stream.rs::LogStream",
    "secretsmanager/access/record.rs::LastAccess",
    "secretsmanager/jobs/count_secrets.rs::Counted",
    "sns/records.rs::Asked",
];
const PROGRESS: &[&str] = &[
    "cloudtrail/records.rs::Delivery",
    "secretsmanager/rotation/record.rs::Rotations",
];
