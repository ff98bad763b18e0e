//! What session credentials prove, and when they end.

use super::{
    ALICE, INVALID_TOKEN, a_role, alice_and_reader, allow_role, allowing, assume, holder, identity,
    presigned, read, trusting, when,
};
use http::HeaderValue;
use serde_json::{Value, json};
use testkit::{Caller, Harness, Reply};

const EXPIRED: &str = "The security token included in the request is expired";

/// As Secrets Manager says it.
fn assert_unknown(reply: &Reply) {
    reply.rejected("UnrecognizedClientException", Some(INVALID_TOKEN));
}

async fn a_session(h: &Harness) -> Caller {
    h.a_secret("db", "hunter2").await;
    let (alice, role) = alice_and_reader(h).await;
    holder(&assume(h, &alice, &role, &[]).await)
}

#[tokio::test]
async fn a_session_ends_with_its_time() {
    let h = Harness::new().await;
    let session = a_session(&h).await;
    h.clock.advance_seconds(3_599);
    read(&h, &session, "db").await.ok();
    h.clock.advance_seconds(1);

    let late = read(&h, &session, "db").await;
    let asked = identity(&h, &session).await;

    late.rejected("ExpiredTokenException", Some(EXPIRED));
    asked.xml_refused(403, "ExpiredToken", EXPIRED);
}

#[tokio::test]
async fn a_token_that_is_late_and_wrongly_signed_tells_nothing_of_its_time() {
    let h = Harness::new().await;
    let session = a_session(&h).await;
    h.clock.advance_seconds(7_200);

    let reply = identity(&h, &session.with_secret("not the secret")).await;

    assert_eq!(reply.xml()["Error"]["Code"], "SignatureDoesNotMatch");
}

#[tokio::test]
async fn a_session_ends_with_its_role_and_is_not_inherited() {
    let h = Harness::new().await;
    let session = a_session(&h).await;
    read(&h, &session, "db").await.ok();
    let policy = [("RoleName", "reader"), ("PolicyName", "p")];
    h.iam("DeleteRolePolicy", &policy).await.xml_ok();
    h.iam("DeleteRole", &[("RoleName", "reader")])
        .await
        .xml_ok();

    let gone = read(&h, &session, "db").await;
    a_role(&h, "reader", &trusting(ALICE, &json!("sts:AssumeRole"))).await;
    allow_role(&h, "reader", &allowing(&json!("*"), "*")).await;
    let inherited = read(&h, &session, "db").await;

    assert_unknown(&gone);
    assert_unknown(&inherited);
    let event = &h.audit.events_of(&inherited.request_id)[0];
    let claimed = json!({ "type": "Unknown", "accessKeyId": session.access_key_id() });
    assert_eq!(event["userIdentity"], claimed);
}

#[tokio::test]
async fn what_the_role_may_no_more_its_sessions_may_no_more() {
    let h = Harness::new().await;
    let session = a_session(&h).await;
    read(&h, &session, "db").await.ok();

    allow_role(
        &h,
        "reader",
        &allowing(&json!("secretsmanager:ListSecrets"), "*"),
    )
    .await;

    let refused = read(&h, &session, "db").await;
    assert_eq!(refused.json()["__type"], "AccessDeniedException");
    h.call_as(&session, "ListSecrets", json!({})).await.ok();
}

#[tokio::test]
async fn whom_a_role_trusts_no_more_keeps_the_session_but_gets_no_other() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let (alice, role) = alice_and_reader(&h).await;
    let session = holder(&assume(&h, &alice, &role, &[]).await);

    let nobody = trusting("999988887777", &json!("sts:AssumeRole"));
    h.another_account("999988887777").await;
    let nobody = nobody.to_string();
    let parameters = [("RoleName", "reader"), ("PolicyDocument", &nobody)];
    h.iam("UpdateAssumeRolePolicy", &parameters).await.xml_ok();

    let again = assume(&h, &alice, &role, &[]).await;
    assert_eq!(
        (again.status, &again.xml()["Error"]["Code"]),
        (403, &json!("AccessDenied"))
    );
    read(&h, &session, "db").await.ok();
}

#[tokio::test]
async fn who_begins_a_session_may_go_and_the_session_stays() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let (alice, role) = alice_and_reader(&h).await;
    let session = holder(&assume(&h, &alice, &role, &[]).await);

    let key = [
        ("UserName", "alice"),
        ("AccessKeyId", alice.access_key_id()),
    ];
    h.iam("DeleteAccessKey", &key).await.xml_ok();

    assert_unknown(&read(&h, &alice, "db").await);
    read(&h, &session, "db").await.ok();
}

#[tokio::test]
async fn older_sessions_are_revoked_at_once_and_newer_ones_are_not() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let (alice, role) = alice_and_reader(&h).await;
    let old = holder(&assume(&h, &alice, &role, &[]).await);
    read(&h, &old, "db").await.ok();
    h.clock.advance_seconds(60);
    let mut revoking = allowing(&json!("*"), "*");
    revoking["Statement"][0]["Effect"] = json!("Deny");
    let before = json!({ "DateLessThan": { "aws:TokenIssueTime": h.now().to_iso() } });
    let revoking = when(revoking, before).to_string();

    let parameters = [
        ("RoleName", "reader"),
        ("PolicyName", "AWSRevokeOlderSessions"),
        ("PolicyDocument", &revoking),
    ];
    h.iam("PutRolePolicy", &parameters).await.xml_ok();

    let refused = read(&h, &old, "db").await.json();
    let new = holder(&assume(&h, &alice, &role, &[]).await);
    let text = refused["Message"].as_str().unwrap();
    assert!(
        text.ends_with("with an explicit deny in an identity-based policy"),
        "{text}"
    );
    read(&h, &new, "db").await.ok();
}

