use super::{
    ACCOUNT, ALICE, OTHER, READER, a_role, alice_and_reader, allow_role, allowing, assume, holder,
    identity, not_authorized, read, trusting, when,
};
use serde_json::{Value, json};
use testkit::{Caller, Harness, Reply};

#[tokio::test]
async fn whom_a_role_trusts_gets_its_credentials() {
    let h = Harness::new().await;
    let (alice, role) = alice_and_reader(&h).await;

    let reply = assume(&h, &alice, &role, &[]).await;

    let answer = reply.xml_ok();
    let credentials = &answer["AssumeRoleResult"]["Credentials"];
    let key = credentials["AccessKeyId"].as_str().unwrap();
    assert!(key.starts_with("ASIA") && key.len() == 20, "{key}");
    assert_eq!(
        credentials["SecretAccessKey"].as_str().map(str::len),
        Some(40)
    );
    let user = json!({
        "AssumedRoleId": format!("{}:session", role_id(&h).await),
        "Arn": "arn:aws:sts::123456789012:assumed-role/reader/session",
    });
    let expected = json!({ "AssumeRoleResult": {
        "Credentials": {
            "AccessKeyId": key,
            "SecretAccessKey": credentials["SecretAccessKey"],
            "SessionToken": credentials["SessionToken"],
            "Expiration": "2026-01-15T13:00:00Z",
        },
        "AssumedRoleUser": user,
    }});
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn the_credentials_are_those_of_the_role_and_of_nobody_else() {
    let h = Harness::new().await;
    h.a_secret("db", "hunter2").await;
    let (alice, role) = alice_and_reader(&h).await;

    let session = holder(&assume(&h, &alice, &role, &[]).await);

    let me = identity(&h, &session).await.xml_ok();
    let expected = json!({ "GetCallerIdentityResult": {
        "UserId": format!("{}:session", role_id(&h).await),
        "Account": ACCOUNT,
        "Arn": "arn:aws:sts::123456789012:assumed-role/reader/session",
    }});
    assert_eq!(me, expected);
    let value = read(&h, &session, "db").await.ok();
    assert_eq!(value["SecretString"], "hunter2");
    let body = json!({ "SecretId": "db" });
    let refused = h.call_as(&session, "DescribeSecret", body).await;
    assert_eq!(refused.json()["__type"], "AccessDeniedException");
    let refused = read(&h, &alice, "db").await;
    assert_eq!(refused.json()["__type"], "AccessDeniedException");
}

#[tokio::test]
async fn the_event_tells_what_was_lent_and_no_secret() {
    let h = Harness::new().await;
    let (alice, role) = alice_and_reader(&h).await;

    let reply = assume(&h, &alice, &role, &[("DurationSeconds", "900")]).await;

    let credentials = &reply.xml_ok()["AssumeRoleResult"]["Credentials"];
    let event = &h.audit.events_of(&reply.request_id)[0];
    assert_eq!(event["userIdentity"]["arn"], ALICE);
    assert_eq!(event["readOnly"], true);
    let parameters =
        json!({ "roleArn": role, "roleSessionName": "session", "durationSeconds": 900 });
    assert_eq!(event["requestParameters"], parameters);
    let response = json!({
        "credentials": {
            "accessKeyId": credentials["AccessKeyId"],
            "expiration": "Jan 15, 2026 12:15:00 PM",
        },
        "assumedRoleUser": {
            "assumedRoleId": format!("{}:session", role_id(&h).await),
            "arn": "arn:aws:sts::123456789012:assumed-role/reader/session",
        },
    });
    assert_eq!(event["responseElements"], response);
    assert_eq!(
        event["resources"],
        json!([{ "accountId": ACCOUNT, "ARN": role }])
    );
    for secret in ["SecretAccessKey", "SessionToken"] {
        let text = credentials[secret].as_str().unwrap();
        assert!(!event.to_string().contains(text), "{secret}");
    }
}

#[tokio::test]
async fn the_events_of_a_session_name_the_role_that_it_is_of() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let (alice, role) = alice_and_reader(&h).await;
    let session = holder(&assume(&h, &alice, &role, &[]).await);
    h.clock.advance_seconds(5);

    let reply = read(&h, &session, "db").await;

    let id = role_id(&h).await;
    let expected = json!({
        "type": "AssumedRole",
        "principalId": format!("{id}:session"),
        "arn": "arn:aws:sts::123456789012:assumed-role/reader/session",
        "accountId": ACCOUNT,
        "accessKeyId": session.access_key_id(),
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role", "principalId": id, "arn": role,
                "accountId": ACCOUNT, "userName": "reader",
            },
            "attributes": { "creationDate": "2026-01-15T12:00:00Z", "mfaAuthenticated": "false" },
        },
    });
    assert_eq!(
        h.audit.events_of(&reply.request_id)[0]["userIdentity"],
        expected
    );
}

