//! One file for each operation, and what several operations share.

mod access;
mod batch_get_secret_value;
mod cancel_rotate_secret;
mod create_secret;
mod customer_keys;
mod delete_resource_policy;
mod delete_secret;
mod describe_secret;
mod get_random_password;
mod get_resource_policy;
mod get_secret_value;
mod identifiers;
mod kms_calls;
mod last_access;
mod list_resource_policies;
mod list_secret_version_ids;
mod list_secrets;
mod paging;
mod purging;
mod put_resource_policy;
mod put_secret_value;
mod quotas;
mod restore_secret;
mod rotate_secret;
mod rotation;
mod self_lock_out;
mod tag_resource;
mod tag_twins;
mod unsupported;
mod untag_resource;
mod update_secret;
mod update_secret_version_stage;
mod validate_resource_policy;

use serde_json::{Value, json};
use testkit::{token, with};

const NOT_FOUND: &str = "Secrets Manager can't find the specified secret.";
const DELETED: &str =
    "You can't perform this operation on the secret because it was marked for deletion.";
const DELETED_BEFORE: &str = "You can't perform this operation on the secret because it was \
                              already scheduled for deletion.";
const INVALID_NAME: &str = "Invalid name. Must be a valid name containing alphanumeric \
                            characters, or any of the following: -/_+=.@!";
const NO_TOKEN: &str =
    "You must provide a ClientRequestToken value. We recommend a UUID-type value.";
const BAD_PAGE: &str = "The NextToken value is invalid.";

/// The first moment of a harness, in AWS's seconds.
const NOON: i64 = 1_768_478_400;
/// Midnight of that day.
const MIDNIGHT: i64 = NOON - 43_200;
const DAY: i64 = 86_400;

/// Every operation that takes a `SecretId`, with a request that succeeds on a secret made by
/// `Harness::a_secret`.
fn operations_on(secret_id: &str) -> Vec<(&'static str, Value)> {
    let bodies = [
        ("DeleteResourcePolicy", json!({})),
        ("DeleteSecret", json!({})),
        ("DescribeSecret", json!({})),
        ("GetResourcePolicy", json!({})),
        ("GetSecretValue", json!({})),
        ("ListResourcePolicies", json!({})),
        ("ListSecretVersionIds", json!({})),
        ("PutResourcePolicy", json!({ "ResourcePolicy": HARMLESS })),
        (
            "PutSecretValue",
            json!({ "SecretString": "new", "ClientRequestToken": token(9) }),
        ),
        ("RestoreSecret", json!({})),
        (
            "TagResource",
            json!({ "Tags": [{ "Key": "k", "Value": "v" }] }),
        ),
        ("UntagResource", json!({ "TagKeys": ["k"] })),
        ("UpdateSecret", json!({ "Description": "new" })),
        (
            "UpdateSecretVersionStage",
            json!({ "VersionStage": "BLUE", "MoveToVersionId": token(0) }),
        ),
        (
            "ValidateResourcePolicy",
            json!({ "ResourcePolicy": HARMLESS }),
        ),
    ];
    bodies
        .map(|(name, body)| (name, with(body, json!({ "SecretId": secret_id }))))
        .into()
}

/// A resource policy that allows nothing that is not allowed without it.
const HARMLESS: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"secretsmanager:*","Resource":"*"}]}"#;

/// A resource policy that lets `principal`, an ARN, an account or `*`, do `actions`.
fn a_policy(principal: &str, actions: &Value) -> Value {
    let statement = json!({
        "Effect": "Allow", "Principal": { "AWS": principal }, "Action": actions, "Resource": "*",
    });
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

/// AWS's refusal of the root of `account`.
fn denial(account: &str, operation: &str, resource: &str) -> String {
    format!(
        "User: arn:aws:iam::{account}:root is not authorized to perform: \
         secretsmanager:{operation} on resource: {resource} because no resource-based policy \
         allows the secretsmanager:{operation} action"
    )
}
