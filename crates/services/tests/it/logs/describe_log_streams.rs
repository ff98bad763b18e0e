use super::kit::*;
use serde_json::{Value, json};

#[tokio::test]
async fn each_run_has_a_stream() {
    let (h, executor) = stage().await;
    let mut expected = Vec::new();
    for _ in 0..3 {
        expected.push(run(&h, &executor, &["x"]).await);
        h.clock.advance_seconds(10);
    }
    let list = async |more: Value| {
        let body = testkit::with(json!({ "logGroupName": GROUP }), more);
        h.logs("DescribeLogStreams", body).await.ok()
    };
    let names = |page: &Value| -> Vec<String> {
        let streams = page["logStreams"].as_array().unwrap().iter();
        streams
            .map(|one| one["logStreamName"].as_str().unwrap().to_owned())
            .collect()
    };

    let by_time = list(json!({ "orderBy": "LastEventTime", "descending": true })).await;
    let first = list(json!({ "orderBy": "LastEventTime", "limit": 2 })).await;
    let second = json!({ "orderBy": "LastEventTime", "limit": 2, "nextToken": first["nextToken"] });
    let second = list(second).await;
    let by_name = list(json!({})).await;
    let prefixed = list(json!({ "logStreamNamePrefix": &expected[1][..40] })).await;

    let newest_first: Vec<String> = expected.iter().rev().cloned().collect();
    assert_eq!(names(&by_time), newest_first);
    assert_eq!([names(&first), names(&second)].concat(), expected);
    let mut sorted = expected.clone();
    sorted.sort();
    assert_eq!(names(&by_name), sorted);
    assert_eq!(names(&prefixed), [expected[1].clone()]);
    let stream = &first["logStreams"][0];
    let arn = format!(
        "arn:aws:logs:us-east-1:123456789012:log-group:{GROUP}:log-stream:{}",
        expected[0]
    );
    assert_eq!(stream["arn"], arn);
    assert_eq!(stream["firstEventTimestamp"], 1_768_478_400_000_i64);
}

#[tokio::test]
async fn a_group_is_named_by_its_arn_too() {
    let (h, executor) = stage().await;
    run(&h, &executor, &["x"]).await;
    let arn = format!("arn:aws:logs:us-east-1:123456789012:log-group:{GROUP}");
    let code = "InvalidParameterException";

    for identifier in [
        GROUP,
        &arn,
        &arn.replace(GROUP, &format!("{GROUP}:"))[..arn.len()],
    ] {
        let listed = json!({ "logGroupIdentifier": identifier });
        let listed = h.logs("DescribeLogStreams", listed).await.ok();
        assert_eq!(listed["logStreams"].as_array().unwrap().len(), 1);
    }
    let foreign = json!({ "logGroupIdentifier": arn.replace("123456789012", "210987654321") });
    let foreign = h.logs("DescribeLogStreams", foreign).await;
    assert_eq!(foreign.json()["__type"], "AccessDeniedException");
    let both = json!({ "logGroupName": GROUP, "logGroupIdentifier": arn });
    h.logs("DescribeLogStreams", both).await.refused(
        code,
        "Only one of logGroupName or logGroupIdentifier can be specified.",
    );
    h.logs("DescribeLogStreams", json!({})).await.refused(
        code,
        "Either logGroupName or logGroupIdentifier must be specified.",
    );
    let torn = json!({
        "logGroupName": GROUP, "orderBy": "LastEventTime", "logStreamNamePrefix": "2026",
    });
    h.logs("DescribeLogStreams", torn).await.refused(
        code,
        "Cannot order by LastEventTime with a logStreamNamePrefix.",
    );
}

#[tokio::test]
async fn what_is_not_there_is_told_to_whom_may_know() {
    let (h, _) = stage().await;
    let user = h.a_user("ana", None).await;
    let body = json!({ "logGroupName": "/aws/lambda/g" });

    let missing = h.logs("DescribeLogStreams", body.clone()).await;
    let refused = h.logs_as(&user, "DescribeLogStreams", body).await;

    missing.refused(
        "ResourceNotFoundException",
        "The specified log group does not exist.",
    );
    assert_eq!(refused.json()["__type"], "AccessDeniedException");
}
