use super::kit::*;
use serde_json::{Value, json};
use testkit::{Harness, Reply};

async fn set(h: &Harness, name: &str, value: &str) -> Reply {
    let parameters = [
        ("TopicArn", TOPIC),
        ("AttributeName", name),
        ("AttributeValue", value),
    ];
    h.sns("SetTopicAttributes", &parameters).await
}

#[tokio::test]
async fn a_policy_lets_another_account_publish() {
    let h = with_topic().await;
    let other = h.another_account("210987654321").await;
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "AWS": "210987654321" },
        "Action": "sns:Publish", "Resource": TOPIC,
    }]});
    let message = [("TopicArn", TOPIC), ("Message", "x")];
    let before = h.sns_as(&other, "Publish", &message).await;

    set(&h, "Policy", &policy.to_string()).await.xml_ok();
    let after = h.sns_as(&other, "Publish", &message).await;

    assert_eq!((before.status, after.status), (403, 200));
    let shown: Value = serde_json::from_str(topic(&h).await["Policy"].as_str().unwrap()).unwrap();
    assert_eq!(shown, policy);
    let event = &h.audit.events_of(&after.request_id)[0];
    assert_eq!(event["recipientAccountId"], "123456789012");
}

#[tokio::test]
async fn what_cannot_be_set_is_refused_and_changes_nothing() {
    let h = with_topic().await;
    let before = topic(&h).await;

    for (name, value, text) in [
        ("Policy", "{}", "Invalid parameter: Policy Error: null"),
        ("Owner", "x", "Invalid parameter: AttributeName"),
        (
            "SignatureVersion",
            "1",
            "Invalid parameter: SignatureVersion 1 is not supported by this server yet.",
        ),
        (
            "KmsMasterKeyId",
            "alias/x",
            "Invalid parameter: KmsMasterKeyId is not supported by this server yet.",
        ),
        (
            "DeliveryPolicy",
            "{}",
            "Invalid parameter: DeliveryPolicy is not supported by this server yet.",
        ),
    ] {
        set(&h, name, value)
            .await
            .xml_refused(400, "InvalidParameter", text);
    }

    assert_eq!(topic(&h).await, before);
}

#[tokio::test]
async fn the_display_name_is_set() {
    let h = with_topic().await;

    set(&h, "DisplayName", "Ops").await.xml_ok();

    assert_eq!(topic(&h).await["DisplayName"], "Ops");
}
