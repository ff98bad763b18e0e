//! Every way in which a signature fails, in AWS's order and words.

use http::HeaderValue;
use serde_json::{Value, json};
use sigv4::Credentials;
use testkit::{Caller, Harness, Reply, Signed};

const MISMATCH: &str = "The request signature we calculated does not match the signature you \
                        provided. Check your AWS Secret Access Key and signing method. Consult \
                        the service documentation for details.";
const UNKNOWN_KEY: &str = "The security token included in the request is invalid.";

async fn with_secret() -> Harness {
    let h = Harness::new().await;
    h.a_secret("db", "hunter2").await;
    h
}

fn request(h: &Harness) -> Signed {
    h.root
        .signed("GetSecretValue", &json!({ "SecretId": "db" }), h.now())
}

fn authorization(request: &Signed) -> String {
    request.headers["authorization"]
        .to_str()
        .unwrap()
        .to_owned()
}

fn set(request: &mut Signed, name: &'static str, value: &str) {
    request
        .headers
        .insert(name, HeaderValue::from_str(value).unwrap());
}

/// Sends a request whose `Authorization` is changed by `spoil`.
async fn spoiled(h: &Harness, spoil: impl Fn(&str) -> String) -> (Reply, String) {
    let mut request = request(h);
    let changed = spoil(&authorization(&request));
    set(&mut request, "authorization", &changed);
    (h.send(request).await, changed)
}

/// Asserts the refusal and that its one event names nobody as the caller.
#[track_caller]
fn refused(h: &Harness, reply: &Reply, code: &str, text: &str) {
    reply.rejected(code, Some(text));
    let events = h.audit.events_of(&reply.request_id);
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["errorCode"], code);
    assert_eq!(events[0]["errorMessage"], text);
    assert_eq!(events[0]["eventName"], "GetSecretValue");
    assert_eq!(events[0]["userIdentity"]["type"], "Unknown");
    assert_eq!(events[0]["userIdentity"].get("arn"), None);
    assert_eq!(events[0]["requestParameters"], Value::Null);
}

#[tokio::test]
async fn a_request_that_is_not_signed_lacks_a_token() {
    let h = with_secret().await;
    let text = "Request is missing Authentication Token";

    for other in ["", "Basic dXNlcjpwYXNz", "Bearer x", "AWS AKIA:x"] {
        let mut request = request(&h);
        set(&mut request, "authorization", other);
        let reply = h.send(request).await;
        refused(&h, &reply, "MissingAuthenticationTokenException", text);
    }
}

#[tokio::test]
async fn what_the_header_lacks_is_listed() {
    let h = with_secret().await;
    let code = "IncompleteSignatureException";

    for name in ["Credential", "Signature", "SignedHeaders"] {
        let (reply, header) = spoiled(&h, |header| without(header, name)).await;
        let text =
            format!("Authorization header requires '{name}' parameter. Authorization={header}");
        refused(&h, &reply, code, &text);
    }
    let mut bare = request(&h);
    set(&mut bare, "authorization", "AWS4-HMAC-SHA256");
    bare.headers.remove("x-amz-date");
    let reply = h.send(bare).await;

    let text = "Authorization header requires 'Credential' parameter. Authorization header \
                requires 'Signature' parameter. Authorization header requires 'SignedHeaders' \
                parameter. Authorization header requires existence of either a 'X-Amz-Date' or a \
                'Date' header. Authorization=AWS4-HMAC-SHA256";
    refused(&h, &reply, code, text);
}

/// The header without one of its parameters.
fn without(header: &str, name: &str) -> String {
    let (algorithm, rest) = header.split_once(' ').unwrap();
    let starts = format!("{name}=");
    let parts: Vec<&str> = rest
        .split(", ")
        .filter(|part| !part.starts_with(&starts))
        .collect();
    format!("{algorithm} {}", parts.join(", "))
}

#[tokio::test]
async fn a_part_without_an_equal_sign_is_shown() {
    let h = with_secret().await;

    let (reply, header) = spoiled(&h, |header| format!("{header}, oops")).await;

    let text = format!(
        "'oops' not a valid key=value pair (missing equal-sign) in Authorization header: \
         '{header}'."
    );
    refused(&h, &reply, "IncompleteSignatureException", &text);
}

#[tokio::test]
async fn a_date_that_is_none_is_shown() {
    let h = with_secret().await;
    let mut request = request(&h);
    set(&mut request, "x-amz-date", "2026-01-15 12:00");

    let reply = h.send(request).await;

    let text = "Date must be in ISO-8601 'basic format'. Got '2026-01-15 12:00'. See \
                http://en.wikipedia.org/wiki/ISO_8601";
    refused(&h, &reply, "IncompleteSignatureException", text);
}

