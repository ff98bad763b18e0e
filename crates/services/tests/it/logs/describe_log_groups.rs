use super::kit::*;
use serde_json::{Value, json};

#[tokio::test]
async fn a_group_is_there_with_its_first_stream() {
    let (h, executor) = stage().await;

    let before = h.logs("DescribeLogGroups", json!({})).await.ok();
    run(&h, &executor, &["x"]).await;
    let after = h.logs("DescribeLogGroups", json!({})).await.ok();

    assert_eq!(before, json!({ "logGroups": [] }));
    let arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/f";
    assert_eq!(
        after,
        json!({ "logGroups": [{
            "logGroupName": GROUP, "creationTime": h.now().as_millis(), "retentionInDays": 14,
            "metricFilterCount": 0, "arn": format!("{arn}:*"),
            "storedBytes": after["logGroups"][0]["storedBytes"], "logGroupClass": "STANDARD",
            "logGroupArn": arn,
        }] })
    );
    assert!(after["logGroups"][0]["storedBytes"].as_i64().unwrap() > 100);
}

#[tokio::test]
async fn groups_come_in_pages_and_by_their_names() {
    let (h, _) = stage().await;
    for name in ["a", "b", "ba"] {
        h.a_function(name, "arn:aws:iam::123456789012:role/r").await;
        h.lambda("Invoke", json!({ "FunctionName": name })).await;
    }
    let names = |page: &Value| -> Vec<String> {
        let groups = page["logGroups"].as_array().unwrap().iter();
        groups
            .map(|group| group["logGroupName"].as_str().unwrap()["/aws/lambda/".len()..].to_owned())
            .collect()
    };
    let list = async |body: Value| h.logs("DescribeLogGroups", body).await.ok();

    let first = list(json!({ "limit": 2 })).await;
    let second = list(json!({ "limit": 2, "nextToken": first["nextToken"] })).await;
    let prefixed = list(json!({ "logGroupNamePrefix": "/aws/lambda/b" })).await;
    let patterned = list(json!({ "logGroupNamePattern": "da/a" })).await;

    assert_eq!(
        (names(&first), names(&second)),
        (vec!["a".into(), "b".into()], vec!["ba".into()])
    );
    assert_eq!(second["nextToken"], Value::Null);
    assert_eq!(names(&prefixed), ["b", "ba"]);
    assert_eq!(names(&patterned), ["a"]);
    let wrong = h
        .logs("DescribeLogGroups", json!({ "nextToken": "x" }))
        .await;
    wrong.refused(
        "InvalidParameterException",
        "The specified nextToken is invalid.",
    );
}

#[tokio::test]
async fn who_may_not_is_told_the_resource_as_aws_tells_it() {
    let (h, _) = stage().await;
    let user = h.a_user("ana", None).await;

    let refused = h.logs_as(&user, "DescribeLogGroups", json!({})).await;

    let text = "User: arn:aws:iam::123456789012:user/ana is not authorized to perform: \
                logs:DescribeLogGroups on resource: \
                arn:aws:logs:us-east-1:123456789012:log-group::log-stream: because no identity-based \
                policy allows the logs:DescribeLogGroups action";
    refused.refused("AccessDeniedException", text);
}
