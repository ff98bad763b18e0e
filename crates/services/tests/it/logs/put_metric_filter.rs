use super::kit::*;
use serde_json::{Value, json};
use testkit::{Harness, Reply};

#[tokio::test]
async fn matching_lines_are_counted_whoever_writes_them() {
    let h = a_group().await;
    put(&h, &["ERROR before"]).await;
    a_filter(&h, "ERROR").await;

    put(&h, &["ERROR one", "fine", "ERROR two"]).await;
    h.clock.advance_seconds(60);
    put(&h, &["ERROR three"]).await;

    assert_eq!(sums(&h).await, json!([2.0, 1.0]));
}

#[tokio::test]
async fn what_functions_log_is_counted_too() {
    let (h, executor) = stage().await;
    run(&h, &executor, &["x"]).await;
    let body = json!({
        "logGroupName": GROUP, "filterName": "f", "filterPattern": "[kind = REPORT, ..., ms, unit]",
        "metricTransformations": [
            { "metricName": "M", "metricNamespace": "N", "metricValue": "1" },
        ],
    });
    h.logs("PutMetricFilter", body).await.ok();

    run(&h, &executor, &["x"]).await;
    run(&h, &executor, &["y"]).await;

    assert_eq!(sums(&h).await, json!([2.0]));
}

#[tokio::test]
async fn a_filter_is_replaced_by_one_of_its_name() {
    let h = a_group().await;
    a_filter(&h, "ERROR").await;

    a_filter(&h, "WARN").await;

    let body = json!({ "logGroupName": "g" });
    let described = h.logs("DescribeMetricFilters", body).await.ok();
    assert_eq!(described["metricFilters"].as_array().unwrap().len(), 1);
    assert_eq!(described["metricFilters"][0]["filterPattern"], "WARN");
}

#[tokio::test]
async fn what_cannot_be_counted_is_refused() {
    let h = a_group().await;
    let put = async |pattern: &str, more: Value| {
        let one = json!({ "metricName": "M", "metricNamespace": "N", "metricValue": "1" });
        let body = json!({
            "logGroupName": "g", "filterName": "f", "filterPattern": pattern,
            "metricTransformations": [testkit::with(one, more)],
        });
        h.logs("PutMetricFilter", body).await
    };
    let code = "InvalidParameterException";

    for (pattern, more, text) in [
        (
            "{ $.a = }",
            json!({}),
            "Invalid metric filter pattern: something to compare with is missing (character 9)",
        ),
        (
            "x",
            json!({ "metricNamespace": "AWS/x" }),
            "Invalid metric transformation: a namespace that begins with AWS/ is AWS's.",
        ),
        (
            "x",
            json!({ "metricValue": "$.a" }),
            "Invalid metric transformation: the filter pattern has nothing that metricValue names.",
        ),
        (
            "{ $.a = 1 }",
            json!({ "dimensions": { "d": "$.a" }, "defaultValue": 0.0 }),
            "Invalid metric transformation: dimensions and default value are mutually exclusive properties.",
        ),
        (
            "[a, b]",
            json!({ "dimensions": { "d": "$c" } }),
            "Invalid metric transformation: a dimension is no field of the filter pattern.",
        ),
    ] {
        put(pattern, more).await.refused(code, text);
    }
    let body = json!({ "logGroupName": "g" });
    let described = h.logs("DescribeMetricFilters", body).await.ok();
    assert_eq!(described["metricFilters"], json!([]));
}

async fn put_pattern(h: &Harness, name: &str, pattern: &str) -> Reply {
    let body = json!({
        "logGroupName": "g", "filterName": name, "filterPattern": pattern,
        "metricTransformations": [
            { "metricName": "M", "metricNamespace": "N", "metricValue": "1" },
        ],
    });
    h.logs("PutMetricFilter", body).await
}

#[tokio::test]
async fn five_filters_of_a_group_may_have_regular_expressions() {
    let h = a_group().await;
    for name in ["1", "2", "3", "4", "5"] {
        put_pattern(&h, name, "%a% b").await.ok();
    }

    let refused = put_pattern(&h, "6", "x %a%").await;
    let replaced = put_pattern(&h, "5", "%b%").await;
    let plain = put_pattern(&h, "6", "x").await;

    refused.refused("LimitExceededException", "Resource limit exceeded.");
    replaced.ok();
    plain.ok();
    let described = h
        .logs("DescribeMetricFilters", json!({ "logGroupName": "g" }))
        .await;
    let described = described.ok();
    let filters = described["metricFilters"].as_array().unwrap().iter();
    let patterns: Vec<_> = filters
        .map(|one| one["filterPattern"].as_str().unwrap())
        .collect();
    assert_eq!(patterns, ["%a% b", "%a% b", "%a% b", "%a% b", "%b%", "x"]);
}

#[tokio::test]
async fn all_filters_of_a_group_together_are_bounded() {
    let h = a_group().await;
    let terms = "ab ".repeat(30);
    for name in ["1", "2", "3"] {
        put_pattern(&h, name, &terms).await.ok();
    }

    let refused = put_pattern(&h, "4", &terms).await;
    let smaller = put_pattern(&h, "4", "ab").await;
    let grown = put_pattern(&h, "4", &terms).await;

    let text = "Resource limit exceeded.";
    refused.refused("LimitExceededException", text);
    smaller.ok();
    grown.refused("LimitExceededException", text);
}

#[tokio::test]
async fn of_many_values_of_a_dimension_a_thousand_are_counted_and_others_have_turns() {
    let h = a_group().await;
    let body = json!({
        "logGroupName": "g", "filterName": "f", "filterPattern": "[kind]",
        "metricTransformations": [{
            "metricName": "M", "metricNamespace": "N", "metricValue": "1",
            "dimensions": { "Kind": "$kind" },
        }],
    });
    h.logs("PutMetricFilter", body).await.ok();
    let kinds: Vec<String> = (0..1_100).map(|kind| format!("k{kind:04}")).collect();
    let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();

    let ((), turns) = testkit::turns(put(&h, &kinds)).await;

    assert!(turns >= 1_000, "{turns}");
    assert_eq!(lines(&h).await.len(), 1_100);
    let (mut counted, mut token) = (0, Value::Null);
    loop {
        let mut body = json!({ "Namespace": "N" });
        if !token.is_null() {
            body["NextToken"] = token;
        }
        let page = h.cloudwatch("ListMetrics", body).await.json();
        counted += page["Metrics"].as_array().unwrap().len();
        token = page["NextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(counted, 1_000);
}
