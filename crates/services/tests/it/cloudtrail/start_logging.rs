use super::kit::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_trail_logs_from_its_start_on() {
    let h = Harness::new().await;
    h.a_secret("before", "value").await;
    h.clock.advance_seconds(5);
    a_logging_trail(&h, "trail", json!({})).await;
    h.a_secret("after", "value").await;

    deliver_after(&h, 300).await;

    let names = delivered(&h);
    assert_eq!(
        names.iter().filter(|name| *name == "CreateSecret").count(),
        1
    );
    assert!(names.contains(&String::from("StartLogging")), "{names:?}");
    let status = status(&h, "trail").await;
    assert_eq!(status["IsLogging"], true);
    assert_eq!(
        status["StartLoggingTime"],
        h.now().as_millis() / 1_000 - 300
    );
}

#[tokio::test]
async fn starting_twice_is_starting_once() {
    let h = Harness::new().await;
    a_logging_trail(&h, "trail", json!({})).await;
    let before = status(&h, "trail").await;
    h.clock.advance_seconds(5);

    h.cloudtrail("StartLogging", json!({ "Name": arn("trail") }))
        .await
        .ok();

    assert_eq!(status(&h, "trail").await, before);
}

#[tokio::test]
async fn what_is_not_there_does_not_start() {
    let h = Harness::new().await;

    let missing = h
        .cloudtrail("StartLogging", json!({ "Name": "nothing" }))
        .await;
    let no_name = h.cloudtrail("StartLogging", json!({ "Name": "" })).await;

    let text = "Unknown trail: nothing for the user: 123456789012";
    missing.refused("TrailNotFoundException", text);
    no_name.refused("InvalidTrailNameException", "Trail name cannot be blank!");
}
