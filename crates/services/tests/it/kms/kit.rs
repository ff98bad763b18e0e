//! The shortest way to set a stage in KMS.

use data_encoding::BASE64;
use serde_json::{Value, json};
use testkit::{Harness, Reply, with};

/// The id of a key that is not there.
pub(super) const NO_KEY: &str = "11111111-2222-4333-8444-555555555555";
/// The ARN of the same in the first account.
pub(super) const NO_KEY_ARN: &str =
    "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-4333-8444-555555555555";

/// `secret` in base64.
pub(super) const SECRET: &str = "c2VjcmV0";

/// The key's id in its ARN.
pub(super) fn id_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap()
}

/// What DescribeKey shows.
pub(super) async fn described(h: &Harness, key: &str) -> Value {
    let shown = h.kms("DescribeKey", json!({ "KeyId": key })).await.ok();
    shown["KeyMetadata"].clone()
}

/// A statement of a policy; with a principal, of a key policy.
pub(super) fn statement(effect: &str, principal: Option<&str>, action: &str) -> Value {
    let statement = json!({ "Effect": effect, "Action": action, "Resource": "*" });
    match principal {
        Some(name) => with(statement, json!({ "Principal": { "AWS": name } })),
        None => statement,
    }
}

/// A policy of these statements.
pub(super) fn policy(statements: &[Value]) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// The statement that delegates to the account.
pub(super) fn delegation() -> Value {
    statement("Allow", Some("arn:aws:iam::123456789012:root"), "kms:*")
}

/// A key with a policy of these statements beside the delegation.
pub(super) async fn a_key_with(h: &Harness, statements: &[Value]) -> String {
    let statements = [&[delegation()], statements].concat();
    let body = json!({ "Policy": policy(&statements).to_string() });
    let created = h.kms("CreateKey", body).await.ok();
    created["KeyMetadata"]["Arn"].as_str().unwrap().to_owned()
}

/// A ciphertext of `secret` under `key`, in an encryption context.
pub(super) async fn encrypted(h: &Harness, key: &str, context: Value) -> String {
    let body = json!({ "KeyId": key, "Plaintext": SECRET, "EncryptionContext": context });
    let sealed = h.kms("Encrypt", body).await.ok();
    sealed["CiphertextBlob"].as_str().unwrap().to_owned()
}

/// The bytes of a member in base64.
pub(super) fn bytes(value: &Value) -> Vec<u8> {
    BASE64.decode(value.as_str().unwrap().as_bytes()).unwrap()
}

/// AWS's refusal of `arn`, who has no leave by policies of the kind `missing`.
pub(super) fn denial(caller: &str, operation: &str, resource: &str, missing: &str) -> String {
    format!(
        "User: {caller} is not authorized to perform: kms:{operation} on resource: {resource} \
         because no {missing} policy allows the kms:{operation} action"
    )
}

/// Asserts that KMS refused for want of leave.
#[track_caller]
pub(super) fn assert_denied(reply: &Reply, caller: &str, operation: &str, resource: &str) {
    let text = denial(caller, operation, resource, "identity-based");
    reply.refused("AccessDeniedException", &text);
}

/// Every use of `key`, whose ciphertext of `secret` without context is `blob`.
pub(super) fn uses_of(key: &str, blob: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("Decrypt", json!({ "CiphertextBlob": blob })),
        ("Encrypt", json!({ "KeyId": key, "Plaintext": SECRET })),
        (
            "GenerateDataKey",
            json!({ "KeyId": key, "KeySpec": "AES_256" }),
        ),
        (
            "GenerateDataKeyWithoutPlaintext",
            json!({ "KeyId": key, "KeySpec": "AES_256" }),
        ),
        (
            "ReEncrypt",
            json!({ "CiphertextBlob": blob, "DestinationKeyId": key }),
        ),
    ]
}
