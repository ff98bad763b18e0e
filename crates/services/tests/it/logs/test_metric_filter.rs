use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn matching_lines_are_shown_with_what_the_pattern_takes_out() {
    let h = Harness::new().await;
    let body = json!({
        "filterPattern": "{ $.a = 1 && $.b = \"x*\" }",
        "logEventMessages": ["{\"a\":1,\"b\":\"xy\"}", "text", "{\"a\":2,\"b\":\"x\"}"],
    });

    let tested = h.logs("TestMetricFilter", body).await.ok();

    assert_eq!(
        tested,
        json!({ "matches": [{
            "eventNumber": 1, "eventMessage": "{\"a\":1,\"b\":\"xy\"}",
            "extractedValues": { "$.a": "1", "$.b": "xy" },
        }] })
    );
}

#[tokio::test]
async fn a_malformed_pattern_is_refused_with_where() {
    let h = Harness::new().await;

    let body = json!({ "filterPattern": "[a", "logEventMessages": ["x"] });
    let refused = h.logs("TestMetricFilter", body).await;

    refused.refused(
        "InvalidParameterException",
        "Invalid metric filter pattern: a `,` or `]` is missing (character 3)",
    );
}