#[tokio::test]
async fn a_role_that_refuses_and_one_that_does_not_exist_answer_alike() {
    let h = Harness::new().await;
    let (_, role) = alice_and_reader(&h).await;
    let everything = allowing(&json!("*"), "*");
    let mallory = h.a_user("mallory", Some(&everything)).await;
    let arn = "arn:aws:iam::123456789012:user/mallory";

    for role in [
        role.as_str(),
        "arn:aws:iam::123456789012:role/nothing",
        "arn:aws:iam::123456789012:role/path/reader",
        "arn:aws:iam::123456789012:role/Reader",
        "arn:aws:iam::999988887777:role/reader",
    ] {
        let reply = assume(&h, &mallory, role, &[]).await;
        let text = not_authorized(arn, "sts:AssumeRole", role);
        reply.xml_refused(403, "AccessDenied", &text);
        let event = &h.audit.events_of(&reply.request_id)[0];
        assert_eq!(event["errorCode"], "AccessDenied");
        assert_eq!(
            event["additionalEventData"]["decision"]["policyType"],
            "resource-based policy"
        );
        assert_eq!(event["responseElements"], Value::Null);
    }
}

#[tokio::test]
async fn a_role_that_trusts_its_account_leaves_it_to_the_account() {
    let h = Harness::new().await;
    let trust = trusting("arn:aws:iam::123456789012:root", &json!("sts:AssumeRole"));
    let role = a_role(&h, "reader", &trust).await;
    let alice = h.a_user("alice", None).await;
    let text = not_authorized(ALICE, "sts:AssumeRole", READER);

    assume(&h, &alice, &role, &[])
        .await
        .xml_refused(403, "AccessDenied", &text);
    h.allow("alice", &allowing(&json!("sts:AssumeRole"), &role))
        .await;
    assume(&h, &alice, &role, &[]).await.xml_ok();

    let mut denying = allowing(&json!("sts:AssumeRole"), &role);
    denying["Statement"][0]["Effect"] = json!("Deny");
    h.allow("alice", &denying).await;
    assume(&h, &alice, &role, &[])
        .await
        .xml_refused(403, "AccessDenied", &text);
}

#[tokio::test]
async fn a_deny_of_the_trust_policy_stands_above_everything() {
    let h = Harness::new().await;
    let mut trust = trusting(ALICE, &json!("sts:AssumeRole"));
    let alice = h.a_user("alice", Some(&allowing(&json!("*"), "*"))).await;
    let mut deny = trust["Statement"][0].clone();
    deny["Effect"] = json!("Deny");
    deny["Condition"] = json!({ "StringEquals": { "sts:RoleSessionName": "session" } });
    trust["Statement"].as_array_mut().unwrap().push(deny);
    let role = a_role(&h, "reader", &trust).await;

    let refused = assume(&h, &alice, &role, &[]).await;
    let other = [("RoleArn", role.as_str()), ("RoleSessionName", "other")];
    let allowed = h.sts_as(&alice, "AssumeRole", &other).await;

    let text = not_authorized(ALICE, "sts:AssumeRole", READER);
    refused.xml_refused(403, "AccessDenied", &text);
    allowed.xml_ok();
}

