use super::kit::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn selectors_decide_what_is_delivered() {
    let h = Harness::new().await;
    a_logging_trail(&h, "trail", json!({})).await;
    let body = json!({ "TrailName": "trail", "EventSelectors": [{ "ReadWriteType": "ReadOnly" }] });

    let put = h.cloudtrail("PutEventSelectors", body).await.ok();
    h.clock.advance_seconds(1);
    h.a_secret("db", "value").await;
    h.call("GetSecretValue", json!({ "SecretId": "db" }))
        .await
        .ok();
    deliver_after(&h, 300).await;

    assert_eq!(
        put,
        json!({ "TrailARN": arn("trail"), "EventSelectors": [{
            "ReadWriteType": "ReadOnly", "IncludeManagementEvents": true, "DataResources": [],
            "ExcludeManagementEventSources": [],
        }] })
    );
    let names = delivered(&h);
    assert!(names.contains(&String::from("GetSecretValue")), "{names:?}");
    assert!(!names.contains(&String::from("CreateSecret")), "{names:?}");
    let trail = h
        .cloudtrail("GetTrail", json!({ "Name": "trail" }))
        .await
        .ok();
    assert_eq!(trail["Trail"]["HasCustomEventSelectors"], true);
}

#[tokio::test]
async fn advanced_selectors_take_the_place_of_others() {
    let h = Harness::new().await;
    a_trail(&h, "trail", json!({})).await;
    let selectors = json!([{ "Name": "no keys", "FieldSelectors": [
        { "Field": "eventCategory", "Equals": ["Management"] },
        { "Field": "eventSource", "NotEquals": ["kms.amazonaws.com"] },
    ] }]);
    let body = json!({ "TrailName": arn("trail"), "AdvancedEventSelectors": selectors });

    let put = h.cloudtrail("PutEventSelectors", body).await.ok();

    let expected = json!({ "TrailARN": arn("trail"), "AdvancedEventSelectors": selectors });
    assert_eq!(put, expected);
}

#[tokio::test]
async fn selectors_that_make_no_sense_change_nothing() {
    let h = Harness::new().await;
    a_trail(&h, "trail", json!({})).await;

    let none = h
        .cloudtrail("PutEventSelectors", json!({ "TrailName": "trail" }))
        .await;
    let missing = json!({ "TrailName": "nothing", "EventSelectors": [{}] });
    let missing = h.cloudtrail("PutEventSelectors", missing).await;

    let text = "You must specify EventSelectors or AdvancedEventSelectors.";
    none.refused("InvalidEventSelectorsException", text);
    let text = "Unknown trail: nothing for the user: 123456789012";
    missing.refused("TrailNotFoundException", text);
    let trail = h
        .cloudtrail("GetTrail", json!({ "Name": "trail" }))
        .await
        .ok();
    assert_eq!(trail["Trail"]["HasCustomEventSelectors"], false);
}

#[tokio::test]
async fn what_happened_before_is_delivered_as_it_was_selected_then() {
    let h = Harness::new().await;
    a_logging_trail(&h, "trail", json!({})).await;
    h.a_secret("before", "value").await;
    h.clock.advance_seconds(5);
    let body = json!({ "TrailName": "trail", "EventSelectors": [{ "ReadWriteType": "ReadOnly" }] });
    let started = status(&h, "trail").await["StartLoggingTime"].clone();

    h.cloudtrail("PutEventSelectors", body).await.ok();
    h.clock.advance_seconds(5);
    h.a_secret("after", "value").await;
    deliver_after(&h, 600).await;

    let names = delivered(&h);
    let created = names.iter().filter(|name| *name == "CreateSecret").count();
    assert_eq!(created, 1);
    let status = status(&h, "trail").await;
    assert_eq!(status["StartLoggingTime"], started);
    assert_eq!(status.get("StopLoggingTime"), None);
}
