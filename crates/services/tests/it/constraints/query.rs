//! The same for the services that speak awsQuery: each violation is sent as a form.

use crate::iam;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use strongroom_services::{OperationInfo, operations, services};
use testkit::{Harness, Reply};
use wire::probe::{self, Violation};

#[test]
fn every_service_is_swept() {
    let mut swept: Vec<&str> = SWEPT.iter().map(|(service, ..)| *service).collect();
    swept.extend(super::SWEPT);
    // By `lambda::rest` and `serverlessrepo::rest`.
    swept.extend(["lambda", "serverlessrepo"]);
    swept.sort_unstable();

    assert_eq!(services().collect::<Vec<_>>(), swept);
}

#[test]
fn every_member_of_every_form_is_violated() {
    for (service, _, fewest) in SWEPT {
        let mut found = 0;
        for info in operations(service) {
            let violations = probe::query_violations(info.input);
            found += violations.len();

            let violated: BTreeSet<String> = violations.iter().map(member_of).collect();
            let members = info.input.members.iter();
            let members: BTreeSet<String> = members.map(|m| lower_camel(m.name)).collect();
            assert_eq!(violated, members, "{}", info.name);
        }
        assert!(found >= fewest, "only {found} violations of {service}");
    }
}

#[tokio::test]
async fn every_violation_of_a_form_is_answered_in_aws_words_and_changes_nothing() {
    let h = Harness::new().await;
    something_of_everything(&h).await;
    let before = everything(&h).await;

    for (service, version, fewest) in SWEPT {
        let mut sent = 0;
        for info in operations(service) {
            for violation in probe::query_violations(info.input) {
                let reply = send(&h, service, version, &info, &violation.body).await;

                let error = json!({
                    "Type": "Sender",
                    "Code": violation.code,
                    "Message": carried(&violation),
                });
                let expected = json!({ "Error": error, "RequestId": reply.request_id });
                assert_eq!(
                    (reply.status, reply.content_type.as_str(), reply.xml()),
                    (400, "text/xml", expected),
                    "{}: {}",
                    info.name,
                    violation.what
                );
                sent += 1;
            }
        }
        assert!(sent >= fewest, "only {sent} violations of {service}");
    }

    assert_eq!(everything(&h).await, before);
}

#[tokio::test]
async fn a_violation_of_a_form_leaves_one_event_without_what_is_confidential() {
    let h = Harness::new().await;
    let mut looked_for = 0;

    for (service, version, fewest) in SWEPT {
        let mut recorded = 0;
        for info in operations(service) {
            for violation in probe::query_violations(info.input) {
                let reply = send(&h, service, version, &info, &violation.body).await;

                let event = only_event(&h, &reply);
                assert_eq!(
                    told(&event),
                    told_of(service, &info, &violation),
                    "{}",
                    violation.what
                );
                let is_readable = violation.message.is_some();
                let is_short = violation.body.to_string().len() <= LONGEST_PARAMETERS;
                assert_eq!(
                    event["requestParameters"].is_null(),
                    !is_readable || !is_short
                );
                for confidential in confidential_texts(&info, &violation.body) {
                    assert!(!event.to_string().contains(confidential));
                    assert!(!reply.text.contains(confidential));
                    looked_for += 1;
                }
                recorded += 1;
            }
        }
        assert!(recorded >= fewest, "only {recorded} events of {service}");
    }

    assert!(looked_for > 0);
}

#[tokio::test]
async fn a_minimal_and_a_complete_form_break_no_constraint() {
    for (service, version, _) in SWEPT {
        for info in operations(service) {
            for body in [probe::minimal(info.input), probe::complete(info.input)] {
                let h = Harness::new().await;
                let reply = send(&h, service, version, &info, &body).await;
                assert!(reply.status < 500, "{}: {}", info.name, reply.text);
                for refusal in ["MalformedInput", "MalformedQueryString", "validation error"] {
                    assert!(
                        !reply.text.contains(refusal),
                        "{}: {}",
                        info.name,
                        reply.text
                    );
                }
            }
        }
    }
}

