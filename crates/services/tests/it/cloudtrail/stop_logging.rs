use super::kit::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn what_happened_before_the_stop_is_delivered_and_nothing_after() {
    let h = Harness::new().await;
    a_logging_trail(&h, "trail", json!({})).await;
    h.a_secret("before", "value").await;
    h.clock.advance_seconds(5);
    h.cloudtrail("StopLogging", json!({ "Name": "trail" }))
        .await
        .ok();
    h.clock.advance_seconds(5);
    h.a_secret("after", "value").await;

    deliver_after(&h, 600).await;
    let first = files(&h);
    h.a_secret("later", "value").await;
    deliver_after(&h, 600).await;

    let created = delivered(&h)
        .iter()
        .filter(|name| *name == "CreateSecret")
        .count();
    assert_eq!(created, 1);
    assert_eq!(files(&h), first);
    let status = status(&h, "trail").await;
    assert_eq!(status["IsLogging"], false);
    assert_eq!(
        status["StopLoggingTime"],
        h.now().as_millis() / 1_000 - 1_205
    );
}

#[tokio::test]
async fn a_stop_and_a_start_lose_nothing_of_before() {
    let h = Harness::new().await;
    a_logging_trail(&h, "trail", json!({})).await;
    for (secret, operation) in [
        ("one", "StopLogging"),
        ("two", "StartLogging"),
        ("three", "ListTrails"),
    ] {
        h.a_secret(secret, "value").await;
        h.clock.advance_seconds(5);
        let body = if operation == "ListTrails" {
            json!({})
        } else {
            json!({ "Name": "trail" })
        };
        h.cloudtrail(operation, body).await.ok();
        h.clock.advance_seconds(5);
    }

    deliver_after(&h, 600).await;

    let created = delivered(&h)
        .iter()
        .filter(|name| *name == "CreateSecret")
        .count();
    assert_eq!(created, 2);
}

/// Creates a secret, stops and starts again, five seconds apart.
async fn interrupt(h: &Harness, often: usize) {
    for n in 0..often {
        h.a_secret(&format!("s{n}"), "value").await;
        h.clock.advance_seconds(5);
        for operation in ["StopLogging", "StartLogging"] {
            h.cloudtrail(operation, json!({ "Name": "trail" }))
                .await
                .ok();
        }
    }
}

#[tokio::test]
async fn nothing_that_waits_for_delivery_is_lost_by_many_stops() {
    let h = Harness::new().await;
    a_logging_trail(&h, "trail", json!({})).await;
    interrupt(&h, 20).await;

    deliver_after(&h, 600).await;

    let names = delivered(&h);
    let created = names.iter().filter(|name| *name == "CreateSecret").count();
    assert_eq!(created, 20);
}

#[tokio::test]
async fn a_trail_is_stopped_and_started_again_when_what_waited_is_delivered() {
    let h = Harness::new().await;
    a_logging_trail(&h, "trail", json!({})).await;
    let named = || json!({ "Name": "trail" });
    h.buckets.refuse(Some("SlowDown"));
    interrupt(&h, 63).await;
    deliver_after(&h, 600).await;

    h.cloudtrail("StopLogging", named()).await.ok();
    let refused = h.cloudtrail("StartLogging", named()).await;
    h.buckets.refuse(None);
    deliver_after(&h, 1_200).await;
    deliver_after(&h, 1_200).await;
    h.cloudtrail("StartLogging", named()).await.ok();

    refused.refused("ThrottlingException", "Rate exceeded");
    let names = delivered(&h);
    let created = names.iter().filter(|name| *name == "CreateSecret").count();
    assert_eq!(created, 63);
}

#[tokio::test]
async fn what_came_after_a_delivery_was_planned_is_not_forgotten_at_the_end() {
    let h = Harness::new().await;
    a_logging_trail(&h, "trail", json!({})).await;
    h.a_secret("planned", "value").await;
    h.buckets.refuse(Some("SlowDown"));
    deliver_after(&h, 300).await;
    h.a_secret("later", "value").await;
    h.cloudtrail("StopLogging", json!({ "Name": "trail" }))
        .await
        .ok();
    h.clock.advance_seconds(600);
    h.buckets.refuse(None);

    for _ in 0..3 {
        deliver_after(&h, 300).await;
    }

    assert_eq!(count_in(&h, BUCKET, "CreateSecret"), 2);
    assert_eq!(count_in(&h, BUCKET, "StopLogging"), 1);
}
