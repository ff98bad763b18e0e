use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn tags_are_removed_by_their_keys() {
    let h = a_group().await;
    let body = json!({ "logGroupName": "g", "tags": { "a": "1", "b": "2" } });
    h.logs("TagLogGroup", body).await.ok();

    let body = json!({ "resourceArn": "arn:aws:logs:us-east-1:123456789012:log-group:g", "tagKeys": ["a", "none"] });
    let removed = h.logs("UntagResource", body).await;

    assert_eq!(removed.ok(), json!({}));
    assert_eq!(tags(&h).await, json!({ "b": "2" }));
}
