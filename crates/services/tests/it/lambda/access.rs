//! Who may call a function: by IAM, by its own policy, across accounts by both.

use super::kit::*;
use serde_json::{Value, json};
use testkit::{Caller, Harness, with};

async fn add(h: &Harness, more: Value) {
    let body = json!({
        "FunctionName": "f", "StatementId": "s", "Action": "lambda:InvokeFunction",
        "Principal": "210987654321",
    });
    h.lambda("AddPermission", with(body, more)).await.done(201);
}

async fn invoke(h: &Harness, caller: &Caller) -> u16 {
    h.lambda_as(caller, "Invoke", json!({ "FunctionName": ARN }))
        .await
        .status
}

#[tokio::test]
async fn iam_decides_in_the_account_of_the_function() {
    let (h, _) = with_function().await;
    let nobody = h.a_user("nobody", None).await;
    let other = h
        .a_user(
            "other",
            Some(&allow("lambda:InvokeFunction", &format!("{ARN}x"))),
        )
        .await;
    let meant = h
        .a_user("meant", Some(&allow("lambda:InvokeFunction", ARN)))
        .await;

    assert_eq!(invoke(&h, &nobody).await, 403);
    assert_eq!(invoke(&h, &other).await, 403);
    assert_eq!(invoke(&h, &meant).await, 200);
}

#[tokio::test]
async fn another_account_needs_both_sides() {
    let (h, _) = with_function().await;
    let other = h.another_account("210987654321").await;

    let before = invoke(&h, &other).await;
    add(&h, json!({})).await;
    let after = invoke(&h, &other).await;
    let shown = h
        .lambda_as(&other, "GetFunction", json!({ "FunctionName": ARN }))
        .await;

    assert_eq!((before, after, shown.status), (403, 200, 403));
    let own = h
        .lambda_as(&other, "Invoke", json!({ "FunctionName": "f" }))
        .await;
    let text = "Function not found: arn:aws:lambda:us-east-1:210987654321:function:f";
    own.rest_refused(404, "ResourceNotFoundException", text);
}

#[tokio::test]
async fn a_user_of_the_account_may_be_let_in_by_the_function_alone() {
    let (h, _) = with_function().await;
    let user = h.a_user("ana", None).await;
    add(
        &h,
        json!({ "Principal": "arn:aws:iam::123456789012:user/ana" }),
    )
    .await;

    assert_eq!(invoke(&h, &user).await, 200);
}

#[tokio::test]
async fn a_statement_for_one_account_lets_no_other_in() {
    let (h, _) = with_function().await;
    let third = h.another_account("333333333333").await;
    h.another_account("210987654321").await;
    add(&h, json!({})).await;

    assert_eq!(invoke(&h, &third).await, 403);
}

#[tokio::test]
async fn code_in_a_run_does_what_its_role_may_and_no_more() {
    let (h, executor) = with_function().await;
    let secret = h.a_secret("db", "hunter2").await;
    executor.will_call(
        "secretsmanager",
        "GetSecretValue",
        json!({ "SecretId": "db" }),
    );

    invoke(&h, &h.root).await;
    let policy = allow("secretsmanager:GetSecretValue", &secret).to_string();
    let put = [
        ("RoleName", "r"),
        ("PolicyName", "q"),
        ("PolicyDocument", policy.as_str()),
    ];
    h.iam("PutRolePolicy", &put).await.xml_ok();
    invoke(&h, &h.root).await;

    let answers = executor.answers();
    let text = format!(
        "User: arn:aws:sts::123456789012:assumed-role/r/f is not authorized to perform: \
         secretsmanager:GetSecretValue on resource: {secret} because no identity-based policy allows \
         the secretsmanager:GetSecretValue action"
    );
    assert_eq!(
        answers[0],
        json!({ "code": "AccessDeniedException", "message": text, "status": 400 })
    );
    assert_eq!(answers[1]["SecretString"], "hunter2");
    let events = h.audit.named("GetSecretValue");
    assert_eq!(events.len(), 2);
    for (event, error) in events
        .iter()
        .zip([json!("AccessDeniedException"), Value::Null])
    {
        assert_eq!(event["errorCode"], error);
        assert_eq!(
            event["userIdentity"]["arn"],
            "arn:aws:sts::123456789012:assumed-role/r/f"
        );
        assert_eq!(event["sourceIPAddress"], "lambda.amazonaws.com");
        assert_eq!(event["userAgent"], "lambda.amazonaws.com");
    }
    assert_eq!(
        events[1]["userIdentity"]["accessKeyId"],
        executor.seen()[1]["accessKeyId"]
    );
}

#[tokio::test]
async fn code_in_a_run_reaches_json_services_only_and_what_it_says_is_checked() {
    let (h, executor) = with_function().await;
    for (service, operation, body, code) in [
        ("iam", "ListUsers", json!({}), "UnknownOperationException"),
        ("lambda", "Invoke", json!({}), "UnknownOperationException"),
        (
            "secretsmanager",
            "Nope",
            json!({}),
            "UnknownOperationException",
        ),
        (
            "secretsmanager",
            "GetSecretValue",
            json!({}),
            "ValidationException",
        ),
        (
            "secretsmanager",
            "GetSecretValue",
            json!({ "SecretId": 1 }),
            "SerializationException",
        ),
    ] {
        executor.will_call(service, operation, body);
        invoke(&h, &h.root).await;
        assert_eq!(
            executor.answers().pop().unwrap()["code"],
            code,
            "{service} {operation}"
        );
    }
}

#[tokio::test]
async fn the_credentials_of_a_run_work_over_the_network_until_they_end() {
    let (h, executor) = with_function().await;
    h.a_secret("db", "hunter2").await;
    let policy = allow("secretsmanager:GetSecretValue", "*").to_string();
    let put = [
        ("RoleName", "r"),
        ("PolicyName", "q"),
        ("PolicyDocument", policy.as_str()),
    ];
    h.iam("PutRolePolicy", &put).await.xml_ok();
    invoke(&h, &h.root).await;
    let seen = executor.seen().remove(0);
    let credentials = json!({
        "AccessKeyId": seen["accessKeyId"], "SecretAccessKey": seen["secretAccessKey"],
        "SessionToken": seen["sessionToken"],
    });
    let role = Caller::of_session("123456789012", &credentials);
    let read = async || {
        h.call_as(&role, "GetSecretValue", json!({ "SecretId": "db" }))
            .await
    };

    let during = read().await;
    h.clock.advance_seconds(3 + 120);
    let after = read().await;

    assert_eq!(during.ok()["SecretString"], "hunter2");
    assert_eq!(after.json()["__type"], "ExpiredTokenException");
}
