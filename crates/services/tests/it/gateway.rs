//! From HTTP to an operation: what is no request of ours, and what every answer carries.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr};
use strongroom_services::{Request, Unread};
use testkit::{Harness, Reply, Signed};

/// The one event of a refusal.
fn refusal(h: &Harness, reply: &Reply, code: &str) -> Value {
    let mut events = h.audit.events_of(&reply.request_id);
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["errorCode"], code);
    events.remove(0)
}

fn get_secret_value(h: &Harness) -> Signed {
    h.root
        .signed("GetSecretValue", &json!({ "SecretId": "db" }), h.now())
}

fn header(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap()
}

#[tokio::test]
async fn what_is_no_aws_request_is_answered_with_404_in_xml() {
    let h = Harness::new().await;
    h.a_secret("db", "hunter2").await;
    let methods = [
        Method::GET,
        Method::PUT,
        Method::DELETE,
        Method::HEAD,
        Method::OPTIONS,
    ];
    let mut requests: Vec<Signed> = methods
        .into_iter()
        .map(|method| Signed {
            method,
            ..get_secret_value(&h)
        })
        .collect();
    for content_type in [
        "application/x-amz-json-1.0",
        "application/json",
        "text/plain",
        "",
    ] {
        let mut request = get_secret_value(&h);
        request.headers.insert("content-type", header(content_type));
        requests.push(request);
    }
    let mut untyped = get_secret_value(&h);
    untyped.headers.remove("content-type");
    requests.push(untyped);

    for request in requests {
        let reply = h.send(request.clone()).await;
        assert_eq!(
            (
                reply.status,
                reply.content_type.as_str(),
                reply.text.as_str()
            ),
            (404, "text/xml", "<UnknownOperationException/>\n"),
            "{request:?}"
        );
        let event = refusal(&h, &reply, "UnknownOperationException");
        assert_eq!(event["eventName"], "unknown");
        assert_eq!(event["eventSource"], "unknown");
        assert_eq!(event["userIdentity"], json!({ "type": "Unknown" }));
    }
}

