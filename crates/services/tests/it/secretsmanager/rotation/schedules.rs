//! Schedules as they are configured, shown and kept.

use super::kit::{Act, Rig};
use crate::secretsmanager::{DAY, MIDNIGHT, NOON};
use serde_json::{Value, json};
use testkit::token;

/// A rig with the secret `db`, rotated at once by `rules`.
async fn rotated_by(rules: Value) -> Rig {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    let more = json!({ "RotationRules": rules });
    rig.rotate_with(1, more).await.ok();
    rig.work().await;
    rig
}

/// Lets `days` go by, an hour at a time.
async fn pass_days(rig: &Rig, days: i64) {
    for _ in 0..days * 24 {
        rig.h.clock.advance_seconds(3_600);
        rig.work().await;
    }
}

#[tokio::test]
async fn days_are_shown_as_they_were_given_with_the_end_of_the_window() {
    let rig = rotated_by(json!({ "AutomaticallyAfterDays": 30 })).await;

    let described = rig.describe("db").await;

    assert_eq!(
        described["RotationRules"],
        json!({ "AutomaticallyAfterDays": 30 })
    );
    assert_eq!(described["LastRotatedDate"], NOON);
    assert_eq!(described["NextRotationDate"], MIDNIGHT + 31 * DAY - 1);
    let listed = rig.h.call("ListSecrets", json!({})).await.ok();
    let entry = &listed["SecretList"][0];
    for member in [
        "RotationEnabled",
        "RotationLambdaARN",
        "RotationRules",
        "LastRotatedDate",
        "NextRotationDate",
    ] {
        assert_eq!(entry[member], described[member], "{member}");
    }
}

#[tokio::test]
async fn an_expression_is_shown_with_the_days_that_follow_from_it() {
    for (rules, shown, next) in [
        (
            json!({ "ScheduleExpression": "rate(10 hours)" }),
            json!({ "ScheduleExpression": "rate(10 hours)", "AutomaticallyAfterDays": 1 }),
            MIDNIGHT + 21 * 3_600 - 1,
        ),
        (
            json!({ "ScheduleExpression": "cron(0 16 1,15 * ? *)", "Duration": "2h" }),
            json!({
                "ScheduleExpression": "cron(0 16 1,15 * ? *)", "Duration": "2h",
                "AutomaticallyAfterDays": 14,
            }),
            MIDNIGHT + 18 * 3_600 - 1,
        ),
        (
            json!({ "ScheduleExpression": "rate(10 days)" }),
            json!({ "ScheduleExpression": "rate(10 days)", "AutomaticallyAfterDays": 10 }),
            MIDNIGHT + 11 * DAY - 1,
        ),
        (
            json!({ "AutomaticallyAfterDays": 10, "Duration": "3h" }),
            json!({ "AutomaticallyAfterDays": 10, "Duration": "3h" }),
            MIDNIGHT + 10 * DAY + 3 * 3_600 - 1,
        ),
    ] {
        let rig = rotated_by(rules).await;

        let described = rig.describe("db").await;

        assert_eq!(described["RotationRules"], shown);
        assert_eq!(described["NextRotationDate"], next, "{shown}");
    }
}

#[tokio::test]
async fn the_next_date_is_there_as_soon_as_it_was_configured() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;

    let more = json!({ "RotationRules": { "AutomaticallyAfterDays": 5 } });
    rig.rotate_with(1, more).await.ok();

    let described = rig.describe("db").await;
    assert_eq!(described["RotationEnabled"], true);
    assert_eq!(described["NextRotationDate"], MIDNIGHT + 6 * DAY - 1);
    assert!(described.get("LastRotatedDate").is_none());
}

#[tokio::test]
async fn a_secret_is_rotated_once_in_each_window() {
    let rig = rotated_by(json!({ "AutomaticallyAfterDays": 3 })).await;

    pass_days(&rig, 10).await;

    assert_eq!(rig.h.audit.named("RotationSucceeded").len(), 4);
    let shown = rig.shown().await;
    assert_eq!(shown["Runs"][0]["Cause"], "schedule");
    assert_eq!(shown["Runs"][0]["VersionId"].as_str().unwrap().len(), 36);
    let described = rig.describe("db").await;
    let next = described["NextRotationDate"].as_i64().unwrap();
    let last = described["LastRotatedDate"].as_i64().unwrap();
    assert_eq!(next, last.div_euclid(DAY) * DAY + 4 * DAY - 1);
    assert_eq!(Some(rig.h.value("db").await), rig.rotator.password());
}

#[tokio::test]
async fn every_window_of_an_hourly_schedule_is_used_and_nothing_outside() {
    let rule = json!({ "ScheduleExpression": "cron(0 /8 * * ? *)" });
    let rig = rotated_by(rule).await;

    for _ in 0..3 * 24 * 12 {
        rig.h.clock.advance_seconds(300);
        rig.work().await;
    }

    let events = rig.h.audit.named("RotationStarted");
    let hours: Vec<&str> = events[1..]
        .iter()
        .map(|event| &event["eventTime"].as_str().unwrap()[8..13])
        .collect();
    assert_eq!(
        hours,
        [
            "15T16", "16T00", "16T08", "16T16", "17T00", "17T08", "17T16", "18T00", "18T08"
        ]
    );
}

