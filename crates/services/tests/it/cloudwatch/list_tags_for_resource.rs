use super::kit::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn what_is_no_alarm_of_ones_own_is_not_found() {
    let h = Harness::new().await;
    an_alarm(&h, json!({})).await;
    let own = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:a";

    let listed = h
        .cloudwatch("ListTagsForResource", json!({ "ResourceARN": own }))
        .await;

    assert_eq!(ok(&listed), json!({ "Tags": [] }));
    for arn in [
        "arn:aws:cloudwatch:us-east-1:123456789012:alarm:b",
        "arn:aws:cloudwatch:us-east-1:210987654321:alarm:a",
        "arn:aws:cloudwatch:us-east-1:123456789012:alarm:",
        "x",
    ] {
        let missing = h
            .cloudwatch("ListTagsForResource", json!({ "ResourceARN": arn }))
            .await;
        refused(&missing, 404, "ResourceNotFoundException", "Unknown");
    }
}
