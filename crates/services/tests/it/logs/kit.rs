//! The shortest way to logs.

use serde_json::{Value, json};
use std::sync::Arc;
use strongroom_services::lambda::Concurrency;
use strongroom_services::ports::{Executors, LogLine};
use testkit::{Harness, ScriptedExecutor, returning};

pub(super) const GROUP: &str = "/aws/lambda/f";

/// A policy that allows one thing.
pub(super) fn allow(action: &str, resource: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": action, "Resource": resource }],
    })
}

/// The function `f`, whose role has this policy.
pub(super) async fn with_role(policy: Option<&Value>) -> (Harness, Arc<ScriptedExecutor>) {
    let executor = Arc::new(ScriptedExecutor::default());
    let executors = Executors {
        process: Some(executor.clone()),
        ..Executors::default()
    };
    let h = Harness::running(executors, Concurrency::default()).await;
    let role = h.a_function_role("r", policy).await;
    h.a_function("f", &role).await;
    (h, executor)
}

/// The same, whose role may write logs.
pub(super) async fn stage() -> (Harness, Arc<ScriptedExecutor>) {
    with_role(Some(&allow("logs:*", "*"))).await
}

/// Runs `f`, which logs these lines, and gives the name of the stream.
pub(super) async fn run(h: &Harness, executor: &ScriptedExecutor, lines: &[&str]) -> String {
    let at = h.now();
    let log: Vec<LogLine> = lines
        .iter()
        .map(|text| LogLine {
            at,
            text: (*text).to_owned(),
        })
        .collect();
    executor.will(move |_| {
        let mut executed = returning(b"null");
        executed.log = log.clone();
        Ok(executed)
    });
    let reply = h.lambda("Invoke", json!({ "FunctionName": "f" })).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let seen = executor.seen();
    seen.last().unwrap()["logStream"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// The texts of events.
pub(super) fn texts(page: &Value) -> Vec<&str> {
    let events = page["events"].as_array().unwrap().iter();
    events
        .map(|event| event["message"].as_str().unwrap())
        .collect()
}
