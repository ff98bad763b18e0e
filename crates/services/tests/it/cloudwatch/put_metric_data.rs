use super::kit::*;
use serde_json::{Value, json};
use testkit::Harness;

async fn data(h: &Harness, datum: Value) -> testkit::Reply {
    let datum = testkit::with(json!({ "MetricName": "M" }), datum);
    let body = json!({ "Namespace": "N", "MetricData": [datum] });
    h.cloudwatch("PutMetricData", body).await
}

async fn statistics(h: &Harness) -> Value {
    let body = json!({
        "Namespace": "N", "MetricName": "M", "StartTime": 1_768_478_400, "EndTime": 1_768_482_000,
        "Period": 3_600, "Statistics": ["Sum", "SampleCount", "Minimum", "Maximum"],
    });
    let mut got = ok(&h.cloudwatch("GetMetricStatistics", body).await);
    got["Datapoints"][0].take()
}

#[tokio::test]
async fn a_value_a_set_and_values_with_counts_add_up() {
    let h = Harness::new().await;
    let set = json!({ "SampleCount": 2, "Sum": 5.5, "Minimum": 1.5, "Maximum": 4.0 });

    ok(&data(&h, json!({ "Value": 2.0 })).await);
    ok(&data(&h, json!({ "StatisticValues": set })).await);
    ok(&data(
        &h,
        json!({ "Values": [1.0, 7.0, 9.0], "Counts": [3, 1, 0] }),
    )
    .await);

    assert_eq!(
        statistics(&h).await,
        json!({ "Timestamp": 1_768_478_400, "Sum": 17.5, "SampleCount": 7.0, "Minimum": 1.0,
            "Maximum": 7.0, "Unit": "None" })
    );
}

#[tokio::test]
async fn what_is_wrong_is_refused_and_adds_nothing() {
    let h = Harness::new().await;
    let value = "InvalidParameterValueException";
    let combination = "InvalidParameterCombinationException";
    let late = h.now().plus_seconds(3 * 3_600).as_millis() / 1_000;
    let early = h.now().plus_days(-15).as_millis() / 1_000;

    for (datum, code) in [
        (json!({}), "MissingRequiredParameterException"),
        (json!({ "Value": 1.0, "Values": [1.0] }), combination),
        (json!({ "Values": [1.0], "Counts": [1, 2] }), combination),
        (json!({ "Value": 1.0, "Timestamp": late }), value),
        (json!({ "Value": 1.0, "Timestamp": early }), value),
        (json!({ "Value": 1.0, "StorageResolution": 7 }), value),
    ] {
        let reply = data(&h, datum.clone()).await;
        assert_eq!(
            (reply.status, &reply.json()["__type"]),
            (400, &json!(code)),
            "{datum}"
        );
    }
    let body = json!({ "Namespace": "AWS/X", "MetricData": [{ "MetricName": "M", "Value": 1 }] });
    let reserved = h.cloudwatch("PutMetricData", body).await;
    refused(
        &reserved,
        400,
        value,
        "The value AWS/ for parameter Namespace is invalid.",
    );
    assert_eq!(
        ok(&h.cloudwatch("ListMetrics", json!({})).await),
        json!({ "Metrics": [] })
    );
}

#[tokio::test]
async fn a_policy_may_admit_one_namespace() {
    let h = Harness::new().await;
    let mut policy = allow("cloudwatch:PutMetricData", "*");
    policy["Statement"][0]["Condition"] =
        json!({ "StringEquals": { "cloudwatch:namespace": "N" } });
    let user = h.a_user("ana", Some(&policy)).await;
    let put = async |namespace: &str| {
        let datum = json!({ "MetricName": "M", "Value": 1.0 });
        let body = json!({ "Namespace": namespace, "MetricData": [datum] });
        h.cloudwatch_as(&user, "PutMetricData", body).await.status
    };

    assert_eq!((put("N").await, put("O").await), (200, 403));
}
