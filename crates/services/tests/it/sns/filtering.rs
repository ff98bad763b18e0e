//! Filter policies.

use super::kit::*;
use testkit::Harness;

const OTHER: &str = "https://hooks.example/other";

async fn publish_level(h: &Harness, message: &str, kind: &str, level: &str) {
    let parameters = [
        ("TopicArn", TOPIC),
        ("Message", message),
        ("MessageAttributes.entry.1.Name", "level"),
        ("MessageAttributes.entry.1.Value.DataType", kind),
        ("MessageAttributes.entry.1.Value.StringValue", level),
    ];
    h.sns("Publish", &parameters).await.xml_ok();
    h.deliver().await;
}

#[tokio::test]
async fn attributes_decide_who_is_told() {
    let h = with_topic().await;
    a_hook(
        &h,
        HOOK,
        &[("FilterPolicy", r#"{"level":["high",{"numeric":[">",5]}]}"#)],
    )
    .await;
    a_hook(&h, OTHER, &[]).await;

    publish_level(&h, "1", "String", "high").await;
    publish_level(&h, "2", "String", "low").await;
    publish_level(&h, "3", "Number", "7").await;
    publish_level(&h, "4", "Number", "3").await;
    publish_level(&h, "5", "String.Array", r#"["low","high"]"#).await;
    publish(&h, "6").await.xml_ok();
    h.deliver().await;

    assert_eq!(told(&h, HOOK), ["1", "3", "5"]);
    assert_eq!(told(&h, OTHER), ["1", "2", "3", "4", "5", "6"]);
}

#[tokio::test]
async fn the_body_decides_where_that_is_asked_for() {
    let h = with_topic().await;
    let attributes = [
        ("FilterPolicyScope", "MessageBody"),
        ("FilterPolicy", r#"{"detail":{"name":[{"prefix":"db"}]}}"#),
    ];
    a_hook(&h, HOOK, &attributes).await;

    for message in [
        r#"{"detail":{"name":"db/a"}}"#,
        r#"{"detail":{"name":"x"}}"#,
        "db",
        "[]",
    ] {
        publish(&h, message).await.xml_ok();
        h.deliver().await;
    }

    assert_eq!(told(&h, HOOK), [r#"{"detail":{"name":"db/a"}}"#]);
}
