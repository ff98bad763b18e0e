use super::kit::*;
use serde_json::{Value, json};
use testkit::{Harness, Reply};

pub(super) async fn tag(h: &Harness, key: &str, value: &str) -> Reply {
    let body = json!({ "ResourceARN": RULE, "Tags": [{ "Key": key, "Value": value }] });
    h.rules("TagResource", body).await
}

pub(super) async fn tags(h: &Harness) -> Value {
    let listed = h
        .rules("ListTagsForResource", json!({ "ResourceARN": RULE }))
        .await;
    listed.ok()["Tags"].take()
}

#[tokio::test]
async fn tags_are_set_and_replaced_and_wrong_ones_change_nothing() {
    let h = with_rule().await;

    tag(&h, "team", "a").await.ok();
    let reply = tag(&h, "team", "b").await;
    let twin = tag(&h, "Team", "c").await;
    let reserved = tag(&h, "aws:x", "c").await;

    assert_eq!(reply.ok(), json!({}));
    assert_eq!(tags(&h).await, json!([{ "Key": "team", "Value": "b" }]));
    twin.refused("ValidationException", "Tag keys can't differ only in case.");
    let text = "Tag keys starting with aws: are reserved for system use.";
    reserved.refused("ValidationException", text);
}
