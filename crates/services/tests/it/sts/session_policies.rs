//! Session policies: a session does what the role may and these policies allow.

use super::{
    ALICE, INVALID_TOKEN, a_role, alice_and_reader, allow_role, allowing, assume, holder, identity,
    read, trusting,
};
use serde_json::{Value, json};
use testkit::Harness;

const READ_ONLY: &str = "arn:aws:iam::123456789012:policy/read";

async fn a_managed_policy(h: &Harness, name: &str, policy: &Value) {
    let policy = policy.to_string();
    let parameters = [("PolicyName", name), ("PolicyDocument", &policy)];
    h.iam("CreatePolicy", &parameters).await.xml_ok();
}

#[tokio::test]
async fn a_session_policy_narrows_and_never_widens() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "x").await;
    h.a_secret("other", "y").await;
    let (alice, role) = alice_and_reader(&h).await;
    let policy = allowing(&json!("secretsmanager:*"), &arn).to_string();

    let reply = assume(&h, &alice, &role, &[("Policy", &policy)]).await;

    let session = holder(&reply);
    assert_eq!(reply.xml_ok()["AssumeRoleResult"]["PackedPolicySize"], "2");
    read(&h, &session, "db").await.ok();
    let refused = read(&h, &session, "other").await.json();
    let text = refused["Message"].as_str().unwrap();
    let reason = "because no session policy allows the secretsmanager:GetSecretValue action";
    assert!(text.ends_with(reason), "{text}");
    let body = json!({ "SecretId": "db" });
    let refused = h.call_as(&session, "DescribeSecret", body).await.json();
    let text = refused["Message"].as_str().unwrap();
    let reason = "because no identity-based policy allows the secretsmanager:DescribeSecret action";
    assert!(text.ends_with(reason), "{text}");
}

#[tokio::test]
async fn managed_policies_narrow_too_as_they_are_at_the_time() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let alice = h.a_user("alice", None).await;
    let role = a_role(&h, "reader", &trusting(ALICE, &json!("sts:AssumeRole"))).await;
    allow_role(&h, "reader", &allowing(&json!("*"), "*")).await;
    let read_only = allowing(&json!("secretsmanager:GetSecretValue"), "*");
    a_managed_policy(&h, "read", &read_only).await;
    let arns = [
        ("PolicyArns.member.1.arn", READ_ONLY),
        (
            "PolicyArns.member.2.arn",
            "arn:aws:iam::aws:policy/IAMFullAccess",
        ),
    ];

    let session = holder(&assume(&h, &alice, &role, &arns).await);

    read(&h, &session, "db").await.ok();
    h.iam_as(&session, "GetRole", &[("RoleName", "reader")])
        .await
        .xml_ok();
    let refused = h.call_as(&session, "ListSecrets", json!({})).await;
    assert_eq!(refused.json()["__type"], "AccessDeniedException");
    let wider = allowing(&json!("secretsmanager:*"), "*").to_string();
    let version = [
        ("PolicyArn", READ_ONLY),
        ("PolicyDocument", &wider),
        ("SetAsDefault", "true"),
    ];
    h.iam("CreatePolicyVersion", &version).await.xml_ok();
    h.call_as(&session, "ListSecrets", json!({})).await.ok();
}

#[tokio::test]
async fn a_session_ends_with_a_policy_that_narrows_it() {
    let h = Harness::new().await;
    let (alice, role) = alice_and_reader(&h).await;
    a_managed_policy(&h, "read", &allowing(&json!("secretsmanager:*"), "*")).await;
    let arns = [("PolicyArns.member.1.arn", READ_ONLY)];
    let session = holder(&assume(&h, &alice, &role, &arns).await);
    identity(&h, &session).await.xml_ok();

    h.iam("DeletePolicy", &[("PolicyArn", READ_ONLY)])
        .await
        .xml_ok();

    let ended = identity(&h, &session).await;
    ended.xml_refused(403, "InvalidClientTokenId", INVALID_TOKEN);
}

#[tokio::test]
async fn a_managed_policy_that_is_not_there_is_refused() {
    let h = Harness::new().await;
    let (alice, role) = alice_and_reader(&h).await;

    for arn in [
        READ_ONLY,
        "arn:aws:iam::aws:policy/Nothing",
        "arn:aws:iam::999988887777:policy/read",
    ] {
        let reply = assume(&h, &alice, &role, &[("PolicyArns.member.1.arn", arn)]).await;
        let text = format!("Policy {arn} does not exist or is not attachable.");
        reply.xml_refused(400, "ValidationError", &text);
    }
    let names: Vec<String> = (1..=11)
        .map(|n| format!("PolicyArns.member.{n}.arn"))
        .collect();
    let eleven: Vec<_> = names
        .iter()
        .map(|name| (name.as_str(), "arn:aws:iam::aws:policy/AdministratorAccess"))
        .collect();
    let reply = assume(&h, &alice, &role, &eleven).await;
    assert_eq!(reply.xml()["Error"]["Code"], "ValidationError");
}

#[tokio::test]
async fn a_text_that_is_no_policy_is_refused_with_its_place() {
    let h = Harness::new().await;
    let (alice, role) = alice_and_reader(&h).await;

    for text in [
        "{",
        "{}",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Maybe","Action":"*","Resource":"*"}]}"#,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#,
    ] {
        let reply = assume(&h, &alice, &role, &[("Policy", text)]).await;
        assert_eq!(reply.status, 400);
        let error = &reply.xml()["Error"];
        assert_eq!(error["Code"], "MalformedPolicyDocument", "{text}");
        let message = error["Message"].as_str().unwrap();
        assert!(message.contains("line 1, column "), "{message}");
    }
    let long = allowing(&json!("*"), &"x".repeat(2048)).to_string();
    let reply = assume(&h, &alice, &role, &[("Policy", &long)]).await;
    assert_eq!(reply.xml()["Error"]["Code"], "ValidationError");
}

#[tokio::test]
async fn what_does_not_fit_into_a_token_is_refused() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", None).await;
    let both = json!(["sts:AssumeRole", "sts:TagSession"]);
    let role = a_role(&h, "reader", &trusting(ALICE, &both)).await;
    let value = "v".repeat(256);
    let tags = |count: usize| -> Vec<(String, String)> {
        (1..=count)
            .flat_map(|n| {
                [
                    (format!("Tags.member.{n}.Key"), format!("key-{n:04}")),
                    (format!("Tags.member.{n}.Value"), value.clone()),
                ]
            })
            .collect()
    };
    let borrowed = |tags: &[(String, String)]| -> Vec<(String, String)> { tags.to_vec() };

    let fits = borrowed(&tags(31));
    let fits: Vec<_> = fits.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let packed = assume(&h, &alice, &role, &fits).await;
    let too_many = tags(32);
    let too_many: Vec<_> = too_many
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    let refused = assume(&h, &alice, &role, &too_many).await;

    assert_eq!(
        packed.xml_ok()["AssumeRoleResult"]["PackedPolicySize"],
        "100"
    );
    identity(&h, &holder(&packed)).await.xml_ok();
    let text = "Packed policy consumes 104% of allotted space, please use smaller policy.";
    refused.xml_refused(400, "PackedPolicyTooLarge", text);
}