/// A secret, a role, a policy and a provider, and under the name that the probe gives to whatever
/// it names a user with an access key, a group and a role.
async fn something_of_everything(h: &Harness) {
    h.a_secret("x", "value").await;
    iam::kit::one_of_each(h).await;
    h.a_user(PROBED, None).await;
    let trust = iam::kit::trust();
    let group = [("GroupName", PROBED)];
    let role = [("RoleName", PROBED), ("AssumeRolePolicyDocument", &trust)];
    h.iam("CreateGroup", &group).await.xml_ok();
    h.iam("CreateRole", &role).await.xml_ok();
}

/// Everything that the API shows of the account: secrets, identities, keys, policies, providers.
async fn everything(h: &Harness) -> Value {
    json!([
        h.everything().await,
        iam::everything(h).await,
        iam::kit::picture(h).await,
    ])
}

/// Sends `body` as a form of root's, or of nobody's where nobody signs.
async fn send(
    h: &Harness,
    service: &str,
    version: &str,
    info: &OperationInfo,
    body: &Value,
) -> Reply {
    let form = probe::form(body, info.name, version);
    let form = std::str::from_utf8(&form).unwrap();
    let mut request = h.root.signed_form(service, form, h.now());
    if !info.signed {
        request.headers.remove("authorization");
        request.headers.remove("x-amz-date");
    }
    h.send(request).await
}

/// The text of a refusal as XML 1.0 can carry it: without U+FFFE.
fn carried(violation: &Violation) -> String {
    let text = violation.message.as_deref().unwrap_or_default();
    text.replace('\u{fffe}', "\u{fffd}")
}

/// The only event of a request, of whatever type.
fn only_event(h: &Harness, reply: &Reply) -> Value {
    let mut events = h.audit.events_of(&reply.request_id);
    assert_eq!(events.len(), 1, "{events:?}");
    events.remove(0)
}

/// What an event tells of a refusal.
fn told(event: &Value) -> Value {
    json!({
        "eventType": event["eventType"],
        "eventSource": event["eventSource"],
        "eventName": event["eventName"],
        "readOnly": event["readOnly"],
        "errorCode": event["errorCode"],
        "errorMessage": event["errorMessage"],
        "caller": event["userIdentity"]["type"],
        "responseElements": event["responseElements"],
    })
}

/// What it has to tell.
fn told_of(service: &str, info: &OperationInfo, violation: &Violation) -> Value {
    json!({
        "eventType": "AwsApiCall",
        "eventSource": format!("{service}.amazonaws.com"),
        "eventName": info.name,
        "readOnly": info.read_only,
        "errorCode": violation.code,
        "errorMessage": violation.message.as_deref().unwrap_or_default(),
        "caller": if info.signed { "Root" } else { "Unknown" },
        "responseElements": null,
    })
}

/// How the confidential texts of a request begin that are long enough to be looked for: of a long
/// value no more than its beginning would be shown.
fn confidential_texts<'a>(
    info: &'a OperationInfo,
    body: &'a Value,
) -> impl Iterator<Item = &'a str> {
    let members = info.input.members.iter();
    let confidential = members.filter(|member| member.shape.is_confidential());
    confidential.filter_map(|member| body[member.name].as_str()?.get(..100))
}

/// The member of the request in which something is violated.
fn member_of(violation: &Violation) -> String {
    let path = violation.what.split([':', '.']).next();
    path.unwrap_or_default().to_owned()
}

/// `UserName` as `userName`.
fn lower_camel(name: &str) -> String {
    name[..1].to_lowercase() + &name[1..]
}

/// The name that the probe gives to users, groups, roles and policies.
const PROBED: &str = "alice";

/// The services that speak awsQuery: name, version, and how many violations there are at least.
const SWEPT: [(&str, &str, usize); 5] = [
    ("cloudformation", "2010-05-15", 100),
    ("iam", "2010-05-08", 1_600),
    ("monitoring", "2010-08-01", 200),
    ("sns", "2010-03-31", 200),
    ("sts", "2011-06-15", 200),
];

/// Longer ones are left out of an event.
const LONGEST_PARAMETERS: usize = 100 << 10;
