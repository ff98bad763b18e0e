use super::kit::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_new_trail_has_nothing_to_tell() {
    let h = Harness::new().await;
    a_trail(&h, "trail", json!({})).await;

    let told = status(&h, "trail").await;

    let expected = json!({
        "IsLogging": false, "LatestDeliveryAttemptTime": "",
        "LatestNotificationAttemptTime": "", "LatestNotificationAttemptSucceeded": "",
        "LatestDeliveryAttemptSucceeded": "", "TimeLoggingStarted": "",
        "TimeLoggingStopped": "",
    });
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_bucket_that_refuses_is_told_until_it_takes_the_file() {
    let h = Harness::new().await;
    a_logging_trail(&h, "trail", json!({})).await;
    h.buckets.refuse(Some("AccessDenied"));

    deliver_after(&h, 300).await;
    let failed = status(&h, "trail").await;
    h.buckets.refuse(None);
    deliver_after(&h, 60).await;
    let delivered = status(&h, "trail").await;

    let now = h.now();
    assert_eq!(failed["LatestDeliveryError"], "AccessDenied");
    assert_eq!(failed.get("LatestDeliveryTime"), None);
    assert_eq!(
        failed["LatestDeliveryAttemptTime"],
        now.plus_seconds(-60).to_iso()
    );
    assert_eq!(delivered.get("LatestDeliveryError"), None);
    assert_eq!(delivered["LatestDeliveryTime"], now.as_millis() / 1_000);
    assert_eq!(delivered["LatestDeliveryAttemptSucceeded"], now.to_iso());
}

#[tokio::test]
async fn what_is_not_there_is_told_by_its_arn() {
    let h = Harness::new().await;

    let missing = h
        .cloudtrail("GetTrailStatus", json!({ "Name": "nothing" }))
        .await;

    let text = format!(
        "Unknown trail: {} for the user: 123456789012",
        arn("nothing")
    );
    missing.refused("TrailNotFoundException", &text);
}

#[tokio::test]
async fn the_status_of_a_trail_of_all_regions_is_seen_everywhere() {
    let h = Harness::new().await;
    a_logging_trail(&h, "everywhere", json!({ "IsMultiRegionTrail": true })).await;
    let elsewhere = h.root.in_region("eu-west-1");

    let body = json!({ "Name": "everywhere" });
    let told = h
        .cloudtrail_as(&elsewhere, "GetTrailStatus", body)
        .await
        .ok();

    assert_eq!(told["IsLogging"], true);
}
