use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn a_function_without_tags_has_none() {
    let (h, _) = with_function().await;

    let reply = h.lambda("ListTags", json!({ "Resource": ARN })).await;

    assert_eq!(reply.done(200), json!({ "Tags": {} }));
    let event = &h.audit.events_of(&reply.request_id)[0];
    assert_eq!(event["eventName"], "ListTags20170331");
}

#[tokio::test]
async fn a_function_that_is_not_there_is_not_found() {
    let (h, _) = running().await;

    let refused = h.lambda("ListTags", json!({ "Resource": ARN })).await;

    let text = format!("Function not found: {ARN}");
    refused.rest_refused(404, "ResourceNotFoundException", &text);
}
