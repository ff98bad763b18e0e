use super::kit::*;
use serde_json::{Value, json};
use testkit::{Harness, Reply};

pub(super) async fn tag(h: &Harness, arn: &str, key: &str, value: &str) -> Reply {
    let parameters = [
        ("ResourceArn", arn),
        ("Tags.member.1.Key", key),
        ("Tags.member.1.Value", value),
    ];
    h.sns("TagResource", &parameters).await
}

pub(super) async fn tags(h: &Harness) -> Value {
    let reply = h
        .sns("ListTagsForResource", &[("ResourceArn", TOPIC)])
        .await;
    reply.xml_ok()["ListTagsForResourceResult"]["Tags"].take()
}

#[tokio::test]
async fn tags_are_set_and_replaced() {
    let h = with_topic().await;

    let first = tag(&h, TOPIC, "team", "a").await;
    tag(&h, TOPIC, "team", "b").await.xml_ok();

    assert_eq!(first.xml_ok(), json!({ "TagResourceResult": "" }));
    assert_eq!(tags(&h).await, json!([{ "Key": "team", "Value": "b" }]));
}

#[tokio::test]
async fn wrong_tags_and_wrong_topics_change_nothing() {
    let h = with_topic().await;
    tag(&h, TOPIC, "team", "a").await.xml_ok();

    let reserved = tag(&h, TOPIC, "aws:x", "a").await;
    let twin = tag(&h, TOPIC, "Team", "a").await;
    let missing = tag(&h, &format!("{TOPIC}x"), "team", "a").await;

    let text = "Invalid parameter: Tags Reason: aws: prefixed tag key names are not allowed";
    reserved.xml_refused(400, "InvalidParameter", text);
    let text = "Invalid parameter: Tags Reason: Tag keys can't differ only in case.";
    twin.xml_refused(400, "InvalidParameter", text);
    missing.xml_refused(404, "ResourceNotFound", "Resource does not exist");
    assert_eq!(tags(&h).await, json!([{ "Key": "team", "Value": "a" }]));
}
