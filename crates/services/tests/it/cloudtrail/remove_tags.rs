use super::kit::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn tags_are_taken_away_by_their_keys() {
    let h = Harness::new().await;
    let tags = json!([{ "Key": "a", "Value": "1" }, { "Key": "b", "Value": "2" }]);
    a_trail(&h, "trail", json!({ "TagsList": tags })).await;

    let body = json!({
        "ResourceId": arn("trail"), "TagsList": [{ "Key": "a", "Value": "x" }, { "Key": "c" }],
    });
    h.cloudtrail("RemoveTags", body).await.ok();

    let listed = json!({ "ResourceIdList": [arn("trail")] });
    let listed = h.cloudtrail("ListTags", listed).await.ok();
    let expected = json!([{ "Key": "b", "Value": "2" }]);
    assert_eq!(listed["ResourceTagList"][0]["TagsList"], expected);
}

#[tokio::test]
async fn what_is_not_there_has_no_tags() {
    let h = Harness::new().await;

    let body = json!({ "ResourceId": arn("nothing"), "TagsList": [{ "Key": "a" }] });
    let missing = h.cloudtrail("RemoveTags", body).await;

    let text = format!(
        "Unknown trail: {} for the user: 123456789012",
        arn("nothing")
    );
    missing.refused("ResourceNotFoundException", &text);
}
