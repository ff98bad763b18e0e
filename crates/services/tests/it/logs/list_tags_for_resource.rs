use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn the_tags_of_a_group_are_listed_by_its_arn() {
    let h = a_group().await;
    let list = async |arn: &str| {
        h.logs("ListTagsForResource", json!({ "resourceArn": arn }))
            .await
    };
    let arn = "arn:aws:logs:us-east-1:123456789012:log-group:g";

    assert_eq!(list(arn).await.ok(), json!({ "tags": {} }));
    let text = "The specified log group does not exist.";
    list(&format!("{arn}x"))
        .await
        .refused("ResourceNotFoundException", text);
    let text = "The specified resource is not the ARN of a log group.";
    list("g").await.refused("InvalidParameterException", text);
    let foreign = list(&arn.replace("123456789012", "210987654321")).await;
    assert_eq!(foreign.json()["__type"], "AccessDeniedException");
}
