use super::rotation::kit::{FUNCTION, Rig};
use super::{DELETED, NO_TOKEN, NOT_FOUND};
use serde_json::{Value, json};
use testkit::{token, with};

const NOT_INVOCABLE: &str = "Secrets Manager cannot invoke the specified Lambda function. Ensure \
                             that the function policy grants access to the principal \
                             secretsmanager.amazonaws.com.";
const NO_FUNCTION: &str = "No Lambda rotation function ARN is associated with this secret.";
const INCOMPLETE: &str = "A previous rotation isn't complete. That rotation will be reattempted.";

/// A refused call leaves the secret as it was, with no rotation.
async fn refused(more: Value, code: &str, text: &str) {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    let before = rig.h.everything().await;

    let reply = rig.rotate_with(1, more.clone()).await;

    let code_and_text = (reply.json()["__type"].clone(), reply.text.clone());
    assert_eq!(code_and_text.0, code, "{more}: {}", reply.text);
    reply.refused(code, text);
    assert_eq!(rig.h.everything().await, before);
    assert_eq!(rig.work().await, 0);
    assert_eq!(rig.events(), Vec::<String>::new());
}

#[tokio::test]
async fn a_token_is_needed_before_anything_else() {
    let rig = Rig::new().await;

    for body in [json!({ "SecretId": "db" }), json!({ "SecretId": "none" })] {
        let reply = rig.h.call("RotateSecret", body).await;
        reply.refused("InvalidParameterException", NO_TOKEN);
    }
}

#[tokio::test]
async fn what_is_missing_or_deleted_is_not_rotated() {
    let rig = Rig::new().await;
    rig.rotate(1)
        .await
        .refused("ResourceNotFoundException", NOT_FOUND);
    rig.h.a_secret("db", "old").await;
    let body = json!({ "SecretId": "db" });
    rig.h.call("DeleteSecret", body).await.ok();

    rig.rotate(1)
        .await
        .refused("InvalidRequestException", DELETED);

    assert_eq!(rig.work().await, 0);
}

#[tokio::test]
async fn days_and_an_expression_exclude_each_other() {
    let text = "You cannot specify both rotation frequency and schedule expression together.";
    let rules = json!({ "AutomaticallyAfterDays": 3, "ScheduleExpression": "rate(3 days)" });

    refused(
        json!({ "RotationRules": rules }),
        "InvalidParameterException",
        text,
    )
    .await;
}

#[tokio::test]
async fn a_schedule_that_cannot_be_is_refused() {
    let once = "One of the day-of-month and day-of-week fields must be ?.";
    let often = "You can't rotate a secret more often than every four hours.";
    let long = "The rotation window must not extend into the next rotation window or the next UTC \
                day.";
    let neither = "You must specify either AutomaticallyAfterDays or ScheduleExpression.";
    for (rules, text) in [
        (json!({}), neither),
        (json!({ "Duration": "3h" }), neither),
        (json!({ "ScheduleExpression": "rate(1 hour)" }), often),
        (json!({ "ScheduleExpression": "cron(0 /2 * * ? *)" }), often),
        (json!({ "ScheduleExpression": "cron(0 8 * * * *)" }), once),
        (
            json!({ "ScheduleExpression": "cron(5 8 * * ? *)" }),
            "The minutes field must be 0.",
        ),
        (
            json!({ "ScheduleExpression": "every day" }),
            "The ScheduleExpression must be a rate() or cron() expression.",
        ),
        (
            json!({ "ScheduleExpression": "rate(10 days)", "Duration": "0h" }),
            "The Duration must be at least 1h.",
        ),
        (
            json!({ "ScheduleExpression": "rate(10 days)", "Duration": "25h" }),
            long,
        ),
        (
            json!({ "ScheduleExpression": "rate(4 hours)", "Duration": "5h" }),
            long,
        ),
        (
            json!({ "AutomaticallyAfterDays": 5, "Duration": "25h" }),
            long,
        ),
    ] {
        refused(
            json!({ "RotationRules": rules }),
            "InvalidParameterException",
            text,
        )
        .await;
    }
}

#[tokio::test]
async fn days_out_of_bounds_break_the_model() {
    let rig = Rig::new().await;
    for (days, rule) in [
        (0, "greater than or equal to 1"),
        (1_001, "less than or equal to 1000"),
    ] {
        let reply = rig
            .rotate_with(
                1,
                json!({ "RotationRules": { "AutomaticallyAfterDays": days } }),
            )
            .await;
        let text = format!(
            "1 validation error detected: Value '{days}' at 'rotationRules.automaticallyAfterDays' \
             failed to satisfy constraint: Member must have value {rule}"
        );
        reply.rejected("ValidationException", Some(&text));
    }
}

