use super::kit::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn trails_of_all_regions_are_listed() {
    let h = Harness::new().await;
    a_trail(&h, "here", json!({})).await;
    let elsewhere = h.root.in_region("eu-west-1");
    let body = json!({ "Name": "away", "S3BucketName": BUCKET });
    h.cloudtrail_as(&elsewhere, "CreateTrail", body).await.ok();

    let listed = h.cloudtrail("ListTrails", json!({})).await.ok();

    let away = arn("away").replace("us-east-1", "eu-west-1");
    assert_eq!(
        listed,
        json!({ "Trails": [
            { "TrailARN": away, "Name": "away", "HomeRegion": "eu-west-1" },
            { "TrailARN": arn("here"), "Name": "here", "HomeRegion": "us-east-1" },
        ] })
    );
}

#[tokio::test]
async fn many_trails_come_in_pages() {
    let h = Harness::new().await;
    let regions = strongroom_services::regions::PUBLIC;
    for region in &regions[..21] {
        for n in 0..5 {
            let body = json!({ "Name": format!("trail{n}"), "S3BucketName": BUCKET });
            let caller = h.root.in_region(region);
            h.cloudtrail_as(&caller, "CreateTrail", body).await.ok();
        }
    }

    let first = h.cloudtrail("ListTrails", json!({})).await.ok();
    let body = json!({ "NextToken": first["NextToken"] });
    let second = h.cloudtrail("ListTrails", body).await.ok();
    let torn = h
        .cloudtrail("ListTrails", json!({ "NextToken": "x" }))
        .await;

    assert_eq!(first["Trails"].as_array().unwrap().len(), 100);
    assert_eq!(second["Trails"].as_array().unwrap().len(), 5);
    assert_eq!(second.get("NextToken"), None);
    torn.refused("InvalidNextTokenException", "Invalid NextToken.");
}
