use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn a_rule_that_is_not_there_is_told_to_who_may_ask() {
    let h = with_rule().await;
    let nobody = h.a_user("nobody", None).await;

    let missing = h.rules("DescribeRule", json!({ "Name": "x" })).await;
    let refused = h
        .rules_as(&nobody, "DescribeRule", json!({ "Name": "x" }))
        .await;

    let text = "Rule x does not exist on EventBus default.";
    missing.refused("ResourceNotFoundException", text);
    assert_eq!(refused.json()["__type"], "AccessDeniedException");
}
