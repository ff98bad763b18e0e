use super::kit::*;
use serde_json::json;
use testkit::Harness;

async fn add(h: &Harness, sid: &str) {
    let body = json!({
        "FunctionName": "f", "StatementId": sid, "Action": "lambda:InvokeFunction",
        "Principal": "secretsmanager.amazonaws.com",
    });
    h.lambda("AddPermission", body).await.done(201);
}

#[tokio::test]
async fn a_statement_goes_and_with_the_last_the_policy() {
    let (h, _) = with_function().await;
    add(&h, "a").await;
    add(&h, "b").await;
    let remove = |sid: &str| json!({ "FunctionName": "f", "StatementId": sid });

    let reply = h.lambda("RemovePermission", remove("a")).await;
    let left = h
        .lambda("GetPolicy", json!({ "FunctionName": "f" }))
        .await
        .done(200);
    h.lambda("RemovePermission", remove("b")).await;
    let none = h.lambda("RemovePermission", remove("b")).await;

    assert_eq!((reply.status, reply.text.as_str()), (204, ""));
    let left = left["Policy"].as_str().unwrap();
    assert!(
        left.contains(r#""Sid":"b""#) && !left.contains(r#""Sid":"a""#),
        "{left}"
    );
    let text = "The resource you requested does not exist.";
    none.rest_refused(404, "ResourceNotFoundException", text);
    let event = &h.audit.events_of(&reply.request_id)[0];
    assert_eq!(event["eventName"], "RemovePermission20150331v2");
}

#[tokio::test]
async fn an_unknown_statement_and_a_stale_revision_are_refused() {
    let (h, _) = with_function().await;
    add(&h, "a").await;

    let unknown = json!({ "FunctionName": "f", "StatementId": "b" });
    let unknown = h.lambda("RemovePermission", unknown).await;
    let stale = json!({ "FunctionName": "f", "StatementId": "a", "RevisionId": "x" });
    let stale = h.lambda("RemovePermission", stale).await;

    let text = "Statement b is not found in resource policy.";
    unknown.rest_refused(404, "ResourceNotFoundException", text);
    assert_eq!(stale.status, 412);
    h.lambda("GetPolicy", json!({ "FunctionName": "f" }))
        .await
        .done(200);
}
