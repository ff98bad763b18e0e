use super::kit::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_function_is_found_by_every_name() {
    let (h, _) = with_function().await;

    for name in [
        "f",
        "f:$LATEST",
        "function:f",
        "123456789012:function:f",
        ARN,
    ] {
        let reply = h
            .lambda("GetFunction", json!({ "FunctionName": name }))
            .await;
        let shown = reply.done(200);
        assert_eq!(shown["Configuration"]["FunctionArn"], ARN, "{name}");
        assert_eq!(shown["Code"], json!({ "RepositoryType": "S3" }));
        let event = &h.audit.events_of(&reply.request_id)[0];
        assert_eq!(event["eventName"], "GetFunction20150331v2");
        assert_eq!(
            (
                &event["readOnly"],
                &event["requestParameters"]["functionName"]
            ),
            (&json!(true), &json!(name))
        );
    }
    let latest = json!({ "FunctionName": "f", "Qualifier": "$LATEST" });
    h.lambda("GetFunction", latest).await.done(200);
}

#[tokio::test]
async fn what_is_not_there_is_not_found_by_its_arn() {
    let (h, _) = with_function().await;

    let nothing = h
        .lambda("GetFunction", json!({ "FunctionName": "g" }))
        .await;
    let version = json!({ "FunctionName": "f", "Qualifier": "7" });
    let version = h.lambda("GetFunction", version).await;

    let text = "Function not found: arn:aws:lambda:us-east-1:123456789012:function:g";
    nothing.rest_refused(404, "ResourceNotFoundException", text);
    assert_eq!(
        nothing.text,
        format!(r#"{{"Type":"User","Message":"{text}"}}"#)
    );
    let text = format!("Function not found: {ARN}:7");
    version.rest_refused(404, "ResourceNotFoundException", &text);
}

#[tokio::test]
async fn refusal_comes_before_not_found() {
    let h = Harness::new().await;
    let user = h.a_user("ana", None).await;

    let refused = h
        .lambda_as(&user, "GetFunction", json!({ "FunctionName": "f" }))
        .await;

    let text = denial("ana", "lambda:GetFunction", ARN);
    refused.rest_refused(403, "AccessDeniedException", &text);
    assert_eq!(refused.text, format!(r#"{{"Message":"{text}"}}"#));
}
