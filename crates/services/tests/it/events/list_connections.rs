use super::kit::*;
use serde_json::{Value, json};
use testkit::{Harness, with};

fn names(page: &Value) -> Vec<&str> {
    let all = page["Connections"].as_array().unwrap().iter();
    all.map(|one| one["Name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn connections_come_in_pages_by_prefix_and_state() {
    let h = Harness::new().await;
    for name in ["a1", "a2", "a3", "b"] {
        connect(&h, with(api_key(), json!({ "Name": name }))).await;
    }
    let name = json!({ "Name": "a2" });
    h.rules("DeauthorizeConnection", name).await.ok();

    let asked = json!({ "NamePrefix": "a", "Limit": 2 });
    let first = h.rules("ListConnections", asked.clone()).await.ok();
    let token = json!({ "NextToken": first["NextToken"] });
    let second = h.rules("ListConnections", with(asked, token.clone())).await;
    let other = h.rules("ListConnections", token).await;
    let authorized = json!({ "ConnectionState": "AUTHORIZED", "Limit": 3 });
    let authorized = h.rules("ListConnections", authorized).await.ok();

    let second = second.ok();
    assert_eq!(names(&first), ["a1", "a2"]);
    assert_eq!(
        (names(&second), second.get("NextToken")),
        (vec!["a3"], None)
    );
    other.refused("ValidationException", "The provided NextToken is invalid.");
    assert_eq!(names(&authorized), ["a1", "a3", "b"]);
    assert!(authorized.get("NextToken").is_none());
}

#[tokio::test]
async fn a_connection_is_listed_in_short() {
    let h = Harness::new().await;
    let arn = connect(&h, basic()).await;
    let now = h.now().as_millis() / 1_000;

    let listed = h.rules("ListConnections", json!({})).await.ok();

    let expected = json!({ "Connections": [{
        "ConnectionArn": arn, "Name": "hooks", "ConnectionState": "AUTHORIZED",
        "AuthorizationType": "BASIC", "CreationTime": now, "LastModifiedTime": now,
        "LastAuthorizedTime": now,
    }]});
    assert_eq!(listed, expected);
}
