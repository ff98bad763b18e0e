use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn targets_are_removed_and_missing_ones_told() {
    let h = with_rule().await;
    put_target(&h, topic()).await.ok();

    let body = json!({ "Rule": "r", "Ids": ["t", "x"] });
    let reply = h.rules("RemoveTargets", body).await;

    let expected = json!({ "FailedEntryCount": 1, "FailedEntries": [{
        "TargetId": "x", "ErrorCode": "ResourceNotFoundException",
        "ErrorMessage": "Target does not exist.",
    }]});
    assert_eq!(reply.ok(), expected);
    assert_eq!(targets(&h).await, json!([]));
}
