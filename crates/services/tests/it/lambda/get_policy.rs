use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn a_policy_is_shown_with_the_revision() {
    let (h, _) = with_function().await;
    let body = json!({
        "FunctionName": "f", "StatementId": "s", "Action": "lambda:*", "Principal": "*",
    });
    h.lambda("AddPermission", body).await.done(201);

    let reply = h.lambda("GetPolicy", json!({ "FunctionName": ARN })).await;

    let shown = reply.done(200);
    assert_eq!(shown["RevisionId"], revision(&h).await);
    let text = shown["Policy"].as_str().unwrap();
    assert!(text.contains(r#""Principal":"*""#), "{text}");
    let event = &h.audit.events_of(&reply.request_id)[0];
    assert_eq!(event["eventName"], "GetPolicy20150331v2");
}

#[tokio::test]
async fn without_statements_there_is_no_policy() {
    let (h, _) = with_function().await;

    let none = h.lambda("GetPolicy", json!({ "FunctionName": "f" })).await;

    let text = "The resource you requested does not exist.";
    none.rest_refused(404, "ResourceNotFoundException", text);
}
