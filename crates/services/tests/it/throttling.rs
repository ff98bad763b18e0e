//! Calls beyond a rate: what their callers are told, what is recorded, and whose tokens they take.

use serde_json::{Value, json};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;
use strongroom_services::ports::Executors;
use strongroom_services::{AccountQuotas, Quotas, Rate, Rates};
use testkit::{Caller, Harness, Reply, ScriptedExecutor, Signed, token};

/// Everything unlimited but these, of which there is one call in a second.
fn once_a_second(operations: &[&str]) -> Quotas {
    let mut rates = Rates::unlimited();
    let rate = Rate::with_a_second_of_burst(NonZeroU32::MIN);
    for operation in operations {
        rates.set(operation, Some(rate)).unwrap();
    }
    Quotas::new(AccountQuotas {
        rates,
        ..AccountQuotas::default()
    })
}

fn a_secret(name: &str) -> Value {
    json!({ "Name": name, "SecretString": "s", "ClientRequestToken": token(0) })
}

fn event(h: &Harness, reply: &Reply) -> Value {
    h.audit.events_of(&reply.request_id)[0].clone()
}

#[tokio::test]
async fn a_call_beyond_the_rate_is_refused_recorded_and_changes_nothing() {
    let h = Harness::under(once_a_second(&["secretsmanager:CreateSecret"])).await;
    h.call("CreateSecret", a_secret("first")).await.ok();
    let before = h.everything().await;

    let refused = h.call("CreateSecret", a_secret("second")).await;

    assert_eq!(refused.status, 400);
    assert_eq!(
        refused.text,
        r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#
    );
    let event = event(&h, &refused);
    assert_eq!(event["errorCode"], "ThrottlingException");
    assert_eq!(event["errorMessage"], "Rate exceeded");
    assert_eq!(event["userIdentity"]["accountId"], h.root.account);
    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn tokens_come_back_with_time() {
    let h = Harness::under(once_a_second(&["secretsmanager:CreateSecret"])).await;
    h.call("CreateSecret", a_secret("first")).await.ok();

    h.clock.advance_millis(999);
    let early = h.call("CreateSecret", a_secret("second")).await;
    h.clock.advance_millis(1);
    let in_time = h.call("CreateSecret", a_secret("second")).await;

    assert_eq!((early.status, in_time.status), (400, 200));
}

#[tokio::test]
async fn the_default_rates_are_those_of_aws() {
    let h = Harness::under(Quotas::default()).await;
    let mut statuses = Vec::new();

    for _ in 0..51 {
        statuses.push(h.call("GetRandomPassword", json!({})).await.status);
    }

    assert_eq!(statuses.pop(), Some(400));
    assert!(statuses.iter().all(|status| *status == 200));
}

#[tokio::test]
async fn calls_that_nobody_signs_take_tokens_of_their_address() {
    let h = Harness::under(Quotas::default()).await;
    let arn = "arn:aws:sns:us-east-1:123456789012:t:11111111-2222-4333-8444-555555555555";
    let link = || Signed {
        method: http::Method::GET,
        path: String::from("/"),
        query: format!("Action=Unsubscribe&SubscriptionArn={arn}"),
        headers: http::HeaderMap::new(),
        body: Vec::new(),
    };
    let mut statuses = Vec::new();
    for _ in 0..100 {
        statuses.push(h.send(link()).await.status);
    }

    let refused = h.send(link()).await;
    h.clock.advance_seconds(1);
    let later = h.send(link()).await;

    assert_eq!(statuses, [200; 100]);
    refused.xml_refused(400, "Throttling", "Rate exceeded");
    let event = event(&h, &refused);
    assert_eq!(event["errorCode"], "Throttling");
    assert_eq!(event["requestParameters"], Value::Null);
    assert_eq!(later.status, 200);
}

#[tokio::test]
async fn each_protocol_says_it_in_its_own_way() {
    let operations = ["iam:ListUsers", "kms:ListKeys", "lambda:ListFunctions"];
    let h = Harness::under(once_a_second(&operations)).await;
    h.iam("ListUsers", &[]).await.xml_ok();
    h.kms("ListKeys", json!({})).await.ok();
    h.lambda("ListFunctions", json!({})).await;

    let query = h.iam("ListUsers", &[]).await;
    let kms = h.kms("ListKeys", json!({})).await;
    let rest = h.lambda("ListFunctions", json!({})).await;

    assert_eq!(query.status, 400);
    assert!(
        query
            .text
            .contains("<Code>Throttling</Code><Message>Rate exceeded</Message>"),
        "{}",
        query.text
    );
    assert_eq!(
        kms.text,
        "{\"__type\":\"ThrottlingException\",\"message\":\"You have exceeded the rate at which you \
         may call KMS. Reduce the frequency of your calls.\"}"
    );
    assert_eq!(rest.status, 429);
    assert_eq!(rest.text, r#"{"message":"Rate exceeded"}"#);
}

#[tokio::test]
async fn a_call_for_another_account_takes_a_token_of_its_caller() {
    let h = Harness::under(once_a_second(&["secretsmanager:GetSecretValue"])).await;
    let arn = h.a_secret("db", "s").await;
    let other = h.another_account("210987654321").await;
    let body = json!({ "SecretId": arn });

    let denied = h.call_as(&other, "GetSecretValue", body.clone()).await;
    let throttled = h.call_as(&other, "GetSecretValue", body.clone()).await;
    let own = h.call("GetSecretValue", body).await;

    assert_eq!(denied.json()["__type"], "AccessDeniedException");
    assert_eq!(throttled.json()["__type"], "ThrottlingException");
    assert_eq!(own.status, 200);
}

#[tokio::test]
async fn who_cannot_sign_takes_no_token() {
    let h = Harness::under(once_a_second(&["secretsmanager:GetRandomPassword"])).await;
    let forger = h.root.with_secret("not the secret");

    for _ in 0..5 {
        let refused = h.call_as(&forger, "GetRandomPassword", json!({})).await;
        assert_eq!(refused.json()["__type"], "InvalidSignatureException");
    }

    assert_eq!(h.call("GetRandomPassword", json!({})).await.status, 200);
}

#[tokio::test]
async fn an_input_that_breaks_a_rule_takes_a_token_and_is_told_of_the_rate_first() {
    let h = Harness::under(once_a_second(&["secretsmanager:CreateSecret"])).await;
    let broken = json!({ "Name": "" });

    let first = h.call("CreateSecret", broken.clone()).await;
    let second = h.call("CreateSecret", broken).await;

    assert_eq!(first.json()["__type"], "ValidationException");
    assert_eq!(second.json()["__type"], "ThrottlingException");
}

#[tokio::test]
async fn users_of_one_account_share_its_tokens() {
    let h = Harness::under(once_a_second(&["secretsmanager:GetRandomPassword"])).await;
    let user: Caller = h.a_user("eve", None).await;

    let denied = h.call_as(&user, "GetRandomPassword", json!({})).await;
    let throttled = h.call("GetRandomPassword", json!({})).await;

    assert_eq!(denied.json()["__type"], "AccessDeniedException");
    assert_eq!(throttled.json()["__type"], "ThrottlingException");
}

/// A function that asks for a random password when it is called, of which there is one in a second.
async fn a_function_that_calls() -> (Harness, Arc<ScriptedExecutor>) {
    let executor = Arc::new(ScriptedExecutor::default());
    let executors = Executors {
        process: Some(executor.clone()),
        ..Executors::default()
    };
    let quotas = once_a_second(&["secretsmanager:GetRandomPassword"]);
    let h = Harness::running_under(executors, quotas).await;
    let anything = json!({
        "Version": "2012-10-17",
        "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" },
    });
    let role = h.a_function_role("r", Some(&anything)).await;
    h.a_function("f", &role).await;
    executor.will_call("secretsmanager", "GetRandomPassword", json!({}));
    (h, executor)
}

async fn invoke(h: &Harness) {
    let event = json!({ "FunctionName": "f" });
    assert_eq!(h.lambda("Invoke", event).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn native_code_waits_for_its_turn() {
    let (h, executor) = a_function_that_calls().await;
    h.call("GetRandomPassword", json!({})).await.ok();

    let time_passes = async {
        tokio::time::sleep(Duration::from_millis(900)).await;
        h.clock.advance_seconds(1);
    };
    tokio::join!(invoke(&h), time_passes);

    let answers = executor.answers();
    assert!(answers[0]["RandomPassword"].is_string(), "{answers:?}");
}

#[tokio::test(start_paused = true)]
async fn native_code_whose_turn_does_not_come_is_refused() {
    let (h, executor) = a_function_that_calls().await;
    h.call("GetRandomPassword", json!({})).await.ok();

    invoke(&h).await;

    assert_eq!(
        executor.answers(),
        [json!({ "code": "ThrottlingException", "message": "Rate exceeded", "status": 400 })]
    );
    let refused = h.audit.named("GetRandomPassword");
    assert_eq!(refused.last().unwrap()["errorCode"], "ThrottlingException");
}
