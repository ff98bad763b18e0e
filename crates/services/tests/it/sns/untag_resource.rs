use super::kit::*;
use super::tag_resource::{tag, tags};
use serde_json::json;

#[tokio::test]
async fn tags_are_taken_away_and_unknown_ones_ignored() {
    let h = with_topic().await;
    tag(&h, TOPIC, "a", "1").await.xml_ok();
    tag(&h, TOPIC, "b", "2").await.xml_ok();
    let parameters = [
        ("ResourceArn", TOPIC),
        ("TagKeys.member.1", "a"),
        ("TagKeys.member.2", "x"),
    ];

    let reply = h.sns("UntagResource", &parameters).await;

    assert_eq!(reply.xml_ok(), json!({ "UntagResourceResult": "" }));
    assert_eq!(tags(&h).await, json!([{ "Key": "b", "Value": "2" }]));
}
