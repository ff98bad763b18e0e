use super::kit::*;
use serde_json::json;
use testkit::{Harness, with};

#[tokio::test]
async fn an_api_destination_is_created_and_its_endpoint_is_not_recorded() {
    let h = Harness::new().await;
    let connection = connect(&h, api_key()).await;

    let reply = h.rules("CreateApiDestination", pager(&connection)).await;

    let created = reply.ok();
    let arn = created["ApiDestinationArn"].as_str().unwrap();
    assert!(arn.starts_with(DESTINATION), "{arn}");
    let now = h.now().as_millis() / 1_000;
    assert_eq!(
        created,
        json!({
            "ApiDestinationArn": arn, "ApiDestinationState": "ACTIVE",
            "CreationTime": now, "LastModifiedTime": now,
        })
    );
    let event = events_of(&h, &reply);
    assert_eq!(
        event["requestParameters"],
        json!({ "name": "pager", "connectionArn": connection, "httpMethod": "POST" })
    );
    let again = h.rules("CreateApiDestination", pager(&connection)).await;
    again.refused(
        "ResourceAlreadyExistsException",
        "An api-destination 'pager' already exists.",
    );
}

#[tokio::test]
async fn endpoints_are_those_that_the_operator_allows() {
    let h = Harness::new().await;
    let connection = connect(&h, api_key()).await;
    let not_allowed = "The operator of this server does not allow this endpoint.";
    let no_url = "It is no URL with wildcards in its path alone.";

    for (endpoint, why) in [
        ("https://evil.example/", not_allowed),
        ("http://hooks.example/in", not_allowed),
        ("http://169.254.169.254/latest/meta-data", not_allowed),
        ("https://hooks.example@evil.example/", not_allowed),
        ("https://*.example/in", no_url),
        ("hooks.example/in", no_url),
    ] {
        let destination = with(
            pager(&connection),
            json!({ "InvocationEndpoint": endpoint }),
        );
        let reply = h.rules("CreateApiDestination", destination).await;
        let text = format!("Parameter InvocationEndpoint is not valid. Reason: {why}");
        reply.refused("ValidationException", &text);
    }

    let listed = h.rules("ListApiDestinations", json!({})).await.ok();
    assert_eq!(listed, json!({ "ApiDestinations": [] }));
}

#[tokio::test]
async fn a_connection_of_somebody_else_is_not_there() {
    let h = Harness::new().await;
    let connection = connect(&h, api_key()).await;
    let other = h.another_account("210987654321").await;
    let elsewhere = h.root.in_region("eu-west-1");
    let theirs = connection.replace("123456789012", "210987654321");

    for (caller, arn) in [
        (&other, &connection),
        (&elsewhere, &connection),
        (&h.root, &theirs),
    ] {
        let reply = h.rules_as(caller, "CreateApiDestination", pager(arn)).await;
        let text = "Failed to describe the connection(s). Connection 'hooks' does not exist.";
        reply.refused("ResourceNotFoundException", text);
    }
}

/// Else whoever may make API destinations would have every connection's secrets sent to themselves.
#[tokio::test]
async fn who_has_secrets_sent_somewhere_needs_leave_for_their_connection() {
    let h = Harness::new().await;
    let connection = connect(&h, api_key()).await;
    let policy = |resource: &str| {
        json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": "events:*ApiDestination", "Resource": resource,
        }]})
    };
    let ana = h
        .a_user("ana", Some(&policy(&format!("{DESTINATION}*"))))
        .await;

    let refused = h
        .rules_as(&ana, "CreateApiDestination", pager(&connection))
        .await;
    h.allow("ana", &policy("*")).await;
    let created = h
        .rules_as(&ana, "CreateApiDestination", pager(&connection))
        .await;
    h.allow("ana", &policy(&format!("{DESTINATION}*"))).await;
    let body = json!({ "Name": "pager", "ConnectionArn": connection });
    let updated = h.rules_as(&ana, "UpdateApiDestination", body).await;

    assert_eq!(refused.json()["__type"], "AccessDeniedException");
    assert_eq!(created.status, 200, "{}", created.text);
    assert_eq!(updated.json()["__type"], "AccessDeniedException");
}
