use super::kit::*;
use serde_json::{Value, json};

#[tokio::test]
async fn targets_are_put_and_replaced() {
    let h = with_rule().await;
    let function = json!({
        "Id": "t", "Arn": FUNCTION, "RetryPolicy": { "MaximumRetryAttempts": 3 },
    });

    let reply = put_target(&h, topic()).await;
    put_target(&h, function.clone()).await.ok();

    assert_eq!(
        reply.ok(),
        json!({ "FailedEntryCount": 0, "FailedEntries": [] })
    );
    assert_eq!(targets(&h).await, json!([function]));
}

#[tokio::test]
async fn what_cannot_be_a_target_is_refused_and_changes_nothing() {
    let h = with_rule().await;
    let elsewhere = TOPIC.replace("123456789012", "210987654321");
    let queue = "arn:aws:sqs:us-east-1:123456789012:q";
    let topic = |name: &str, value: Value| json!({ "Id": "a", "Arn": TOPIC, name: value });

    for (target, text) in [
        (
            json!({ "Id": "a", "Arn": "x" }),
            String::from(
                "Parameter x is not valid. Reason: Provided Arn is not in correct format.",
            ),
        ),
        (
            json!({ "Id": "a", "Arn": queue }),
            format!(
                "Parameter {queue} is not valid. Reason: Targets are functions, topics and log groups \
                 on this server."
            ),
        ),
        (
            json!({ "Id": "a", "Arn": elsewhere }),
            format!(
                "Parameter {elsewhere} is not valid. Reason: Targets of other accounts and Regions are \
                 not supported by this server yet."
            ),
        ),
        (
            topic("DeadLetterConfig", json!({ "Arn": queue })),
            String::from("DeadLetterConfig is not supported by this server yet."),
        ),
        (
            json!({ "Id": "a", "Arn": TOPIC, "Input": "{}", "InputPath": "$" }),
            String::from(
                "Only one of Input, InputPath, or InputTransformer must be provided for target a.",
            ),
        ),
        (
            topic("Input", json!("{")),
            String::from("Parameter Input is not valid. Reason: it is no JSON text"),
        ),
        (
            topic("InputPath", json!("a")),
            String::from("Invalid JSON path a."),
        ),
    ] {
        put_target(&h, target)
            .await
            .refused("ValidationException", &text);
    }

    assert_eq!(targets(&h).await, json!([]));
}

#[tokio::test]
async fn a_rule_has_five_targets() {
    let h = with_rule().await;
    for n in 0..5 {
        put_target(&h, json!({ "Id": n.to_string(), "Arn": TOPIC }))
            .await
            .ok();
    }

    let surplus = put_target(&h, json!({ "Id": "x", "Arn": TOPIC })).await;

    let text = "The requested resource exceeds the maximum number allowed.";
    surplus.refused("LimitExceededException", text);
}

#[tokio::test]
async fn who_has_a_rule_write_logs_has_to_be_able_to_write_them() {
    let h = with_rule().await;
    let group = "arn:aws:logs:us-east-1:123456789012:log-group:g";
    let policy = |actions: Value| {
        let statement = json!({ "Effect": "Allow", "Action": actions, "Resource": "*" });
        json!({ "Version": "2012-10-17", "Statement": [statement] })
    };
    let user = h.a_user("ana", Some(&policy(json!(["events:*"])))).await;
    let body = json!({ "Rule": "r", "Targets": [{ "Id": "g", "Arn": group }] });

    let refused = h.rules_as(&user, "PutTargets", body.clone()).await;
    h.allow("ana", &policy(json!(["events:*", "logs:PutLogEvents"])))
        .await;
    let put = h.rules_as(&user, "PutTargets", body).await;

    assert_eq!((refused.status, put.status), (400, 200));
}
