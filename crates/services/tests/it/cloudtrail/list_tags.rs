use super::kit::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn the_tags_of_several_trails_are_listed() {
    let h = Harness::new().await;
    a_trail(
        &h,
        "one",
        json!({ "TagsList": [{ "Key": "a", "Value": "1" }] }),
    )
    .await;
    a_trail(&h, "two", json!({})).await;

    let body = json!({ "ResourceIdList": [arn("two"), arn("one")] });
    let listed = h.cloudtrail("ListTags", body).await.ok();

    let expected = json!({ "ResourceTagList": [
        { "ResourceId": arn("two"), "TagsList": [] },
        { "ResourceId": arn("one"), "TagsList": [{ "Key": "a", "Value": "1" }] },
    ] });
    assert_eq!(listed, expected);
}

#[tokio::test]
async fn each_trail_is_asked_for() {
    let h = Harness::new().await;
    a_trail(&h, "one", json!({})).await;
    a_trail(&h, "two", json!({})).await;
    let mut policy = allow("cloudtrail:ListTags");
    policy["Statement"][0]["Resource"] = json!(arn("one"));
    let user = h.a_user("bob", Some(&policy)).await;
    let list = async |arns: &[String]| {
        let body = json!({ "ResourceIdList": arns });
        h.cloudtrail_as(&user, "ListTags", body).await
    };

    let one = list(&[arn("one")]).await;
    let both = list(&[arn("one"), arn("two")]).await;

    one.ok();
    assert_eq!(both.json()["__type"], "AccessDeniedException");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let h = Harness::new().await;
    a_trail(&h, "one", json!({})).await;

    let none = h
        .cloudtrail("ListTags", json!({ "ResourceIdList": [] }))
        .await;
    let many = json!({ "ResourceIdList": vec![arn("one"); 21] });
    let many = h.cloudtrail("ListTags", many).await;
    let torn = json!({ "ResourceIdList": [arn("one")], "NextToken": "x" });
    let torn = h.cloudtrail("ListTags", torn).await;

    for refused in [none, many] {
        assert_eq!(refused.json()["__type"], "ValidationException");
    }
    torn.refused("InvalidTokenException", "The token is invalid.");
}