#[tokio::test]
async fn roots_assume_no_roles() {
    let h = Harness::new().await;
    let (_, role) = alice_and_reader(&h).await;
    let other = h.another_account(OTHER).await;
    let temporary = h.sts_as(&h.root, "GetSessionToken", &[]).await.xml_ok();
    let temporary = Caller::of_session(ACCOUNT, &temporary["GetSessionTokenResult"]["Credentials"]);
    let text = "Roles may not be assumed by root accounts.";

    for root in [&h.root, &other, &temporary] {
        for role in [role.as_str(), "arn:aws:iam::123456789012:role/nothing"] {
            assume(&h, root, role, &[])
                .await
                .xml_refused(403, "AccessDenied", text);
        }
    }
}

#[tokio::test]
async fn who_acts_for_many_must_say_for_whom() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", None).await;
    let trust = trusting(ALICE, &json!("sts:AssumeRole"));
    let condition = json!({ "StringEquals": { "sts:ExternalId": "customer/7" } });
    let role = a_role(&h, "reader", &when(trust, condition)).await;
    let text = not_authorized(ALICE, "sts:AssumeRole", READER);

    for more in [&[][..], &[("ExternalId", "customer/8")]] {
        assume(&h, &alice, &role, more)
            .await
            .xml_refused(403, "AccessDenied", &text);
    }
    assume(&h, &alice, &role, &[("ExternalId", "customer/7")])
        .await
        .xml_ok();
}

#[tokio::test]
async fn both_accounts_must_agree() {
    let h = Harness::new().await;
    h.a_secret("db", "hunter2").await;
    let other = h.another_account(OTHER).await;
    let bob = a_user_of(&h, &other, "bob").await;
    let bob_arn = "arn:aws:iam::999988887777:user/bob";
    let (_, role) = alice_and_reader(&h).await;
    let text = not_authorized(bob_arn, "sts:AssumeRole", READER);

    assume(&h, &bob, &role, &[])
        .await
        .xml_refused(403, "AccessDenied", &text);
    allow_as(
        &h,
        &other,
        "bob",
        &allowing(&json!("sts:AssumeRole"), &role),
    )
    .await;
    assume(&h, &bob, &role, &[])
        .await
        .xml_refused(403, "AccessDenied", &text);
    trust(&h, "reader", &trusting(OTHER, &json!("sts:AssumeRole"))).await;
    let session = holder(&assume(&h, &bob, &role, &[]).await);

    let value = read(&h, &session, "db").await.ok();
    assert_eq!(value["SecretString"], "hunter2");
    allow_as(&h, &other, "bob", &allowing(&json!("iam:GetUser"), "*")).await;
    assume(&h, &bob, &role, &[])
        .await
        .xml_refused(403, "AccessDenied", &text);
}

#[tokio::test]
async fn a_session_lasts_as_long_as_the_role_admits() {
    let h = Harness::new().await;
    let (alice, role) = alice_and_reader(&h).await;
    let asked = |seconds: &'static str| [("DurationSeconds", seconds)];
    let text = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";

    let shortest = assume(&h, &alice, &role, &asked("900")).await;
    let too_long = assume(&h, &alice, &role, &asked("3601")).await;
    let longest = [("RoleName", "reader"), ("MaxSessionDuration", "43200")];
    h.iam("UpdateRole", &longest).await.xml_ok();
    let long = assume(&h, &alice, &role, &asked("43200")).await;
    let usual = assume(&h, &alice, &role, &[]).await;

    assert_eq!(expiration(&shortest), "2026-01-15T12:15:00Z");
    too_long.xml_refused(400, "ValidationError", text);
    assert_eq!(expiration(&long), "2026-01-16T00:00:00Z");
    assert_eq!(expiration(&usual), "2026-01-15T13:00:00Z");
    for seconds in ["899", "43201"] {
        let reply = assume(&h, &alice, &role, &asked(seconds)).await;
        assert_eq!(reply.status, 400);
        assert_eq!(reply.xml()["Error"]["Code"], "ValidationError");
    }
}

