use super::kit::*;
use data_encoding::BASE64;
use serde_json::{Value, json};
use std::sync::Arc;
use strongroom_services::lambda::Concurrency;
use strongroom_services::ports::{Executors, NotExecuted};
use testkit::{Harness, Reply, ScriptedExecutor, failing, returning, with};

async fn invoke(h: &Harness, more: Value) -> Reply {
    h.lambda("Invoke", with(json!({ "FunctionName": "f" }), more))
        .await
}

fn payload(text: &str) -> Value {
    json!({ "Payload": BASE64.encode(text.as_bytes()) })
}

fn header<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
    reply.headers.get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn what_the_function_returns_is_the_answer() {
    let (h, executor) = with_function().await;
    let update = json!({ "FunctionName": "f", "Environment": { "Variables": { "NAME": "v" } } });
    h.lambda("UpdateFunctionConfiguration", update)
        .await
        .done(200);

    let reply = invoke(&h, payload(r#"{"a":[1, 2]}"#)).await;

    assert_eq!(
        (reply.status, reply.text.as_str()),
        (200, r#"{"a":[1, 2]}"#)
    );
    assert_eq!(header(&reply, "x-amz-executed-version"), Some("$LATEST"));
    assert_eq!(header(&reply, "x-amz-function-error"), None);
    assert_eq!(header(&reply, "x-amz-log-result"), None);
    let seen = &executor.seen()[0];
    assert_eq!(
        (
            &seen["arn"],
            &seen["runtime"],
            &seen["handler"],
            &seen["environment"],
            &seen["requestId"]
        ),
        (
            &json!(ARN),
            &json!("python3.12"),
            &json!("f.handler"),
            &json!({ "NAME": "v" }),
            &json!(reply.request_id),
        )
    );
    assert_eq!(seen["timeoutSeconds"], 3);
}

#[tokio::test]
async fn the_run_and_the_role_behind_it_are_in_the_audit_log() {
    let (h, executor) = with_function().await;

    let reply = invoke(&h, payload(r#"{"password":"CANARY"}"#)).await;

    let events = h.audit.events_of(&reply.request_id);
    let names: Vec<&Value> = events.iter().map(|event| &event["eventName"]).collect();
    assert_eq!(names, ["AssumeRole", "Invoke"]);
    let assumed = &events[0];
    assert_eq!(
        assumed["userIdentity"],
        json!({ "type": "AWSService", "invokedBy": "lambda.amazonaws.com" })
    );
    assert_eq!(assumed["requestParameters"]["roleSessionName"], "f");
    assert_eq!(assumed["sourceIPAddress"], "lambda.amazonaws.com");
    assert_eq!(
        assumed["responseElements"]["credentials"]["accessKeyId"],
        executor.seen()[0]["accessKeyId"]
    );
    assert_eq!(events[1]["resources"][0]["ARN"], ARN);
    for secret in [
        "CANARY",
        executor.seen()[0]["secretAccessKey"].as_str().unwrap(),
    ] {
        assert!(!json!(events).to_string().contains(secret));
    }
}

#[tokio::test]
async fn nothing_runs_when_the_audit_log_fails() {
    let (h, executor) = with_function().await;
    h.audit.fail(true);

    let reply = invoke(&h, json!({})).await;

    assert_eq!(reply.status, 500);
    assert_eq!(executor.seen(), Vec::<Value>::new());
}

#[tokio::test]
async fn a_failure_is_told_as_one() {
    let (h, executor) = with_function().await;
    executor.will(|_| Ok(failing("ValueError", "no \"luck\"")));

    let reply = invoke(&h, json!({ "LogType": "Tail" })).await;

    assert_eq!(
        reply.done(200),
        json!({ "errorMessage": "no \"luck\"", "errorType": "ValueError" })
    );
    assert_eq!(header(&reply, "x-amz-function-error"), Some("Unhandled"));
    let log = BASE64
        .decode(header(&reply, "x-amz-log-result").unwrap().as_bytes())
        .unwrap();
    let log = String::from_utf8(log).unwrap();
    let id = &reply.request_id;
    assert_eq!(
        log,
        format!(
            "START RequestId: {id} Version: $LATEST\nhello\nEND RequestId: {id}\nREPORT RequestId: \
             {id}\tDuration: 12.00 ms\tBilled Duration: 12 ms\tMemory Size: 128 MB\tMax Memory Used: \
             34 MB\t\n"
        )
    );
}

#[tokio::test]
async fn the_tail_of_a_log_has_four_kilobytes() {
    let (h, executor) = with_function().await;
    executor.will(|_| {
        let mut executed = returning(b"null");
        executed.log[0].text = "x".repeat(10_000);
        Ok(executed)
    });

    let reply = invoke(&h, json!({ "LogType": "Tail" })).await;

    let log = BASE64
        .decode(header(&reply, "x-amz-log-result").unwrap().as_bytes())
        .unwrap();
    assert_eq!(log.len(), 4_096);
    assert!(String::from_utf8(log).unwrap().ends_with("34 MB\t\n"));
}

#[tokio::test]
async fn an_executor_may_tell_more_of_a_failure() {
    let (h, executor) = with_function().await;
    executor.will(|_| {
        let mut executed = failing("ValueError", "no");
        let payload = r#"{"errorMessage":"no","errorType":"ValueError","stackTrace":["at"]}"#;
        executed.failure_payload = Some(base::Plaintext::from(payload.to_owned()));
        Ok(executed)
    });

    let reply = invoke(&h, json!({})).await;

    assert_eq!(reply.json()["stackTrace"], json!(["at"]));
}

#[tokio::test]
async fn a_dry_run_runs_nothing() {
    let (h, executor) = with_function().await;
    let user = h.a_user("ana", None).await;
    let body = json!({ "FunctionName": "f", "InvocationType": "DryRun" });

    let dry = h.lambda("Invoke", body.clone()).await;
    let refused = h.lambda_as(&user, "Invoke", body).await;

    assert_eq!((dry.status, dry.text.as_str()), (204, ""));
    let text = denial("ana", "lambda:InvokeFunction", ARN);
    refused.rest_refused(403, "AccessDeniedException", &text);
    assert_eq!(executor.seen(), Vec::<Value>::new());
}

#[tokio::test]
async fn an_event_has_to_be_json_and_of_bounded_size() {
    let (h, executor) = with_function().await;
    let large = |size: usize| payload(&format!("\"{}\"", "x".repeat(size - 2)));

    let broken = invoke(&h, payload("{CANARY")).await;
    let larger = invoke(&h, large(6_291_457)).await;
    let largest = invoke(&h, large(6_291_456)).await;
    let queued = with(large(1_048_577), json!({ "InvocationType": "Event" }));
    let queued = invoke(&h, queued).await;
    executor.will(|_| Ok(returning(&vec![b'1'; 6_291_557])));
    let answered = invoke(&h, json!({})).await;

    let text = "Could not parse request body into json: line 1, column 2";
    broken.rest_refused(400, "InvalidRequestContentException", text);
    let text = "Request must be smaller than 6291456 bytes for the InvokeFunction operation";
    larger.rest_refused(413, "RequestTooLargeException", text);
    assert_eq!(largest.status, 200);
    assert_eq!(queued.status, 413);
    assert_eq!(
        answered.json()["errorType"],
        "Function.ResponseSizeTooLarge"
    );
}

#[tokio::test]
async fn functions_that_are_switched_off_say_so() {
    let h = Harness::new().await;
    let role = h.a_function_role("r", None).await;
    h.a_function("f", &role).await;

    let reply = invoke(&h, json!({})).await;

    let text = "The operation cannot be performed at this time. Running functions in processes is \
                switched off on this server.";
    reply.rest_refused(409, "ResourceConflictException", text);
}

#[tokio::test]
async fn what_could_not_be_started_says_why() {
    let (h, executor) = with_function().await;
    executor.will(|_| Err(NotExecuted(String::from("python3.12 is not installed."))));

    let reply = invoke(&h, json!({})).await;

    let text = "The operation cannot be performed at this time. python3.12 is not installed.";
    reply.rest_refused(409, "ResourceConflictException", text);
}

#[tokio::test]
async fn a_role_that_trusts_lambda_no_more_runs_nothing() {
    let (h, executor) = with_function().await;
    let trust = policy(&[json!({
        "Effect": "Allow", "Principal": { "AWS": "123456789012" }, "Action": "sts:AssumeRole",
    })]);
    let parameters = [("RoleName", "r"), ("PolicyDocument", &trust.to_string())];
    h.iam("UpdateAssumeRolePolicy", &parameters).await.xml_ok();

    let reply = invoke(&h, json!({})).await;

    let text = "The role defined for the function cannot be assumed by Lambda.";
    reply.rest_refused(403, "AccessDeniedException", text);
    assert_eq!(executor.seen(), Vec::<Value>::new());
}

#[tokio::test]
async fn runs_are_bounded_in_number() {
    let executor = Arc::new(ScriptedExecutor::default());
    let executors = Executors {
        process: Some(executor.clone()),
        ..Executors::default()
    };
    let none = Concurrency {
        of_account: 0,
        of_function: 1,
    };
    let h = Harness::running(executors, none).await;
    let role = h.a_function_role("r", None).await;
    h.a_function("f", &role).await;

    let reply = invoke(&h, json!({})).await;

    reply.rest_refused(429, "TooManyRequestsException", "Rate Exceeded.");
    assert_eq!(executor.seen(), Vec::<Value>::new());
}

#[tokio::test(start_paused = true)]
async fn a_function_that_does_not_end_is_given_up() {
    let executors = Executors {
        process: Some(Arc::new(Endless)),
        ..Executors::default()
    };
    let h = Harness::running(executors, Concurrency::default()).await;
    let role = h.a_function_role("r", None).await;
    h.a_function("f", &role).await;

    let reply = invoke(&h, json!({ "LogType": "Tail" })).await;

    let id = &reply.request_id;
    assert_eq!(
        reply.done(200),
        json!({
            "errorMessage": format!("RequestId: {id} Error: Task timed out after 3.00 seconds"),
            "errorType": "Sandbox.Timedout",
        })
    );
    let log = BASE64
        .decode(header(&reply, "x-amz-log-result").unwrap().as_bytes())
        .unwrap();
    assert!(
        String::from_utf8(log).unwrap().contains(
            "Z ID Task timed out after 3.00 seconds\n"
                .replace("ID", id)
                .as_str()
        )
    );
}

/// Runs for ever.
struct Endless;

impl strongroom_services::ports::Executor for Endless {
    fn accepts(
        &self,
        _: &base::AccountId,
        _: &strongroom_services::ports::Package,
    ) -> Result<(), String> {
        Ok(())
    }

    fn run<'a>(
        &'a self,
        _: strongroom_services::ports::Execution<'a>,
    ) -> strongroom_services::ports::ExecutionFuture<'a> {
        Box::pin(std::future::pending())
    }
}