#[tokio::test]
async fn without_a_function_there_is_nothing_to_rotate_with() {
    for arn in [Value::Null, json!("")] {
        refused(
            json!({ "RotationLambdaARN": arn }),
            "InvalidRequestException",
            NO_FUNCTION,
        )
        .await;
    }
}

#[tokio::test]
async fn a_function_that_cannot_be_called_is_refused_and_nothing_is_stored() {
    let other = "arn:aws:lambda:us-east-1:123456789012:function:missing";

    refused(
        json!({ "RotationLambdaARN": other }),
        "AccessDeniedException",
        NOT_INVOCABLE,
    )
    .await;
}

#[tokio::test]
async fn a_function_that_could_be_called_once_is_asked_again() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    rig.rotate(1).await.ok();
    rig.work().await;
    rig.rotator.refuse();

    let reply = rig
        .rotate_with(2, json!({ "RotationLambdaARN": null }))
        .await;

    reply.refused("AccessDeniedException", NOT_INVOCABLE);
}

#[tokio::test]
async fn what_belongs_to_partners_is_refused() {
    let role = "arn:aws:iam::123456789012:role/rotation";
    for (member, value) in [
        (
            "ExternalSecretRotationMetadata",
            json!([{ "Key": "k", "Value": "v" }]),
        ),
        ("ExternalSecretRotationRoleArn", json!(role)),
    ] {
        let text = format!("{member} is not supported by this server yet.");
        refused(json!({ member: value }), "InvalidRequestException", &text).await;
    }
}

#[tokio::test]
async fn a_pending_version_that_is_not_current_is_a_rotation_that_is_not_complete() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    rig.h.put("db", 7, "by hand", json!(["AWSPENDING"])).await;
    let before = rig.h.everything().await;

    let reply = rig.rotate(1).await;

    reply.refused("InvalidRequestException", INCOMPLETE);
    assert_eq!(rig.h.everything().await, before);
    assert_eq!(rig.work().await, 0, "nothing was configured");
}

#[tokio::test]
async fn a_pending_version_that_is_current_is_none() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    rig.h
        .put("db", 7, "by hand", json!(["AWSCURRENT", "AWSPENDING"]))
        .await;

    rig.rotate(1).await.ok();
    rig.work().await;

    assert_eq!(
        rig.labels().await,
        json!({ token(7): ["AWSPREVIOUS"], token(1): ["AWSCURRENT", "AWSPENDING"] })
    );
}

#[tokio::test]
async fn rotating_with_the_same_token_is_one_rotation() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    let first = rig.rotate(1).await.ok();

    assert_eq!(rig.rotate(1).await.ok(), first);
    rig.work().await;
    assert_eq!(rig.rotate(1).await.ok(), first);
    rig.work().await;

    assert_eq!(rig.events(), ["RotationStarted", "RotationSucceeded"]);
    assert_eq!(rig.rotator.steps().len(), 4);
}

#[tokio::test]
async fn a_token_of_another_version_is_taken() {
    let rig = Rig::new().await;
    let arn = rig.h.a_secret("db", "old").await;

    let reply = rig.rotate(0).await;

    let text = format!(
        "You can't use ClientRequestToken {} because that value is already in use for a version of \
         secret {arn}.",
        token(0)
    );
    reply.refused("ResourceExistsException", &text);
}

#[tokio::test]
async fn the_call_is_recorded_with_what_it_asked_for_and_what_it_began() {
    let rig = Rig::new().await;
    let arn = rig.h.a_secret("db", "old").await;

    let more = json!({
        "RotationRules": { "AutomaticallyAfterDays": 30, "Duration": "2h" },
        "RotateImmediately": true,
    });
    let reply = rig.rotate_with(1, more).await;

    let event = &rig.h.audit.events_of(&reply.request_id)[0];
    assert_eq!(event["eventName"], "RotateSecret");
    assert_eq!(event["resources"][0]["ARN"], arn);
    assert_eq!(
        event["requestParameters"],
        json!({
            "secretId": "db", "clientRequestToken": token(1), "rotationLambdaARN": FUNCTION,
            "rotationRules": { "automaticallyAfterDays": 30, "duration": "2h" },
            "rotateImmediately": true,
        })
    );
    let started = rig.h.audit.named("RotationStarted");
    assert_eq!(started.len(), 1);
    assert_eq!(
        started[0]["requestID"],
        format!("Rotation-{arn}-{}", token(1))
    );
}

