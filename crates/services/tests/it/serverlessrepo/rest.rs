//! The protocol of the repository: constraints, and ARNs in paths.

use crate::cloudformation::kit::{application, proposal, repository, with_templates};
use http::Method;
use serde_json::Value;
use strongroom_services::operations;
use testkit::Harness;
use wire::probe::{self, RestRequest};

#[tokio::test]
async fn every_violation_is_answered_in_aws_words_and_changes_nothing() {
    let h = Harness::new().await;
    let mut sent = 0;

    for info in operations("serverlessrepo") {
        for violation in probe::rest_violations(info.input, info.http.unwrap()) {
            let body = &violation.body;
            let signed = h
                .root
                .signed_rest("serverlessrepo", info.name, body, h.now());
            let reply = h.send(signed).await;

            assert_eq!(
                (reply.status, reply.error_type.as_deref()),
                (400, Some(violation.code)),
                "{}: {}",
                info.name,
                violation.what
            );
            let text = reply.json()["message"].as_str().map(str::to_owned);
            assert_eq!(text, violation.message);
            sent += 1;
        }
    }

    assert!(sent > 20, "only {sent} violations were found");
    assert!(h.audit.named("CreateChangeSet").is_empty());
}

#[tokio::test]
async fn an_arn_in_a_path_is_sent_as_clients_send_it() {
    let h = with_templates().await;
    let arn = application("SecretsManagerRotationTemplate");
    let path = arn.replace(':', "%3A").replace('/', "%2F");
    let mut body = proposal();
    body.as_object_mut().unwrap().remove("applicationId");
    let request = RestRequest {
        path: format!("/applications/{path}/changesets"),
        query: String::new(),
        headers: Vec::new(),
        body: body.to_string().into_bytes(),
    };

    let signed = h
        .root
        .signed_rest_request("serverlessrepo", Method::POST, request, h.now());
    let reply = h.send(signed).await;

    assert_eq!(reply.done(201)["applicationId"], arn);
}

#[tokio::test]
async fn a_minimal_request_breaks_no_constraint() {
    let h = with_templates().await;

    for info in operations("serverlessrepo") {
        let body: Value = probe::minimal(info.input);
        let reply = repository(&h, &h.root, info.name, body).await;

        let code = reply.error_type.as_deref();
        assert!(
            !matches!(code, Some("ValidationException" | "SerializationException")),
            "{}: {}",
            info.name,
            reply.text
        );
    }
}
