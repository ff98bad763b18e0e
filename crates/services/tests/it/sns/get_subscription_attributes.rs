use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn a_subscription_shows_what_it_is_like() {
    let (h, arn) = with_hook().await;

    let shown = shown(&h, &arn).await;

    let expected = json!({
        "ConfirmationWasAuthenticated": "false",
        "Endpoint": HOOK,
        "Owner": "123456789012",
        "PendingConfirmation": "false",
        "Protocol": "https",
        "RawMessageDelivery": "false",
        "SubscriptionArn": arn,
        "SubscriptionPrincipal": "arn:aws:iam::123456789012:root",
        "TopicArn": TOPIC,
    });
    assert_eq!(shown, expected);
}

#[tokio::test]
async fn what_names_no_subscription_is_refused() {
    let h = with_topic().await;

    let name = h
        .sns("GetSubscriptionAttributes", &[("SubscriptionArn", "x")])
        .await;
    let topic = h
        .sns("GetSubscriptionAttributes", &[("SubscriptionArn", TOPIC)])
        .await;
    let missing = format!("{TOPIC}:11111111-2222-4333-8444-555555555555");
    let missing = h
        .sns(
            "GetSubscriptionAttributes",
            &[("SubscriptionArn", &missing)],
        )
        .await;

    let text =
        "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 1";
    name.xml_refused(400, "InvalidParameter", text);
    topic.xml_refused(
        400,
        "InvalidParameter",
        "Invalid parameter: SubscriptionArn",
    );
    missing.xml_refused(404, "NotFound", "Subscription does not exist");
}
