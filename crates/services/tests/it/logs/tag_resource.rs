use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn tags_are_set_beside_those_that_are_there() {
    let h = a_group().await;
    let set = async |tags| {
        let body = json!({ "resourceArn": "arn:aws:logs:us-east-1:123456789012:log-group:g", "tags": tags });
        h.logs("TagResource", body).await
    };

    let first = set(json!({ "a": "1", "b": "2" })).await;
    let second = set(json!({ "b": "3" })).await;
    let wrong = set(json!({ "a*": "1" })).await;

    assert_eq!((first.ok(), second.ok()), (json!({}), json!({})));
    assert_eq!(wrong.json()["__type"], "InvalidParameterException");
    assert_eq!(tags(&h).await, json!({ "a": "1", "b": "3" }));
}
