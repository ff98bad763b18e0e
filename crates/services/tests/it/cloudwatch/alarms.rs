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
