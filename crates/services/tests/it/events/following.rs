//! From the audit log to the targets of rules.

use super::kit::*;
use serde_json::{Value, json};
use testkit::Harness;

#[tokio::test]
async fn a_change_of_a_secret_reaches_the_hook_once() {
    let h = with_topic(topic()).await;

    h.a_secret("db", "CANARY").await;
    h.follow().await;
    h.follow().await;

    let told = told(&h);
    assert_eq!(told.len(), 1, "{told:?}");
    let event: Value = serde_json::from_str(&told[0]).unwrap();
    assert_eq!(event["detail-type"], "AWS API Call via CloudTrail");
    assert_eq!(event["source"], "aws.secretsmanager");
    assert_eq!(event["account"], "123456789012");
    assert_eq!(event["detail"]["eventName"], "CreateSecret");
    assert_eq!(event["detail"]["requestParameters"]["name"], "db");
    assert_eq!(event["id"], event["detail"]["eventID"]);
    assert!(event["detail"].get("additionalEventData").is_none());
    assert!(!told[0].contains("CANARY"));
}

#[tokio::test]
async fn calls_that_only_read_are_told_to_rules_that_ask_for_all() {
    let h = with_topic(topic()).await;
    h.a_secret("db", "x").await;
    h.follow().await;
    let get = json!({ "SecretId": "db" });

    h.call("GetSecretValue", get.clone()).await.ok();
    h.call("DescribeSecret", get.clone()).await.ok();
    h.follow().await;
    let by_default = told(&h).len();
    let body = json!({
        "Name": "r", "EventPattern": pattern().to_string(),
        "State": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
    });
    h.rules("PutRule", body).await.ok();
    h.call("GetSecretValue", get).await.ok();
    h.follow().await;

    assert_eq!((by_default, told(&h).len()), (1, 2));
}

#[tokio::test]
async fn refusals_are_events_and_events_of_others_are_not() {
    let h = with_topic(topic()).await;
    let other = h.another_account("210987654321").await;
    let elsewhere = h.root.in_region("eu-west-1");
    let create = |name: &str| json!({ "Name": name, "SecretString": "x", "ClientRequestToken": testkit::token(0) });

    h.call("DeleteSecret", json!({ "SecretId": "missing" }))
        .await;
    h.call_as(&other, "CreateSecret", create("a")).await.ok();
    h.call_as(&elsewhere, "CreateSecret", create("b"))
        .await
        .ok();
    h.follow().await;

    let told = told(&h);
    assert_eq!(told.len(), 1);
    let event: Value = serde_json::from_str(&told[0]).unwrap();
    assert_eq!(event["detail"]["errorCode"], "ResourceNotFoundException");
}

#[tokio::test]
async fn a_service_event_has_a_type_of_its_own() {
    let h = with_topic(topic()).await;
    let pattern = json!({
        "source": ["aws.secretsmanager"], "detail-type": ["AWS Service Event via CloudTrail"],
    });
    put_rule(&h, &pattern).await.ok();
    h.a_secret("db", "x").await;
    let body = json!({ "SecretId": "db", "RecoveryWindowInDays": 7 });
    h.call("DeleteSecret", body).await.ok();

    h.follow().await;

    let told = told(&h);
    let events = told
        .iter()
        .map(|text| serde_json::from_str::<Value>(text).unwrap());
    let names: Vec<Value> = events
        .map(|mut event| event["detail"]["eventName"].take())
        .collect();
    assert_eq!(names, ["StartSecretVersionDelete"]);
}

#[tokio::test]
async fn a_disabled_rule_and_one_that_means_another_event_tell_nothing() {
    let h = with_topic(topic()).await;

    h.rules("DisableRule", json!({ "Name": "r" })).await.ok();
    h.a_secret("a", "x").await;
    h.follow().await;
    h.rules("EnableRule", json!({ "Name": "r" })).await.ok();
    put_rule(&h, &json!({ "detail": { "eventName": ["DeleteSecret"] } }))
        .await
        .ok();
    h.a_secret("b", "x").await;
    h.follow().await;

    assert!(told(&h).is_empty());
}

