use super::kit::*;
use serde_json::{Value, json};
use testkit::{Harness, Reply, with};

const SECRET: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-a1b2c3";

async fn add(h: &Harness, more: Value) -> Reply {
    let body = json!({
        "FunctionName": "f", "StatementId": "s", "Action": "lambda:InvokeFunction",
        "Principal": "secretsmanager.amazonaws.com",
    });
    h.lambda("AddPermission", with(body, more)).await
}

async fn statements(h: &Harness) -> Value {
    let policy = h
        .lambda("GetPolicy", json!({ "FunctionName": "f" }))
        .await
        .done(200);
    let policy: Value = serde_json::from_str(policy["Policy"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&policy["Version"], &policy["Id"]),
        (&json!("2012-10-17"), &json!("default"))
    );
    policy["Statement"].clone()
}

#[tokio::test]
async fn a_statement_is_answered_and_added() {
    let (h, _) = with_function().await;
    let before = revision(&h).await;

    let more = json!({ "SourceArn": SECRET, "SourceAccount": "123456789012" });
    let reply = add(&h, more).await;
    add(
        &h,
        json!({ "StatementId": "t", "Principal": "123456789012" }),
    )
    .await
    .done(201);

    let first = json!({
        "Sid": "s", "Effect": "Allow",
        "Principal": { "Service": "secretsmanager.amazonaws.com" },
        "Action": "lambda:InvokeFunction", "Resource": ARN,
        "Condition": {
            "StringEquals": { "AWS:SourceAccount": "123456789012" },
            "ArnLike": { "AWS:SourceArn": SECRET },
        },
    });
    let second = json!({
        "Sid": "t", "Effect": "Allow",
        "Principal": { "AWS": "arn:aws:iam::123456789012:root" },
        "Action": "lambda:InvokeFunction", "Resource": ARN,
    });
    let answered = reply.done(201);
    let answered: Value = serde_json::from_str(answered["Statement"].as_str().unwrap()).unwrap();
    assert_eq!(answered, first);
    assert_eq!(statements(&h).await, json!([first, second]));
    assert_ne!(revision(&h).await, before);
    let event = &h.audit.events_of(&reply.request_id)[0];
    assert_eq!(event["eventName"], "AddPermission20150331v2");
    assert_eq!(
        event["requestParameters"]["principal"],
        "secretsmanager.amazonaws.com"
    );
}

#[tokio::test]
async fn an_id_is_taken_once() {
    let (h, _) = with_function().await;
    add(&h, json!({})).await.done(201);

    let again = add(&h, json!({ "Principal": "*" })).await;

    let text = "The statement id (s) provided already exists. Please provide a new statement id, or \
                remove the existing statement.";
    again.rest_refused(409, "ResourceConflictException", text);
    assert_eq!(statements(&h).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn nobody_is_let_in_who_is_nobody() {
    let (h, _) = with_function().await;

    for principal in [
        "nope.amazonaws.com",
        "210987654321",
        "arn:aws:iam::123456789012:role/none",
        "arn:aws:iam::123456789012:user/*",
        "whoever",
    ] {
        let refused = add(&h, json!({ "Principal": principal })).await;
        let text = "The provided principal was invalid. Please check the principal and try again.";
        refused.rest_refused(400, "InvalidParameterValueException", text);
    }

    let policy = h.lambda("GetPolicy", json!({ "FunctionName": "f" })).await;
    let text = "The resource you requested does not exist.";
    policy.rest_refused(404, "ResourceNotFoundException", text);
}

#[tokio::test]
async fn a_role_is_meant_by_what_it_was_when_it_was_named() {
    let (h, _) = with_function().await;
    let other = h.another_account("210987654321").await;
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Principal": { "AWS": "210987654321" }, "Action": "sts:AssumeRole" }],
    });
    let create = [
        ("RoleName", "caller"),
        ("AssumeRolePolicyDocument", &trust.to_string()),
    ];
    let policy = allow("*", "*").to_string();
    let put = [
        ("RoleName", "caller"),
        ("PolicyName", "p"),
        ("PolicyDocument", &policy),
    ];
    let remake = async || {
        h.iam_as(&other, "CreateRole", &create).await.xml_ok();
        h.iam_as(&other, "PutRolePolicy", &put).await.xml_ok();
    };
    remake().await;
    let role = "arn:aws:iam::210987654321:role/caller";
    add(&h, json!({ "Principal": role })).await.done(201);
    // A statement that comes later does not bind those before anew.
    let user = [
        ("UserName", "u"),
        ("PolicyName", "p"),
        ("PolicyDocument", policy.as_str()),
    ];
    h.iam_as(&other, "CreateUser", &[("UserName", "u")])
        .await
        .xml_ok();
    h.iam_as(&other, "PutUserPolicy", &user).await.xml_ok();
    let key = h
        .iam_as(&other, "CreateAccessKey", &[("UserName", "u")])
        .await
        .xml_ok();
    let key = key["CreateAccessKeyResult"]["AccessKey"].clone();
    let user =
        testkit::Caller::of_session("210987654321", &with(key, json!({ "SessionToken": "" })))
            .with_session_token(None);
    let call = async || {
        let session = h.assume(&user, role).await;
        h.lambda_as(&session, "Invoke", json!({ "FunctionName": ARN }))
            .await
            .status
    };

    let first = call().await;
    h.iam_as(&other, "DeleteRolePolicy", &put[..2])
        .await
        .xml_ok();
    h.iam_as(&other, "DeleteRole", &create[..1]).await.xml_ok();
    remake().await;
    add(&h, json!({ "StatementId": "later" })).await.done(201);
    let second = call().await;
    // Named again once the statement is gone, the name means who has it now.
    let named = json!({ "FunctionName": "f", "StatementId": "s" });
    let removed = h.lambda("RemovePermission", named).await;
    assert_eq!(removed.status, 204);
    add(&h, json!({ "Principal": role })).await.done(201);
    let third = call().await;

    assert_eq!((first, second, third), (200, 403, 200));
}