#[tokio::test]
async fn a_signature_is_good_for_fifteen_minutes() {
    let h = with_secret().await;
    let request = request(&h);
    h.clock.advance_seconds(900);
    assert_eq!(
        h.send(request.clone()).await.ok()["SecretString"],
        "hunter2"
    );
    h.clock.advance_seconds(1);

    let late = h.send(request).await;

    let text = "Signature expired: 20260115T120000Z is now earlier than 20260115T120001Z \
                (20260115T121501Z - 15 min.)";
    refused(&h, &late, "InvalidSignatureException", text);
}

#[tokio::test]
async fn a_clock_may_be_fifteen_minutes_ahead() {
    let h = with_secret().await;
    let body = json!({ "SecretId": "db" });
    let ahead = |seconds| {
        h.root
            .signed("GetSecretValue", &body, h.now().plus_seconds(seconds))
    };

    assert_eq!(h.send(ahead(900)).await.ok()["SecretString"], "hunter2");
    let early = h.send(ahead(901)).await;

    let text = "Signature not yet current: 20260115T121501Z is still later than 20260115T121500Z \
                (20260115T120000Z + 15 min.)";
    refused(&h, &early, "InvalidSignatureException", text);
}

#[tokio::test]
async fn what_has_to_be_signed_is_named() {
    let h = with_secret().await;
    let code = "InvalidSignatureException";

    let (host, _) = spoiled(&h, |header| header.replace(";host;", ";")).await;
    let (target, _) = spoiled(&h, |header| header.replace(";x-amz-target", "")).await;
    let mut added = request(&h);
    set(&mut added, "x-amz-more", "1");
    let added = h.send(added).await;

    refused(
        &h,
        &host,
        code,
        "'Host' must be a 'SignedHeader' in the AWS Authorization.",
    );
    let text = "'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.";
    refused(&h, &target, code, text);
    let text = "'x-amz-more' must be a 'SignedHeader' in the AWS Authorization.";
    refused(&h, &added, code, text);
}

#[tokio::test]
async fn algorithm_and_credential_are_checked() {
    let h = with_secret().await;
    let code = "IncompleteSignatureException";
    let id = h.root.access_key_id();

    let (algorithm, _) = spoiled(&h, |header| {
        header.replacen("AWS4-HMAC-SHA256", "AWS4-X", 1)
    })
    .await;
    let (credential, _) = spoiled(&h, |header| header.replacen("/20260115/", "/", 1)).await;

    let text = "Unsupported AWS 'algorithm': 'AWS4-X' (only AWS4-HMAC-SHA256 for now). ";
    refused(&h, &algorithm, code, text);
    let text = format!(
        "Credential must have exactly 5 slash-delimited elements, e.g. \
         keyid/date/region/service/term, got '{id}/us-east-1/secretsmanager/aws4_request'"
    );
    refused(&h, &credential, code, &text);
}

#[tokio::test]
async fn everything_that_is_wrong_with_a_scope_is_said_at_once() {
    let h = with_secret().await;
    let code = "InvalidSignatureException";
    let scope = "20260115/us-east-1/secretsmanager/aws4_request";
    let cases = [
        (
            "20260115/mars-north-1/secretsmanager/aws4_request",
            "Credential should be scoped to a valid region, not 'mars-north-1'. ",
        ),
        (
            "20260115/us-east-1/kms/aws4_request",
            "Credential should be scoped to correct service: 'secretsmanager'. ",
        ),
        (
            "20260115/us-east-1/secretsmanager/aws5_request",
            "Credential should be scoped with a valid terminator: 'aws4_request', not \
             'aws5_request'. ",
        ),
        (
            "20260114/us-east-1/secretsmanager/aws4_request",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from \
             HTTP: '20260114' != '20260115', from '20260115T120000Z'.",
        ),
        (
            "1/x/y/z",
            "Credential should be scoped to a valid region, not 'x'. Credential should be scoped \
             to correct service: 'secretsmanager'. Credential should be scoped with a valid \
             terminator: 'aws4_request', not 'z'. Date in Credential scope does not match \
             YYYYMMDD from ISO-8601 version of date from HTTP: '1' != '20260115', from \
             '20260115T120000Z'.",
        ),
    ];

    for (other, text) in cases {
        let (reply, _) = spoiled(&h, |header| header.replacen(scope, other, 1)).await;
        refused(&h, &reply, code, text);
    }
}

#[tokio::test]
async fn an_access_key_that_nobody_has_is_refused() {
    let h = with_secret().await;
    let stranger = h.root.with_access_key_id("AKIAUNKNOWN000000000");

    let reply = h
        .send(stranger.signed("GetSecretValue", &json!({}), h.now()))
        .await;

    refused(&h, &reply, "UnrecognizedClientException", UNKNOWN_KEY);
    let event = &h.audit.events_of(&reply.request_id)[0];
    assert_eq!(event["userIdentity"]["accessKeyId"], "AKIAUNKNOWN000000000");
}

