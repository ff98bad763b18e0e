use super::kit::*;
use serde_json::{Value, json};
use testkit::Harness;

#[tokio::test]
async fn a_group_is_made_once_with_its_tags_and_kept_for_ever() {
    let h = Harness::new().await;
    let body = json!({ "logGroupName": "g", "tags": { "team": "blue" } });

    let created = h.logs("CreateLogGroup", body.clone()).await;
    let again = h.logs("CreateLogGroup", body).await;

    assert_eq!(created.ok(), json!({}));
    again.refused(
        "ResourceAlreadyExistsException",
        "The specified log group already exists",
    );
    let group = h.logs("DescribeLogGroups", json!({})).await.ok()["logGroups"][0].clone();
    assert_eq!(
        (&group["retentionInDays"], &group["storedBytes"]),
        (&Value::Null, &json!(0))
    );
    let tags = json!({ "logGroupName": "g" });
    let tags = h.logs("ListTagsLogGroup", tags).await.ok();
    assert_eq!(tags, json!({ "tags": { "team": "blue" } }));
}

#[tokio::test]
async fn what_is_not_here_is_refused_and_makes_no_group() {
    let h = Harness::new().await;
    let code = "InvalidParameterException";

    for (more, what) in [
        (json!({ "kmsKeyId": "k" }), "A key of one's own"),
        (
            json!({ "logGroupClass": "DELIVERY" }),
            "A class other than STANDARD",
        ),
        (
            json!({ "deletionProtectionEnabled": true }),
            "Deletion protection",
        ),
    ] {
        let body = testkit::with(json!({ "logGroupName": "g" }), more);
        let refused = h.logs("CreateLogGroup", body).await;
        refused.refused(
            code,
            &format!("{what} is not supported by this server yet."),
        );
    }
    let body = json!({ "logGroupName": "g", "tags": { "aws:x": "1" } });
    let text = "aws: prefixed tag key names are not allowed for external use.";
    h.logs("CreateLogGroup", body).await.refused(code, text);
    assert_eq!(groups(&h).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_policy_may_ask_for_a_tag() {
    let h = Harness::new().await;
    let mut policy = allow("logs:CreateLogGroup", "*");
    policy["Statement"][0]["Condition"] =
        json!({ "StringEquals": { "aws:RequestTag/team": "blue" } });
    let user = h.a_user("ana", Some(&policy)).await;
    let create = async |tag: &str| {
        let body = json!({ "logGroupName": "g", "tags": { "team": tag } });
        h.logs_as(&user, "CreateLogGroup", body).await.status
    };

    assert_eq!((create("red").await, create("blue").await), (400, 200));
}
