use super::kit::*;
use serde_json::{Value, json};

#[tokio::test]
async fn the_configuration_is_that_of_the_function() {
    let (h, _) = with_function().await;

    let reply = h
        .lambda("GetFunctionConfiguration", json!({ "FunctionName": "f" }))
        .await;

    let configuration = reply.done(200);
    assert_eq!(configuration, shown(&h).await["Configuration"]);
    assert_eq!(configuration["Code"], Value::Null);
    let event = &h.audit.events_of(&reply.request_id)[0];
    assert_eq!(event["eventName"], "GetFunctionConfiguration20150331v2");
}

#[tokio::test]
async fn it_needs_leave_of_its_own() {
    let (h, _) = with_function().await;
    let user = h
        .a_user("ana", Some(&allow("lambda:GetFunction", "*")))
        .await;
    let body = json!({ "FunctionName": "f" });

    let refused = h.lambda_as(&user, "GetFunctionConfiguration", body).await;

    let text = denial("ana", "lambda:GetFunctionConfiguration", ARN);
    refused.rest_refused(403, "AccessDeniedException", &text);
}
