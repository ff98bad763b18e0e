use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn targets_come_in_pages_as_they_were_put() {
    let h = with_rule().await;
    let transformed = json!({
        "Id": "a", "Arn": TOPIC,
        "InputTransformer": { "InputPathsMap": { "n": "$.detail.n" }, "InputTemplate": "\"<n>\"" },
    });
    put_target(&h, transformed.clone()).await.ok();
    let constant = json!({ "Id": "b", "Arn": TOPIC, "Input": "{}" });
    put_target(&h, constant.clone()).await.ok();

    let first = json!({ "Rule": "r", "Limit": 1 });
    let first = h.rules("ListTargetsByRule", first).await.ok();
    let next = json!({ "Rule": "r", "Limit": 1, "NextToken": first["NextToken"] });
    let second = h.rules("ListTargetsByRule", next).await.ok();

    assert_eq!(first["Targets"], json!([transformed]));
    assert_eq!(second, json!({ "Targets": [constant] }));
}
