use super::kit::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn tags_are_removed_by_their_keys() {
    let h = Harness::new().await;
    let arn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:a";
    let tags = json!([{ "Key": "x", "Value": "1" }, { "Key": "y", "Value": "2" }]);
    an_alarm(&h, json!({ "Tags": tags })).await;

    let body = json!({ "ResourceARN": arn, "TagKeys": ["x", "none"] });
    let untagged = h.cloudwatch("UntagResource", body).await;

    assert_eq!(ok(&untagged), json!({}));
    let listed = h
        .cloudwatch("ListTagsForResource", json!({ "ResourceARN": arn }))
        .await;
    assert_eq!(ok(&listed)["Tags"], json!([{ "Key": "y", "Value": "2" }]));
}
