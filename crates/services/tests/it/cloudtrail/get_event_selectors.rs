use super::kit::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_new_trail_delivers_everything() {
    let h = Harness::new().await;
    a_trail(&h, "trail", json!({})).await;

    let found = h
        .cloudtrail("GetEventSelectors", json!({ "TrailName": "trail" }))
        .await
        .ok();

    let expected = json!({ "TrailARN": arn("trail"), "EventSelectors": [{
        "ReadWriteType": "All", "IncludeManagementEvents": true, "DataResources": [],
        "ExcludeManagementEventSources": [],
    }] });
    assert_eq!(found, expected);
}

#[tokio::test]
async fn what_is_not_there_has_no_selectors() {
    let h = Harness::new().await;

    let missing = h
        .cloudtrail("GetEventSelectors", json!({ "TrailName": "nothing" }))
        .await;

    let text = "Unknown trail: nothing for the user: 123456789012";
    missing.refused("TrailNotFoundException", text);
}
