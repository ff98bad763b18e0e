//! Functions as other services of this server call them.

use super::kit::*;
use base::{AccountId, Plaintext};
use serde_json::{Value, json};
use strongroom_services::InPlay;
use strongroom_services::ports::{Functions as _, FunctionsError, Invocation, Invoker, LogLines};
use testkit::{Harness, failing, with};

const SECRET: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-a1b2c3";

async fn call(h: &Harness, function: &str, secret: &str) -> Result<Invocation, FunctionsError> {
    let account = AccountId::parse(secret.split(':').nth(4).unwrap()).unwrap();
    let invoker = Invoker {
        service: "secretsmanager.amazonaws.com",
        source_arn: secret,
        source_account: &account,
    };
    let payload = Plaintext::from(String::from(r#"{"Step":"createSecret"}"#));
    let in_play = InPlay::default();
    let call = h
        .lambda
        .invoke(&h.app, function, invoker, &payload, &in_play);
    call.await
}

async fn permit(h: &Harness, more: Value) {
    let body = json!({
        "FunctionName": "f", "StatementId": "s", "Action": "lambda:InvokeFunction",
        "Principal": "secretsmanager.amazonaws.com",
    });
    h.lambda("AddPermission", with(body, more)).await.done(201);
}

fn refusal(outcome: Result<Invocation, FunctionsError>) -> String {
    outcome
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default()
}

#[tokio::test]
async fn a_service_calls_what_lets_it_and_has_the_log() {
    let (h, executor) = with_function().await;
    permit(&h, json!({})).await;

    let called = call(&h, ARN, SECRET).await.unwrap();

    assert_eq!(
        called.answer.unwrap().expose(),
        br#"{"Step":"createSecret"}"#
    );
    assert_eq!(called.log_group, "/aws/lambda/f");
    assert_eq!(json!(called.log_stream), executor.seen()[0]["logStream"]);
    let lines = h.lambda.log_lines(
        &h.app,
        LogLines {
            group: &called.log_group,
            stream: &called.log_stream,
            request_id: &called.request_id,
            most: 100,
        },
    );
    let lines = lines.await.unwrap();
    assert_eq!(lines[1], "hello");
    assert!(lines[0].starts_with("START RequestId: "));
    let event = h.audit.named("Invoke").pop().unwrap();
    assert_eq!(
        event["userIdentity"],
        json!({ "type": "AWSService", "invokedBy": "secretsmanager.amazonaws.com" })
    );
    assert_eq!(event["requestParameters"]["functionName"], ARN);
    assert_eq!(event["requestID"], called.request_id);
    assert_eq!(event["recipientAccountId"], "123456789012");
}

#[tokio::test]
async fn a_service_is_let_in_for_the_resource_that_is_meant() {
    let (h, executor) = with_function().await;
    permit(
        &h,
        json!({ "SourceArn": SECRET, "SourceAccount": "123456789012" }),
    )
    .await;

    let meant = call(&h, ARN, SECRET).await.is_ok();
    let other = refusal(call(&h, ARN, &SECRET.replace("db-", "dc-")).await);
    let foreign = refusal(call(&h, ARN, &SECRET.replace("123456789012", "210987654321")).await);

    assert!(meant);
    assert_eq!(other, "the function cannot be invoked");
    assert_eq!(foreign, "the function cannot be invoked");
    assert_eq!(executor.seen().len(), 1);
    let events = h.audit.named("Invoke");
    assert_eq!(events.len(), 3);
    assert_eq!(events[1]["errorCode"], "AccessDeniedException");
}

#[tokio::test]
async fn without_a_statement_no_service_is_let_in_nor_to_what_is_not_there() {
    let (h, executor) = with_function().await;

    for function in [
        ARN,
        &ARN.replace("n:f", "n:g"),
        &format!("{ARN}:7"),
        "f",
        "nonsense",
    ] {
        let refused = refusal(call(&h, function, SECRET).await);
        assert_eq!(refused, "the function cannot be invoked", "{function}");
    }

    assert_eq!(executor.seen(), Vec::<Value>::new());
}

#[tokio::test]
async fn a_deny_of_nobody_is_there_and_another_service_is_not_meant() {
    let (h, _) = with_function().await;
    permit(&h, json!({ "Principal": "s3.amazonaws.com" })).await;

    assert_eq!(
        refusal(call(&h, ARN, SECRET).await),
        "the function cannot be invoked"
    );
}

#[tokio::test]
async fn what_a_function_fails_with_is_no_refusal() {
    let (h, executor) = with_function().await;
    permit(&h, json!({})).await;
    executor.will(|_| Ok(failing("ValueError", "no")));

    let called = call(&h, ARN, SECRET).await.unwrap();

    let failure = called.answer.err().unwrap();
    assert_eq!(
        (failure.kind.as_str(), failure.message.as_str()),
        ("ValueError", "no")
    );
}

#[tokio::test]
async fn the_log_of_a_call_is_there_for_who_called_also_where_the_role_may_not_write() {
    let (h, _) = running().await;
    let role = h.a_function_role("silent", None).await;
    h.a_function("f", &role).await;
    permit(&h, json!({})).await;
    let called = call(&h, ARN, SECRET).await.unwrap();
    let lines = |most: usize| LogLines {
        group: &called.log_group,
        stream: &called.log_stream,
        request_id: &called.request_id,
        most,
    };

    let all = h.lambda.log_lines(&h.app, lines(100)).await.unwrap();
    let last = h.lambda.log_lines(&h.app, lines(2)).await.unwrap();
    h.clock.advance_days(14);
    h.app.tick().await.unwrap();
    let later = h.lambda.log_lines(&h.app, lines(100)).await.unwrap();

    assert_eq!((all.len(), all[1].as_str()), (4, "hello"));
    assert!(all[0].starts_with("START ") && all[3].starts_with("REPORT "));
    assert_eq!(last, all[2..]);
    assert_eq!(later, Vec::<String>::new());
    let groups = h.logs("DescribeLogGroups", json!({})).await.ok();
    assert_eq!(groups, json!({ "logGroups": [] }));
}

#[tokio::test]
async fn functions_that_are_switched_off_say_so() {
    let h = Harness::new().await;
    let role = h.a_function_role("r", None).await;
    h.a_function("f", &role).await;
    permit(&h, json!({})).await;

    let refused = refusal(call(&h, ARN, SECRET).await);

    assert_eq!(
        refused,
        "Running functions in processes is switched off on this server."
    );
}