#[tokio::test]
async fn the_last_change_is_the_call() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    rig.h.clock.advance_seconds(100);

    rig.rotate(1).await.ok();

    assert_eq!(
        rig.describe("db").await["LastChangedDate"],
        super::NOON + 100
    );
}

/// Whether a user with this condition may do it.
async fn allowed(condition: Value, more: Value) -> bool {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "secretsmanager:RotateSecret", "Resource": "*",
        "Condition": condition,
    }]});
    let alice = rig.h.a_user("alice", Some(&policy)).await;
    let body = json!({
        "SecretId": "db", "ClientRequestToken": token(1), "RotationLambdaARN": FUNCTION,
    });
    let reply = rig
        .h
        .call_as(&alice, "RotateSecret", with(body, more))
        .await;
    match reply.status {
        200 => true,
        _ => {
            assert_eq!(
                reply.json()["__type"],
                "AccessDeniedException",
                "{}",
                reply.text
            );
            false
        }
    }
}

#[tokio::test]
async fn conditions_see_the_function_and_what_the_call_does() {
    let function = json!({ "ArnEquals": { "secretsmanager:RotationLambdaARN": FUNCTION } });
    let rules = json!({ "RotationRules": { "AutomaticallyAfterDays": 5 } });
    let flag = |key: &str, value: bool| json!({ "Bool": { format!("secretsmanager:{key}"): value.to_string() } });

    assert!(allowed(function.clone(), json!({})).await);
    let other = json!({ "RotationLambdaARN": format!("{FUNCTION}-2") });
    assert!(!allowed(function.clone(), other).await);
    let latest = json!({ "RotationLambdaARN": format!("{FUNCTION}:$LATEST") });
    assert!(allowed(function, latest.clone()).await);
    let not_it = json!({ "ArnNotEquals": { "secretsmanager:RotationLambdaARN": FUNCTION } });
    assert!(!allowed(not_it, latest).await);
    assert!(allowed(flag("ModifyRotationRules", false), json!({})).await);
    assert!(!allowed(flag("ModifyRotationRules", false), rules.clone()).await);
    assert!(allowed(flag("ModifyRotationRules", true), rules).await);
    assert!(allowed(flag("RotateImmediately", true), json!({})).await);
    let later = json!({ "RotateImmediately": false });
    assert!(!allowed(flag("RotateImmediately", true), later.clone()).await);
    assert!(allowed(flag("RotateImmediately", false), later).await);
}

#[tokio::test]
async fn a_function_is_stored_and_called_without_a_qualifier() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;

    let latest = json!({ "RotationLambdaARN": format!("{FUNCTION}:$LATEST") });
    rig.rotate_with(1, latest).await.ok();
    rig.work().await;

    let described = rig.describe("db").await;
    assert_eq!(described["RotationLambdaARN"], FUNCTION);
    assert_eq!(rig.shown().await["Runs"][0]["Function"], FUNCTION);
    assert_eq!(rig.events(), ["RotationStarted", "RotationSucceeded"]);
}

#[tokio::test]
async fn the_function_of_a_secret_is_a_condition_of_every_operation_on_it() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    rig.h.a_secret("other", "old").await;
    rig.rotate(1).await.ok();
    rig.work().await;
    let condition = |function: &str| {
        json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*",
            "Condition": { "StringEquals": {
                "secretsmanager:resource/AllowRotationLambdaArn": function,
            }},
        }]})
    };
    let role = rig.h.a_user("role", Some(&condition(FUNCTION))).await;
    let elsewhere = rig
        .h
        .a_user("elsewhere", Some(&condition("arn:other")))
        .await;
    // What removes the secret comes last.
    let mut operations = super::operations_on("db");
    operations.sort_by_key(|(name, _)| (*name == "DeleteSecret", *name == "RestoreSecret"));

    for (operation, body) in operations {
        let refused = rig.h.call_as(&elsewhere, operation, body.clone()).await;
        assert_eq!(
            refused.json()["__type"],
            "AccessDeniedException",
            "{operation}"
        );
        let other = with(body.clone(), json!({ "SecretId": "other" }));
        let refused = rig.h.call_as(&role, operation, other).await;
        assert_eq!(
            refused.json()["__type"],
            "AccessDeniedException",
            "{operation}"
        );
        rig.h.call_as(&role, operation, body).await.ok();
    }
}
