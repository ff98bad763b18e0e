use super::{
    ACCOUNT, INVALID_TOKEN, OTHER, READER, a_role, allow_role, allowing, identity, read, when,
};
use serde_json::{Value, json};
use testkit::{Caller, Harness, Reply, with};

const PROVIDER: &str = "arn:aws:iam::123456789012:oidc-provider/issuer.example/cluster";
const SUBJECT: &str = "system:serviceaccount:shop:cart";
const AUDIENCE: &str = "sts.amazonaws.com";
const REFUSED: &str = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
const TAGS: &str = "https://aws.amazon.com/tags";

/// What a role says that lets in one service account.
fn trusting_cart(actions: &Value) -> Value {
    let statement = json!({
        "Effect": "Allow", "Principal": { "Federated": PROVIDER }, "Action": actions,
    });
    let policy = json!({ "Version": "2012-10-17", "Statement": [statement] });
    when(
        policy,
        json!({ "StringEquals": {
            "issuer.example/cluster:sub": SUBJECT,
            "issuer.example/cluster:aud": AUDIENCE,
        }}),
    )
}

/// A harness with a provider, a secret `db`, and a role that may read it.
async fn a_cluster() -> Harness {
    let h = Harness::new().await;
    let provider = [
        ("Url", h.issuer.url()),
        ("ClientIDList.member.1", AUDIENCE),
        ("ClientIDList.member.2", "other-client"),
    ];
    h.iam("CreateOpenIDConnectProvider", &provider)
        .await
        .xml_ok();
    h.a_secret("db", "hunter2").await;
    let trust = trusting_cart(&json!("sts:AssumeRoleWithWebIdentity"));
    a_role(&h, "reader", &trust).await;
    let policy = allowing(&json!("secretsmanager:GetSecretValue"), "*");
    allow_role(&h, "reader", &policy).await;
    h
}

/// The claims of the service account.
fn cart(h: &Harness) -> Value {
    h.issuer.claims(SUBJECT, AUDIENCE, h.now())
}

/// Sends a request that nobody signed.
async fn ask(h: &Harness, role: &str, token: &str, more: &[(&str, &str)]) -> Reply {
    let mut parameters = vec![
        ("RoleArn", role),
        ("RoleSessionName", "session"),
        ("WebIdentityToken", token),
    ];
    parameters.extend(more);
    let form = testkit::form("AssumeRoleWithWebIdentity", "2011-06-15", &parameters);
    let mut request = h.root.signed_form("sts", &form, h.now());
    request.headers.remove("authorization");
    request.headers.remove("x-amz-date");
    let reply = h.send(request).await;
    assert_eq!(h.audit.events_of(&reply.request_id).len(), 1);
    reply
}

async fn with_claims(h: &Harness, claims: &Value) -> Reply {
    ask(h, READER, &h.issuer.token(claims), &[]).await
}

fn holder(reply: &Reply) -> Caller {
    let answer = reply.xml_ok();
    Caller::of_session(
        ACCOUNT,
        &answer["AssumeRoleWithWebIdentityResult"]["Credentials"],
    )
}

/// Changes whom the role trusts.
async fn trust(h: &Harness, trust: &Value) {
    let trust = trust.to_string();
    let parameters = [("RoleName", "reader"), ("PolicyDocument", &trust)];
    h.iam("UpdateAssumeRolePolicy", &parameters).await.xml_ok();
}

#[tokio::test]
async fn a_service_account_gets_the_credentials_of_its_role() {
    let h = a_cluster().await;
    let role = h.iam("GetRole", &[("RoleName", "reader")]).await.xml_ok();
    let id = role["GetRoleResult"]["Role"]["RoleId"].as_str().unwrap();

    let reply = with_claims(&h, &cart(&h)).await;

    let answer = reply.xml_ok();
    let credentials = &answer["AssumeRoleWithWebIdentityResult"]["Credentials"];
    let expected = json!({ "AssumeRoleWithWebIdentityResult": {
        "Credentials": {
            "AccessKeyId": credentials["AccessKeyId"],
            "SecretAccessKey": credentials["SecretAccessKey"],
            "SessionToken": credentials["SessionToken"],
            "Expiration": "2026-01-15T13:00:00Z",
        },
        "SubjectFromWebIdentityToken": SUBJECT,
        "AssumedRoleUser": {
            "AssumedRoleId": format!("{id}:session"),
            "Arn": "arn:aws:sts::123456789012:assumed-role/reader/session",
        },
        "Provider": PROVIDER,
        "Audience": AUDIENCE,
    }});
    assert_eq!(answer, expected);
    let session = holder(&reply);
    let value = read(&h, &session, "db").await.ok();
    assert_eq!(value["SecretString"], "hunter2");
    let body = json!({ "SecretId": "db" });
    let refused = h.call_as(&session, "DescribeSecret", body).await;
    assert_eq!(refused.json()["__type"], "AccessDeniedException");
}

