use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn what_used_a_deleted_connection_is_inactive_also_when_the_name_is_taken_again() {
    let (h, _) = with_destination(api_key(), json!({})).await;
    let name = json!({ "Name": "hooks" });
    let pager = json!({ "Name": "pager" });

    let deleted = h.rules("DeleteConnection", name.clone()).await.ok();
    let gone = h.rules("DescribeConnection", name.clone()).await;
    connect(&h, api_key()).await;
    h.a_secret("db", "x").await;
    h.follow().await;

    assert_eq!(deleted["ConnectionState"], "DELETING");
    let text = "Failed to describe the connection(s). Connection 'hooks' does not exist.";
    gone.refused("ResourceNotFoundException", text);
    let described = h.rules("DescribeApiDestination", pager).await.ok();
    assert_eq!(described["ApiDestinationState"], "INACTIVE");
    assert!(h.messenger.posts().is_empty());
    assert_eq!(
        whys(&h).await,
        ["the connection of the API destination is not there, or authorizes no more"]
    );
}

#[tokio::test]
async fn one_that_is_not_there_cannot_be_deleted() {
    let h = with_rule().await;

    let reply = h.rules("DeleteConnection", json!({ "Name": "x" })).await;

    let text = "Failed to describe the connection(s). Connection 'x' does not exist.";
    reply.refused("ResourceNotFoundException", text);
}
