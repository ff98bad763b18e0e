//! The protocol of Lambda: constraints, refusals of the front end, and what is no operation.

use super::kit::*;
use http::Method;
use serde_json::{Value, json};
use strongroom_services::{OperationInfo, operations};
use testkit::{Harness, Reply};
use wire::probe::{self, RestRequest};

async fn send(h: &Harness, info: &OperationInfo, body: &Value) -> Reply {
    let signed = h.root.signed_rest("lambda", info.name, body, h.now());
    h.send(signed).await
}

#[tokio::test]
async fn every_violation_is_answered_in_aws_words_and_changes_nothing() {
    let (h, executor) = with_function().await;
    let before = shown(&h).await;
    let mut sent = 0;

    for info in operations("lambda") {
        for violation in probe::rest_violations(info.input, info.http.unwrap()) {
            let reply = send(&h, &info, &violation.body).await;
            let expected = match &violation.message {
                Some(message) => json!({ "message": message }),
                None => json!({}),
            };
            assert_eq!(
                (reply.status, reply.error_type.as_deref(), reply.json()),
                (400, Some(violation.code), expected),
                "{}: {}",
                info.name,
                violation.what
            );
            let event = &h.audit.events_of(&reply.request_id)[0];
            assert_eq!(event["errorCode"], violation.code);
            assert_eq!(event["eventName"], info.event_name);
            sent += 1;
        }
    }

    assert!(sent > 400, "only {sent} violations were found");
    assert_eq!(shown(&h).await, before);
    assert_eq!(executor.seen(), Vec::<Value>::new());
}

#[tokio::test]
async fn a_minimal_request_breaks_no_constraint() {
    let (h, _) = running().await;

    for info in operations("lambda") {
        let reply = send(&h, &info, &probe::minimal(info.input)).await;
        let code = reply.error_type.as_deref();
        assert!(
            !matches!(code, Some("ValidationException" | "SerializationException")),
            "{}: {}",
            info.name,
            reply.text
        );
    }
}

#[tokio::test]
async fn an_arn_in_a_path_is_signed_as_clients_sign_it() {
    let (h, _) = with_function().await;
    let request = RestRequest {
        path: format!("/2015-03-31/functions/{}", ARN.replace(':', "%3A")),
        query: String::new(),
        headers: Vec::new(),
        body: Vec::new(),
    };
    let other = RestRequest {
        path: format!("/2015-03-31/functions/{}x", ARN.replace(':', "%3A")),
        ..request.clone()
    };

    let mut signed = h
        .root
        .signed_rest_request("lambda", Method::GET, request, h.now());
    let reply = h.send(signed.clone()).await;
    signed.path = other.path;
    let moved = h.send(signed).await;

    assert_eq!(reply.done(200)["Configuration"]["FunctionArn"], ARN);
    assert_eq!(
        (moved.status, moved.error_type.as_deref()),
        (403, Some("InvalidSignatureException"))
    );
}

#[tokio::test]
async fn who_signs_for_another_service_is_refused() {
    let (h, _) = with_function().await;
    let request = RestRequest {
        path: String::from("/2015-03-31/functions/f"),
        query: String::new(),
        headers: Vec::new(),
        body: Vec::new(),
    };

    let signed = h
        .root
        .signed_rest_request("secretsmanager", Method::DELETE, request, h.now());
    let reply = h.send(signed).await;

    assert_eq!(
        (reply.status, reply.error_type.as_deref()),
        (403, Some("InvalidSignatureException"))
    );
    shown(&h).await;
}

#[tokio::test]
async fn what_is_no_operation_is_no_page() {
    let h = Harness::new().await;

    for (method, path) in [
        (Method::GET, "/2015-03-31/functions/f/nope"),
        (Method::PATCH, "/2015-03-31/functions/f"),
        (Method::GET, "/2018-10-31/layers"),
        (Method::GET, "/2015-03-31/"),
    ] {
        let request = RestRequest {
            path: path.to_owned(),
            query: String::new(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        let signed = h
            .root
            .signed_rest_request("lambda", method, request, h.now());
        let reply = h.send(signed).await;
        assert_eq!(
            (reply.status, reply.text.as_str()),
            (404, "<UnknownOperationException/>\n"),
            "{path}"
        );
    }
}

#[test]
fn uploads_may_be_larger_than_other_bodies() {
    use strongroom_services::largest_body;
    let post = Method::POST;

    assert_eq!(
        largest_body(&post, "/2015-03-31/functions"),
        Some(70_167_211)
    );
    assert_eq!(
        largest_body(&Method::PUT, "/2015-03-31/functions/f/code"),
        Some(70_167_211)
    );
    assert_eq!(
        largest_body(&post, "/2015-03-31/functions/f/invocations"),
        Some(6_292_480)
    );
    for path in ["/", "/2015-03-31/functions/f/policy", "/other"] {
        assert_eq!(largest_body(&post, path), None);
    }
}
