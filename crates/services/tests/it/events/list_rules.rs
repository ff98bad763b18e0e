use super::kit::*;
use serde_json::{Value, json};
use testkit::Harness;

#[tokio::test]
async fn rules_come_in_pages_by_prefix() {
    let h = Harness::new().await;
    for name in ["a1", "a2", "a3", "b"] {
        let body = json!({ "Name": name, "EventPattern": pattern().to_string() });
        h.rules("PutRule", body).await.ok();
    }

    let first = json!({ "NamePrefix": "a", "Limit": 2 });
    let first = h.rules("ListRules", first).await.ok();
    let next = json!({ "NamePrefix": "a", "Limit": 2, "NextToken": first["NextToken"] });
    let second = h.rules("ListRules", next).await.ok();
    let other = json!({ "NamePrefix": "b", "NextToken": first["NextToken"] });
    let other = h.rules("ListRules", other).await;

    let names = |page: &Value| -> Vec<String> {
        let rules = page["Rules"].as_array().unwrap().iter();
        rules
            .map(|rule| rule["Name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(&first), ["a1", "a2"]);
    assert_eq!(names(&second), ["a3"]);
    assert!(second.get("NextToken").is_none());
    other.refused("ValidationException", "The provided NextToken is invalid.");
}
