//! What the operator sees.

use super::kit::{Act, FUNCTION, Rig};
use base::{AccountId, RegionName};
use serde_json::{Value, json};
use testkit::token;

#[tokio::test]
async fn a_rotation_is_shown_with_its_steps_and_their_logs() {
    let rig = Rig::new().await;
    let arn = rig.h.a_secret("db", "old").await;
    rig.rotator.script("setSecret", [Act::Fail]);
    let more = json!({ "RotationRules": { "ScheduleExpression": "rate(10 days)" } });
    rig.rotate_with(1, more).await.ok();
    rig.work().await;

    let shown = rig.shown().await;

    let next = shown["NextAttempt"].as_str().unwrap();
    assert!(("2026-01-15T12:00:00Z"..="2026-01-15T12:00:01Z").contains(&next));
    let call = |step: &str, n: usize, error: Value| {
        json!({
            "Step": step, "Attempt": 1, "Began": "2026-01-15T12:00:00Z",
            "Ended": "2026-01-15T12:00:00Z",
            "Outcome": if error.is_null() { "succeeded" } else { "failed" },
            "ErrorType": if error.is_null() { Value::Null } else { json!("ValueError") },
            "ErrorMessage": error, "RequestId": format!("call-{n}"),
            "LogGroup": "/aws/lambda/rotate", "LogStream": "stream",
            "Log": [format!("call-{n} in stream")],
        })
    };
    assert_eq!(
        shown,
        json!({
            "ARN": arn, "Name": "db", "RotationEnabled": true, "RotationLambdaARN": FUNCTION,
            "AutomaticallyAfterDays": 10, "ScheduleExpression": "rate(10 days)",
            "Duration": null, "LastRotatedDate": null,
            "NextRotationDate": "2026-01-25T23:59:59Z", "NextAttempt": next, "Worker": null,
            "NextWindows": windows(),
            "Runs": [{
                "VersionId": token(1), "Kind": "rotation", "Cause": "request",
                "Function": FUNCTION, "Outcome": "in progress",
                "Began": "2026-01-15T12:00:00Z", "Ended": null, "Attempts": 2,
                "Calls": [
                    call("createSecret", 1, Value::Null),
                    call("setSecret", 2, json!("no connection")),
                ],
            }],
        })
    );
}

fn windows() -> Value {
    let days = [
        ("2026-01-25", "2026-01-26"),
        ("2026-02-04", "2026-02-05"),
        ("2026-02-14", "2026-02-15"),
        ("2026-02-24", "2026-02-25"),
        ("2026-03-06", "2026-03-07"),
    ];
    let window = |(opens, closes)| json!({ "Opens": format!("{opens}T00:00:00Z"), "Closes": format!("{closes}T00:00:00Z") });
    days.map(window).into_iter().collect()
}

#[tokio::test]
async fn a_secret_that_was_never_rotated_shows_that() {
    let rig = Rig::new().await;
    let arn = rig.h.a_secret("db", "old").await;

    let shown = rig.shown().await;

    assert_eq!((&shown["ARN"], &shown["Name"]), (&json!(arn), &json!("db")));
    assert_eq!(shown["RotationEnabled"], Value::Null);
    assert_eq!(shown["Runs"], json!([]));
}

#[tokio::test]
async fn only_what_is_there_is_shown() {
    let rig = Rig::new().await;
    let arn = rig.h.a_secret("db", "old").await;
    let account = AccountId::parse("123456789012").unwrap();
    let region = RegionName::parse("us-east-1").unwrap();
    let shown = async |id: &str| {
        let shown = rig.h.app.show_rotation(&account, &region, id).await;
        shown.unwrap().map(|shown| shown.arn)
    };

    assert_eq!(shown(&arn).await, Some(arn.clone()));
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
