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
                "Parameter {queue} is not valid. Reason: Targets are functions, topics, log groups \
                 and API destinations on this server."
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

#[tokio::test]
async fn an_api_destination_needs_a_role_that_its_caller_may_give() {
    let h = with_rule().await;
    with_role(&h).await;
    let arn = format!("{DESTINATION}11111111-2222-4333-8444-555555555555");
    let target = |role: Option<&str>| json!({ "Id": "t", "Arn": arn, "RoleArn": role });
    let policy = |actions: Value| {
        let statement = json!({ "Effect": "Allow", "Action": actions, "Resource": "*" });
        json!({ "Version": "2012-10-17", "Statement": [statement] })
    };
    let ana = h.a_user("ana", Some(&policy(json!(["events:*"])))).await;
    let body = json!({ "Rule": "r", "Targets": [target(Some(ROLE))] });
    let unknown = format!("{ROLE}2");
    let foreign = ROLE.replace("123456789012", "210987654321");

    let none = put_target(&h, target(None)).await;
    let refused = h.rules_as(&ana, "PutTargets", body.clone()).await;
    let not_theirs = [
        put_target(&h, target(Some(&unknown))).await,
        put_target(&h, target(Some("nonsense"))).await,
    ];
    let of_others = put_target(&h, target(Some(&foreign))).await;
    let before = targets(&h).await;
    h.allow("ana", &policy(json!(["events:*", "iam:PassRole"])))
        .await;
    let put = h.rules_as(&ana, "PutTargets", body).await;

    let text = format!("RoleArn is required for target {arn}.");
    none.refused("ValidationException", &text);
    assert_eq!(refused.json()["__type"], "AccessDeniedException");
    for (reply, role) in not_theirs.iter().zip([unknown.as_str(), "nonsense"]) {
        let text = format!(
            "Provided role '{role}' cannot be assumed by principal 'events.amazonaws.com'."
        );
        reply.refused("ValidationException", &text);
    }
    assert_eq!((of_others.status, before), (400, json!([])));
    assert_eq!(put.status, 200, "{}", put.text);
    assert_eq!(targets(&h).await, json!([target(Some(ROLE))]));
}

#[tokio::test]
async fn a_role_that_does_not_trust_the_rule_is_refused() {
    let h = with_rule().await;
    with_role(&h).await;
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" },
        "Action": "sts:AssumeRole",
        "Condition": { "ArnEquals": { "aws:SourceArn": format!("{RULE}2") } },
    }]})
    .to_string();
    let parameters = [("RoleName", "hooks"), ("PolicyDocument", trust.as_str())];
    h.iam("UpdateAssumeRolePolicy", &parameters).await.xml_ok();

    let target = json!({ "Id": "t", "Arn": format!("{DESTINATION}1"), "RoleArn": ROLE });
    let reply = put_target(&h, target).await;

    let text =
        format!("Provided role '{ROLE}' cannot be assumed by principal 'events.amazonaws.com'.");
    reply.refused("ValidationException", &text);
}

#[tokio::test]
async fn parameters_that_cannot_be_sent_are_refused() {
    let h = with_rule().await;
    with_role(&h).await;
    let invalid = |what: &str, why: &str| format!("Parameter {what} is not valid. Reason: {why}");
    let too_many = "There are at most 100 of each kind, and 16 KiB of all.";
    let many = |n: usize| (0..n).map(|n| format!("{n}")).collect::<Vec<_>>();

    for (parameters, text) in [
        (
            json!({ "HeaderParameters": { "X: y\r\nz": "a" } }),
            invalid("HeaderParameters", "A key cannot be sent as a header."),
        ),
        (
            json!({ "QueryStringParameters": { "a\nb": "a" } }),
            invalid("QueryStringParameters", "A key cannot be sent in a query."),
        ),
        (
            json!({ "PathParameterValues": many(101) }),
            invalid("HttpParameters", too_many),
        ),
        (
            json!({ "PathParameterValues": ["x".repeat(17 << 10)] }),
            invalid("HttpParameters", too_many),
        ),
        (
            json!({ "PathParameterValues": ["$.a..b"] }),
            String::from("Invalid JSON path $.a..b."),
        ),
    ] {
        let target = json!({
            "Id": "t", "Arn": format!("{DESTINATION}1"), "RoleArn": ROLE, "HttpParameters": parameters,
        });
        put_target(&h, target)
            .await
            .refused("ValidationException", &text);
    }

    assert_eq!(targets(&h).await, json!([]));
}
