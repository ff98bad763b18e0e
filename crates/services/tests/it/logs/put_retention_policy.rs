use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn lines_are_kept_as_long_as_the_policy_says() {
    let h = a_group().await;
    put(&h, &["old"]).await;
    let body = json!({ "logGroupName": "g", "retentionInDays": 3 });
    assert_eq!(h.logs("PutRetentionPolicy", body).await.ok(), json!({}));
    h.clock.advance_days(2);
    h.app.tick().await.unwrap();
    let before = lines(&h).await;
    put(&h, &["new"]).await;

    h.clock.advance_days(2);
    h.app.tick().await.unwrap();

    // The chunk with the new line stays whole.
    assert_eq!(before, ["old"]);
    assert_eq!(lines(&h).await, ["old", "new"]);
    h.clock.advance_days(1);
    h.app.tick().await.unwrap();
    let body = json!({ "logGroupName": "g", "logStreamName": "s" });
    let gone = h.logs("GetLogEvents", body).await;
    gone.refused(
        "ResourceNotFoundException",
        "The specified log stream does not exist.",
    );
    let event = h.audit.named("DeleteLogStream").pop().unwrap();
    assert_eq!(event["additionalEventData"]["retentionInDays"], 3);
}

#[tokio::test]
async fn a_number_that_aws_does_not_know_is_refused() {
    let h = a_group().await;

    let body = json!({ "logGroupName": "g", "retentionInDays": 2 });
    let refused = h.logs("PutRetentionPolicy", body).await;

    assert_eq!(refused.json()["__type"], "InvalidParameterException");
    let listed = h.logs("DescribeLogGroups", json!({})).await.ok();
    assert!(listed["logGroups"][0]["retentionInDays"].is_null());
}
