use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn a_stream_is_made_once_and_has_no_lines() {
    let h = a_group().await;
    let body = json!({ "logGroupName": "g", "logStreamName": "t" });

    let created = h.logs("CreateLogStream", body.clone()).await;
    let again = h.logs("CreateLogStream", body.clone()).await;
    let lines = h.logs("GetLogEvents", body).await.ok();

    assert_eq!(created.ok(), json!({}));
    let text = "The specified log stream already exists";
    again.refused("ResourceAlreadyExistsException", text);
    assert_eq!(lines["events"], json!([]));
    let listed = h
        .logs("DescribeLogStreams", json!({ "logGroupName": "g" }))
        .await
        .ok();
    let arn = "arn:aws:logs:us-east-1:123456789012:log-group:g:log-stream:t";
    let stream = listed["logStreams"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["logStreamName"] == "t");
    let expected = json!({
        "logStreamName": "t", "creationTime": h.now().as_millis(), "arn": arn, "storedBytes": 0,
    });
    assert_eq!(stream, Some(&expected));
}

#[tokio::test]
async fn a_stream_needs_its_group() {
    let h = a_group().await;

    let body = json!({ "logGroupName": "none", "logStreamName": "t" });
    let missing = h.logs("CreateLogStream", body).await;

    let text = "The specified log group does not exist.";
    missing.refused("ResourceNotFoundException", text);
}