#[tokio::test]
async fn a_content_type_may_have_parameters() {
    let h = Harness::new().await;
    h.a_secret("db", "hunter2").await;
    for content_type in [
        "application/x-amz-json-1.1; charset=utf-8",
        "application/x-amz-json-1.1 ;a=b",
    ] {
        let mut headers = get_secret_value(&h).headers;
        headers.insert("content-type", header(content_type));
        let request = resigned(&h, headers, br#"{"SecretId":"db"}"#);

        let reply = h.send(request).await;

        assert_eq!(reply.ok()["SecretString"], "hunter2");
    }
}

/// A request with these headers and body, signed anew.
fn resigned(h: &Harness, mut headers: HeaderMap, body: &[u8]) -> Signed {
    headers.remove("authorization");
    let request = sigv4::Request {
        method: "POST",
        path: "/",
        query: "",
        headers: &headers,
        body,
    };
    let added = sigv4::sign(
        &request,
        &h.root.credentials(),
        &h.root.region,
        "secretsmanager",
        h.now(),
    );
    headers.extend(added.unwrap());
    Signed {
        method: Method::POST,
        path: "/".to_owned(),
        query: String::new(),
        headers,
        body: body.to_vec(),
    }
}

#[tokio::test]
async fn a_target_that_is_no_operation_is_refused_without_a_message() {
    let h = Harness::new().await;
    let targets = [
        "secretsmanager.Nothing",
        "secretsmanager.getsecretvalue",
        "SecretsManager.GetSecretValue",
        "GetSecretValue",
        ".GetSecretValue",
        "secretsmanager.",
        "secretsmanager.GetSecretValue ",
        "DynamoDB_20120810.GetItem",
        "TrentServices.Decrypt",
        "",
    ];

    for target in targets {
        let reply = h.send(h.root.signed_raw(target, b"{}", h.now())).await;
        reply.rejected("UnknownOperationException", None);
        let event = refusal(&h, &reply, "UnknownOperationException");
        let shown = if target.is_empty() { "unknown" } else { target };
        assert_eq!(event["eventName"], shown);
        assert_eq!(event["eventSource"], "secretsmanager.amazonaws.com");
    }
    let mut no_target = get_secret_value(&h);
    no_target.headers.remove("x-amz-target");
    let reply = h.send(no_target).await;

    reply.rejected("UnknownOperationException", None);
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused_before_target_and_signature() {
    let h = Harness::new().await;
    let malformed: [&[u8]; 12] = [
        b"",
        b" ",
        b"null",
        b"\"text\"",
        b"12",
        b"true",
        b"{\"SecretId\":\"db\",}",
        b"{\"SecretId\":\"db\"",
        b"{} {}",
        b"{'SecretId':'db'}",
        b"{\"SecretId\":\"\xff\"}",
        b"SecretId=db",
    ];

    for body in malformed {
        for target in ["secretsmanager.GetSecretValue", "secretsmanager.Nothing"] {
            let mut request = h.root.signed_raw(target, body, h.now());
            request.headers.remove("authorization");
            let reply = h.send(request).await;
            reply.rejected("SerializationException", None);
            refusal(&h, &reply, "SerializationException");
        }
    }
}

#[tokio::test]
async fn a_body_of_the_wrong_type_is_refused_after_the_signature() {
    let h = Harness::new().await;
    let target = "secretsmanager.GetSecretValue";

    for body in [&b"[]"[..], b"[{\"SecretId\":\"db\"}]"] {
        let reply = h.send(h.root.signed_raw(target, body, h.now())).await;
        let text = "Start of list found where not expected";
        reply.rejected("SerializationException", Some(text));
        let event = refusal(&h, &reply, "SerializationException");
        assert_eq!(
            event["userIdentity"]["arn"],
            "arn:aws:iam::123456789012:root"
        );
        let forged = h
            .send(h.root.with_secret("x").signed_raw(target, body, h.now()))
            .await;
        assert_eq!(forged.json()["__type"], "InvalidSignatureException");
    }
}

#[tokio::test]
async fn constraints_are_checked_after_the_signature() {
    let h = Harness::new().await;
    let forger = h.root.with_secret("x");

    let reply = h.call_as(&forger, "GetSecretValue", json!({})).await;

    assert_eq!(reply.json()["__type"], "InvalidSignatureException");
    let event = refusal(&h, &reply, "InvalidSignatureException");
    assert_eq!(event["requestParameters"], Value::Null);
}

#[tokio::test]
async fn every_answer_has_a_request_id_of_its_own_that_its_event_shows() {
    let h = Harness::new().await;
    h.a_secret("db", "hunter2").await;
    let mut get = get_secret_value(&h);
    get.method = Method::PUT;
    let requests = [
        get_secret_value(&h),
        get_secret_value(&h),
        h.root.signed("Nothing", &json!({}), h.now()),
        h.root
            .with_secret("x")
            .signed("GetSecretValue", &json!({}), h.now()),
        h.root.signed_query("Action=GetCallerIdentity", h.now()),
        h.root.signed_query("Action=Nothing", h.now()),
        get,
    ];
    let mut ids = Vec::new();

    for request in requests {
        let reply = h.send(request).await;
        assert_eq!(reply.request_id.len(), 36);
        assert_eq!(h.audit.events_of(&reply.request_id).len(), 1);
        ids.push(reply.request_id);
    }

    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[tokio::test]
async fn a_presigned_post_is_as_good_as_a_signed_one() {
    let h = Harness::new().await;
    h.a_secret("db", "hunter2").await;
    let mut request = get_secret_value(&h);
    request.headers.remove("authorization");
    request.headers.remove("x-amz-date");
    let unsigned = sigv4::Request {
        method: "POST",
        path: "/",
        query: "",
        headers: &request.headers,
        body: &request.body,
    };
    let credentials = h.root.credentials();
    request.query = sigv4::presign(
        &unsigned,
        &credentials,
        "us-east-1",
        "secretsmanager",
        h.now(),
        300,
    )
    .unwrap();

    let read = h.send(request.clone()).await.ok();
    let mut tampered = request.clone();
    tampered.body = br#"{"SecretId":"other"}"#.to_vec();
    let tampered = h.send(tampered).await;
    h.clock.advance_seconds(301);
    let late = h.send(request).await;

    assert_eq!(read["SecretString"], "hunter2");
    assert_eq!(tampered.json()["__type"], "InvalidSignatureException");
    assert_eq!(late.json()["__type"], "InvalidSignatureException");
}

#[tokio::test]
async fn a_request_whose_body_was_not_read_is_refused_and_recorded() {
    let h = Harness::new().await;
    let cases = [
        (Unread::Broken, 400, "SerializationException"),
        (Unread::TooLarge, 413, "RequestEntityTooLargeException"),
        (Unread::TooSlow, 408, "RequestTimeoutException"),
    ];

    for (unread, status, code) in cases {
        let Signed {
            method,
            path,
            query,
            headers,
            ..
        } = get_secret_value(&h);
        let source_ip = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let request = Request {
            method,
            path,
            query,
            headers,
            body: Bytes::new(),
            source_ip,
            is_secure: true,
            endpoint: None,
        };
        let reply = Reply::of(&h.app.refuse(request, unread).await);
        assert_eq!(
            (reply.status, reply.json()),
            (status, json!({ "__type": code }))
        );
        let event = refusal(&h, &reply, code);
        assert_eq!(event["eventName"], "GetSecretValue");
        assert_eq!(event["userIdentity"], json!({ "type": "Unknown" }));
    }
}

#[tokio::test]
async fn while_the_audit_log_fails_every_refusal_is_the_same() {
    let h = Harness::new().await;
    h.audit.fail(true);
    let silent = (500, json!({ "__type": "InternalServiceError" }));
    let mut anonymous = get_secret_value(&h);
    anonymous.headers.remove("authorization");

    for request in [
        anonymous,
        h.root
            .with_secret("x")
            .signed("GetSecretValue", &json!({}), h.now()),
        h.root.signed("Nothing", &json!({}), h.now()),
        h.root
            .signed_raw("secretsmanager.GetSecretValue", b"", h.now()),
        h.root.signed("GetSecretValue", &json!({}), h.now()),
    ] {
        let reply = h.send(request).await;
        assert_eq!((reply.status, reply.json()), silent);
    }
    let mut page = get_secret_value(&h);
    page.method = Method::PUT;
    let page = h.send(page).await;

    assert_eq!((page.status, page.text.as_str()), (500, ""));
}
