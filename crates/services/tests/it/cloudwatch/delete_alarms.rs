use super::kit::*;
use serde_json::{Value, json};
use testkit::Harness;

#[tokio::test]
async fn deleted_alarms_are_gone_and_unknown_ones_are_passed_over() {
    let h = Harness::new().await;
    an_alarm(&h, json!({})).await;
    an_alarm(&h, json!({ "AlarmName": "b" })).await;

    let body = json!({ "AlarmNames": ["a", "none", "a"] });
    let deleted = h.cloudwatch("DeleteAlarms", body).await;
    h.judge().await;

    assert_eq!(ok(&deleted), json!({}));
    assert_eq!(described(&h).await, Value::Null);
    let left = ok(&h.cloudwatch("DescribeAlarms", json!({})).await);
    assert_eq!(left["MetricAlarms"][0]["AlarmName"], "b");
    assert_eq!(left["MetricAlarms"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn who_may_not_delete_one_deletes_none() {
    let h = Harness::new().await;
    an_alarm(&h, json!({})).await;
    an_alarm(&h, json!({ "AlarmName": "b" })).await;
    let only_a = allow(
        "cloudwatch:DeleteAlarms",
        "arn:aws:cloudwatch:us-east-1:123456789012:alarm:a",
    );
    let user = h.a_user("ana", Some(&only_a)).await;

    let body = json!({ "AlarmNames": ["a", "b"] });
    let denied = h.cloudwatch_as(&user, "DeleteAlarms", body).await;

    let text = "User: arn:aws:iam::123456789012:user/ana is not authorized to perform: \
                cloudwatch:DeleteAlarms on resource: \
                arn:aws:cloudwatch:us-east-1:123456789012:alarm:b because no identity-based policy \
                allows the cloudwatch:DeleteAlarms action";
    refused(&denied, 403, "AccessDeniedException", text);
    assert_eq!(described(&h).await["AlarmName"], "a");
}
