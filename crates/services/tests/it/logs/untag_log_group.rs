use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn tags_are_removed_by_their_keys() {
    let h = a_group().await;
    let body = json!({ "logGroupName": "g", "tags": { "a": "1", "b": "2" } });
    h.logs("TagLogGroup", body).await.ok();

    let body = json!({ "logGroupName": "g", "tags": ["a", "none"] });
    let removed = h.logs("UntagLogGroup", body).await;

    assert_eq!(removed.ok(), json!({}));
    assert_eq!(tags(&h).await, json!({ "b": "2" }));
}
