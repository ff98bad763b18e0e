use super::kit::*;
use serde_json::{Value, json};
use testkit::Harness;

async fn add(h: &Harness, resource: &str, tags: Value) -> testkit::Reply {
    let body = json!({ "ResourceId": resource, "TagsList": tags });
    h.cloudtrail("AddTags", body).await
}

async fn tags(h: &Harness) -> Value {
    let body = json!({ "ResourceIdList": [arn("trail")] });
    let listed = h.cloudtrail("ListTags", body).await.ok();
    listed["ResourceTagList"][0]["TagsList"].clone()
}

#[tokio::test]
async fn tags_are_set_and_others_stay() {
    let h = Harness::new().await;
    a_trail(&h, "trail", json!({})).await;

    let first = json!([{ "Key": "team", "Value": "a" }, { "Key": "stage" }]);
    add(&h, &arn("trail"), first).await.ok();
    add(&h, &arn("trail"), json!([{ "Key": "team", "Value": "b" }]))
        .await
        .ok();

    let expected = json!([{ "Key": "team", "Value": "b" }, { "Key": "stage", "Value": "" }]);
    assert_eq!(tags(&h).await, expected);
}

#[tokio::test]
async fn what_is_refused_sets_no_tag() {
    let h = Harness::new().await;
    a_trail(&h, "trail", json!({})).await;
    let many: Vec<Value> = (0..51).map(|n| json!({ "Key": format!("k{n}") })).collect();

    let twice = add(&h, &arn("trail"), json!([{ "Key": "a" }, { "Key": "a" }])).await;
    let reserved = add(&h, &arn("trail"), json!([{ "Key": "aws:a" }])).await;
    let twins = add(&h, &arn("trail"), json!([{ "Key": "a" }, { "Key": "A" }])).await;
    let many = add(&h, &arn("trail"), json!(many)).await;
    let by_name = add(&h, "trail", json!([{ "Key": "a" }])).await;
    let missing = add(&h, &arn("nothing"), json!([{ "Key": "a" }])).await;

    twice.refused("InvalidTagParameterException", "Duplicate tag key: a");
    let text = "Tag keys starting with aws: are reserved for system use.";
    reserved.refused("InvalidTagParameterException", text);
    let text = "Tag keys of a trail can't differ only in case. Key: A";
    twins.refused("InvalidTagParameterException", text);
    let text = "The number of tags exceeds the limit of 50 tags for a resource.";
    many.refused("TagsLimitExceededException", text);
    let text = "trail is not a valid ARN of a trail.";
    by_name.refused("CloudTrailARNInvalidException", text);
    let text = format!(
        "Unknown trail: {} for the user: 123456789012",
        arn("nothing")
    );
    missing.refused("ResourceNotFoundException", &text);
    assert_eq!(tags(&h).await, json!([]));
}
