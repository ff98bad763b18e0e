//! What the operator sees.

use super::kit::{Act, FUNCTION, Rig};
use base::{AccountId, RegionName};
use serde_json::{Value, json};
use testkit::token;

#[tokio::test]
async fn a_rotation_is_shown_with_its_steps_and_their_logs() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    rig.rotator.script("setSecret", [Act::Fail]);
    let more = json!({ "RotationRules": { "ScheduleExpression": "rate(10 days)" } });
    rig.rotate_with(1, more).await.ok();
    rig.work().await;

    let shown = rig.shown().await;

    let next = shown["NextAttempt"].as_f64().unwrap();
    assert!((NOON as f64..=NOON as f64 + 1.0).contains(&next));
    let call = |step: &str, n: usize, outcome: Value| {
        let call = json!({
            "Step": step, "Attempt": 1, "Began": NOON, "Ended": NOON,
            "RequestId": format!("call-{n}"), "LogGroup": "/aws/lambda/rotate",
            "LogStream": "stream", "Log": [format!("call-{n} in stream")],
        });
        testkit::with(call, outcome)
    };
    assert_eq!(
        ours(&shown),
        json!({
            "NextAttempt": shown["NextAttempt"],
            "NextWindows": windows(),
            "Runs": [{
                "VersionId": token(1), "Kind": "rotation", "Cause": "request",
                "Function": FUNCTION, "Outcome": "in progress", "Began": NOON, "Attempts": 2,
                "Calls": [
                    call("createSecret", 1, json!({ "Outcome": "succeeded" })),
                    call("setSecret", 2, json!({
                        "Outcome": "failed", "ErrorType": "ValueError",
                        "ErrorMessage": "no connection",
                    })),
                ],
            }],
        })
    );
}

/// 2026-01-15T12:00:00Z.
const NOON: i64 = 1_768_478_400;

/// The members that `DescribeSecret` does not have.
fn ours(shown: &Value) -> Value {
    let members = shown.as_object().unwrap().iter();
    let ours = members.filter(|(name, _)| OURS.contains(&name.as_str()));
    ours.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The others.
fn shared(shown: &Value) -> Value {
    let members = shown.as_object().unwrap().iter();
    let shared = members.filter(|(name, _)| !OURS.contains(&name.as_str()));
    shared
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

const OURS: [&str; 4] = ["NextAttempt", "Worker", "NextWindows", "Runs"];

fn windows() -> Value {
    let midnight = NOON - 43_200;
    let day = 86_400;
    [10, 20, 30, 40, 50]
        .into_iter()
        .map(|n| json!({ "Opens": midnight + n * day, "Closes": midnight + (n + 1) * day }))
        .collect()
}

#[tokio::test]
async fn what_is_shown_is_what_describe_secret_answers_and_more() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    let plain = rig.describe("db").await;
    assert_eq!(shared(&rig.shown().await), plain);

    let db = json!({ "SecretId": "db" });
    let tags = json!({ "SecretId": "db", "Tags": [{ "Key": "a", "Value": "b" }] });
    let rules = json!({
        "RotationRules": { "ScheduleExpression": "rate(10 days)", "Duration": "3h" },
    });
    rig.h.call("TagResource", tags).await.ok();
    rig.rotate_with(1, rules).await.ok();
    rig.work().await;
    let rotated = rig.describe("db").await;
    assert_eq!(shared(&rig.shown().await), rotated);
    let expected = json!({
        "AutomaticallyAfterDays": 10, "Duration": "3h", "ScheduleExpression": "rate(10 days)",
    });
    assert_eq!(rotated["RotationRules"], expected);
    assert!(rotated["LastRotatedDate"].is_number() && rotated["NextRotationDate"].is_number());

    for ending in ["DeleteSecret", "RestoreSecret", "CancelRotateSecret"] {
        rig.h.call(ending, db.clone()).await.ok();
        let ended = rig.describe("db").await;
        let shown = rig.shown().await;
        assert_eq!(shared(&shown), ended, "{ending}");
        let is_due = ending == "RestoreSecret";
        assert_eq!(shown.get("NextAttempt").is_some(), is_due, "{ending}");
        assert_eq!(shown["NextWindows"] != json!([]), is_due, "{ending}");
    }
}

#[tokio::test]
async fn there_is_no_next_attempt_while_a_step_is_done_unless_its_worker_is_dead() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    rig.rotator.hold(&rig.h.root.account);
    rig.rotate(1).await.ok();
    let held = async {
        while rig.rotator.running() < 1 {
            tokio::task::yield_now().await;
        }
        rig.shown().await
    };

    let shown = tokio::select! {
        biased;
        _ = rig.h.app.rotate_next("worker") => panic!("it should wait"),
        shown = held => shown,
    };

    assert_eq!(shown["Worker"], "worker");
    assert!(shown.get("NextAttempt").is_none());
    rig.h.clock.advance_seconds(20);
    assert_eq!(rig.shown().await["NextAttempt"], NOON + 20);
}

#[tokio::test]
async fn a_secret_that_was_never_rotated_shows_that() {
    let rig = Rig::new().await;
    let arn = rig.h.a_secret("db", "old").await;

    let shown = rig.shown().await;

    assert_eq!((&shown["ARN"], &shown["Name"]), (&json!(arn), &json!("db")));
    assert!(shown.get("RotationEnabled").is_none());
    assert_eq!(ours(&shown), json!({ "NextWindows": [], "Runs": [] }));
}

#[tokio::test]
async fn only_what_is_there_is_shown() {
    let rig = Rig::new().await;
    let arn = rig.h.a_secret("db", "old").await;
    let account = AccountId::parse("123456789012").unwrap();
    let region = RegionName::parse("us-east-1").unwrap();
    let shown = async |id: &str| {
        let shown = rig.h.app.show_rotation(&account, &region, id).await;
        shown.unwrap().map(|shown| shown.described["ARN"].clone())
    };

    assert_eq!(shown(&arn).await, Some(json!(arn)));
    assert_eq!(shown("other").await, None);
    assert_eq!(shown("no name").await, None);
    assert_eq!(shown(&arn.replace("db-", "db-x")).await, None);
}

#[tokio::test]
async fn the_last_runs_come_first() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    for n in 1..=12 {
        rig.rotate(n).await.ok();
        rig.work().await;
    }

    let shown = rig.shown().await;

    let ids: Vec<&Value> = shown["Runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| &run["VersionId"])
        .collect();
    let expected: Vec<Value> = (3..=12).rev().map(|n| json!(token(n))).collect();
    assert_eq!(ids, expected.iter().collect::<Vec<_>>());
}
