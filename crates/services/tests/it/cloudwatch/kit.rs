//! The shortest way to metrics and alarms.

use serde_json::{Value, json};
use testkit::{Caller, Harness, Reply, with};

pub(super) const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:t";

/// Calls an operation, which must succeed.
#[track_caller]
pub(super) fn ok(reply: &Reply) -> Value {
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(reply.content_type, "application/x-amz-json-1.0");
    reply.json()
}

/// Asserts status, exception and text.
#[track_caller]
pub(super) fn refused(reply: &Reply, status: u16, code: &str, message: &str) {
    let expected = json!({ "__type": code, "message": message });
    assert_eq!((reply.status, reply.json()), (status, expected));
}

/// Adds values to the metric `M` of `N`, now.
pub(super) async fn put(h: &Harness, values: &[f64]) {
    let data: Vec<Value> = values
        .iter()
        .map(|value| json!({ "MetricName": "M", "Value": value }))
        .collect();
    let body = json!({ "Namespace": "N", "MetricData": data });
    ok(&h.cloudwatch("PutMetricData", body).await);
}

/// An alarm `a` on one period of a minute of that metric, with `more`.
pub(super) fn alarm(more: Value) -> Value {
    let body = json!({
        "AlarmName": "a", "Namespace": "N", "MetricName": "M", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    });
    with(body, more)
}

pub(super) async fn an_alarm(h: &Harness, more: Value) {
    ok(&h.cloudwatch("PutMetricAlarm", alarm(more)).await);
}

/// The alarm `a`, as it is described.
pub(super) async fn described(h: &Harness) -> Value {
    let body = json!({ "AlarmNames": ["a"] });
    let described = ok(&h.cloudwatch("DescribeAlarms", body).await);
    described["MetricAlarms"][0].clone()
}

/// Judges what is due, and gives the state of the alarm `a`.
pub(super) async fn judged(h: &Harness) -> String {
    h.judge().await;
    let alarm = described(h).await;
    alarm["StateValue"].as_str().unwrap().to_owned()
}

/// A policy that allows one thing.
pub(super) fn allow(action: &str, resource: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": action, "Resource": resource }],
    })
}

/// Adds a value of each unit in each minute of the last four hours to the metric `M` of `N`. Gives how many
/// buckets that makes by the minute.
pub(super) async fn much_data(h: &Harness, caller: &Caller) -> usize {
    let now = h.now().as_millis() / 1_000;
    let minutes = (1..=240).map(|minute| now - minute * 60);
    let data: Vec<Value> = minutes
        .flat_map(|second| UNITS.map(|unit| (second, unit)))
        .map(|(second, unit)| {
            json!({ "MetricName": "M", "Value": second, "Unit": unit, "Timestamp": second })
        })
        .collect();
    for part in data.chunks(1_000) {
        let body = json!({ "Namespace": "N", "MetricData": part });
        ok(&h.cloudwatch_as(caller, "PutMetricData", body).await);
    }
    data.len()
}

const UNITS: [&str; 27] = [
    "None",
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
];
