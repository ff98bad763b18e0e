use super::kit::*;
use serde_json::{Value, json};
use testkit::{Harness, with};

#[tokio::test]
async fn a_connection_is_created_and_its_secrets_are_shown_to_nobody() {
    let h = Harness::new().await;

    let reply = h.rules("CreateConnection", basic()).await;

    let created = reply.ok();
    let arn = created["ConnectionArn"].as_str().unwrap();
    assert!(arn.starts_with(CONNECTION), "{arn}");
    let now = h.now().as_millis() / 1_000;
    assert_eq!(
        created,
        json!({
            "ConnectionArn": arn, "ConnectionState": "AUTHORIZED",
            "CreationTime": now, "LastModifiedTime": now,
        })
    );
    let event = events_of(&h, &reply);
    assert_eq!(
        event["requestParameters"],
        json!({ "name": "hooks", "description": "of the pager", "authorizationType": "BASIC" })
    );
    assert_eq!(
        event["responseElements"],
        json!({ "connectionArn": arn, "connectionState": "AUTHORIZED" })
    );
    let described = h.rules("DescribeConnection", json!({ "Name": "hooks" }));
    let listed = h.rules("ListConnections", json!({}));
    let seen = [described.await.text, listed.await.text, reply.text].concat();
    assert!(!seen.contains("CANARY"), "{seen}");
    assert!(
        !Value::Array(h.audit.events())
            .to_string()
            .contains("CANARY")
    );
}

#[tokio::test]
async fn a_name_is_taken_once() {
    let h = Harness::new().await;
    connect(&h, basic()).await;

    let again = h.rules("CreateConnection", api_key()).await;

    again.refused(
        "ResourceAlreadyExistsException",
        "Connection hooks already exists.",
    );
}

/// Tries each connection, `more` set over one that could be, and expects its text.
async fn all_refused(cases: &[(Value, String)]) {
    let h = Harness::new().await;

    for (more, text) in cases {
        let connection = with(api_key(), more.clone());
        let reply = h.rules("CreateConnection", connection).await;
        reply.refused("ValidationException", text);
    }

    let listed = h.rules("ListConnections", json!({})).await.ok();
    assert_eq!(listed, json!({ "Connections": [] }));
    assert!(
        !Value::Array(h.audit.events())
            .to_string()
            .contains("CANARY")
    );
}

fn invalid(what: &str, why: &str) -> String {
    format!("Parameter {what} is not valid. Reason: {why}")
}

#[tokio::test]
async fn what_does_not_go_with_its_type_is_refused() {
    let named = |name: &str| {
        let key = json!({ "ApiKeyName": name, "ApiKeyValue": "CANARY" });
        json!({ "AuthParameters": { "ApiKeyAuthParameters": key } })
    };
    let other = "The authorization type BASIC has BasicAuthParameters only.";
    let none = "The authorization type API_KEY needs ApiKeyAuthParameters.";
    let header = "It cannot be sent as a header.";

    all_refused(&[
        (
            json!({ "AuthorizationType": "BASIC" }),
            invalid("AuthParameters", other),
        ),
        (
            json!({ "AuthParameters": {} }),
            invalid("AuthParameters", none),
        ),
        (named("a b"), invalid("ApiKeyName", header)),
        (named("a,b"), invalid("ApiKeyName", header)),
        (named("Host"), invalid("ApiKeyName", header)),
    ])
    .await;
}

#[tokio::test]
async fn what_is_not_built_is_refused() {
    let refused = |what: &str| format!("{what} is not supported by this server yet.");
    let oauth = refused("The authorization type OAUTH_CLIENT_CREDENTIALS");
    let client = json!({ "ClientParameters": { "ClientSecret": "CANARY" } });

    all_refused(&[
        (
            json!({ "AuthorizationType": "OAUTH_CLIENT_CREDENTIALS" }),
            oauth.clone(),
        ),
        (
            json!({ "AuthParameters": { "OAuthParameters": client } }),
            oauth,
        ),
        (
            json!({ "KmsKeyIdentifier": "alias/x" }),
            refused("KmsKeyIdentifier"),
        ),
        (
            json!({ "InvocationConnectivityParameters": {} }),
            refused("InvocationConnectivityParameters"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn parameters_that_cannot_be_sent_are_refused() {
    let http = |http: Value| {
        let more = json!({ "InvocationHttpParameters": http });
        json!({ "AuthParameters": with(api_key()["AuthParameters"].clone(), more) })
    };
    let refused = |why: &str| invalid("InvocationHttpParameters", why);
    let secret = json!({ "Key": "k", "Value": "CANARY", "IsValueSecret": true });
    let large = json!({ "Key": "k", "Value": "CANARY".repeat(11_000) });

    all_refused(&[
        (
            http(json!({ "HeaderParameters": [{ "Key": "a,b", "Value": "CANARY" }] })),
            refused("A Key cannot be sent as a header."),
        ),
        (
            http(json!({ "QueryStringParameters": [{ "Value": "CANARY" }] })),
            refused("A parameter has a Key and a Value."),
        ),
        (
            http(json!({ "BodyParameters": [secret, large] })),
            refused("The parameters have more than 64 KiB."),
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_secret_that_breaks_a_constraint_is_not_told() {
    let h = Harness::new().await;
    let key = json!({ "ApiKeyName": "X-Key", "ApiKeyValue": "CANARY\r\nX-Admin: 1" });
    let connection = with(
        api_key(),
        json!({ "AuthParameters": { "ApiKeyAuthParameters": key } }),
    );

    let reply = h.rules("CreateConnection", connection).await;

    reply.refused(
        "ValidationException",
        "1 validation error detected: Value at 'authParameters.apiKeyAuthParameters.apiKeyValue' \
         failed to satisfy constraint: Member must satisfy regular expression pattern: \
         ^[ \\t]*[^\\x00-\\x1F:\\x7F]+([ \\t]+[^\\x00-\\x1F:\\x7F]+)*[ \\t]*$",
    );
    assert!(!events_of(&h, &reply).to_string().contains("CANARY"));
}

#[tokio::test]
async fn policies_know_a_new_connection_by_its_name() {
    let h = Harness::new().await;
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "events:*Connection", "Resource": format!("{CONNECTION}*"),
    }]});
    let ana = h.a_user("ana", Some(&policy)).await;
    let other = with(api_key(), json!({ "Name": "other" }));

    let created = h.rules_as(&ana, "CreateConnection", api_key()).await;
    let refused = h.rules_as(&ana, "CreateConnection", other).await;
    let missing = h
        .rules_as(&ana, "DescribeConnection", json!({ "Name": "hooks" }))
        .await;

    assert_eq!((created.status, missing.status), (200, 200));
    assert_eq!(refused.json()["__type"], "AccessDeniedException");
}
