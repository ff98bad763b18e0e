use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn a_rule_is_enabled_and_one_that_is_not_there_is_not() {
    let h = with_rule().await;
    h.rules("DisableRule", json!({ "Name": "r" })).await.ok();

    let reply = h.rules("EnableRule", json!({ "Name": "r" })).await;
    let missing = h.rules("EnableRule", json!({ "Name": "x" })).await;

    assert_eq!(reply.ok(), json!({}));
    let described = h.rules("DescribeRule", json!({ "Name": "r" })).await.ok();
    assert_eq!(described["State"], "ENABLED");
    let text = "Rule x does not exist on EventBus default.";
    missing.refused("ResourceNotFoundException", text);
}
