//! GetCallerIdentity, in both of its forms, and refusals in XML.

use super::{ALICE, a_role, allowing, assume, holder, presigned, through_endpoint, trusting};
use http::HeaderValue;
use serde_json::{Value, json};
use testkit::{Harness, Reply};

const BODY: &str = "Action=GetCallerIdentity&Version=2011-06-15";

fn assert_identity(reply: &Reply, account: &str) {
    let expected = format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
         <GetCallerIdentityResult><UserId>{account}</UserId><Account>{account}</Account>\
         <Arn>arn:aws:iam::{account}:root</Arn></GetCallerIdentityResult>\
         <ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata>\
         </GetCallerIdentityResponse>",
        reply.request_id
    );
    let answer = (
        reply.status,
        reply.content_type.as_str(),
        reply.text.as_str(),
    );
    assert_eq!(answer, (200, "text/xml", expected.as_str()));
}

fn assert_refused(h: &Harness, reply: &Reply, status: u16, code: &str, message: &str) -> Value {
    let expected = format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error>\
         <Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
         <RequestId>{}</RequestId></ErrorResponse>",
        reply.request_id
    );
    let answer = (
        reply.status,
        reply.content_type.as_str(),
        reply.text.as_str(),
    );
    assert_eq!(answer, (status, "text/xml", expected.as_str()));
    let events = h.audit.events_of(&reply.request_id);
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["errorCode"], code);
    assert_eq!(events[0]["eventSource"], "sts.amazonaws.com");
    events[0].clone()
}

#[tokio::test]
async fn a_caller_learns_its_account_and_arn() {
    let h = Harness::new().await;
    let other = h.another_account("999988887777").await;

    let mine = h.send(h.root.signed_query(BODY, h.now())).await;
    let theirs = h.send(other.signed_query(BODY, h.now())).await;
    let elsewhere = h
        .send(h.root.in_region("eu-west-1").signed_query(BODY, h.now()))
        .await;

    assert_identity(&mine, "123456789012");
    assert_identity(&theirs, "999988887777");
    assert_identity(&elsewhere, "123456789012");
}

#[tokio::test]
async fn a_presigned_url_tells_the_same() {
    let h = Harness::new().await;

    let reply = h.send(presigned(&h, &h.root, BODY)).await;

    assert_identity(&reply, "123456789012");
}

#[tokio::test]
async fn a_presigned_url_ends_with_its_time() {
    let h = Harness::new().await;
    let url = presigned(&h, &h.root, BODY);
    h.clock.advance_seconds(60);
    assert_identity(&h.send(url.clone()).await, "123456789012");
    h.clock.advance_seconds(1);

    let late = h.send(url).await;

    assert_eq!(late.status, 403);
    assert!(
        late.text.contains("<Code>SignatureDoesNotMatch</Code>"),
        "{}",
        late.text
    );
    assert!(
        late.text.contains("Signature expired: 20260115T120000Z"),
        "{}",
        late.text
    );
}

#[tokio::test]
async fn the_event_tells_who_asked() {
    let h = Harness::new().await;

    let reply = h.send(h.root.signed_query(BODY, h.now())).await;

    let events = h.audit.events_of(&reply.request_id);
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["eventName"], "GetCallerIdentity");
    assert_eq!(events[0]["eventSource"], "sts.amazonaws.com");
    assert_eq!(
        events[0]["userIdentity"]["arn"],
        "arn:aws:iam::123456789012:root"
    );
    assert_eq!(events[0]["readOnly"], true);
    assert_eq!(events[0].get("errorCode"), None);
}

#[tokio::test]
async fn an_unknown_action_is_refused_after_the_signature_was_verified() {
    let h = Harness::new().await;
    let body = "Action=AssumeRoot&Version=2011-06-15";

    let signed = h.send(h.root.signed_query(body, h.now())).await;
    let forged = h
        .send(h.root.with_secret("x").signed_query(body, h.now()))
        .await;

    let text = "Could not find operation AssumeRoot for version 2011-06-15";
    let event = assert_refused(&h, &signed, 400, "InvalidAction", text);
    assert_eq!(event["eventName"], "AssumeRoot");
    assert_eq!(event["userIdentity"]["accountId"], "123456789012");
    assert_refused(&h, &forged, 403, "SignatureDoesNotMatch", MISMATCH);
}

#[tokio::test]
async fn who_is_not_proven_is_refused_in_xml() {
    let h = Harness::new().await;
    let mut anonymous = h.root.signed_query(BODY, h.now());
    anonymous.headers.remove("authorization");
    let mut tampered = h.root.signed_query(BODY, h.now());
    tampered.body.extend_from_slice(b"&X=1");

    let anonymous = h.send(anonymous).await;
    let tampered = h.send(tampered).await;
    let unknown = h.root.with_access_key_id("AKIAUNKNOWN000000000");
    let unknown = h.send(unknown.signed_query(BODY, h.now())).await;

    let text = "Request is missing Authentication Token";
    let event = assert_refused(&h, &anonymous, 403, "MissingAuthenticationToken", text);
    assert_eq!(event["userIdentity"], json!({ "type": "Unknown" }));
    assert_refused(&h, &tampered, 403, "SignatureDoesNotMatch", MISMATCH);
    let text = "The security token included in the request is invalid.";
    let event = assert_refused(&h, &unknown, 403, "InvalidClientTokenId", text);
    let claimed = json!({ "type": "Unknown", "accessKeyId": "AKIAUNKNOWN000000000" });
    assert_eq!(event["userIdentity"], claimed);
}

