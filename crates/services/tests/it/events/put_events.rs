use super::kit::*;
use serde_json::{Value, json};
use testkit::Harness;

fn entry(source: &str, detail: &str) -> Value {
    json!({ "Source": source, "DetailType": "order", "Detail": detail })
}

#[tokio::test]
async fn an_event_of_ones_own_reaches_the_targets_of_rules() {
    let h = with_topic(topic()).await;
    let pattern = json!({ "source": ["shop"], "detail": { "n": [{ "numeric": [">", 1] }] } });
    put_rule(&h, &pattern).await.ok();
    h.follow().await;

    let entries = [
        entry("shop", r#"{"n":2,"x":"CANARY"}"#),
        entry("shop", r#"{"n":1}"#),
    ];
    let reply = h.rules("PutEvents", json!({ "Entries": entries })).await;
    h.follow().await;

    let answer = reply.ok();
    assert_eq!(answer["FailedEntryCount"], 0);
    let told = told(&h);
    assert_eq!(told.len(), 1);
    let expected = json!({
        "version": "0", "id": answer["Entries"][0]["EventId"], "detail-type": "order",
        "source": "shop", "account": "123456789012", "time": "2026-01-15T12:00:00Z",
        "region": "us-east-1", "resources": [], "detail": { "n": 2, "x": "CANARY" },
    });
    assert_eq!(serde_json::from_str::<Value>(&told[0]).unwrap(), expected);
    let event = &h.audit.events_of(&reply.request_id)[0];
    let shown = json!({ "source": "shop", "detailType": "order" });
    assert_eq!(
        event["requestParameters"],
        json!({ "entries": [shown, shown] })
    );
    assert!(!format!("{:?}", h.audit.events()).contains("CANARY"));
}

#[tokio::test]
async fn a_wrong_entry_keeps_no_other_back() {
    let h = Harness::new().await;

    let entries = json!([
        entry("shop", "{}"),
        entry("aws.secretsmanager", "{}"),
        entry("shop", "[]"),
        { "Source": "shop" },
    ]);
    let answer = h
        .rules("PutEvents", json!({ "Entries": entries }))
        .await
        .ok();

    let entries = answer["Entries"].as_array().unwrap().iter();
    let codes: Vec<Value> = entries.map(|one| one["ErrorCode"].clone()).collect();
    let expected = json!([
        null,
        "NotAuthorizedForSourceException",
        "MalformedDetail",
        "InvalidArgument",
    ]);
    assert_eq!(
        (&answer["FailedEntryCount"], json!(codes)),
        (&json!(3), expected)
    );
}

#[tokio::test]
async fn another_bus_and_too_much_at_once_are_refused() {
    let h = Harness::new().await;
    let mut elsewhere = entry("shop", "{}");
    elsewhere["EventBusName"] = json!("other");
    let long = format!(r#"{{"x":"{}"}}"#, "x".repeat(262_144));

    let bus = h
        .rules("PutEvents", json!({ "Entries": [elsewhere] }))
        .await;
    let large = json!({ "Entries": [entry("shop", &long)] });
    let large = h.rules("PutEvents", large).await;

    bus.refused(
        "ResourceNotFoundException",
        "Event bus other does not exist.",
    );
    let text = "Total size of the entries in the request is over the limit.";
    large.refused("ValidationException", text);
}
