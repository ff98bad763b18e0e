use super::kit::*;
use serde_json::{Value, json};
use testkit::Harness;

async fn datum(h: &Harness, namespace: &str, name: &str, dimensions: Value) {
    let datum = json!({ "MetricName": name, "Value": 1.0, "Dimensions": dimensions });
    let body = json!({ "Namespace": namespace, "MetricData": [datum] });
    ok(&h.cloudwatch("PutMetricData", body).await);
}

#[tokio::test]
async fn metrics_are_found_by_namespace_name_and_dimensions() {
    let h = Harness::new().await;
    datum(&h, "N", "M", json!([])).await;
    datum(
        &h,
        "N",
        "M",
        json!([{ "Name": "b", "Value": "2" }, { "Name": "a", "Value": "1" }]),
    )
    .await;
    datum(&h, "O", "M", json!([{ "Name": "a", "Value": "2" }])).await;
    let count = async |body: Value| {
        let page = ok(&h.cloudwatch("ListMetrics", body).await);
        page["Metrics"].as_array().unwrap().len()
    };

    assert_eq!(count(json!({})).await, 3);
    assert_eq!(count(json!({ "Namespace": "N" })).await, 2);
    assert_eq!(
        count(json!({ "MetricName": "M", "Dimensions": [{ "Name": "a" }] })).await,
        2
    );
    let dimension = json!([{ "Name": "a", "Value": "1" }]);
    let body = json!({ "Namespace": "N", "MetricName": "M", "Dimensions": dimension });
    let one = ok(&h.cloudwatch("ListMetrics", body).await);
    assert_eq!(
        one,
        json!({ "Metrics": [{ "Namespace": "N", "MetricName": "M", "Dimensions": [
            { "Name": "a", "Value": "1" }, { "Name": "b", "Value": "2" },
        ] }] })
    );
}

#[tokio::test]
async fn pages_together_are_the_whole_and_silent_metrics_are_left_out() {
    let h = Harness::new().await;
    datum(&h, "N", "old", json!([])).await;
    h.clock.advance_days(15);
    for first in [0, 300] {
        let data: Vec<Value> = (first..first + 300)
            .map(|n| json!({ "MetricName": format!("m{n:03}"), "Value": 1.0 }))
            .collect();
        let body = json!({ "Namespace": "N", "MetricData": data });
        ok(&h.cloudwatch("PutMetricData", body).await);
    }
    let names = |page: &Value| -> Vec<String> {
        let metrics = page["Metrics"].as_array().unwrap().iter();
        metrics
            .map(|one| one["MetricName"].as_str().unwrap().to_owned())
            .collect()
    };

    let first = ok(&h
        .cloudwatch("ListMetrics", json!({ "Namespace": "N" }))
        .await);
    let body = json!({ "Namespace": "N", "NextToken": first["NextToken"] });
    let second = ok(&h.cloudwatch("ListMetrics", body).await);

    let expected: Vec<String> = (0..600).map(|n| format!("m{n:03}")).collect();
    assert_eq!([names(&first), names(&second)].concat(), expected);
    assert_eq!(second["NextToken"], Value::Null);
}