#[tokio::test]
async fn a_signature_for_another_service_is_refused() {
    let h = Harness::new().await;
    let mut request = h.root.signed("GetCallerIdentity", &json!({}), h.now());
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    request.headers.insert("content-type", form);
    request.body = BODY.as_bytes().to_vec();

    let reply = h.send(request).await;

    let text = "Credential should be scoped to correct service: &#39;sts&#39;. ";
    assert_refused(&h, &reply, 403, "SignatureDoesNotMatch", text);
}

#[tokio::test]
async fn a_form_that_cannot_be_read_is_refused() {
    let h = Harness::new().await;

    let no_action = h
        .send(h.root.signed_query("Version=2011-06-15", h.now()))
        .await;
    let twice = h
        .send(h.root.signed_query(&format!("{BODY}&Version=1"), h.now()))
        .await;
    let empty = h.send(h.root.signed_query("", h.now())).await;

    let missing = "The request is missing an action or a required parameter.";
    assert_refused(&h, &no_action, 400, "MissingAction", missing);
    assert_refused(&h, &empty, 400, "MissingAction", missing);
    let malformed = "The query string contains a syntax error.";
    assert_refused(&h, &twice, 404, "MalformedQueryString", malformed);
}

#[tokio::test]
async fn what_the_request_says_is_escaped_in_the_refusal() {
    let h = Harness::new().await;

    let body = "Action=%3C%26%22x%3E&Version=%0A";
    let reply = h.send(h.root.signed_query(body, h.now())).await;

    assert!(!reply.text.contains("<&"), "{}", reply.text);
    assert!(
        reply.text.contains("Could not find operation &lt;&amp;"),
        "{}",
        reply.text
    );
}

#[tokio::test]
async fn an_audit_log_that_fails_withholds_the_answer() {
    let h = Harness::new().await;
    h.audit.fail(true);

    let known = h.send(h.root.signed_query(BODY, h.now())).await;
    let forged = h
        .send(h.root.with_secret("x").signed_query(BODY, h.now()))
        .await;

    for reply in [known, forged] {
        assert_eq!(reply.status, 500);
        assert!(
            reply.text.contains("<Code>InternalFailure</Code>"),
            "{}",
            reply.text
        );
        assert!(!reply.text.contains("123456789012"), "{}", reply.text);
    }
}

const MISMATCH: &str = "The request signature we calculated does not match the signature you \
                        provided. Check your AWS Secret Access Key and signing method. Consult \
                        the service documentation for details.";

#[tokio::test]
async fn a_private_endpoint_refuses_what_its_policy_does_not_allow() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", None).await;
    let ask = |statements: &'static [(&str, &str)]| {
        through_endpoint(&h, &alice, "GetCallerIdentity", statements)
    };
    let text = format!("User: {ALICE} is not authorized to perform: sts:GetCallerIdentity");

    let allowed = ask(&[("Allow", "sts:GetCallerIdentity")]).await;
    let missing = ask(&[("Allow", "secretsmanager:*")]).await;
    let denied = ask(&[("Allow", "*"), ("Deny", "sts:Get*")]).await;

    let answer = allowed.xml_ok();
    assert_eq!(answer["GetCallerIdentityResult"]["Arn"], ALICE);
    let why = "because no VPC endpoint policy allows the sts:GetCallerIdentity action";
    let event = assert_refused(&h, &missing, 403, "AccessDenied", &format!("{text} {why}"));
    assert_eq!(
        event["additionalEventData"]["decision"],
        json!({
            "outcome": "implicitDeny",
            "action": "sts:GetCallerIdentity",
            "policyType": "VPC endpoint policy",
        })
    );
    let why = "with an explicit deny in a VPC endpoint policy";
    let event = assert_refused(&h, &denied, 403, "AccessDenied", &format!("{text} {why}"));
    assert_eq!(
        event["additionalEventData"]["decision"],
        json!({
            "outcome": "explicitDeny",
            "action": "sts:GetCallerIdentity",
            "policyType": "VPC endpoint policy",
            "policy": "vpce-1",
            "statement": 2,
        })
    );
}

#[tokio::test]
async fn a_private_endpoint_asks_of_root_and_of_sessions_what_it_asks_of_users() {
    let h = Harness::new().await;
    let alice = h
        .a_user("alice", Some(&allowing(&json!("sts:*"), "*")))
        .await;
    let trust = trusting(ALICE, &json!("sts:AssumeRole"));
    let role = a_role(&h, "reader", &trust).await;
    let session = holder(&assume(&h, &alice, &role, &[]).await);

    for caller in [&h.root, &session] {
        let ask = |statements: &'static [(&str, &str)]| {
            through_endpoint(&h, caller, "GetCallerIdentity", statements)
        };

        let allowed = ask(&[("Allow", "sts:*")]).await;
        let missing = ask(&[("Allow", "secretsmanager:*")]).await;

        assert_eq!((allowed.status, missing.status), (200, 403));
    }
}

#[tokio::test]
async fn no_policy_of_the_callers_own_can_forbid_it() {
    let h = Harness::new().await;
    let mut policy = allowing(&json!("*"), "*");
    policy["Statement"][0]["Effect"] = json!("Deny");
    let alice = h.a_user("alice", Some(&policy)).await;

    let direct = h.send(alice.signed_query(BODY, h.now())).await;
    let private = through_endpoint(&h, &alice, "GetCallerIdentity", &[("Allow", "*")]).await;

    assert_eq!((direct.status, private.status), (200, 200));
}
