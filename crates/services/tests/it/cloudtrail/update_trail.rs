use super::kit::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn what_is_left_out_stays_and_an_empty_text_takes_away() {
    let h = Harness::new().await;
    a_trail(
        &h,
        "trail",
        json!({ "S3KeyPrefix": "one", "EnableLogFileValidation": true }),
    )
    .await;

    let body = json!({ "Name": "trail", "IsMultiRegionTrail": true });
    let first = h.cloudtrail("UpdateTrail", body).await.ok();
    let body = json!({ "Name": arn("trail"), "S3KeyPrefix": "", "EnableLogFileValidation": false });
    let second = h.cloudtrail("UpdateTrail", body).await.ok();

    assert_eq!(
        first,
        json!({
            "Name": "trail", "S3BucketName": BUCKET, "S3KeyPrefix": "one",
            "IncludeGlobalServiceEvents": true, "IsMultiRegionTrail": true,
            "TrailARN": arn("trail"), "LogFileValidationEnabled": true,
            "IsOrganizationTrail": false,
        })
    );
    assert_eq!(second.get("S3KeyPrefix"), None);
    assert_eq!(second["LogFileValidationEnabled"], false);
}

#[tokio::test]
async fn what_is_refused_changes_nothing() {
    let h = Harness::new().await;
    a_trail(&h, "trail", json!({ "IsMultiRegionTrail": true })).await;
    let before = h
        .cloudtrail("GetTrail", json!({ "Name": "trail" }))
        .await
        .ok();
    let elsewhere = h.root.in_region("eu-west-1");

    let bucket = json!({ "Name": "trail", "S3BucketName": "another" });
    let bucket = h.cloudtrail("UpdateTrail", bucket).await;
    let local = json!({ "Name": "trail", "IncludeGlobalServiceEvents": false });
    let local = h.cloudtrail("UpdateTrail", local).await;
    let missing = h
        .cloudtrail("UpdateTrail", json!({ "Name": "nothing" }))
        .await;
    let away = json!({ "Name": "trail", "IsMultiRegionTrail": false });
    let away = h.cloudtrail_as(&elsewhere, "UpdateTrail", away).await;

    bucket.refused(
        "S3BucketDoesNotExistException",
        "S3 bucket another does not exist!",
    );
    let text = "Multi-Region trail must include global service events.";
    local.refused("InvalidParameterCombinationException", text);
    let text = "Unknown trail: nothing for the user: 123456789012";
    missing.refused("TrailNotFoundException", text);
    let text = "The trail can be changed in its home Region only: us-east-1.";
    away.refused("InvalidHomeRegionException", text);
    let after = h
        .cloudtrail("GetTrail", json!({ "Name": "trail" }))
        .await
        .ok();
    assert_eq!(after, before);
}

#[tokio::test]
async fn what_happened_in_other_regions_before_is_delivered_all_the_same() {
    let h = Harness::new().await;
    a_logging_trail(&h, "trail", json!({ "IsMultiRegionTrail": true })).await;
    let elsewhere = h.root.in_region("eu-west-1");
    h.call_as(&elsewhere, "ListSecrets", json!({})).await.ok();
    h.clock.advance_seconds(5);

    let body = json!({ "Name": "trail", "IsMultiRegionTrail": false });
    h.cloudtrail("UpdateTrail", body).await.ok();
    h.clock.advance_seconds(5);
    h.call_as(&elsewhere, "ListSecrets", json!({})).await.ok();
    deliver_after(&h, 600).await;

    let names = delivered(&h);
    let listed = names.iter().filter(|name| *name == "ListSecrets").count();
    assert_eq!(listed, 1);
}