#[tokio::test]
async fn a_target_is_told_what_it_asks_for() {
    let paths = json!({
        "name": "$.detail.requestParameters.name", "who": "$.detail.userIdentity.arn",
    });
    let transformer = json!({ "InputPathsMap": paths, "InputTemplate": "\"<who> made <name>\"" });
    let target = json!({ "Id": "t", "Arn": TOPIC, "InputTransformer": transformer });
    let h = with_topic(target).await;

    h.a_secret("db", "x").await;
    h.follow().await;

    assert_eq!(told(&h), ["\"arn:aws:iam::123456789012:root made db\""]);
}

#[tokio::test]
async fn a_topic_that_does_not_let_the_rule_is_a_dead_letter() {
    let h = with_rule().await;
    h.sns("CreateTopic", &[("Name", "t")]).await.xml_ok();
    put_target(&h, topic()).await.ok();
    h.follow().await;

    h.a_secret("db", "x").await;
    h.follow().await;

    let shown = h.app.show_deliveries(None).await.unwrap();
    assert_eq!((shown.waiting.len(), shown.dead.len()), (0, 1));
    let letter = &shown.dead[0];
    assert_eq!(
        (letter.source.as_str(), letter.endpoint.as_str()),
        (RULE, TOPIC)
    );
    assert_eq!(
        letter.why,
        "the target is not there, or does not let the rule"
    );
}

#[tokio::test]
async fn a_log_group_is_told_and_one_that_is_gone_is_a_dead_letter() {
    let h = with_rule().await;
    let group = "arn:aws:logs:us-east-1:123456789012:log-group:g";
    h.logs("CreateLogGroup", json!({ "logGroupName": "g" }))
        .await
        .ok();
    put_target(
        &h,
        json!({ "Id": "l", "Arn": group, "InputPath": "$.detail.eventName" }),
    )
    .await
    .ok();
    h.follow().await;

    h.a_secret("a", "x").await;
    h.follow().await;
    let stream = json!({ "logGroupName": "g", "logStreamName": "r" });
    let lines = h.logs("GetLogEvents", stream).await.ok()["events"].take();
    h.logs("DeleteLogGroup", json!({ "logGroupName": "g" }))
        .await
        .ok();
    h.a_secret("b", "x").await;
    h.follow().await;

    let lines: Vec<&Value> = lines
        .as_array()
        .unwrap()
        .iter()
        .map(|line| &line["message"])
        .collect();
    assert_eq!(lines, ["\"CreateSecret\""]);
    let shown = h.app.show_deliveries(None).await.unwrap();
    assert_eq!((shown.waiting.len(), shown.dead.len()), (0, 1));
    let letter = &shown.dead[0];
    assert_eq!(
        (letter.source.as_str(), letter.endpoint.as_str()),
        (RULE, group)
    );
    assert_eq!(letter.why, "the log group is not there");
}

#[tokio::test]
async fn an_input_that_is_too_large_is_a_dead_letter_and_the_next_event_is_told() {
    let h = with_topic(topic()).await;
    let transformer = json!({
        "InputPathsMap": { "a": "$" }, "InputTemplate": format!("\"{}\"", "<a>".repeat(2_000)),
    });
    put_target(
        &h,
        json!({ "Id": "big", "Arn": TOPIC, "InputTransformer": transformer }),
    )
    .await
    .ok();

    h.a_secret("a", "x").await;
    h.follow().await;
    h.a_secret("b", "x").await;
    h.follow().await;

    let shown = h.app.show_deliveries(None).await.unwrap();
    let whys: Vec<&str> = shown
        .dead
        .iter()
        .map(|letter| letter.why.as_str())
        .collect();
    assert_eq!(whys, ["the input is too large"; 2]);
    assert_eq!((told(&h).len(), shown.waiting.len()), (2, 0));
}

