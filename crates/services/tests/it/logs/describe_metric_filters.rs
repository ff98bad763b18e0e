use super::kit::*;
use serde_json::{Value, json};

#[tokio::test]
async fn filters_are_found_by_group_prefix_and_metric() {
    let h = a_group().await;
    h.logs("CreateLogGroup", json!({ "logGroupName": "h" }))
        .await
        .ok();
    for (group, name, metric) in [("g", "a", "M"), ("g", "ab", "L"), ("h", "b", "M")] {
        let body = json!({
            "logGroupName": group, "filterName": name, "filterPattern": "{ $.k EXISTS }",
            "metricTransformations": [{
                "metricName": metric, "metricNamespace": "N", "metricValue": "$.v",
                "dimensions": { "K": "$.k" }, "unit": "Count",
            }],
        });
        h.logs("PutMetricFilter", body).await.ok();
    }
    let list = async |body: Value| h.logs("DescribeMetricFilters", body).await.ok();
    let names = |page: &Value| -> Vec<String> {
        let filters = page["metricFilters"].as_array().unwrap().iter();
        filters
            .map(|one| one["filterName"].as_str().unwrap().to_owned())
            .collect()
    };

    let of_group = list(json!({ "logGroupName": "g" })).await;
    let prefixed = list(json!({ "logGroupName": "g", "filterNamePrefix": "ab" })).await;
    let of_metric = list(json!({ "metricName": "M", "metricNamespace": "N" })).await;
    let first = list(json!({ "limit": 2 })).await;
    let second = list(json!({ "limit": 2, "nextToken": first["nextToken"] })).await;

    assert_eq!(
        (names(&of_group), names(&prefixed)),
        (vec!["a".into(), "ab".into()], vec!["ab".into()])
    );
    assert_eq!(names(&of_metric), ["a", "b"]);
    assert_eq!([names(&first), names(&second)].concat(), ["a", "ab", "b"]);
    assert_eq!(
        of_group["metricFilters"][0],
        json!({
            "filterName": "a", "filterPattern": "{ $.k EXISTS }", "logGroupName": "g",
            "creationTime": h.now().as_millis(), "applyOnTransformedLogs": false,
            "metricTransformations": [{
                "metricName": "M", "metricNamespace": "N", "metricValue": "$.v",
                "dimensions": { "K": "$.k" }, "unit": "Count",
            }],
        })
    );
    let groups = h.logs("DescribeLogGroups", json!({})).await.ok();
    assert_eq!(groups["logGroups"][0]["metricFilterCount"], 2);
}
