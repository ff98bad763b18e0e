use super::{
    ACCOUNT, ALICE, INVALID_TOKEN, alice_and_reader, allowing, assume, holder, identity, read,
    through_endpoint,
};
use base::AccountId;
use serde_json::json;
use strongroom_services::Operator;
use testkit::{Caller, Harness, Reply};

async fn session_token(h: &Harness, caller: &Caller, more: &[(&str, &str)]) -> Reply {
    h.sts_as(caller, "GetSessionToken", more).await
}

fn holder_of(reply: &Reply) -> Caller {
    Caller::of_session(
        ACCOUNT,
        &reply.xml_ok()["GetSessionTokenResult"]["Credentials"],
    )
}

fn expiration(reply: &Reply) -> String {
    let answer = reply.xml_ok();
    let expiration = &answer["GetSessionTokenResult"]["Credentials"]["Expiration"];
    expiration.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_user_gets_credentials_that_do_what_the_user_may() {
    let h = Harness::new().await;
    h.a_secret("db", "hunter2").await;
    let policy = allowing(&json!("secretsmanager:GetSecretValue"), "*");
    let alice = h.a_user("alice", Some(&policy)).await;

    let reply = session_token(&h, &alice, &[]).await;

    let session = holder_of(&reply);
    let credentials = &reply.xml_ok()["GetSessionTokenResult"]["Credentials"];
    let expected = json!({ "GetSessionTokenResult": { "Credentials": {
        "AccessKeyId": session.access_key_id(),
        "SecretAccessKey": credentials["SecretAccessKey"],
        "SessionToken": session.session_token(),
        "Expiration": "2026-01-16T00:00:00Z",
    }}});
    assert_eq!(reply.xml_ok(), expected);
    assert!(session.access_key_id().starts_with("ASIA"));
    let value = read(&h, &session, "db").await.ok();
    assert_eq!(value["SecretString"], "hunter2");
    let me = identity(&h, &session).await.xml_ok();
    assert_eq!(me, identity(&h, &alice).await.xml_ok());
    assert_eq!(me["GetCallerIdentityResult"]["Arn"], ALICE);
}

#[tokio::test]
async fn no_permission_is_needed_and_none_is_asked() {
    let h = Harness::new().await;
    let mut policy = allowing(&json!("*"), "*");
    policy["Statement"][0]["Effect"] = json!("Deny");
    let alice = h.a_user("alice", Some(&policy)).await;

    let reply = session_token(&h, &alice, &[]).await;

    let session = holder_of(&reply);
    let refused = h.call_as(&session, "ListSecrets", json!({})).await;
    assert_eq!(refused.json()["__type"], "AccessDeniedException");
}

#[tokio::test]
async fn the_event_tells_what_was_lent_and_no_secret() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", None).await;

    let reply = session_token(&h, &alice, &[("DurationSeconds", "900")]).await;

    let event = &h.audit.events_of(&reply.request_id)[0];
    let session = holder_of(&reply);
    assert_eq!(
        event["requestParameters"],
        json!({ "durationSeconds": 900 })
    );
    let credentials = json!({
        "accessKeyId": session.access_key_id(), "expiration": "Jan 15, 2026 12:15:00 PM",
    });
    assert_eq!(
        event["responseElements"],
        json!({ "credentials": credentials })
    );
    assert!(!event.to_string().contains(session.session_token().unwrap()));
}

#[tokio::test]
async fn users_get_a_day_and_a_half_at_most_and_roots_an_hour() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", None).await;
    let asked = [("DurationSeconds", "129600")];

    assert_eq!(
        expiration(&session_token(&h, &alice, &asked).await),
        "2026-01-17T00:00:00Z"
    );
    for more in [&[][..], &asked] {
        assert_eq!(
            expiration(&session_token(&h, &h.root, more).await),
            "2026-01-15T13:00:00Z"
        );
    }
    for seconds in ["899", "129601"] {
        let reply = session_token(&h, &alice, &[("DurationSeconds", seconds)]).await;
        assert_eq!(reply.status, 400);
        assert_eq!(reply.xml()["Error"]["Code"], "ValidationError");
    }
}