#[tokio::test]
async fn the_event_names_the_service_account_and_holds_no_token() {
    let h = a_cluster().await;
    let token = h.issuer.token(&cart(&h));

    let reply = ask(&h, READER, &token, &[("DurationSeconds", "900")]).await;

    let event = &h.audit.events_of(&reply.request_id)[0];
    let caller = json!({
        "type": "WebIdentityUser",
        "principalId": format!("{PROVIDER}:{AUDIENCE}:{SUBJECT}"),
        "userName": SUBJECT,
        "identityProvider": PROVIDER,
    });
    assert_eq!(event["userIdentity"], caller);
    let parameters =
        json!({ "roleArn": READER, "roleSessionName": "session", "durationSeconds": 900 });
    assert_eq!(event["requestParameters"], parameters);
    let response = &event["responseElements"];
    assert_eq!(response["subjectFromWebIdentityToken"], SUBJECT);
    assert_eq!(response["provider"], PROVIDER);
    assert_eq!(response["audience"], AUDIENCE);
    assert_eq!(
        response["credentials"]["expiration"],
        "Jan 15, 2026 12:15:00 PM"
    );
    assert_eq!(
        event["resources"],
        json!([{ "accountId": ACCOUNT, "ARN": READER }])
    );
    assert_eq!(event["recipientAccountId"], ACCOUNT);
    let text = event.to_string();
    let session = holder(&reply);
    for part in token.split('.').chain(session.session_token()) {
        assert!(!text.contains(part));
    }
}

#[tokio::test]
async fn others_of_the_issuer_are_refused_like_a_role_that_does_not_exist() {
    let h = a_cluster().await;
    let token = h.issuer.token(&cart(&h));
    let subject = h
        .issuer
        .claims("system:serviceaccount:shop:till", AUDIENCE, h.now());
    let audience = h.issuer.claims(SUBJECT, "other-client", h.now());

    let replies = [
        with_claims(&h, &subject).await,
        with_claims(&h, &audience).await,
        ask(&h, "arn:aws:iam::123456789012:role/nothing", &token, &[]).await,
    ];

    for reply in replies {
        reply.xml_refused(403, "AccessDenied", REFUSED);
        let event = &h.audit.events_of(&reply.request_id)[0];
        assert_eq!(event["userIdentity"]["type"], "WebIdentityUser");
        assert_eq!(event["errorCode"], "AccessDenied");
        assert_eq!(event["responseElements"], Value::Null);
        assert_eq!(
            event["additionalEventData"]["decision"]["policyType"],
            "resource-based policy"
        );
    }
}

#[tokio::test]
async fn a_role_that_trusts_users_does_not_trust_web_identities() {
    let h = a_cluster().await;
    let statement = json!({
        "Effect": "Allow",
        "Principal": { "AWS": "arn:aws:iam::123456789012:root" },
        "Action": "sts:*",
    });
    trust(
        &h,
        &json!({ "Version": "2012-10-17", "Statement": [statement] }),
    )
    .await;

    let reply = with_claims(&h, &cart(&h)).await;

    reply.xml_refused(403, "AccessDenied", REFUSED);
}

#[tokio::test]
async fn what_proves_nothing_is_refused_and_tells_nobody_who_it_claims_to_be() {
    let h = a_cluster().await;
    let token = h.issuer.token(&cart(&h));
    let (signed, _) = token.rsplit_once('.').unwrap();
    let forged = format!("{signed}.{}", "A".repeat(86));
    let wrong_audience = h.issuer.claims(SUBJECT, "somebody-else", h.now());
    let elsewhere = with(cart(&h), json!({ "iss": "https://elsewhere.example" }));
    let invalid = "InvalidIdentityToken";
    let cases = [
        (
            forged,
            invalid,
            "The signature of the ID Token provided is not valid",
        ),
        (
            h.issuer.token(&wrong_audience),
            invalid,
            "Incorrect token audience",
        ),
        (
            h.issuer.token(&elsewhere),
            invalid,
            "No OpenIDConnect provider found in your account for https://elsewhere.example",
        ),
        (
            String::from("no.token.atall"),
            invalid,
            "The ID Token provided is not a valid JWT. \
             (You may see this error if you sent an Access Token)",
        ),
    ];

    for (token, code, text) in cases {
        let reply = ask(&h, READER, &token, &[]).await;
        reply.xml_refused(400, code, text);
        let event = &h.audit.events_of(&reply.request_id)[0];
        assert_eq!(event["userIdentity"], json!({ "type": "Unknown" }));
    }
    let late = h.issuer.token(&cart(&h));
    h.clock.advance_seconds(3_600);
    let reply = ask(&h, READER, &late, &[]).await;
    assert_eq!(
        (reply.status, &reply.xml()["Error"]["Code"]),
        (400, &json!("ExpiredTokenException"))
    );
}