#[tokio::test]
async fn who_is_not_trusted_does_not_learn_how_long_a_session_may_last() {
    let h = Harness::new().await;
    let (_, role) = alice_and_reader(&h).await;
    let mallory = h.a_user("mallory", None).await;

    let reply = assume(&h, &mallory, &role, &[("DurationSeconds", "43200")]).await;

    let arn = "arn:aws:iam::123456789012:user/mallory";
    let text = not_authorized(arn, "sts:AssumeRole", READER);
    reply.xml_refused(403, "AccessDenied", &text);
}

#[tokio::test]
async fn a_session_begun_from_a_session_lasts_an_hour_at_most() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let (alice, first) = alice_and_reader(&h).await;
    let second = a_role(&h, "second", &trusting(&first, &json!("sts:AssumeRole"))).await;
    allow_role(&h, "second", &allowing(&json!("secretsmanager:*"), "*")).await;
    let longest = [("RoleName", "second"), ("MaxSessionDuration", "43200")];
    h.iam("UpdateRole", &longest).await.xml_ok();
    let session = holder(&assume(&h, &alice, &first, &[]).await);

    let too_long = assume(&h, &session, &second, &[("DurationSeconds", "3601")]).await;
    let chained = assume(&h, &session, &second, &[("DurationSeconds", "3600")]).await;

    let text = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed \
                by role chaining";
    too_long.xml_refused(400, "ValidationError", text);
    let chained = holder(&chained);
    let body = json!({ "SecretId": "db" });
    h.call_as(&chained, "DescribeSecret", body).await.ok();
    let direct = assume(&h, &alice, &second, &[]).await;
    let text = not_authorized(ALICE, "sts:AssumeRole", &second);
    direct.xml_refused(403, "AccessDenied", &text);
}

#[tokio::test]
async fn what_the_first_session_says_of_its_holder_stays() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", None).await;
    let both = json!(["sts:AssumeRole", "sts:SetSourceIdentity"]);
    let first = a_role(&h, "first", &trusting(ALICE, &both)).await;
    let second = a_role(&h, "second", &trusting(&first, &both)).await;
    let third = a_role(&h, "third", &trusting(&first, &json!("sts:AssumeRole"))).await;

    let begun = assume(&h, &alice, &first, &[("SourceIdentity", "alice@example")]).await;
    let session = holder(&begun);
    let same = assume(
        &h,
        &session,
        &second,
        &[("SourceIdentity", "alice@example")],
    )
    .await;
    let kept = assume(&h, &session, &second, &[]).await;
    let changed = assume(&h, &session, &second, &[("SourceIdentity", "bob")]).await;
    let unwanted = assume(&h, &session, &third, &[]).await;

    for reply in [&begun, &same, &kept] {
        let answer = reply.xml_ok();
        assert_eq!(
            answer["AssumeRoleResult"]["SourceIdentity"],
            "alice@example"
        );
    }
    let text = "The source identity cannot be changed once it is set.";
    changed.xml_refused(400, "ValidationError", text);
    let caller = "arn:aws:sts::123456789012:assumed-role/first/session";
    let text = not_authorized(caller, "sts:SetSourceIdentity", &third);
    unwanted.xml_refused(403, "AccessDenied", &text);
    let event = &h.audit.events_of(&kept.request_id)[0];
    let context = &event["userIdentity"]["sessionContext"];
    assert_eq!(context["sourceIdentity"], "alice@example");
}

