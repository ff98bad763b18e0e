use super::kit::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn the_alarms_of_a_metric_are_found_by_it() {
    let h = Harness::new().await;
    an_alarm(&h, json!({})).await;
    an_alarm(&h, json!({ "AlarmName": "b", "Period": 300 })).await;
    an_alarm(&h, json!({ "AlarmName": "c", "MetricName": "other" })).await;
    let count = async |more| {
        let body = testkit::with(json!({ "Namespace": "N", "MetricName": "M" }), more);
        let found = ok(&h.cloudwatch("DescribeAlarmsForMetric", body).await);
        found["MetricAlarms"].as_array().unwrap().len()
    };

    assert_eq!(count(json!({})).await, 2);
    assert_eq!(count(json!({ "Period": 300 })).await, 1);
    assert_eq!(count(json!({ "Statistic": "Average" })).await, 0);
    assert_eq!(
        count(json!({ "Dimensions": [{ "Name": "n", "Value": "v" }] })).await,
        0
    );
}
