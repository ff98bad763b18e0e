use super::kit::*;
use serde_json::{Value, json};

fn names(page: &Value) -> Vec<&str> {
    let functions = page["Functions"].as_array().unwrap().iter();
    functions
        .map(|one| one["FunctionName"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn functions_come_by_name_in_pages() {
    let (h, _) = with_function().await;
    let role = "arn:aws:iam::123456789012:role/r";
    for name in ["b", "a", "c"] {
        h.a_function(name, role).await;
    }

    let first = h
        .lambda("ListFunctions", json!({ "MaxItems": 3 }))
        .await
        .done(200);
    let body = json!({ "MaxItems": 3, "Marker": first["NextMarker"] });
    let second = h.lambda("ListFunctions", body).await.done(200);
    let all = h
        .lambda("ListFunctions", json!({ "FunctionVersion": "ALL" }))
        .await
        .done(200);

    assert_eq!(names(&first), ["a", "b", "c"]);
    assert_eq!(names(&second), ["f"]);
    assert_eq!(second["NextMarker"], Value::Null);
    assert_eq!(names(&all), ["a", "b", "c", "f"]);
    assert_eq!(all["Functions"][3], shown(&h).await["Configuration"]);
}

#[tokio::test]
async fn other_regions_and_accounts_have_lists_of_their_own() {
    let (h, _) = with_function().await;
    let other = h.another_account("210987654321").await;

    for caller in [other, h.root.in_region("eu-west-1")] {
        let listed = h.lambda_as(&caller, "ListFunctions", json!({})).await;
        assert_eq!(listed.done(200), json!({ "Functions": [] }));
    }
}

#[tokio::test]
async fn a_marker_of_something_else_is_refused() {
    let (h, _) = with_function().await;

    let refused = h.lambda("ListFunctions", json!({ "Marker": "x" })).await;

    let text = "The provided Marker is invalid.";
    refused.rest_refused(400, "InvalidParameterValueException", text);
}
