use super::kit::*;
use serde_json::{Value, json};
use std::sync::Arc;
use strongroom_services::lambda::Concurrency;
use strongroom_services::ports::Executors;
use testkit::{Harness, ScriptedExecutor};

async fn update(h: &Harness, more: Value) -> testkit::Reply {
    let body = testkit::with(json!({ "FunctionName": "f" }), more);
    h.lambda("UpdateFunctionConfiguration", body).await
}

#[tokio::test]
async fn what_is_given_changes_and_the_rest_stays() {
    let (h, _) = with_function().await;
    let before = shown(&h).await["Configuration"].clone();

    let first = json!({ "Timeout": 7, "Environment": { "Variables": { "NAME": "CANARY" } } });
    let reply = update(&h, first).await;
    let updated = reply.done(200);

    let mut expected = before.clone();
    expected["Timeout"] = json!(7);
    expected["Environment"] = json!({ "Variables": { "NAME": "CANARY" } });
    expected["RevisionId"] = updated["RevisionId"].clone();
    assert_eq!(updated, expected);
    assert_ne!(updated["RevisionId"], before["RevisionId"]);
    assert_eq!(shown(&h).await["Configuration"], updated);
    let event = &h.audit.events_of(&reply.request_id)[0];
    assert_eq!(
        event["requestParameters"],
        json!({ "functionName": "f", "timeout": 7 })
    );
}

#[tokio::test]
async fn variables_are_replaced_whole_and_taken_away_by_none() {
    let (h, _) = with_function().await;
    let variables = |value: Value| json!({ "Environment": { "Variables": value } });
    update(&h, variables(json!({ "AA": "1", "BB": "2" })))
        .await
        .done(200);

    let replaced = update(&h, variables(json!({ "CC": "3" }))).await.done(200);
    let kept = update(&h, json!({ "Description": "d" })).await.done(200);
    let none = update(&h, variables(json!({}))).await.done(200);

    assert_eq!(replaced["Environment"]["Variables"], json!({ "CC": "3" }));
    assert_eq!(kept["Environment"]["Variables"], json!({ "CC": "3" }));
    assert_eq!(none["Environment"], Value::Null);
}

#[tokio::test]
async fn another_role_has_to_be_passed_and_to_trust_lambda() {
    let (h, _) = with_function().await;
    let role = h.a_function_role("other", None).await;
    let user = h.a_user("ana", Some(&allow("lambda:*", "*"))).await;
    let body = json!({ "FunctionName": "f", "Role": role });

    let unpassed = h
        .lambda_as(&user, "UpdateFunctionConfiguration", body.clone())
        .await;
    let nobody = update(&h, json!({ "Role": "arn:aws:iam::123456789012:role/none" })).await;
    let harmless = json!({ "FunctionName": "f", "Timeout": 9 });
    let harmless = h
        .lambda_as(&user, "UpdateFunctionConfiguration", harmless)
        .await;
    let passed = h
        .lambda("UpdateFunctionConfiguration", body)
        .await
        .done(200);

    let text = denial("ana", "iam:PassRole", &role);
    unpassed.rest_refused(403, "AccessDeniedException", &text);
    let text = "The role defined for the function cannot be assumed by Lambda.";
    nobody.rest_refused(400, "InvalidParameterValueException", text);
    harmless.done(200);
    assert_eq!(passed["Role"], role);
}

#[tokio::test]
async fn what_is_not_here_is_refused_and_changes_nothing() {
    let (h, _) = with_function().await;
    let before = shown(&h).await;

    for (more, what) in [
        (json!({ "Runtime": "go1.x" }), "The runtime go1.x"),
        (json!({ "Layers": ["l"] }), "Layers"),
        (json!({ "ImageConfig": {} }), "ImageConfig"),
        (json!({ "DurableConfig": {} }), "DurableConfig"),
    ] {
        let text = format!("{what} is not supported by this server yet.");
        update(&h, more)
            .await
            .rest_refused(400, "InvalidParameterValueException", &text);
    }

    assert_eq!(shown(&h).await, before);
}

#[tokio::test]
async fn a_runtime_that_no_executor_takes_is_refused() {
    let executor = Arc::new(ScriptedExecutor::refusing("nodejs22.x"));
    let executors = Executors {
        process: Some(executor),
        ..Executors::default()
    };
    let h = Harness::running(executors, Concurrency::default()).await;
    let role = h.a_function_role("r", None).await;
    h.a_function("f", &role).await;

    let refused = update(&h, json!({ "Runtime": "nodejs22.x" })).await;
    let taken = update(&h, json!({ "Runtime": "python3.13" })).await;

    let text = "there is no `nodejs22.x` here";
    refused.rest_refused(400, "InvalidParameterValueException", text);
    assert_eq!(taken.done(200)["Runtime"], "python3.13");
}
