use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn a_stream_goes_with_its_lines_and_what_they_took() {
    let h = a_group().await;
    put(&h, &["one", "two"]).await;
    let body = json!({ "logGroupName": "g", "logStreamName": "s" });

    let deleted = h.logs("DeleteLogStream", body.clone()).await;
    let again = h.logs("DeleteLogStream", body.clone()).await;

    assert_eq!(deleted.ok(), json!({}));
    let text = "The specified log stream does not exist.";
    again.refused("ResourceNotFoundException", text);
    let listed = h.logs("DescribeLogGroups", json!({})).await.ok();
    assert_eq!(listed["logGroups"][0]["storedBytes"], 0);
    h.logs("CreateLogStream", body.clone()).await.ok();
    assert_eq!(h.logs("GetLogEvents", body).await.ok()["events"], json!([]));
}
