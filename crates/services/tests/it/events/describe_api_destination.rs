use super::kit::*;
use serde_json::json;
use testkit::{Harness, with};

#[tokio::test]
async fn an_api_destination_is_shown() {
    let h = Harness::new().await;
    let connection = connect(&h, api_key()).await;
    let arn = direct(
        &h,
        with(pager(&connection), json!({ "Description": "rings" })),
    )
    .await;
    let now = h.now().as_millis() / 1_000;

    let described = h
        .rules("DescribeApiDestination", json!({ "Name": "pager" }))
        .await
        .ok();

    let expected = json!({
        "ApiDestinationArn": arn, "Name": "pager", "Description": "rings",
        "ApiDestinationState": "ACTIVE", "ConnectionArn": connection, "InvocationEndpoint": HOOK,
        "HttpMethod": "POST", "InvocationRateLimitPerSecond": 300, "CreationTime": now,
        "LastModifiedTime": now,
    });
    assert_eq!(described, expected);
}

#[tokio::test]
async fn one_that_is_not_there_is_told_to_who_may_ask() {
    let h = Harness::new().await;
    let nobody = h.a_user("nobody", None).await;
    let name = json!({ "Name": "pager" });

    let missing = h.rules("DescribeApiDestination", name.clone()).await;
    let refused = h.rules_as(&nobody, "DescribeApiDestination", name).await;

    let text =
        "Failed to describe the api-destination(s). An api-destination 'pager' does not exist.";
    missing.refused("ResourceNotFoundException", text);
    assert_eq!(refused.json()["__type"], "AccessDeniedException");
}