#[tokio::test]
async fn a_session_of_a_root_ends_with_its_access_key() {
    let h = Harness::new().await;
    h.a_secret("db", "hunter2").await;
    let session = holder_of(&session_token(&h, &h.root, &[]).await);
    assert_eq!(read(&h, &session, "db").await.status, 200);

    let operator = Operator {
        uid: 7,
        request_id: String::from("rotation"),
    };
    let account = AccountId::parse(ACCOUNT).unwrap();
    let rotated = h.app.rotate_root_credentials(&account, &operator).await;

    assert!(rotated.is_ok());
    let refused = read(&h, &session, "db").await;
    refused.rejected("UnrecognizedClientException", Some(INVALID_TOKEN));
}

#[tokio::test]
async fn session_credentials_bring_forth_no_others_of_their_holder() {
    let h = Harness::new().await;
    let (alice, role) = alice_and_reader(&h).await;
    let of_user = holder_of(&session_token(&h, &alice, &[]).await);
    let of_root = holder_of(&session_token(&h, &h.root, &[]).await);
    let of_role = holder(&assume(&h, &of_user, &role, &[]).await);

    for caller in [of_user, of_root, of_role] {
        session_token(&h, &caller, &[]).await.xml_refused(
            403,
            "AccessDenied",
            "Cannot call GetSessionToken with session credentials",
        );
    }
}

#[tokio::test]
async fn iam_does_not_know_them() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", Some(&allowing(&json!("*"), "*"))).await;
    let of_user = holder_of(&session_token(&h, &alice, &[]).await);
    let of_root = holder_of(&session_token(&h, &h.root, &[]).await);

    for caller in [&of_user, &of_root] {
        for (action, parameters) in [("GetUser", &[][..]), ("CreateUser", &[("UserName", "eve")])] {
            let reply = h.iam_as(caller, action, parameters).await;
            reply.xml_refused(403, "InvalidClientTokenId", INVALID_TOKEN);
        }
    }

    let eve = h.iam("GetUser", &[("UserName", "eve")]).await;
    assert_eq!(eve.status, 404);
    h.iam_as(&alice, "GetUser", &[]).await.xml_ok();
    h.call_as(&of_user, "ListSecrets", json!({})).await.ok();
}

#[tokio::test]
async fn there_are_no_devices() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", None).await;
    let text = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify \
                your MFA serial number is valid and associated with this user.";
    let device = ("SerialNumber", "arn:aws:iam::123456789012:mfa/alice");

    for more in [&[device][..], &[device, ("TokenCode", "123456")]] {
        session_token(&h, &alice, more)
            .await
            .xml_refused(403, "AccessDenied", text);
    }
}

#[tokio::test]
async fn a_session_ends_with_its_user() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", None).await;
    let session = holder_of(&session_token(&h, &alice, &[]).await);
    identity(&h, &session).await.xml_ok();

    let key = [
        ("UserName", "alice"),
        ("AccessKeyId", alice.access_key_id()),
    ];
    h.iam("DeleteAccessKey", &key).await.xml_ok();
    identity(&h, &session).await.xml_ok();
    h.iam("DeleteUser", &[("UserName", "alice")]).await.xml_ok();

    let gone = identity(&h, &session).await;
    let successor = h.a_user("alice", Some(&allowing(&json!("*"), "*"))).await;
    let inherited = identity(&h, &session).await;

    gone.xml_refused(403, "InvalidClientTokenId", INVALID_TOKEN);
    inherited.xml_refused(403, "InvalidClientTokenId", INVALID_TOKEN);
    identity(&h, &successor).await.xml_ok();
}

#[tokio::test]
async fn a_private_endpoint_refuses_what_its_policy_does_not_allow() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", None).await;
    let ask = |statements: &'static [(&str, &str)]| {
        through_endpoint(&h, &alice, "GetSessionToken", statements)
    };
    let text = format!("User: {ALICE} is not authorized to perform: sts:GetSessionToken");

    let allowed = ask(&[("Allow", "sts:GetSessionToken")]).await;
    let missing = ask(&[("Allow", "sts:GetCallerIdentity")]).await;
    let denied = ask(&[("Allow", "*"), ("Deny", "sts:*")]).await;

    assert_eq!(allowed.status, 200, "{}", allowed.text);
    let why = "because no VPC endpoint policy allows the sts:GetSessionToken action";
    missing.xml_refused(403, "AccessDenied", &format!("{text} {why}"));
    let why = "with an explicit deny in a VPC endpoint policy";
    denied.xml_refused(403, "AccessDenied", &format!("{text} {why}"));
    assert!(!missing.text.contains("Credentials") && !denied.text.contains("Credentials"));
}
