//! More ways to set a stage: states of keys, aliases, grants, and what must not have changed.

use super::kit::*;
use serde_json::{Value, json};
use testkit::{Caller, Harness, Reply};

/// The root of the first account.
pub(super) const ROOT: &str = "arn:aws:iam::123456789012:root";
/// An account beside the first.
pub(super) const OTHER: &str = "999988887777";

/// The ARN of a user of the first account.
pub(super) fn user_arn(name: &str) -> String {
    format!("arn:aws:iam::123456789012:user/{name}")
}

/// The ARN of an alias of the first account.
pub(super) fn alias_arn(name: &str) -> String {
    format!("arn:aws:kms:us-east-1:123456789012:{name}")
}

/// A key that is disabled.
pub(super) async fn a_disabled_key(h: &Harness) -> String {
    let key = h.a_key().await;
    h.kms("DisableKey", json!({ "KeyId": key })).await.ok();
    key
}

/// A key that is going to be deleted.
pub(super) async fn a_doomed_key(h: &Harness) -> String {
    let key = h.a_key().await;
    doom(h, &key).await;
    key
}

/// Schedules the deletion of a key.
pub(super) async fn doom(h: &Harness, key: &str) {
    let body = json!({ "KeyId": key, "PendingWindowInDays": 7 });
    h.kms("ScheduleKeyDeletion", body).await.ok();
}

/// Gives a key an alias.
pub(super) async fn alias(h: &Harness, name: &str, key: &str) {
    let body = json!({ "AliasName": name, "TargetKeyId": key });
    h.kms("CreateAlias", body).await.ok();
}

/// What the aliases of the first account mean: names and ids of keys.
pub(super) async fn aliases(h: &Harness) -> Vec<(String, String)> {
    let listed = h.kms("ListAliases", json!({})).await.ok();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let aliases = listed["Aliases"].as_array().unwrap().iter();
    aliases
        .map(|one| (text(&one["AliasName"]), text(&one["TargetKeyId"])))
        .collect()
}

/// A grant on a key for some operations: its token and its id.
pub(super) async fn a_grant(h: &Harness, key: &str, grantee: &str, operations: &[&str]) -> Value {
    let body = json!({ "KeyId": key, "GranteePrincipal": grantee, "Operations": operations });
    h.kms("CreateGrant", body).await.ok()
}

/// The grants on a key.
pub(super) async fn grants(h: &Harness, key: &str) -> Vec<Value> {
    let listed = h.kms("ListGrants", json!({ "KeyId": key })).await.ok();
    listed["Grants"].as_array().unwrap().clone()
}

/// Encrypts as `caller`, in an encryption context.
pub(super) async fn encrypt_as(h: &Harness, caller: &Caller, key: &str, context: Value) -> Reply {
    let body = json!({ "KeyId": key, "Plaintext": SECRET, "EncryptionContext": context });
    h.kms_as(caller, "Encrypt", body).await
}

/// Asserts that an answer is an empty success.
#[track_caller]
pub(super) fn assert_done(reply: &Reply) {
    assert_eq!(reply.ok(), json!({}));
}

/// Asserts that a caller was refused for want of leave, whatever is missing.
#[track_caller]
pub(super) fn assert_no_leave(reply: &Reply, operation: &str) {
    let body = reply.json();
    assert_eq!(body["__type"], "AccessDeniedException", "{body}");
    let text = body["Message"].as_str().unwrap();
    let asked = format!("is not authorized to perform: kms:{operation} on resource: ");
    assert!(text.contains(&asked), "{text}");
}

/// Asserts what an operation that takes an enabled key of the caller's own account refuses: a key
/// that is not there, an alias, one of another account, and a caller without leave.
pub(super) async fn assert_manages_own_keys_only(h: &Harness, operation: &str, body: &Value) {
    let with = |key: &str| testkit::with(body.clone(), json!({ "KeyId": key }));
    let key = h.a_key().await;
    let other = h.another_account(OTHER).await;
    let nobody = h.a_user("without-leave", None).await;

    let missing = h.kms(operation, with(NO_KEY)).await;
    let alias = h.kms(operation, with("alias/x")).await;
    let foreign = h.kms_as(&other, operation, with(&key)).await;
    let refused = h.kms_as(&nobody, operation, with(&key)).await;

    let text = format!("Key '{NO_KEY_ARN}' does not exist");
    missing.refused("NotFoundException", &text);
    alias.refused("NotFoundException", "Invalid keyId 'alias/x'");
    assert_no_leave(&foreign, operation);
    assert_denied(&refused, &user_arn("without-leave"), operation, &key);
}

/// Asserts that an operation is refused for a key that is disabled, and for one that is going to
/// be deleted.
pub(super) async fn assert_needs_enabled_key(h: &Harness, operation: &str, body: &Value) {
    let key = a_disabled_key(h).await;
    let body_of = |key: &str| testkit::with(body.clone(), json!({ "KeyId": key }));
    let reply = h.kms(operation, body_of(&key)).await;
    reply.refused("DisabledException", &format!("{key} is disabled."));

    assert_refuses_doomed_key(h, operation, body).await;
}

/// Asserts that an operation is refused for a key that is going to be deleted.
pub(super) async fn assert_refuses_doomed_key(h: &Harness, operation: &str, body: &Value) {
    let key = a_doomed_key(h).await;
    let body = testkit::with(body.clone(), json!({ "KeyId": key }));
    let reply = h.kms(operation, body).await;
    reply.refused(
        "KMSInvalidStateException",
        &format!("{key} is pending deletion."),
    );
}