#[tokio::test]
async fn the_provider_must_be_one_of_the_roles_account() {
    let h = a_cluster().await;
    h.another_account(OTHER).await;
    let token = h.issuer.token(&cart(&h));

    let reply = ask(&h, "arn:aws:iam::999988887777:role/reader", &token, &[]).await;

    let text = "No OpenIDConnect provider found in your account for https://issuer.example/cluster";
    reply.xml_refused(400, "InvalidIdentityToken", text);
}

#[tokio::test]
async fn a_provider_that_is_deleted_vouches_for_nobody() {
    let h = a_cluster().await;
    let session = holder(&with_claims(&h, &cart(&h)).await);

    let provider = [("OpenIDConnectProviderArn", PROVIDER)];
    h.iam("DeleteOpenIDConnectProvider", &provider)
        .await
        .xml_ok();

    let reply = with_claims(&h, &cart(&h)).await;
    assert_eq!(reply.xml()["Error"]["Code"], "InvalidIdentityToken");
    read(&h, &session, "db").await.ok();
}

#[tokio::test]
async fn an_issuer_out_of_reach_is_told_apart_so_that_clients_try_again() {
    let h = a_cluster().await;
    h.issuer.set_reachable(false);

    let reply = with_claims(&h, &cart(&h)).await;

    assert_eq!(
        (reply.status, &reply.xml()["Error"]["Code"]),
        (400, &json!("IDPCommunicationError"))
    );
}

#[tokio::test]
async fn the_session_keeps_what_the_token_said() {
    let h = a_cluster().await;
    let session = holder(&with_claims(&h, &cart(&h)).await);
    let holds: [(&str, Value); 3] = [
        (
            "StringEquals",
            json!({ "issuer.example/cluster:sub": SUBJECT }),
        ),
        (
            "StringEquals",
            json!({ "issuer.example/cluster:aud": AUDIENCE }),
        ),
        ("ArnEquals", json!({ "aws:FederatedProvider": PROVIDER })),
    ];

    for (operator, key) in holds {
        let policy = allowing(&json!("secretsmanager:GetSecretValue"), "*");
        allow_role(&h, "reader", &when(policy, json!({ operator: key }))).await;
        let reply = read(&h, &session, "db").await;
        assert_eq!(reply.status, 200, "{key}: {}", reply.text);
    }
}

#[tokio::test]
async fn a_session_begun_from_it_keeps_nothing_of_the_token() {
    let h = a_cluster().await;
    let trust = super::trusting(READER, &json!("sts:AssumeRole"));
    let second = a_role(&h, "second", &trust).await;
    let gone = json!({ "Null": {
        "issuer.example/cluster:sub": "true", "aws:FederatedProvider": "true",
    }});
    let policy = allowing(&json!("secretsmanager:ListSecrets"), "*");
    allow_role(&h, "second", &when(policy, gone)).await;
    let session = holder(&with_claims(&h, &cart(&h)).await);

    let next = super::holder(&super::assume(&h, &session, &second, &[]).await);

    h.call_as(&next, "ListSecrets", json!({})).await.ok();
}

