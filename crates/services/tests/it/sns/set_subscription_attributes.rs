use super::kit::*;
use testkit::{Harness, Reply};

async fn set(h: &Harness, arn: &str, name: &str, value: &str) -> Reply {
    let parameters = [
        ("SubscriptionArn", arn),
        ("AttributeName", name),
        ("AttributeValue", value),
    ];
    h.sns("SetSubscriptionAttributes", &parameters).await
}

#[tokio::test]
async fn raw_messages_come_without_an_envelope() {
    let (h, arn) = with_hook().await;

    set(&h, &arn, "RawMessageDelivery", "true").await.xml_ok();
    publish(&h, "just this").await.xml_ok();
    h.deliver().await;

    let post = last_post(&h, HOOK);
    assert_eq!(post.body, "just this");
    assert_eq!(post.header("x-amz-sns-rawdelivery"), Some("true"));
    assert_eq!(
        post.header("x-amz-sns-subscription-arn"),
        Some(arn.as_str())
    );
    assert_eq!(shown(&h, &arn).await["RawMessageDelivery"], "true");
}

#[tokio::test]
async fn what_cannot_be_set_is_refused_and_changes_nothing() {
    let (h, arn) = with_hook().await;
    let before = shown(&h, &arn).await;

    for (name, value, text) in [
        (
            "RawMessageDelivery",
            "yes",
            "Invalid parameter: RawMessageDelivery Reason: must be true or false",
        ),
        (
            "FilterPolicy",
            "[]",
            "Invalid parameter: FilterPolicy: Filter is not an object",
        ),
        (
            "FilterPolicyScope",
            "x",
            "Invalid parameter: FilterPolicyScope Reason: must be MessageAttributes or MessageBody",
        ),
        (
            "RedrivePolicy",
            "{}",
            "Invalid parameter: RedrivePolicy is not supported by this server yet.",
        ),
        ("Endpoint", "x", "Invalid parameter: AttributeName"),
    ] {
        set(&h, &arn, name, value)
            .await
            .xml_refused(400, "InvalidParameter", text);
    }

    assert_eq!(shown(&h, &arn).await, before);
}

#[tokio::test]
async fn a_filter_policy_is_set_and_taken_away() {
    let (h, arn) = with_hook().await;

    set(&h, &arn, "FilterPolicy", r#"{"level":["high"]}"#)
        .await
        .xml_ok();
    let set_to = shown(&h, &arn).await;
    set(&h, &arn, "FilterPolicy", "{}").await.xml_ok();

    assert_eq!(set_to["FilterPolicy"], r#"{"level":["high"]}"#);
    assert_eq!(set_to["FilterPolicyScope"], "MessageAttributes");
    assert!(shown(&h, &arn).await.get("FilterPolicy").is_none());
}
