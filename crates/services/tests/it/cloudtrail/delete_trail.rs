use super::kit::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_trail_that_is_deleted_delivers_no_more() {
    let h = Harness::new().await;
    a_logging_trail(&h, "trail", json!({})).await;
    h.a_secret("db", "value").await;

    h.cloudtrail("DeleteTrail", json!({ "Name": "trail" }))
        .await
        .ok();
    deliver_after(&h, 600).await;

    assert_eq!(files(&h), []);
    let gone = h.cloudtrail("GetTrail", json!({ "Name": "trail" })).await;
    let text = "Unknown trail: trail for the user: 123456789012";
    gone.refused("TrailNotFoundException", text);
}

#[tokio::test]
async fn a_new_trail_of_the_name_begins_anew() {
    let h = Harness::new().await;
    a_logging_trail(&h, "trail", json!({})).await;
    h.a_secret("before", "value").await;
    h.cloudtrail("DeleteTrail", json!({ "Name": "trail" }))
        .await
        .ok();
    h.clock.advance_seconds(5);
    a_logging_trail(&h, "trail", json!({})).await;
    h.clock.advance_seconds(5);
    h.a_secret("after", "value").await;

    deliver_after(&h, 600).await;

    let created = delivered(&h)
        .iter()
        .filter(|name| *name == "CreateSecret")
        .count();
    assert_eq!(created, 1);
}

#[tokio::test]
async fn a_trail_is_deleted_once_and_in_its_home_region() {
    let h = Harness::new().await;
    a_trail(&h, "trail", json!({ "IsMultiRegionTrail": true })).await;
    let elsewhere = h.root.in_region("eu-west-1");
    let body = json!({ "Name": "trail" });

    let away = h
        .cloudtrail_as(&elsewhere, "DeleteTrail", body.clone())
        .await;
    h.cloudtrail("DeleteTrail", body.clone()).await.ok();
    let again = h.cloudtrail("DeleteTrail", body).await;

    let text = "The trail can be changed in its home Region only: us-east-1.";
    away.refused("InvalidHomeRegionException", text);
    let text = "Unknown trail: trail for the user: 123456789012";
    again.refused("TrailNotFoundException", text);
}
