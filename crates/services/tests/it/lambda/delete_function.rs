use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn a_deleted_function_is_gone_and_its_name_free() {
    let (h, _) = with_function().await;

    let reply = h
        .lambda("DeleteFunction", json!({ "FunctionName": "f" }))
        .await;
    let again = h
        .lambda("DeleteFunction", json!({ "FunctionName": "f" }))
        .await;

    assert_eq!((reply.status, reply.text.as_str()), (204, ""));
    let event = &h.audit.events_of(&reply.request_id)[0];
    assert_eq!(event["eventName"], "DeleteFunction20150331");
    let text = format!("Function not found: {ARN}");
    again.rest_refused(404, "ResourceNotFoundException", &text);
    h.a_function("f", "arn:aws:iam::123456789012:role/r").await;
}

#[tokio::test]
async fn the_version_alone_cannot_be_deleted() {
    let (h, _) = with_function().await;
    let body = json!({ "FunctionName": "f", "Qualifier": "$LATEST" });

    let refused = h.lambda("DeleteFunction", body).await;

    let text = "$LATEST version cannot be deleted without deleting the function.";
    refused.rest_refused(400, "InvalidParameterValueException", text);
    shown(&h).await;
}
