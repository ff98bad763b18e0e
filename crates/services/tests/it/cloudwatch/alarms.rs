//! How alarms follow the data of their metrics.

use super::kit::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn an_alarm_follows_its_data_at_once_and_as_minutes_pass() {
    let h = Harness::new().await;
    an_alarm(&h, json!({})).await;

    let at_first = judged(&h).await;
    put(&h, &[0.25]).await;
    let below = judged(&h).await;
    put(&h, &[1.0]).await;
    let above = judged(&h).await;
    let reason = described(&h).await["StateReason"].clone();
    h.clock.advance_seconds(60);
    let still = judged(&h).await;
    h.clock.advance_seconds(600);
    let silent = judged(&h).await;

    // What is not over yet may only alarm.
    assert_eq!(
        (at_first.as_str(), below.as_str()),
        ("INSUFFICIENT_DATA", "INSUFFICIENT_DATA")
    );
    assert_eq!(
        (above.as_str(), still.as_str(), silent.as_str()),
        ("ALARM", "ALARM", "INSUFFICIENT_DATA")
    );
    assert_eq!(
        reason,
        "Threshold Crossed: 1 out of the last 1 datapoints [1.25 (15/01/26 12:00:00)] was greater than \
         or equal to the threshold (1.0) (minimum 1 datapoint for OK -> ALARM transition)."
    );
}

#[tokio::test]
async fn what_is_missing_counts_as_the_alarm_says() {
    for (missing, expected) in [
        (json!(null), "INSUFFICIENT_DATA"),
        (json!("missing"), "INSUFFICIENT_DATA"),
        (json!("notBreaching"), "OK"),
        (json!("breaching"), "ALARM"),
        (json!("ignore"), "INSUFFICIENT_DATA"),
    ] {
        let h = Harness::new().await;
        an_alarm(&h, json!({ "TreatMissingData": missing })).await;

        let state = judged(&h).await;

        assert_eq!(state, expected, "{missing}");
    }
}

#[tokio::test]
async fn a_low_value_alarms_only_when_its_minute_is_over() {
    let h = Harness::new().await;
    let low = json!({ "ComparisonOperator": "LessThanThreshold", "Threshold": 5.0 });
    an_alarm(&h, low).await;

    put(&h, &[1.0]).await;
    let during = judged(&h).await;
    h.clock.advance_seconds(60);
    let after = judged(&h).await;

    assert_eq!(
        (during.as_str(), after.as_str()),
        ("INSUFFICIENT_DATA", "ALARM")
    );
}

#[tokio::test]
async fn several_periods_and_some_of_them_are_asked_for() {
    let h = Harness::new().await;
    let two_of_three = json!({ "EvaluationPeriods": 3, "DatapointsToAlarm": 2 });
    an_alarm(&h, two_of_three).await;
    let mut states = Vec::new();

    for value in [0.0, 1.0, 0.0, 1.0] {
        put(&h, &[value]).await;
        h.clock.advance_seconds(60);
        states.push(judged(&h).await);
    }

    assert_eq!(states, ["OK", "OK", "OK", "ALARM"]);
}

#[tokio::test]
async fn data_of_another_metric_unit_or_account_changes_nothing() {
    let h = Harness::new().await;
    let of_unit = json!({ "Unit": "Count", "Dimensions": [{ "Name": "d", "Value": "1" }] });
    an_alarm(&h, of_unit).await;
    let other = h.another_account("210987654321").await;
    let datum = |more| {
        let datum = json!({ "MetricName": "M", "Value": 9.0, "Unit": "Count",
            "Dimensions": [{ "Name": "d", "Value": "1" }] });
        json!({ "Namespace": "N", "MetricData": [testkit::with(datum, more)] })
    };

    for more in [
        json!({ "Unit": "Bytes" }),
        json!({ "Dimensions": [{ "Name": "d", "Value": "2" }] }),
        json!({ "Dimensions": null }),
        json!({ "MetricName": "m" }),
    ] {
        ok(&h.cloudwatch("PutMetricData", datum(more)).await);
    }
    ok(&h
        .cloudwatch_as(&other, "PutMetricData", datum(json!({})))
        .await);
    let before = judged(&h).await;
    ok(&h.cloudwatch("PutMetricData", datum(json!({}))).await);
    let after = judged(&h).await;

    assert_eq!(
        (before.as_str(), after.as_str()),
        ("INSUFFICIENT_DATA", "ALARM")
    );
}

#[tokio::test]
async fn the_log_is_followed_whether_or_not_alarms_are_judged() {
    let h = Harness::new().await;
    an_alarm(&h, json!({ "TreatMissingData": "breaching" })).await;

    while h.app.follow().await.unwrap() {}
    let followed = described(&h).await["StateValue"].clone();
    // It heard that there may be something to judge.
    h.app.alarms_nudged().await;

    assert_eq!(followed, "INSUFFICIENT_DATA");
    assert_eq!(judged(&h).await, "ALARM");
}

#[tokio::test]
async fn others_have_a_turn_after_each_alarm() {
    let h = Harness::new().await;
    for name in ["a", "b", "c"] {
        an_alarm(&h, json!({ "AlarmName": name })).await;
    }

    let (has_left, turns) = testkit::turns(h.app.judge_alarms()).await;

    assert!(!has_left.unwrap());
    assert!(turns >= 3, "{turns}");
}

#[tokio::test]
async fn an_account_whose_alarms_look_at_much_leaves_the_rest_to_the_next_round() {
    let h = Harness::new().await;
    let root = h.root.clone();
    let buckets = much_data(&h, &root).await;
    // So many that half a million buckets are not enough for the last two.
    let alarms = 500_000 / buckets + 3;
    for number in 0..alarms {
        let weighty = json!({
            "AlarmName": format!("a{number:03}"), "Period": 3_600, "EvaluationPeriods": 2,
            "Unit": "Count", "TreatMissingData": "notBreaching",
        });
        an_alarm(&h, weighty).await;
    }
    let other = h.another_account("210987654321").await;
    let body = alarm(json!({ "AlarmName": "z", "TreatMissingData": "breaching" }));
    ok(&h.cloudwatch_as(&other, "PutMetricAlarm", body).await);
    let undecided = async |caller: &testkit::Caller| {
        let body = json!({ "StateValue": "INSUFFICIENT_DATA", "MaxRecords": 100 });
        let described = ok(&h.cloudwatch_as(caller, "DescribeAlarms", body).await);
        described["MetricAlarms"].as_array().unwrap().len()
    };

    let first = h.app.judge_alarms().await.unwrap();
    let after_first = (undecided(&root).await, undecided(&other).await);
    let second = h.app.judge_alarms().await.unwrap();
    let after_second = undecided(&root).await;

    assert_eq!((first, after_first), (true, (2, 0)));
    assert_eq!((second, after_second), (false, 0));
}
