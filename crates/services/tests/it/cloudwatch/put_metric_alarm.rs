use super::kit::*;
use serde_json::{Value, json};
use testkit::Harness;

#[tokio::test]
async fn a_changed_alarm_keeps_its_state_until_it_is_judged() {
    let h = Harness::new().await;
    an_alarm(&h, json!({})).await;
    put(&h, &[3.0]).await;
    let before = judged(&h).await;

    an_alarm(&h, json!({ "Threshold": 5.0 })).await;
    let kept = described(&h).await["StateValue"].clone();
    h.clock.advance_seconds(60);
    let after = judged(&h).await;

    assert_eq!(
        (before.as_str(), &kept, after.as_str()),
        ("ALARM", &json!("ALARM"), "OK")
    );
}

#[tokio::test]
async fn what_is_wrong_or_not_here_is_refused_and_makes_no_alarm() {
    let h = Harness::new().await;
    let (value, validation) = ("InvalidParameterValueException", "ValidationException");
    let not_here = |what: &str| format!("{what} is not supported by this server yet.");

    for (more, code, text) in [
        (json!({ "Period": null }), validation, "Period must be specified".to_owned()),
        (json!({ "MetricName": null }), validation, "MetricName must be specified".to_owned()),
        (json!({ "Statistic": null }), validation, "Statistic must be specified".to_owned()),
        (json!({ "Threshold": null }), validation, "Threshold must be specified".to_owned()),
        (
            json!({ "EvaluationPeriods": 1_441 }),
            validation,
            "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400).".to_owned(),
        ),
        (
            json!({ "DatapointsToAlarm": 2 }),
            validation,
            "DatapointsToAlarm must be less than or equal to EvaluationPeriods".to_owned(),
        ),
        (
            json!({ "TreatMissingData": "x" }),
            validation,
            "TreatMissingData must be one of breaching, notBreaching, ignore or missing".to_owned(),
        ),
        (json!({ "AlarmActions": ["x"] }), validation, "Invalid arn syntax: x".to_owned()),
        (
            json!({ "OKActions": ["arn:aws:lambda:us-east-1:123456789012:function:f"] }),
            value,
            not_here("An action other than an SNS topic"),
        ),
        (
            json!({ "Metrics": [{ "Id": "m", "Expression": "1" }] }),
            value,
            not_here("An alarm on an expression"),
        ),
        (
            json!({ "ExtendedStatistic": "p99" }),
            value,
            not_here("A percentile or another extended statistic"),
        ),
        (
            json!({ "ComparisonOperator": "GreaterThanUpperThreshold" }),
            value,
            not_here("A band of anomaly detection"),
        ),
    ] {
        let reply = h.cloudwatch("PutMetricAlarm", alarm(more)).await;
        refused(&reply, 400, code, &text);
    }
    assert_eq!(described(&h).await, Value::Null);
}
