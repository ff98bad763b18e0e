use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn a_target_does_not_mean_one_that_has_the_name_later() {
    let (h, arn) = with_destination(api_key(), json!({})).await;
    let name = json!({ "Name": "pager" });
    let described = h.rules("DescribeApiDestination", name.clone()).await.ok();

    let deleted = h.rules("DeleteApiDestination", name.clone()).await.ok();
    let again = h.rules("DeleteApiDestination", name).await;
    let connection = described["ConnectionArn"].as_str().unwrap();
    let later = direct(&h, pager(connection)).await;
    h.a_secret("db", "x").await;
    h.follow().await;

    assert_eq!(deleted, json!({}));
    let text =
        "Failed to describe the api-destination(s). An api-destination 'pager' does not exist.";
    again.refused("ResourceNotFoundException", text);
    assert_ne!(arn, later);
    assert!(h.messenger.posts().is_empty());
    assert_eq!(whys(&h).await, ["the API destination is not there"]);
}
