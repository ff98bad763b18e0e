//! The shortest way to set a stage in Lambda.

use serde_json::{Value, json};
use std::sync::Arc;
use strongroom_services::lambda::Concurrency;
use strongroom_services::ports::Executors;
use testkit::{EMPTY_ZIP, Harness, ScriptedExecutor, with};

pub(crate) const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:f";

/// Functions of every form, run by a script.
pub(crate) async fn running() -> (Harness, Arc<ScriptedExecutor>) {
    let executor = Arc::new(ScriptedExecutor::default());
    let executors = Executors {
        process: Some(executor.clone()),
        builtin: Some(executor.clone()),
        remote: Some(executor.clone()),
    };
    let h = Harness::running(executors, Concurrency::default()).await;
    (h, executor)
}

/// The same, with the function `f`, whose role may write logs.
pub(crate) async fn with_function() -> (Harness, Arc<ScriptedExecutor>) {
    let (h, executor) = running().await;
    let role = h.a_function_role("r", Some(&allow("logs:*", "*"))).await;
    h.a_function("f", &role).await;
    (h, executor)
}

/// What CreateFunction takes at least.
pub(crate) fn creation(role: &str) -> Value {
    json!({
        "FunctionName": "f", "Runtime": "python3.12", "Handler": "f.handler", "Role": role,
        "Code": { "ZipFile": EMPTY_ZIP },
    })
}

/// The same with other members.
pub(crate) fn creating(role: &str, more: Value) -> Value {
    with(creation(role), more)
}

/// A policy that allows one thing.
pub(crate) fn allow(action: &str, resource: &str) -> Value {
    policy(&[json!({ "Effect": "Allow", "Action": action, "Resource": resource })])
}

/// A policy of these statements.
pub(crate) fn policy(statements: &[Value]) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// AWS's refusal of `user/<name>`.
pub(crate) fn denial(user: &str, action: &str, resource: &str) -> String {
    format!(
        "User: arn:aws:iam::123456789012:user/{user} is not authorized to perform: {action} on \
         resource: {resource} because no identity-based policy allows the {action} action"
    )
}

/// What GetFunction shows, revision apart.
pub(crate) async fn shown(h: &Harness) -> Value {
    let shown = h
        .lambda("GetFunction", json!({ "FunctionName": "f" }))
        .await;
    shown.done(200)
}

/// The id of a function's revision.
pub(crate) async fn revision(h: &Harness) -> Value {
    shown(h).await["Configuration"]["RevisionId"].clone()
}
