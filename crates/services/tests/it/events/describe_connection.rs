use super::kit::*;
use serde_json::{Value, json};
use testkit::{Harness, with};

#[tokio::test]
async fn a_connection_is_shown_but_for_its_secrets() {
    let h = Harness::new().await;
    let arn = connect(&h, basic()).await;
    let now = h.now().as_millis() / 1_000;

    let described = h
        .rules("DescribeConnection", json!({ "Name": "hooks" }))
        .await
        .ok();

    let secret = |key: &str| json!([{ "Key": key, "IsValueSecret": true }]);
    let expected = json!({
        "ConnectionArn": arn, "Name": "hooks", "Description": "of the pager",
        "ConnectionState": "AUTHORIZED", "AuthorizationType": "BASIC",
        "CreationTime": now, "LastModifiedTime": now, "LastAuthorizedTime": now,
        "AuthParameters": {
            "BasicAuthParameters": { "Username": "ana" },
            "InvocationHttpParameters": {
                "HeaderParameters": [{ "Key": "X-Team", "Value": "blue", "IsValueSecret": false }],
                "QueryStringParameters": secret("key"),
                "BodyParameters": secret("token"),
            },
        },
    });
    assert_eq!(described, expected);
}

#[tokio::test]
async fn parameters_are_shown_if_there_were_any() {
    let h = Harness::new().await;
    let key = api_key()["AuthParameters"].clone();
    let shown = |described: Value| described["AuthParameters"].clone();
    let name = json!({ "Name": "hooks" });

    connect(&h, api_key()).await;
    let none = shown(h.rules("DescribeConnection", name.clone()).await.ok());
    h.rules("DeleteConnection", name.clone()).await.ok();
    let empty = with(key, json!({ "InvocationHttpParameters": {} }));
    connect(&h, with(api_key(), json!({ "AuthParameters": empty }))).await;
    let empty = shown(h.rules("DescribeConnection", name).await.ok());

    let key = json!({ "ApiKeyName": "X-Key" });
    assert_eq!(none, json!({ "ApiKeyAuthParameters": key }));
    assert_eq!(
        empty,
        json!({ "ApiKeyAuthParameters": key, "InvocationHttpParameters": {} })
    );
}

#[tokio::test]
async fn one_that_is_not_there_is_told_to_who_may_ask() {
    let h = Harness::new().await;
    let nobody = h.a_user("nobody", None).await;
    let name = json!({ "Name": "hooks" });

    let missing = h.rules("DescribeConnection", name.clone()).await;
    let refused = h.rules_as(&nobody, "DescribeConnection", name).await;

    let text = "Failed to describe the connection(s). Connection 'hooks' does not exist.";
    missing.refused("ResourceNotFoundException", text);
    assert_eq!(refused.json()["__type"], "AccessDeniedException");
}