#[tokio::test]
async fn what_is_not_here_and_what_is_stale_is_refused() {
    let (h, _) = with_function().await;
    let code = "InvalidParameterValueException";

    for (more, text) in [
        (
            json!({ "Qualifier": "$LATEST" }),
            "We currently do not support adding policies for $LATEST.",
        ),
        (
            json!({ "FunctionUrlAuthType": "NONE" }),
            "FunctionUrlAuthType is not supported by this server yet.",
        ),
        (
            json!({ "PrincipalOrgID": "o-abcdefghij" }),
            "PrincipalOrgID is not supported by this server yet.",
        ),
    ] {
        add(&h, more).await.rest_refused(400, code, text);
    }
    let stale = add(&h, json!({ "RevisionId": "x" })).await;
    assert_eq!(
        (stale.status, stale.error_type.as_deref()),
        (412, Some("PreconditionFailedException"))
    );
    add(&h, json!({ "RevisionId": revision(&h).await }))
        .await
        .done(201);
}

#[tokio::test]
async fn a_policy_has_an_end() {
    let (h, _) = with_function().await;
    let mut last = 201;

    for n in 0..150 {
        let sid = format!("{n}-{}", "x".repeat(90));
        let reply = add(&h, json!({ "StatementId": sid })).await;
        last = reply.status;
        if last != 201 {
            assert_eq!(
                reply.error_type.as_deref(),
                Some("PolicyLengthExceededException")
            );
            break;
        }
    }

    assert_eq!(last, 400);
}

#[tokio::test]
async fn the_principal_is_a_condition_key() {
    let (h, _) = with_function().await;
    let statement = json!({
        "Effect": "Allow", "Action": "lambda:AddPermission", "Resource": ARN,
        "Condition": {
            "StringEquals": { "lambda:Principal": "secretsmanager.amazonaws.com", "lambda:FunctionArn": ARN },
        },
    });
    let user = h.a_user("ana", Some(&policy(&[statement]))).await;
    let body = |principal: &str| {
        json!({
            "FunctionName": "f", "StatementId": "s", "Action": "lambda:InvokeFunction",
            "Principal": principal,
        })
    };

    let other = h
        .lambda_as(&user, "AddPermission", body("s3.amazonaws.com"))
        .await;
    let meant = h
        .lambda_as(&user, "AddPermission", body("secretsmanager.amazonaws.com"))
        .await;

    let text = denial("ana", "lambda:AddPermission", ARN);
    other.rest_refused(403, "AccessDeniedException", &text);
    meant.done(201);
}
