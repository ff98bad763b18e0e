use super::kit::*;
use serde_json::{Value, json};
use testkit::Harness;

fn names(page: &Value) -> Vec<&str> {
    let alarms = page["MetricAlarms"].as_array().unwrap().iter();
    alarms
        .map(|alarm| alarm["AlarmName"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn an_alarm_is_described_whole() {
    let h = Harness::new().await;
    an_alarm(
        &h,
        json!({
            "AlarmDescription": "d", "AlarmActions": [TOPIC], "TreatMissingData": "notBreaching",
            "DatapointsToAlarm": 1, "Unit": "Count", "Dimensions": [{ "Name": "n", "Value": "v" }],
        }),
    )
    .await;

    let alarm = described(&h).await;

    assert_eq!(
        alarm,
        json!({
            "AlarmName": "a",
            "AlarmArn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:a",
            "AlarmDescription": "d",
            "AlarmConfigurationUpdatedTimestamp": 1_768_478_400,
            "ActionsEnabled": true,
            "OKActions": [],
            "AlarmActions": [TOPIC],
            "InsufficientDataActions": [],
            "StateValue": "INSUFFICIENT_DATA",
            "StateReason": "Unchecked: Initial alarm creation",
            "StateUpdatedTimestamp": 1_768_478_400,
            "MetricName": "M",
            "Namespace": "N",
            "Statistic": "Sum",
            "Dimensions": [{ "Name": "n", "Value": "v" }],
            "Period": 60,
            "Unit": "Count",
            "EvaluationPeriods": 1,
            "Threshold": 1.0,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
            "DatapointsToAlarm": 1,
            "StateTransitionedTimestamp": 1_768_478_400,
        })
    );
}

#[tokio::test]
async fn alarms_come_in_pages_and_by_conditions() {
    let h = Harness::new().await;
    for name in ["a", "b", "ba"] {
        an_alarm(&h, json!({ "AlarmName": name })).await;
    }
    an_alarm(&h, json!({ "AlarmName": "b", "OKActions": [TOPIC] })).await;
    let list = async |body: Value| ok(&h.cloudwatch("DescribeAlarms", body).await);

    let first = list(json!({ "MaxRecords": 2 })).await;
    let second = list(json!({ "MaxRecords": 2, "NextToken": first["NextToken"] })).await;
    let prefixed = list(json!({ "AlarmNamePrefix": "b" })).await;
    let acting = list(json!({ "ActionPrefix": "arn:aws:sns" })).await;
    let alarming = list(json!({ "StateValue": "ALARM" })).await;
    let composite = list(json!({ "AlarmTypes": ["CompositeAlarm"] })).await;

    assert_eq!(
        (names(&first), names(&second)),
        (vec!["a", "b"], vec!["ba"])
    );
    assert_eq!(names(&prefixed), ["b", "ba"]);
    assert_eq!(names(&acting), ["b"]);
    assert_eq!((names(&alarming).len(), names(&composite).len()), (0, 0));
    let torn = json!({ "AlarmNames": ["a"], "AlarmNamePrefix": "a" });
    let text = "AlarmNames and AlarmNamePrefix are mutually exclusive.";
    let reply = h.cloudwatch("DescribeAlarms", torn).await;
    refused(&reply, 400, "InvalidParameterCombinationException", text);
    let reply = h
        .cloudwatch("DescribeAlarms", json!({ "NextToken": "x" }))
        .await;
    refused(&reply, 400, "InvalidNextToken", "Invalid NextToken");
}