#[tokio::test]
async fn a_session_token_that_was_never_given_out_is_refused_once_the_signature_holds() {
    let h = with_secret().await;
    let mut added_later = request(&h);
    set(&mut added_later, "x-amz-security-token", "token");
    let mut signed = request(&h);
    for name in ["authorization", "x-amz-date"] {
        signed.headers.remove(name);
    }
    let unsigned = sigv4::Request {
        method: "POST",
        path: "/",
        query: "",
        headers: &signed.headers,
        body: &signed.body,
    };
    let session = Credentials {
        session_token: Some("token"),
        ..h.root.credentials()
    };
    let added = sigv4::sign(&unsigned, &session, "us-east-1", "secretsmanager", h.now());
    signed.headers.extend(added.unwrap());
    let mut forged = signed.clone();
    forged.body.push(b' ');

    let added_later = h.send(added_later).await;
    let signed = h.send(signed).await;
    let forged = h.send(forged).await;

    refused(&h, &added_later, "UnrecognizedClientException", UNKNOWN_KEY);
    refused(&h, &signed, "UnrecognizedClientException", UNKNOWN_KEY);
    refused(&h, &forged, "InvalidSignatureException", MISMATCH);
}

#[tokio::test]
async fn whatever_was_signed_cannot_be_changed() {
    let h = with_secret().await;
    h.a_secret("other", "hunter3").await;
    let mut body = request(&h);
    body.body = br#"{"SecretId":"other"}"#.to_vec();
    let mut space = request(&h);
    space.body.push(b' ');
    let mut query = request(&h);
    query.query = "a=b".to_owned();
    let mut path = request(&h);
    path.path = "/other".to_owned();
    let mut host = request(&h);
    set(&mut host, "host", "elsewhere:8443");
    let mut date = request(&h);
    set(&mut date, "x-amz-date", "20260115T120001Z");
    let mut content_type = request(&h);
    set(
        &mut content_type,
        "content-type",
        "application/x-amz-json-1.1; charset=utf-8",
    );

    for request in [body, space, query, path, host, date, content_type] {
        let reply = h.send(request).await;
        refused(&h, &reply, "InvalidSignatureException", MISMATCH);
    }
    let mut target = request(&h);
    set(&mut target, "x-amz-target", "secretsmanager.DeleteSecret");
    let target = h.send(target).await;

    target.rejected("InvalidSignatureException", Some(MISMATCH));
    assert_eq!(h.value("db").await, "hunter2");
}

#[tokio::test]
async fn a_changed_signature_is_refused_whatever_it_looks_like() {
    let h = with_secret().await;
    let spoils: [fn(&str) -> String; 4] = [
        |signature| signature.chars().rev().collect(),
        |signature| signature.to_uppercase(),
        |signature| signature[..63].to_owned(),
        |_| "0".to_owned(),
    ];

    for spoil in spoils {
        let (reply, _) = spoiled(&h, |header| {
            let (rest, signature) = header.split_once("Signature=").unwrap();
            format!("{rest}Signature={}", spoil(signature))
        })
        .await;
        refused(&h, &reply, "InvalidSignatureException", MISMATCH);
    }
}

#[tokio::test]
async fn the_key_of_one_account_does_not_sign_for_another() {
    let h = with_secret().await;
    let other = h.another_account("999988887777").await;
    let mixed: Caller = other.with_access_key_id(h.root.access_key_id());

    let reply = h
        .send(mixed.signed("GetSecretValue", &json!({ "SecretId": "db" }), h.now()))
        .await;

    refused(&h, &reply, "InvalidSignatureException", MISMATCH);
}

#[tokio::test]
async fn renewed_credentials_replace_the_old_ones_at_once() {
    let h = with_secret().await;
    assert_eq!(h.value("db").await, "hunter2");

    h.app
        .renew_root_credentials(base::AccountId::parse("123456789012").unwrap())
        .await
        .unwrap();

    let reply = h.send(request(&h)).await;
    refused(&h, &reply, "UnrecognizedClientException", UNKNOWN_KEY);
}

#[tokio::test]
async fn both_forms_of_signature_at_once_are_refused() {
    let h = with_secret().await;
    let mut both = request(&h);
    both.query = "X-Amz-Algorithm=AWS4-HMAC-SHA256".to_owned();

    let reply = h.send(both).await;

    let text = "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP \
                header.";
    refused(&h, &reply, "InvalidSignatureException", text);
}
