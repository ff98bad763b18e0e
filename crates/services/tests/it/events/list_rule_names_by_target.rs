use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn the_rules_that_tell_a_target_are_named() {
    let h = with_rule().await;
    let other = json!({ "Name": "s", "EventPattern": pattern().to_string() });
    h.rules("PutRule", other).await.ok();
    put_target(&h, topic()).await.ok();

    let telling = h
        .rules("ListRuleNamesByTarget", json!({ "TargetArn": TOPIC }))
        .await;
    let none = h
        .rules("ListRuleNamesByTarget", json!({ "TargetArn": FUNCTION }))
        .await;

    assert_eq!(telling.ok(), json!({ "RuleNames": ["r"] }));
    assert_eq!(none.ok(), json!({ "RuleNames": [] }));
}
