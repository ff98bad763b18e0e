//! Secrets Manager's own metric.

use super::kit::*;
use serde_json::{Value, json};
use testkit::Harness;

async fn counts(h: &Harness) -> Value {
    let dimensions = [
        ("Service", "Secrets Manager"),
        ("Type", "Resource"),
        ("Resource", "SecretCount"),
        ("Class", "None"),
    ]
    .map(|(name, value)| json!({ "Name": name, "Value": value }));
    let body = json!({
        "Namespace": "AWS/SecretsManager", "MetricName": "ResourceCount", "Dimensions": dimensions,
        "StartTime": 1_768_478_400, "EndTime": 1_768_500_000, "Period": 3_600,
        "Statistics": ["Average", "SampleCount"],
    });
    let got = ok(&h.cloudwatch("GetMetricStatistics", body).await);
    let points = got["Datapoints"].as_array().unwrap().iter();
    points
        .map(|point| json!([point["Average"], point["SampleCount"]]))
        .collect()
}

#[tokio::test]
async fn secrets_are_counted_once_an_hour_also_those_marked_for_deletion() {
    let h = Harness::new().await;
    h.a_secret("a", "x").await;
    h.a_secret("b", "x").await;
    h.app.tick().await.unwrap();
    h.call("DeleteSecret", json!({ "SecretId": "b" }))
        .await
        .ok();
    h.clock.advance_seconds(60);

    h.app.tick().await.unwrap();
    h.clock.advance_seconds(3_600);
    h.a_secret("c", "x").await;
    h.app.tick().await.unwrap();

    assert_eq!(counts(&h).await, json!([[2.0, 1.0], [3.0, 1.0]]));
}
