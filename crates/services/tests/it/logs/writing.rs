//! How the logs of functions come to be, and how they go.

use super::kit::*;
use serde_json::{Value, json};
use testkit::Harness;

async fn streams(h: &Harness) -> usize {
    let body = json!({ "logGroupName": GROUP });
    let listed = h.logs("DescribeLogStreams", body).await;
    match listed.status {
        200 => listed.json()["logStreams"].as_array().unwrap().len(),
        _ => 0,
    }
}

#[tokio::test]
async fn a_role_that_may_not_write_leaves_no_log_and_the_refusal_is_recorded() {
    let (h, executor) = with_role(None).await;

    run(&h, &executor, &["x"]).await;

    assert_eq!(streams(&h).await, 0);
    let event = h.audit.named("CreateLogGroup").pop().unwrap();
    assert_eq!(event["errorCode"], "AccessDeniedException");
    assert_eq!(
        event["userIdentity"]["arn"],
        "arn:aws:sts::123456789012:assumed-role/r/f"
    );
    assert_eq!(
        event["userIdentity"]["accessKeyId"],
        executor.seen()[0]["accessKeyId"]
    );
}

#[tokio::test]
async fn each_of_the_three_permissions_counts() {
    let own = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/f:*";
    for (actions, expected) in [
        (json!(["logs:CreateLogGroup", "logs:CreateLogStream"]), 0),
        (json!(["logs:CreateLogStream", "logs:PutLogEvents"]), 0),
        (
            json!([
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:PutLogEvents"
            ]),
            1,
        ),
    ] {
        let policy = json!({
            "Version": "2012-10-17",
            "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": own }],
        });
        let (h, executor) = with_role(Some(&policy)).await;

        run(&h, &executor, &["x"]).await;

        assert_eq!(streams(&h).await, expected, "{actions}");
    }
}

#[tokio::test]
async fn aws_managed_policy_of_functions_is_enough() {
    let (h, executor) = with_role(None).await;
    let attach = [
        ("RoleName", "r"),
        (
            "PolicyArn",
            "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        ),
    ];
    h.iam("AttachRolePolicy", &attach).await.xml_ok();

    run(&h, &executor, &["x"]).await;

    assert_eq!(streams(&h).await, 1);
    for name in ["CreateLogGroup", "CreateLogStream", "PutLogEvents"] {
        let events = h.audit.named(name);
        assert_eq!(events.len(), 1, "{name}");
        assert_eq!(events[0]["errorCode"], Value::Null);
        assert_eq!(events[0]["eventSource"], "logs.amazonaws.com");
    }
}

#[tokio::test]
async fn after_two_weeks_a_stream_is_swept_away() {
    let (h, executor) = stage().await;
    run(&h, &executor, &["x"]).await;
    h.clock.advance_days(7);
    let later = run(&h, &executor, &["y"]).await;

    h.clock.advance_days(6);
    h.app.tick().await.unwrap();
    let before = streams(&h).await;
    h.clock.advance_days(1);
    h.app.tick().await.unwrap();

    assert_eq!((before, streams(&h).await), (2, 1));
    let body = json!({ "logGroupName": GROUP, "logStreamName": later });
    h.logs("GetLogEvents", body).await.ok();
    let event = h.audit.named("DeleteLogStream").pop().unwrap();
    assert_eq!(event["additionalEventData"]["logGroupName"], GROUP);
}

#[tokio::test]
async fn the_oldest_streams_of_a_full_group_give_way() {
    let (h, executor) = stage().await;
    let line = "x".repeat(60_000);
    let first = run(&h, &executor, &["first"]).await;

    for _ in 0..50 {
        h.clock.advance_seconds(1);
        run(&h, &executor, &[&line, &line, &line, &line]).await;
    }

    let body = json!({ "logGroupName": GROUP, "logStreamName": first });
    let gone = h.logs("GetLogEvents", body).await;
    gone.refused(
        "ResourceNotFoundException",
        "The specified log stream does not exist.",
    );
    let groups = h.logs("DescribeLogGroups", json!({})).await.ok();
    let stored = groups["logGroups"][0]["storedBytes"].as_i64().unwrap();
    assert!(stored <= 10 << 20 && stored > 9 << 20, "{stored}");
}

#[tokio::test]
async fn the_group_of_a_function_counts_as_any_other() {
    let (h, executor) = stage().await;
    let groups = async || h.store.counter("logs:groups:123456789012:us-east-1").await;
    run(&h, &executor, &["x"]).await;
    run(&h, &executor, &["y"]).await;
    let with_it = groups().await.unwrap();

    let body = json!({ "logGroupName": GROUP });
    h.logs("DeleteLogGroup", body).await.ok();

    assert_eq!((with_it, groups().await.unwrap()), (1, 0));
}
