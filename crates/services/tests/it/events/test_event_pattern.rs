use serde_json::{Value, json};
use testkit::{Harness, Reply, with};

async fn test(h: &Harness, pattern: &str, event: &Value) -> Reply {
    let body = json!({ "EventPattern": pattern, "Event": event.to_string() });
    h.rules("TestEventPattern", body).await
}

fn event() -> Value {
    json!({
        "id": "e", "account": "123456789012", "source": "aws.secretsmanager", "time": "t",
        "region": "us-east-1", "resources": [], "detail-type": "x",
        "detail": { "eventName": "DeleteSecret" },
    })
}

#[tokio::test]
async fn a_pattern_is_tried_on_an_event() {
    let h = Harness::new().await;

    let meant = r#"{"detail":{"eventName":[{"prefix":"Delete"}]}}"#;
    let meant = test(&h, meant, &event()).await;
    let other = r#"{"detail":{"eventName":[{"anything-but":"DeleteSecret"}]}}"#;
    let other = test(&h, other, &event()).await;

    assert_eq!(meant.ok(), json!({ "Result": true }));
    assert_eq!(other.ok(), json!({ "Result": false }));
}

#[tokio::test]
async fn what_is_no_pattern_or_no_event_is_refused() {
    let h = Harness::new().await;

    let pattern = test(&h, r#"{"a":[{"like":1}]}"#, &event()).await;
    let lacking = with(event(), json!({ "source": null }));
    let lacking = test(&h, r#"{"a":[1]}"#, &lacking).await;
    let text = json!({ "EventPattern": r#"{"a":[1]}"#, "Event": "x" });
    let text = h.rules("TestEventPattern", text).await;

    let reason = "Event pattern is not valid. Reason: Unrecognized match type like";
    pattern.refused("InvalidEventPatternException", reason);
    let reason = "Parameter Event is not valid. Reason: Event does not have the field source.";
    lacking.refused("ValidationException", reason);
    let reason = "Parameter Event is not valid. Reason: Event is not valid JSON.";
    text.refused("ValidationException", reason);
}

#[tokio::test]
async fn an_event_that_could_not_be_put_is_not_tried() {
    let h = Harness::new().await;
    let large = with(event(), json!({ "detail": "x".repeat(256 << 10) }));

    let refused = test(&h, r#"{"detail":["x"]}"#, &large).await;

    let text = "Parameter Event is not valid. Reason: Event is larger than 256 KiB.";
    refused.refused("ValidationException", text);
}
