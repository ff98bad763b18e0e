use super::kit::*;
use serde_json::{Value, json};
use testkit::Harness;

async fn update(h: &Harness, more: Value) -> testkit::Reply {
    let body = testkit::with(json!({ "Name": "hooks" }), more);
    h.rules("UpdateConnection", body).await
}

/// The headers of the request that the next event brings.
async fn sent(h: &Harness) -> testkit::SentPost {
    h.clock.advance_seconds(1);
    let name = format!("s{}", h.messenger.posts().len());
    h.a_secret(&name, "x").await;
    h.follow().await;
    h.messenger.posts().pop().unwrap()
}

#[tokio::test]
async fn what_is_given_is_changed_and_the_rest_stays() {
    let (h, _) = with_destination(basic(), json!({})).await;
    let created = h.now().as_millis() / 1_000;
    h.clock.advance_seconds(60);

    let password = json!({ "BasicAuthParameters": { "Password": "new" } });
    let reply = update(&h, json!({ "AuthParameters": password })).await;

    let updated = reply.ok();
    assert_eq!(
        updated,
        json!({
            "ConnectionArn": updated["ConnectionArn"], "ConnectionState": "AUTHORIZED",
            "CreationTime": created, "LastModifiedTime": created + 60, "LastAuthorizedTime": created + 60,
        })
    );
    assert_eq!(
        events_of(&h, &reply)["requestParameters"],
        json!({ "name": "hooks" })
    );
    let post = sent(&h).await;
    // `ana:new`
    assert_eq!(post.header("authorization"), Some("Basic YW5hOm5ldw=="));
    assert_eq!(post.header("x-team"), Some("blue"));
    assert_eq!(post.url, format!("{HOOK}?key=CANARY-QUERY"));
    assert_eq!(post.json()["token"], "CANARY-BODY");
}

#[tokio::test]
async fn another_type_needs_all_of_its_parameters_and_keeps_those_of_requests() {
    let (h, _) = with_destination(basic(), json!({})).await;
    let half = json!({ "ApiKeyAuthParameters": { "ApiKeyName": "X-Key" } });
    let whole = json!({ "ApiKeyAuthParameters": { "ApiKeyName": "X-Key", "ApiKeyValue": "k" } });

    let refused = update(
        &h,
        json!({ "AuthorizationType": "API_KEY", "AuthParameters": half }),
    )
    .await;
    let before = sent(&h).await;
    update(
        &h,
        json!({ "AuthorizationType": "API_KEY", "AuthParameters": whole }),
    )
    .await
    .ok();
    let after = sent(&h).await;

    refused.refused(
        "ValidationException",
        "Parameter AuthParameters is not valid. Reason: The authorization type API_KEY needs \
         ApiKeyAuthParameters.",
    );
    assert_eq!(
        (
            before.header("x-key"),
            before.header("authorization").is_some()
        ),
        (None, true)
    );
    assert_eq!(
        (after.header("x-key"), after.header("authorization")),
        (Some("k"), None)
    );
    assert_eq!(after.url, before.url);
}

#[tokio::test]
async fn parameters_of_requests_are_replaced_together() {
    let (h, _) = with_destination(basic(), json!({})).await;
    let query = json!([{ "Key": "q", "Value": "1" }]);
    let http = json!({ "InvocationHttpParameters": { "QueryStringParameters": query } });

    update(&h, json!({ "AuthParameters": http })).await.ok();

    let post = sent(&h).await;
    assert_eq!(post.url, format!("{HOOK}?q=1"));
    assert_eq!(
        (post.header("x-team"), post.json().get("token")),
        (None, None)
    );
    assert!(post.header("authorization").is_some());
}

#[tokio::test]
async fn a_description_changes_nothing_else() {
    let h = Harness::new().await;
    connect(&h, basic()).await;
    let name = json!({ "Name": "hooks" });
    let before = h.rules("DescribeConnection", name.clone()).await.ok();

    update(&h, json!({ "Description": "new" })).await.ok();

    let after = h.rules("DescribeConnection", name).await.ok();
    assert_eq!(
        after,
        testkit::with(before, json!({ "Description": "new" }))
    );
}

#[tokio::test]
async fn there_is_nothing_to_change_where_there_is_none() {
    let h = Harness::new().await;

    let reply = update(&h, json!({ "Description": "new" })).await;

    let text = "Failed to describe the connection(s). Connection 'hooks' does not exist.";
    reply.refused("ResourceNotFoundException", text);
}
