use super::kit::*;
use serde_json::json;
use testkit::Harness;

const ARN: &str = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:a";

#[tokio::test]
async fn tags_are_set_and_conditions_see_them() {
    let h = Harness::new().await;
    an_alarm(&h, json!({ "Tags": [{ "Key": "x", "Value": "1" }] })).await;
    let mut policy = allow("cloudwatch:DeleteAlarms", "*");
    policy["Statement"][0]["Condition"] =
        json!({ "StringEquals": { "aws:ResourceTag/team": "blue" } });
    let user = h.a_user("ana", Some(&policy)).await;
    let delete = async || {
        let body = json!({ "AlarmNames": ["a"] });
        h.cloudwatch_as(&user, "DeleteAlarms", body).await.status
    };

    let before = delete().await;
    let body = json!({ "ResourceARN": ARN, "Tags": [{ "Key": "team", "Value": "blue" }] });
    let tagged = h.cloudwatch("TagResource", body).await;
    let listed = h
        .cloudwatch("ListTagsForResource", json!({ "ResourceARN": ARN }))
        .await;
    let after = delete().await;

    assert_eq!(ok(&tagged), json!({}));
    assert_eq!(
        ok(&listed)["Tags"],
        json!([{ "Key": "x", "Value": "1" }, { "Key": "team", "Value": "blue" }])
    );
    assert_eq!((before, after), (403, 200));
}
