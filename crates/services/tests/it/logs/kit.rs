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

/// A group `g` with an empty stream `s`.
pub(super) async fn a_group() -> Harness {
    let h = Harness::new().await;
    h.logs("CreateLogGroup", json!({ "logGroupName": "g" }))
        .await
        .ok();
    let body = json!({ "logGroupName": "g", "logStreamName": "s" });
    h.logs("CreateLogStream", body).await.ok();
    h
}

/// Appends lines to that stream, now.
pub(super) async fn put(h: &Harness, messages: &[&str]) {
    let events: Vec<Value> = messages
        .iter()
        .map(|message| json!({ "timestamp": h.now().as_millis(), "message": message }))
        .collect();
    let body = json!({ "logGroupName": "g", "logStreamName": "s", "logEvents": events });
    let put = h.logs("PutLogEvents", body).await.ok();
    assert_eq!(put["rejectedLogEventsInfo"], Value::Null);
}

/// Its lines.
pub(super) async fn lines(h: &Harness) -> Vec<String> {
    let body = json!({ "logGroupName": "g", "logStreamName": "s" });
    let page = h.logs("GetLogEvents", body).await.ok();
    texts(&page).into_iter().map(str::to_owned).collect()
}

/// Has the lines of the group that a pattern matches counted into the metric `M` of `N`.
pub(super) async fn a_filter(h: &Harness, pattern: &str) {
    let body = json!({
        "logGroupName": "g", "filterName": "f", "filterPattern": pattern,
        "metricTransformations": [
            { "metricName": "M", "metricNamespace": "N", "metricValue": "1" },
        ],
    });
    h.logs("PutMetricFilter", body).await.ok();
}

/// What that metric counted, minute by minute.
pub(super) async fn sums(h: &Harness) -> Value {
    let body = json!({
        "Namespace": "N", "MetricName": "M", "StartTime": 1_768_478_400, "EndTime": 1_768_482_000,
        "Period": 60, "Statistics": ["Sum"],
    });
    let got = h.cloudwatch("GetMetricStatistics", body).await.json();
    let points = got["Datapoints"].as_array().unwrap().iter();
    points.map(|point| point["Sum"].clone()).collect()
}

/// The tags of the group.
pub(super) async fn tags(h: &Harness) -> Value {
    let body = json!({ "logGroupName": "g" });
    h.logs("ListTagsLogGroup", body).await.ok()["tags"].clone()
}

/// The names of all groups.
pub(super) async fn groups(h: &Harness) -> Vec<String> {
    let listed = h.logs("DescribeLogGroups", json!({})).await.ok();
    let groups = listed["logGroups"].as_array().unwrap().iter();
    groups
        .map(|group| group["logGroupName"].as_str().unwrap().to_owned())
        .collect()
}
