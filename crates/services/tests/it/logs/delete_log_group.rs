use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn a_group_goes_with_all_that_is_in_it() {
    let h = a_group().await;
    put(&h, &["one", "two"]).await;
    a_filter(&h, "one").await;
    let body = json!({ "logGroupName": "g" });

    let deleted = h.logs("DeleteLogGroup", body.clone()).await;
    let again = h.logs("DeleteLogGroup", body.clone()).await;

    assert_eq!(deleted.ok(), json!({}));
    let text = "The specified log group does not exist.";
    again.refused("ResourceNotFoundException", text);
    h.logs("CreateLogGroup", body.clone()).await.ok();
    let streams = h.logs("DescribeLogStreams", body.clone()).await.ok();
    let filters = h.logs("DescribeMetricFilters", body).await.ok();
    let listed = h.logs("DescribeLogGroups", json!({})).await.ok();
    assert_eq!(
        (&streams["logStreams"], &filters["metricFilters"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(listed["logGroups"][0]["storedBytes"], 0);
}

#[tokio::test]
async fn who_may_not_deletes_nothing() {
    let h = a_group().await;
    let user = h
        .a_user(
            "ana",
            Some(&allow(
                "logs:DeleteLogGroup",
                "arn:aws:logs:*:*:log-group:h:*",
            )),
        )
        .await;

    let denied = h
        .logs_as(&user, "DeleteLogGroup", json!({ "logGroupName": "g" }))
        .await;

    assert_eq!(denied.json()["__type"], "AccessDeniedException");
    assert_eq!(groups(&h).await, ["g"]);
}