#[tokio::test]
async fn a_token_is_good_with_its_own_access_key_only() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let (alice, role) = alice_and_reader(&h).await;
    let one = holder(&assume(&h, &alice, &role, &[]).await);
    let other = holder(&assume(&h, &alice, &role, &[]).await);
    read(&h, &one, "db").await.ok();
    read(&h, &other, "db").await.ok();

    let moved = one.with_session_token(other.session_token());
    let of_user = alice.with_session_token(one.session_token());
    let of_nobody = one.with_access_key_id("ASIAAAAAAAAAAAAAAAAA");
    let without = one.with_session_token(None);

    for caller in [moved, of_user, of_nobody, without] {
        assert_unknown(&read(&h, &caller, "db").await);
        identity(&h, &caller)
            .await
            .xml_refused(403, "InvalidClientTokenId", INVALID_TOKEN);
    }
    read(&h, &one, "db").await.ok();
}

#[tokio::test]
async fn a_changed_token_is_unknown_wherever_it_was_changed() {
    let h = Harness::new().await;
    let session = a_session(&h).await;
    let token = session.session_token().unwrap();
    let last = token.len() - 1;

    for position in (0..token.len()).step_by(7).chain([last]) {
        let changed: String = token
            .char_indices()
            .map(|(at, c)| match c {
                c if at != position => c,
                'A' => 'B',
                _ => 'A',
            })
            .collect();
        let caller = session.with_session_token(Some(&changed));
        assert_unknown(&read(&h, &caller, "db").await);
    }
    for text in [
        "x",
        "AQ==",
        &token[..token.len() - 4],
        &format!("{token}AAAA"),
    ] {
        let caller = session.with_session_token(Some(text));
        assert_unknown(&read(&h, &caller, "db").await);
    }
    read(&h, &session, "db").await.ok();
}

#[tokio::test]
async fn a_token_must_be_signed_with_what_it_belongs_to() {
    let h = Harness::new().await;
    let session = a_session(&h).await;
    let body = json!({ "SecretId": "db" });
    let mut request = session.signed("GetSecretValue", &body, h.now());
    read(&h, &session, "db").await.ok();

    let forged = read(&h, &session.with_secret("x"), "db").await;
    let other = HeaderValue::from_static("AQAB");
    request.headers.insert("x-amz-security-token", other);
    let replaced = h.send(request).await;

    assert_eq!(forged.json()["__type"], "InvalidSignatureException");
    assert_unknown(&replaced);
}

#[tokio::test]
async fn a_presigned_url_may_carry_a_token() {
    let h = Harness::new().await;
    let session = a_session(&h).await;
    let query = "Action=GetCallerIdentity&Version=2011-06-15";

    let known = h.send(presigned(&h, &session, query)).await;
    let changed = session.with_session_token(Some("AQAB"));
    let unknown = h.send(presigned(&h, &changed, query)).await;

    let arn = "arn:aws:sts::123456789012:assumed-role/reader/session";
    assert_eq!(known.xml_ok()["GetCallerIdentityResult"]["Arn"], arn);
    unknown.xml_refused(403, "InvalidClientTokenId", INVALID_TOKEN);
}

#[tokio::test]
async fn sessions_are_condition_keys() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let (alice, role) = alice_and_reader(&h).await;
    let id = alice_id(&h).await;
    let session = holder(&assume(&h, &alice, &role, &[]).await);
    let holds: [(&str, Value); 6] = [
        ("ArnEquals", json!({ "aws:PrincipalArn": role })),
        (
            "StringEquals",
            json!({ "aws:PrincipalType": "AssumedRole" }),
        ),
        ("StringLike", json!({ "aws:userid": "AROA*:session" })),
        (
            "DateEquals",
            json!({ "aws:TokenIssueTime": "2026-01-15T12:00:00Z" }),
        ),
        ("Bool", json!({ "aws:MultiFactorAuthPresent": "false" })),
        (
            "Null",
            json!({ "aws:username": "true", "aws:FederatedProvider": "true" }),
        ),
    ];

    for (operator, key) in holds {
        let policy = allowing(&json!("secretsmanager:GetSecretValue"), "*");
        allow_role(&h, "reader", &when(policy, json!({ operator: key }))).await;
        let reply = read(&h, &session, "db").await;
        assert_eq!(reply.status, 200, "{key}: {}", reply.text);
    }
    let policy = allowing(&json!("secretsmanager:GetSecretValue"), "*");
    let not = json!({ "StringEquals": { "aws:userid": id } });
    allow_role(&h, "reader", &when(policy, not)).await;
    let refused = read(&h, &session, "db").await;
    assert_eq!(refused.json()["__type"], "AccessDeniedException");
}

async fn alice_id(h: &Harness) -> String {
    let user = h.iam("GetUser", &[("UserName", "alice")]).await.xml_ok();
    let id = &user["GetUserResult"]["User"]["UserId"];
    id.as_str().unwrap().to_owned()
}