#[tokio::test]
async fn a_source_identity_needs_a_permission_of_its_own() {
    let h = Harness::new().await;
    let (alice, role) = alice_and_reader(&h).await;
    let asked = [("SourceIdentity", "alice@example")];

    let refused = assume(&h, &alice, &role, &asked).await;
    let both = json!(["sts:AssumeRole", "sts:SetSourceIdentity"]);
    let condition = json!({ "StringLike": { "sts:SourceIdentity": "*@example" } });
    trust(&h, "reader", &when(trusting(ALICE, &both), condition)).await;

    let text = not_authorized(ALICE, "sts:SetSourceIdentity", READER);
    refused.xml_refused(403, "AccessDenied", &text);
    assume(&h, &alice, &role, &asked).await.xml_ok();
    let text = not_authorized(ALICE, "sts:AssumeRole", READER);
    for other in [&[][..], &[("SourceIdentity", "alice@elsewhere")]] {
        assume(&h, &alice, &role, other)
            .await
            .xml_refused(403, "AccessDenied", &text);
    }
}

#[tokio::test]
async fn what_is_no_role_is_refused_as_such() {
    let h = Harness::new().await;
    let (alice, _) = alice_and_reader(&h).await;

    for arn in [
        "arn:aws:iam::123456789012:user/alice",
        "arn:aws:iam::12345:role/reader",
        "arn:aws:iam::123456789012:role/",
        "arn:aws-cn:iam::123456789012:role/reader",
        "reader reader reader reader",
    ] {
        assume(&h, &alice, arn, &[]).await.xml_refused(
            400,
            "ValidationError",
            "Request ARN is invalid",
        );
    }
}

#[tokio::test]
async fn what_is_not_there_is_refused_clearly() {
    let h = Harness::new().await;
    let (alice, role) = alice_and_reader(&h).await;
    let no_device = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify \
                     your MFA serial number is valid and associated with this user.";
    let device = ("SerialNumber", "arn:aws:iam::123456789012:mfa/alice");

    for more in [&[device][..], &[device, ("TokenCode", "123456")]] {
        assume(&h, &alice, &role, more)
            .await
            .xml_refused(403, "AccessDenied", no_device);
    }
    let context = "ProvidedContexts.member.1.ProviderArn";
    let contexts = [(context, "arn:aws:iam::aws:contextProvider/IdentityCenter")];
    assume(&h, &alice, &role, &contexts).await.xml_refused(
        400,
        "ValidationError",
        "ProvidedContexts is not supported by this server.",
    );
    let size = [("MinimumSessionTokenSize", "4096")];
    assume(&h, &alice, &role, &size).await.xml_refused(
        400,
        "ValidationError",
        "MinimumSessionTokenSize is not supported by this server.",
    );
}

/// Changes whom a role trusts.
async fn trust(h: &Harness, role: &str, trust: &Value) {
    let trust = trust.to_string();
    let parameters = [("RoleName", role), ("PolicyDocument", &trust)];
    h.iam("UpdateAssumeRolePolicy", &parameters).await.xml_ok();
}

/// A user of another account, with an access key.
async fn a_user_of(h: &Harness, root: &Caller, name: &str) -> Caller {
    let named = [("UserName", name)];
    h.iam_as(root, "CreateUser", &named).await.xml_ok();
    let key = h.iam_as(root, "CreateAccessKey", &named).await.xml_ok();
    let key = &key["CreateAccessKeyResult"]["AccessKey"];
    root.with_access_key_id(key["AccessKeyId"].as_str().unwrap())
        .with_secret(key["SecretAccessKey"].as_str().unwrap())
}

async fn allow_as(h: &Harness, root: &Caller, user: &str, policy: &Value) {
    let policy = policy.to_string();
    let parameters = [
        ("UserName", user),
        ("PolicyName", "p"),
        ("PolicyDocument", &policy),
    ];
    h.iam_as(root, "PutUserPolicy", &parameters).await.xml_ok();
}

async fn role_id(h: &Harness) -> String {
    let role = h.iam("GetRole", &[("RoleName", "reader")]).await.xml_ok();
    let id = &role["GetRoleResult"]["Role"]["RoleId"];
    id.as_str().unwrap().to_owned()
}

fn expiration(reply: &Reply) -> String {
    let answer = reply.xml_ok();
    let expiration = &answer["AssumeRoleResult"]["Credentials"]["Expiration"];
    expiration.as_str().unwrap().to_owned()
}