#[tokio::test]
async fn tags_of_the_token_need_a_permission_and_become_those_of_the_session() {
    let h = a_cluster().await;
    let tags = json!({ "principal_tags": { "team": ["red"] }, "transitive_tag_keys": ["team"] });
    let claims = with(cart(&h), json!({ TAGS: tags }));

    let refused = with_claims(&h, &claims).await;
    let both = json!(["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]);
    trust(&h, &trusting_cart(&both)).await;
    let session = holder(&with_claims(&h, &claims).await);

    let text = "Not authorized to perform sts:TagSession";
    refused.xml_refused(403, "AccessDenied", text);
    let red = json!({ "StringEquals": { "aws:PrincipalTag/team": "red" } });
    let policy = allowing(&json!("secretsmanager:GetSecretValue"), "*");
    allow_role(&h, "reader", &when(policy, red)).await;
    read(&h, &session, "db").await.ok();
}

#[tokio::test]
async fn tags_that_no_request_could_set_are_refused() {
    let h = a_cluster().await;
    let both = json!(["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]);
    trust(&h, &trusting_cart(&both)).await;
    let malformed = "Invalid claim in the ID Token: https://aws.amazon.com/tags";
    let cases = [
        (
            json!({ "te#m": ["red"] }),
            "InvalidIdentityToken",
            malformed,
        ),
        (
            json!({ "team": ["x".repeat(257)] }),
            "InvalidIdentityToken",
            malformed,
        ),
        (
            json!({ "aws:x": ["red"] }),
            "InvalidParameterValue",
            "System tags cannot be added/updated by requester",
        ),
    ];

    for (tags, code, text) in cases {
        let claims = with(cart(&h), json!({ TAGS: { "principal_tags": tags } }));
        with_claims(&h, &claims).await.xml_refused(400, code, text);
    }
}

#[tokio::test]
async fn a_source_identity_in_the_token_needs_a_permission_too() {
    let h = a_cluster().await;
    let name = "https://aws.amazon.com/source_identity";
    let claims = with(cart(&h), json!({ name: "alice@example" }));

    let refused = with_claims(&h, &claims).await;
    let both = json!(["sts:AssumeRoleWithWebIdentity", "sts:SetSourceIdentity"]);
    trust(&h, &trusting_cart(&both)).await;
    let allowed = with_claims(&h, &claims).await;
    let malformed = with_claims(&h, &with(cart(&h), json!({ name: "a lice" }))).await;

    let text = "Not authorized to perform sts:SetSourceIdentity";
    refused.xml_refused(403, "AccessDenied", text);
    let answer = allowed.xml_ok();
    let result = &answer["AssumeRoleWithWebIdentityResult"];
    assert_eq!(result["SourceIdentity"], "alice@example");
    let text = "Invalid claim in the ID Token: https://aws.amazon.com/source_identity";
    malformed.xml_refused(400, "InvalidIdentityToken", text);
}

#[tokio::test]
async fn policies_narrow_these_sessions_too() {
    let h = a_cluster().await;
    let token = h.issuer.token(&cart(&h));
    let policy = allowing(&json!("secretsmanager:ListSecrets"), "*").to_string();

    let session = holder(&ask(&h, READER, &token, &[("Policy", &policy)]).await);
    let malformed = ask(&h, READER, &token, &[("Policy", "{")]).await;
    let missing = ("PolicyArns.member.1.arn", "arn:aws:iam::aws:policy/Nothing");
    let missing = ask(&h, READER, &token, &[missing]).await;
    let long = ask(&h, READER, &token, &[("DurationSeconds", "3601")]).await;

    let refused = read(&h, &session, "db").await;
    assert_eq!(refused.json()["__type"], "AccessDeniedException");
    for (reply, code) in [
        (malformed, "MalformedPolicyDocument"),
        (missing, "ValidationError"),
        (long, "ValidationError"),
    ] {
        assert_eq!(
            (reply.status, &reply.xml()["Error"]["Code"]),
            (400, &json!(code))
        );
    }
}

#[tokio::test]
async fn claims_that_do_not_fit_into_a_token_are_refused() {
    let h = a_cluster().await;
    let groups: Vec<String> = (0..300).map(|n| format!("group-{n}")).collect();

    let reply = with_claims(&h, &with(cart(&h), json!({ "groups": groups }))).await;

    assert_eq!(
        (reply.status, &reply.xml()["Error"]["Code"]),
        (400, &json!("PackedPolicyTooLarge"))
    );
}

#[tokio::test]
async fn what_is_not_there_is_refused_clearly() {
    let h = a_cluster().await;
    let token = h.issuer.token(&cart(&h));

    for (name, value) in [
        ("ProviderId", "www.amazon.com"),
        ("MinimumSessionTokenSize", "4096"),
    ] {
        let reply = ask(&h, READER, &token, &[(name, value)]).await;
        let text = format!("{name} is not supported by this server.");
        reply.xml_refused(400, "ValidationError", &text);
    }
    let reply = ask(&h, "arn:aws:iam::123456789012:user/alice", &token, &[]).await;
    reply.xml_refused(400, "ValidationError", "Request ARN is invalid");
}

#[tokio::test]
async fn a_session_ends_with_its_role() {
    let h = a_cluster().await;
    let session = holder(&with_claims(&h, &cart(&h)).await);
    let policy = [("RoleName", "reader"), ("PolicyName", "p")];
    h.iam("DeleteRolePolicy", &policy).await.xml_ok();
    h.iam("DeleteRole", &[("RoleName", "reader")])
        .await
        .xml_ok();

    let ended = identity(&h, &session).await;

    ended.xml_refused(403, "InvalidClientTokenId", INVALID_TOKEN);
}

#[tokio::test]
async fn an_audit_log_that_fails_withholds_the_credentials() {
    let h = a_cluster().await;
    let token = h.issuer.token(&cart(&h));
    let parameters = [
        ("RoleArn", READER),
        ("RoleSessionName", "session"),
        ("WebIdentityToken", token.as_str()),
    ];
    let form = testkit::form("AssumeRoleWithWebIdentity", "2011-06-15", &parameters);
    let request = h.root.signed_form("sts", &form, h.now());
    h.audit.fail(true);

    let reply = h.send(request).await;

    assert_eq!(reply.status, 500);
    assert!(!reply.text.contains("ASIA"), "{}", reply.text);
}
