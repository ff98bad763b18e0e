use super::kit::*;
use super::tag_resource::tags;
use serde_json::json;

#[tokio::test]
async fn a_rule_without_tags_has_an_empty_list_and_other_things_have_none() {
    let h = with_rule().await;
    let list = async |arn: &str| {
        let body = json!({ "ResourceARN": arn });
        h.rules("ListTagsForResource", body).await
    };

    let missing = list(&RULE.replace("/r", "/x")).await;
    let bus = list(&RULE.replace("rule/r", "event-bus/default")).await;

    assert_eq!(tags(&h).await, json!([]));
    let text = "Rule x does not exist on EventBus default.";
    missing.refused("ResourceNotFoundException", text);
    let text = "A resource other than a rule is not supported by this server yet.";
    bus.refused("ValidationException", text);
}