#[tokio::test]
async fn a_value_put_in_by_hand_counts_as_a_rotation_and_is_none() {
    let rig = rotated_by(json!({ "AutomaticallyAfterDays": 30 })).await;
    rig.h.clock.advance_days(1);

    rig.h.put("db", 7, "mine", Value::Null).await;

    let described = rig.describe("db").await;
    assert_eq!(described["LastRotatedDate"], NOON);
    assert_eq!(described["NextRotationDate"], MIDNIGHT + 32 * DAY - 1);
    pass_days(&rig, 29).await;
    assert_eq!(rig.h.audit.named("RotationSucceeded").len(), 1);
    pass_days(&rig, 2).await;
    assert_eq!(rig.h.audit.named("RotationSucceeded").len(), 2);
}

#[tokio::test]
async fn a_rotation_that_fails_is_tried_in_its_window_only_and_again_in_the_next() {
    let rule = json!({ "ScheduleExpression": "cron(0 14 * * ? *)", "Duration": "1h" });
    let rig = rotated_by(rule).await;
    rig.rotator
        .script("setSecret", [Act::Fail, Act::Fail, Act::Fail]);

    pass_minutes(&rig, 4 * 60).await;
    let failed = rig.h.audit.named("RotationFailed");
    assert_eq!(failed.len(), 1);
    let described = rig.describe("db").await;
    let tomorrow = MIDNIGHT + DAY + 15 * 3_600 - 1;
    assert_eq!(described["NextRotationDate"], tomorrow);
    let pending = rig.labels().await;
    pass_minutes(&rig, 24 * 60).await;

    let succeeded = rig.h.audit.named("RotationSucceeded");
    assert_eq!(succeeded.len(), 2);
    // The version of the first try.
    let id = pending
        .as_object()
        .unwrap()
        .iter()
        .find(|(_, stages)| **stages == json!(["AWSPENDING"]))
        .map(|(id, _)| id.clone())
        .unwrap();
    assert!(succeeded[1]["requestID"].as_str().unwrap().ends_with(&id));
    assert_eq!(rig.labels().await[&id], json!(["AWSCURRENT", "AWSPENDING"]));
}

async fn pass_minutes(rig: &Rig, minutes: usize) {
    for _ in 0..minutes {
        rig.h.clock.advance_seconds(60);
        rig.work().await;
    }
}

#[tokio::test]
async fn windows_that_nobody_was_there_for_are_passed_over() {
    let rule = json!({ "ScheduleExpression": "cron(0 14 * * ? *)", "Duration": "1h" });
    let rig = rotated_by(rule).await;

    rig.h.clock.advance_days(10);
    rig.work().await;
    assert_eq!(rig.h.audit.named("RotationSucceeded").len(), 1);
    pass_minutes(&rig, 4 * 60).await;

    assert_eq!(rig.h.audit.named("RotationSucceeded").len(), 2);
}

#[tokio::test]
async fn what_is_overdue_by_days_is_rotated_today() {
    let rig = rotated_by(json!({ "AutomaticallyAfterDays": 3 })).await;

    rig.h.clock.advance_days(100);
    pass_days(&rig, 1).await;

    let succeeded = rig.h.audit.named("RotationSucceeded");
    assert_eq!(succeeded.len(), 2);
}

#[tokio::test]
async fn without_rules_there_is_one_rotation_and_no_schedule() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    rig.rotate(1).await.ok();
    rig.work().await;

    rig.h.clock.advance_days(400);
    rig.work().await;

    let described = rig.describe("db").await;
    assert_eq!(described["RotationEnabled"], true);
    assert!(described.get("RotationRules").is_none());
    assert!(described.get("NextRotationDate").is_none());
    assert_eq!(rig.events(), ["RotationStarted", "RotationSucceeded"]);
}

#[tokio::test]
async fn what_is_configured_without_a_rotation_waits_for_its_window() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    let more = json!({
        "RotateImmediately": false,
        "RotationRules": { "ScheduleExpression": "cron(0 10 * * ? *)", "Duration": "4h" },
    });

    rig.rotate_with(1, more).await.ok();
    let described = rig.describe("db").await;
    pass_minutes(&rig, 4 * 60).await;

    // The window that was open already: 10:00 to 14:00.
    assert_eq!(described["NextRotationDate"], MIDNIGHT + 14 * 3_600 - 1);
    let events = rig.events();
    assert_eq!(
        events[..2],
        ["TestRotationStarted", "TestRotationSucceeded"]
    );
    assert!(events.len() == 2 || events[2..] == ["RotationStarted", "RotationSucceeded"]);
}

#[tokio::test]
async fn new_rules_take_the_place_of_the_old_and_the_rest_is_kept() {
    let rig = rotated_by(json!({ "AutomaticallyAfterDays": 30 })).await;

    let more = json!({
        "RotationLambdaARN": null, "RotateImmediately": false,
        "RotationRules": { "ScheduleExpression": "rate(2 days)" },
    });
    rig.rotate_with(2, more).await.ok();
    rig.work().await;

    let described = rig.describe("db").await;
    assert_eq!(
        described["RotationRules"],
        json!({ "ScheduleExpression": "rate(2 days)", "AutomaticallyAfterDays": 2 })
    );
    assert_eq!(described["NextRotationDate"], MIDNIGHT + 3 * DAY - 1);
    assert_eq!(described["LastRotatedDate"], NOON);
    assert_eq!(rig.labels().await[token(1)], json!(["AWSCURRENT"]));
}
