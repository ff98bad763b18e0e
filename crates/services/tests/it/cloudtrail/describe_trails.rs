use super::kit::*;
use serde_json::{Value, json};
use testkit::Harness;

fn names(found: &Value) -> Vec<&str> {
    let trails = found["trailList"].as_array().unwrap().iter();
    trails
        .map(|trail| trail["Name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn trails_of_all_regions_are_seen_everywhere() {
    let h = Harness::new().await;
    a_trail(&h, "here", json!({})).await;
    a_trail(&h, "everywhere", json!({ "IsMultiRegionTrail": true })).await;
    let elsewhere = h.root.in_region("eu-west-1");
    let list = async |body: Value| {
        h.cloudtrail_as(&elsewhere, "DescribeTrails", body)
            .await
            .ok()
    };

    let home = h.cloudtrail("DescribeTrails", json!({})).await.ok();
    let away = list(json!({})).await;
    let without = list(json!({ "includeShadowTrails": false })).await;
    let by_arn = list(json!({ "trailNameList": [arn("everywhere"), arn("unknown")] })).await;
    let by_name = list(json!({ "trailNameList": ["here"] })).await;

    assert_eq!(names(&home), ["everywhere", "here"]);
    assert_eq!(names(&away), ["everywhere"]);
    assert_eq!(away["trailList"][0]["HomeRegion"], "us-east-1");
    assert_eq!(names(&without), Vec::<&str>::new());
    assert_eq!(names(&by_arn), ["everywhere"]);
    assert_eq!(names(&by_name), Vec::<&str>::new());
}

#[tokio::test]
async fn trails_of_other_accounts_are_not_seen() {
    let h = Harness::new().await;
    a_trail(&h, "everywhere", json!({ "IsMultiRegionTrail": true })).await;
    let other = h.another_account("444455556666").await;

    let body = json!({ "trailNameList": [arn("everywhere")] });
    let found = h.cloudtrail_as(&other, "DescribeTrails", body).await.ok();

    assert_eq!(found, json!({ "trailList": [] }));
}

#[tokio::test]
async fn what_is_no_name_is_refused() {
    let h = Harness::new().await;

    let name = h
        .cloudtrail("DescribeTrails", json!({ "trailNameList": ["a b c"] }))
        .await;
    let arn = h
        .cloudtrail("DescribeTrails", json!({ "trailNameList": ["arn:x"] }))
        .await;

    assert_eq!(name.json()["__type"], "InvalidTrailNameException");
    let text = "arn:x is not a valid ARN of a trail.";
    arn.refused("CloudTrailARNInvalidException", text);
}
