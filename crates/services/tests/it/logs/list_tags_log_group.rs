use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn the_tags_of_a_group_are_listed_by_its_name() {
    let h = a_group().await;
    let list = async |group: &str| {
        h.logs("ListTagsLogGroup", json!({ "logGroupName": group }))
            .await
    };

    assert_eq!(list("g").await.ok(), json!({ "tags": {} }));
    let text = "The specified log group does not exist.";
    list("none")
        .await
        .refused("ResourceNotFoundException", text);
}
