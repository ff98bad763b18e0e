use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn without_a_policy_lines_stay() {
    let h = a_group().await;
    let body = json!({ "logGroupName": "g", "retentionInDays": 1 });
    h.logs("PutRetentionPolicy", body).await.ok();
    put(&h, &["x"]).await;

    let body = json!({ "logGroupName": "g" });
    let deleted = h.logs("DeleteRetentionPolicy", body).await;
    h.clock.advance_days(400);
    h.app.tick().await.unwrap();

    assert_eq!(deleted.ok(), json!({}));
    assert_eq!(lines(&h).await, ["x"]);
}
