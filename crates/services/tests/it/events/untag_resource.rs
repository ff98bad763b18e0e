use super::kit::*;
use super::tag_resource::{tag, tags};
use serde_json::json;

#[tokio::test]
async fn tags_are_taken_away() {
    let h = with_rule().await;
    tag(&h, "a", "1").await.ok();
    tag(&h, "b", "2").await.ok();

    let body = json!({ "ResourceARN": RULE, "TagKeys": ["a", "x"] });
    h.rules("UntagResource", body).await.ok();

    assert_eq!(tags(&h).await, json!([{ "Key": "b", "Value": "2" }]));
}
