//! One file for each operation, and what several operations share.

mod create_access_key;
mod put_user_policy;

use serde_json::{Value, json};

/// A policy that allows `actions` on everything.
fn allowing(actions: &[&str]) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": { "Effect": "Allow", "Action": actions, "Resource": "*" },
    })
}

/// AWS's refusal of the user `user` of the first account.
fn denial(user: &str, action: &str, resource: &str) -> String {
    format!(
        "User: arn:aws:iam::123456789012:user/{user} is not authorized to perform: iam:{action} \
         on resource: {resource} because no identity-based policy allows the iam:{action} action"
    )
}
