use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn a_rule_goes_when_it_has_no_targets() {
    let h = with_rule().await;
    put_target(&h, topic()).await.ok();

    let kept = h.rules("DeleteRule", json!({ "Name": "r" })).await;
    let body = json!({ "Rule": "r", "Ids": ["t"] });
    h.rules("RemoveTargets", body).await.ok();
    let gone = h.rules("DeleteRule", json!({ "Name": "r" })).await;
    let again = h.rules("DeleteRule", json!({ "Name": "r" })).await;

    kept.refused(
        "ValidationException",
        "Rule can't be deleted since it has targets.",
    );
    assert_eq!((gone.ok(), again.ok()), (json!({}), json!({})));
    assert_eq!(
        h.rules("ListRules", json!({})).await.ok()["Rules"],
        json!([])
    );
}
