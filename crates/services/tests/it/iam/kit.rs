//! Roles, policies and providers to test with, and a picture of everything there is.

use super::{denial, done, items, told};
use serde_json::{Value, json};
use testkit::Harness;

pub(super) const NOW: &str = "2026-01-15T12:00:00Z";
pub(super) const READER: (&str, &str) = ("RoleName", "Reader");
pub(super) const POLICY: &str = "arn:aws:iam::123456789012:policy/team/Secrets";
/// How denials call it.
pub(super) const THE_POLICY: &str = "policy arn:aws:iam::123456789012:policy/team/Secrets";
pub(super) const ROLE: &str = "arn:aws:iam::123456789012:role/team/Reader";
pub(super) const PROVIDER: &str = "arn:aws:iam::123456789012:oidc-provider/issuer.example/id/1";

/// A document that lets the account's own identities assume a role.
pub(crate) fn trust() -> String {
    trusting(&json!({ "AWS": "arn:aws:iam::123456789012:root" }))
}

/// A document that lets `principal` assume a role.
pub(super) fn trusting(principal: &Value) -> String {
    let statement =
        json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal });
    json!({ "Version": "2012-10-17", "Statement": statement }).to_string()
}

/// A document that allows one action.
pub(super) fn document(action: &str) -> String {
    super::allowing(&[action]).to_string()
}

/// As answers show a document.
pub(super) fn encoded(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
    text.bytes()
        .map(|b| match plain(b) {
            true => char::from(b).to_string(),
            false => format!("%{b:02X}"),
        })
        .collect()
}

/// The role [`ROLE`].
pub(super) async fn a_role(h: &Harness) {
    let trust = trust();
    let parameters = [
        READER,
        ("Path", "/team/"),
        ("AssumeRolePolicyDocument", &trust),
        ("Description", "reads one secret"),
        ("Tags.member.1.Key", "Team"),
        ("Tags.member.1.Value", "red"),
    ];
    h.iam("CreateRole", &parameters).await.xml_ok();
}

/// The policy [`POLICY`], with one version that allows `secretsmanager:ListSecrets`.
pub(super) async fn a_policy(h: &Harness) {
    let text = document("secretsmanager:ListSecrets");
    let parameters = [
        ("PolicyName", "Secrets"),
        ("Path", "/team/"),
        ("PolicyDocument", &text),
        ("Description", "lists secrets"),
        ("Tags.member.1.Key", "Team"),
        ("Tags.member.1.Value", "red"),
    ];
    h.iam("CreatePolicy", &parameters).await.xml_ok();
}

/// The same, with `more` versions that allow `s3:A2`, `s3:A3` and so on.
pub(super) async fn a_policy_with_versions(h: &Harness, more: usize) {
    a_policy(h).await;
    for number in 2..more + 2 {
        let text = document(&format!("s3:A{number}"));
        let parameters = [("PolicyArn", POLICY), ("PolicyDocument", &text)];
        h.iam("CreatePolicyVersion", &parameters).await.xml_ok();
    }
}

/// The provider [`PROVIDER`].
pub(super) async fn a_provider(h: &Harness) {
    let thumbprint = "AB".repeat(20);
    let parameters = [
        ("Url", "https://issuer.example/id/1"),
        ("ClientIDList.member.1", "sts.amazonaws.com"),
        ("ThumbprintList.member.1", &thumbprint),
        ("Tags.member.1.Key", "Team"),
        ("Tags.member.1.Value", "red"),
    ];
    h.iam("CreateOpenIDConnectProvider", &parameters)
        .await
        .xml_ok();
}

/// A role, a policy and a provider.
pub(crate) async fn one_of_each(h: &Harness) {
    a_role(h).await;
    a_policy(h).await;
    a_provider(h).await;
}

/// Everything that the API shows of the first account's identities, policies and providers.
pub(crate) async fn picture(h: &Harness) -> Value {
    let details = told(h, "GetAccountAuthorizationDetails", &[("MaxItems", "1000")]).await;
    let mut all = vec![details];
    let list = told(h, "ListOpenIDConnectProviders", &[]).await;
    for provider in items(list["OpenIDConnectProviderList"].clone()) {
        let arn = provider["Arn"].as_str().unwrap();
        let arn = [("OpenIDConnectProviderArn", arn)];
        all.push(told(h, "GetOpenIDConnectProvider", &arn).await);
    }
    Value::Array(all)
}

/// Asserts that a user without policies is refused, whether or not what it names exists, and that
/// nothing changed.
pub(super) async fn assert_denied(
    action: &str,
    parameters: &[(&str, &str)],
    resource: &str,
    reason: Option<&str>,
) {
    let h = Harness::new().await;
    let mallory = h.a_user("mallory", None).await;
    let text = match reason {
        None => denial("mallory", action, resource),
        Some(reason) => format!(
            "User: arn:aws:iam::123456789012:user/mallory is not authorized to perform: \
             iam:{action} on resource: {resource} {reason}"
        ),
    };

    let refused = h.iam_as(&mallory, action, parameters).await;
    refused.xml_refused(403, "AccessDenied", &text);

    one_of_each(&h).await;
    let before = picture(&h).await;
    let refused = h.iam_as(&mallory, action, parameters).await;

    // A role's ARN has its path once the role is there.
    let message = refused.xml()["Error"]["Message"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(refused.status, 403);
    assert_eq!(message.replace("role/team/Reader", "role/Reader"), text);
    assert_eq!(picture(&h).await, before);
}

/// Asserts that root is refused so, and that nothing changed.
pub(super) async fn assert_refused(
    h: &Harness,
    action: &str,
    parameters: &[(&str, &str)],
    (status, code, message): (u16, &str, &str),
) {
    let before = picture(h).await;

    let refused = h.iam(action, parameters).await;

    refused.xml_refused(status, code, message);
    assert_eq!(picture(h).await, before);
}

/// Attaches [`POLICY`] to [`ROLE`].
pub(super) async fn attached(h: &Harness) {
    let parameters = [READER, ("PolicyArn", POLICY)];
    done(h, "AttachRolePolicy", &parameters).await;
}

/// What `GetRole` tells of [`ROLE`].
pub(super) async fn the_role(h: &Harness) -> Value {
    told(h, "GetRole", &[READER]).await["Role"].take()
}

/// What `GetPolicy` tells of [`POLICY`].
pub(super) async fn the_policy(h: &Harness) -> Value {
    told(h, "GetPolicy", &[("PolicyArn", POLICY)]).await["Policy"].take()
}

/// What `GetOpenIDConnectProvider` tells of [`PROVIDER`].
pub(super) async fn the_provider(h: &Harness) -> Value {
    let arn = [("OpenIDConnectProviderArn", PROVIDER)];
    told(h, "GetOpenIDConnectProvider", &arn).await
}

pub(super) const NO_ROLE: (u16, &str, &str) = (
    404,
    "NoSuchEntity",
    "The role with name Reader cannot be found.",
);
pub(super) const NO_POLICY: (u16, &str, &str) = (
    404,
    "NoSuchEntity",
    "Policy arn:aws:iam::123456789012:policy/team/Secrets was not found.",
);
pub(super) const NO_PROVIDER: (u16, &str, &str) = (
    404,
    "NoSuchEntity",
    "OpenIDConnect Provider not found for arn \
     arn:aws:iam::123456789012:oidc-provider/issuer.example/id/1",
);
