use super::kit::*;
use serde_json::{Value, json};
use testkit::{Harness, with};

#[tokio::test]
async fn what_is_given_is_changed_and_the_rest_stays() {
    let h = Harness::new().await;
    let connection = connect(&h, api_key()).await;
    direct(&h, pager(&connection)).await;
    let name = json!({ "Name": "pager" });
    let other = connect(&h, with(api_key(), json!({ "Name": "other" }))).await;
    let deauthorized = json!({ "Name": "other" });
    h.rules("DeauthorizeConnection", deauthorized).await.ok();
    let before = h.rules("DescribeApiDestination", name.clone()).await.ok();
    h.clock.advance_seconds(60);
    let changes = json!({
        "Description": "new", "ConnectionArn": other, "HttpMethod": "PUT",
        "InvocationEndpoint": "https://hooks.example/v2", "InvocationRateLimitPerSecond": 1,
    });

    let mut seen: Vec<Value> = Vec::new();
    for change in [json!({}), changes.clone()] {
        h.rules("UpdateApiDestination", with(change, name.clone()))
            .await
            .ok();
        seen.push(h.rules("DescribeApiDestination", name.clone()).await.ok());
    }

    let modified = json!({ "LastModifiedTime": h.now().as_millis() / 1_000 });
    let untouched = with(before, modified);
    assert_eq!(seen[0], untouched);
    let inactive = json!({ "ApiDestinationState": "INACTIVE" });
    assert_eq!(seen[1], with(with(untouched, changes), inactive));
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_changes_nothing() {
    let h = Harness::new().await;
    let connection = connect(&h, api_key()).await;
    direct(&h, pager(&connection)).await;
    let name = json!({ "Name": "pager" });
    let before = h.rules("DescribeApiDestination", name.clone()).await.ok();
    let gone = format!("{CONNECTION}gone");

    let endpoint = json!({ "Name": "pager", "InvocationEndpoint": "https://evil.example/" });
    let endpoint = h.rules("UpdateApiDestination", endpoint).await;
    let connection = json!({ "Name": "pager", "ConnectionArn": gone });
    let connection = h.rules("UpdateApiDestination", connection).await;
    let missing = h
        .rules("UpdateApiDestination", json!({ "Name": "x" }))
        .await;

    endpoint.refused(
        "ValidationException",
        "Parameter InvocationEndpoint is not valid. Reason: The operator of this server does not \
         allow this endpoint.",
    );
    let text = "Failed to describe the connection(s). Connection 'hooks' does not exist.";
    connection.refused("ResourceNotFoundException", text);
    let text = "Failed to describe the api-destination(s). An api-destination 'x' does not exist.";
    missing.refused("ResourceNotFoundException", text);
    let after = h.rules("DescribeApiDestination", name).await.ok();
    assert_eq!(after, before);
}
