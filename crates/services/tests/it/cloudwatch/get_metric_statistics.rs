use super::kit::*;
use serde_json::{Value, json};
use testkit::Harness;

async fn get(h: &Harness, more: Value) -> testkit::Reply {
    let body = json!({
        "Namespace": "N", "MetricName": "M", "StartTime": 1_768_478_400, "EndTime": 1_768_482_000,
        "Period": 300, "Statistics": ["Average", "Sum", "SampleCount", "Minimum", "Maximum"],
    });
    h.cloudwatch("GetMetricStatistics", testkit::with(body, more))
        .await
}

#[tokio::test]
async fn data_is_put_together_by_period_and_unit() {
    let h = Harness::new().await;
    put(&h, &[1.0, 3.0]).await;
    h.clock.advance_seconds(240);
    put(&h, &[8.0]).await;
    h.clock.advance_seconds(60);
    let datum = json!({ "MetricName": "M", "Value": 5.0, "Unit": "Bytes" });
    let body = json!({ "Namespace": "N", "MetricData": [datum] });
    ok(&h.cloudwatch("PutMetricData", body).await);

    let all = ok(&get(&h, json!({})).await);
    let bytes = ok(&get(&h, json!({ "Unit": "Bytes", "Statistics": ["Sum"] })).await);
    let hour = ok(&get(&h, json!({ "Period": 3_600, "Statistics": ["Sum"] })).await);
    let minutes = ok(&get(&h, json!({ "Period": 60, "Statistics": ["Sum"] })).await);

    assert_eq!(
        all,
        json!({ "Label": "M", "Datapoints": [
            { "Timestamp": 1_768_478_400, "Average": 4.0, "Sum": 12.0, "SampleCount": 3.0,
              "Minimum": 1.0, "Maximum": 8.0, "Unit": "None" },
            { "Timestamp": 1_768_478_700, "Average": 5.0, "Sum": 5.0, "SampleCount": 1.0,
              "Minimum": 5.0, "Maximum": 5.0, "Unit": "Bytes" },
        ] })
    );
    assert_eq!(
        bytes["Datapoints"],
        json!([{ "Timestamp": 1_768_478_700, "Sum": 5.0, "Unit": "Bytes" }])
    );
    let sums = |page: &Value| -> Vec<f64> {
        let points = page["Datapoints"].as_array().unwrap().iter();
        points.map(|point| point["Sum"].as_f64().unwrap()).collect()
    };
    assert_eq!(
        (sums(&hour), sums(&minutes)),
        (vec![12.0, 5.0], vec![4.0, 8.0, 5.0])
    );
}

#[tokio::test]
async fn minutes_are_forgotten_before_hours() {
    let h = Harness::new().await;
    put(&h, &[4.0]).await;

    h.clock.advance_days(16);
    h.app.tick().await.unwrap();
    let minutes = ok(&get(&h, json!({ "Period": 60 })).await);
    let hours = ok(&get(&h, json!({ "Period": 3_600 })).await);

    assert_eq!(minutes["Datapoints"], json!([]));
    assert_eq!(hours["Datapoints"][0]["Sum"], 4.0);
}

#[tokio::test]
async fn what_cannot_be_answered_is_refused() {
    let h = Harness::new().await;
    let value = "InvalidParameterValueException";
    let combination = "InvalidParameterCombinationException";

    for (more, code, text) in [
        (
            json!({ "Period": 30 }),
            value,
            "The parameter Period must be a multiple of 60: data of high resolution is not kept by this server.",
        ),
        (
            json!({ "EndTime": 1_768_478_400 }),
            value,
            "The parameter StartTime must be less than the parameter EndTime.",
        ),
        (
            json!({ "StartTime": 0 }),
            combination,
            "You have requested more data points than the limit of 1440. You may reduce the datapoints requested by increasing Period, or decreasing the time range.",
        ),
        (
            json!({ "Statistics": null }),
            combination,
            "At least one of the parameters Statistics and ExtendedStatistics must be specified.",
        ),
        (
            json!({ "ExtendedStatistics": ["p99"] }),
            value,
            "A percentile or another extended statistic is not supported by this server yet.",
        ),
    ] {
        refused(&get(&h, more).await, 400, code, text);
    }
}
