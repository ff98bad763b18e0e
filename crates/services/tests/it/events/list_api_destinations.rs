use super::kit::*;
use serde_json::{Value, json};
use testkit::{Harness, with};

fn names(page: &Value) -> Vec<&str> {
    let all = page["ApiDestinations"].as_array().unwrap().iter();
    all.map(|one| one["Name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn api_destinations_come_in_pages_by_prefix_and_connection() {
    let h = Harness::new().await;
    let hooks = connect(&h, api_key()).await;
    let other = connect(&h, with(api_key(), json!({ "Name": "other" }))).await;
    for (name, connection) in [
        ("a1", &hooks),
        ("a2", &other),
        ("a3", &hooks),
        ("b", &hooks),
    ] {
        direct(&h, with(pager(connection), json!({ "Name": name }))).await;
    }
    h.rules("DeleteConnection", json!({ "Name": "other" }))
        .await
        .ok();

    let asked = json!({ "NamePrefix": "a", "Limit": 2 });
    let first = h.rules("ListApiDestinations", asked.clone()).await.ok();
    let token = json!({ "NextToken": first["NextToken"] });
    let second = h
        .rules("ListApiDestinations", with(asked, token.clone()))
        .await
        .ok();
    let other_question = h.rules("ListApiDestinations", token).await;
    let of_hooks = json!({ "ConnectionArn": hooks });
    let of_hooks = h.rules("ListApiDestinations", of_hooks).await.ok();

    assert_eq!(names(&first), ["a1", "a2"]);
    let states = [0, 1].map(|n| first["ApiDestinations"][n]["ApiDestinationState"].clone());
    assert_eq!(states, ["ACTIVE", "INACTIVE"]);
    assert_eq!(
        (names(&second), second.get("NextToken")),
        (vec!["a3"], None)
    );
    other_question.refused("ValidationException", "The provided NextToken is invalid.");
    assert_eq!(names(&of_hooks), ["a1", "a3", "b"]);
}