#[tokio::test]
async fn a_function_is_called_with_the_event_and_its_call_is_none() {
    let (h, executor) = crate::lambda::kit::with_function().await;
    put_rule(&h, &json!({ "source": [{ "prefix": "" }] }))
        .await
        .ok();
    put_target(&h, json!({ "Id": "f", "Arn": FUNCTION }))
        .await
        .ok();
    let permission = json!({
        "FunctionName": "f", "StatementId": "s", "Action": "lambda:InvokeFunction",
        "Principal": "events.amazonaws.com", "SourceArn": RULE,
    });
    h.lambda("AddPermission", permission).await.done(201);
    h.follow().await;

    h.a_secret("db", "x").await;
    for _ in 0..5 {
        h.follow().await;
    }

    let seen = executor.seen();
    let payloads = seen.iter().map(|seen| seen["payload"].as_str().unwrap());
    let events: Vec<Value> = payloads
        .map(|text| serde_json::from_str(text).unwrap())
        .collect();
    let secrets = events
        .iter()
        .filter(|event| event["source"] == "aws.secretsmanager");
    assert_eq!(secrets.count(), 1);
    assert!(
        events
            .iter()
            .all(|event| event["detail"]["eventName"] != "Invoke")
    );
    let names: Vec<&Value> = events
        .iter()
        .map(|event| &event["detail"]["eventName"])
        .collect();
    assert!(events.len() < 10, "{names:?}");
}

#[tokio::test]
async fn a_rule_on_denials_is_not_told_what_lambda_does_for_the_function_it_calls() {
    let (h, executor) = crate::lambda::kit::running().await;
    let role = h.a_function_role("r", None).await;
    h.a_function("f", &role).await;
    let denials = json!({ "detail": { "errorCode": [{ "prefix": "AccessDenied" }] } });
    put_rule(&h, &denials).await.ok();
    put_target(&h, json!({ "Id": "f", "Arn": FUNCTION }))
        .await
        .ok();
    let permission = json!({
        "FunctionName": "f", "StatementId": "s", "Action": "lambda:InvokeFunction",
        "Principal": "events.amazonaws.com", "SourceArn": RULE,
    });
    h.lambda("AddPermission", permission).await.done(201);
    let ana = h.a_user("ana", None).await;
    h.follow().await;

    let secret =
        json!({ "Name": "x", "SecretString": "x", "ClientRequestToken": testkit::token(0) });
    h.call_as(&ana, "CreateSecret", secret).await;
    for _ in 0..5 {
        h.follow().await;
    }

    let names: Vec<Value> = executor
        .seen()
        .iter()
        .map(|seen| {
            let event: Value = serde_json::from_str(seen["payload"].as_str().unwrap()).unwrap();
            event["detail"]["eventName"].clone()
        })
        .collect();
    assert_eq!(names, ["CreateSecret"]);
}

#[tokio::test]
async fn of_one_event_no_more_is_told_than_there_may_be() {
    let h = Harness::new().await;
    h.logs("CreateLogGroup", json!({ "logGroupName": "g" }))
        .await
        .ok();
    let group = "arn:aws:logs:us-east-1:123456789012:log-group:g";
    for n in 0..10 {
        let name = format!("r{n}");
        let rule =
            json!({ "Name": name, "EventPattern": json!({ "source": ["own"] }).to_string() });
        h.rules("PutRule", rule).await.ok();
        let targets: Vec<Value> = (0..5)
            .map(|n| json!({ "Id": n.to_string(), "Arn": group }))
            .collect();
        h.rules("PutTargets", json!({ "Rule": name, "Targets": targets }))
            .await
            .ok();
    }
    let put = |bytes: usize| {
        let detail = json!({ "x": "x".repeat(bytes) }).to_string();
        json!({ "Entries": [{ "Source": "own", "DetailType": "d", "Detail": detail }] })
    };

    h.rules("PutEvents", put(200_000)).await.ok();
    h.app.follow().await.unwrap();
    let first = h.app.show_deliveries(None).await.unwrap();
    h.rules("PutEvents", put(1_000)).await.ok();
    h.app.follow().await.unwrap();

    let then = h.app.show_deliveries(None).await.unwrap();
    let whys: Vec<&str> = then.dead.iter().map(|letter| letter.why.as_str()).collect();
    assert_eq!(first.waiting.len(), 42);
    assert_eq!(whys, ["too much is to be told of one event (8 messages)"]);
    assert_eq!(then.waiting.len(), 42 + 50);
}
