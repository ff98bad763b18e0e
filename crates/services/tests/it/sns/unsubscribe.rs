use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn the_link_of_a_message_ends_the_subscription() {
    let (h, arn) = with_hook().await;
    publish(&h, "one").await.xml_ok();
    h.deliver().await;
    let link = last_post(&h, HOOK).json()["UnsubscribeURL"]
        .as_str()
        .unwrap()
        .to_owned();

    let reply = visit(&h, link.split_once('?').unwrap().1).await;
    publish(&h, "two").await.xml_ok();
    h.deliver().await;

    assert_eq!(reply.xml_ok(), json!({}));
    assert_eq!(told(&h, HOOK), ["one"]);
    assert_eq!(listed(&h).await, json!([]));
    let event = &h.audit.events_of(&reply.request_id)[0];
    assert_eq!(
        event["requestParameters"],
        json!({ "subscriptionArn": arn })
    );
    assert_eq!(event["awsRegion"], "us-east-1");
    assert_eq!(event["recipientAccountId"], "123456789012");
    assert_eq!(event["resources"][0]["ARN"], TOPIC);
}

#[tokio::test]
async fn a_link_to_nothing_succeeds_with_an_event_of_nobody() {
    let h = with_topic().await;
    let before = h.everything().await;
    let arn = format!("{TOPIC}:11111111-2222-4333-8444-555555555555");

    let reply = visit(&h, &format!("Action=Unsubscribe&SubscriptionArn={arn}")).await;

    assert_eq!(reply.xml_ok(), json!({}));
    let event = &h.audit.events_of(&reply.request_id)[0];
    assert_eq!(
        event["requestParameters"],
        json!({ "subscriptionArn": arn })
    );
    assert_eq!(
        (&event["resources"], &event["recipientAccountId"]),
        (&json!(null), &json!(null))
    );
    assert_eq!(event["awsRegion"], "unknown");
    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn what_is_too_long_for_an_arn_is_not_recorded() {
    let h = with_topic().await;
    let long = "x".repeat(20_000);

    let ended = visit(&h, &format!("Action=Unsubscribe&SubscriptionArn={long}")).await;
    let confirmed = confirm(&h, &long).await;

    for reply in [ended, confirmed] {
        assert_eq!(reply.status, 400, "{}", reply.text);
        let event = &h.audit.events_of(&reply.request_id)[0];
        assert!(event["errorCode"].is_string());
        assert!(event.to_string().len() < 3_000, "{event}");
    }
}

#[tokio::test]
async fn who_signs_has_to_be_allowed_and_what_is_not_there_is_no_error() {
    let (h, arn) = with_hook().await;
    let nobody = h.a_user("nobody", None).await;

    let refused = h
        .sns_as(&nobody, "Unsubscribe", &[("SubscriptionArn", &arn)])
        .await;
    let still = listed(&h).await;
    let first = h.sns("Unsubscribe", &[("SubscriptionArn", &arn)]).await;
    let again = h.sns("Unsubscribe", &[("SubscriptionArn", &arn)]).await;

    assert_eq!(
        (refused.status, first.status, again.status),
        (403, 200, 200)
    );
    assert_eq!(still.as_array().unwrap().len(), 1);
    assert_eq!(listed(&h).await, json!([]));
}

#[tokio::test]
async fn a_subscription_that_waits_is_not_ended_by_a_link() {
    let h = with_topic().await;
    let parameters = [
        ("TopicArn", TOPIC),
        ("Protocol", "https"),
        ("Endpoint", HOOK),
        ("ReturnSubscriptionArn", "true"),
    ];
    let reply = h.sns("Subscribe", &parameters).await.xml_ok();
    let arn = reply["SubscribeResult"]["SubscriptionArn"]
        .as_str()
        .unwrap();

    let link = visit(&h, &format!("Action=Unsubscribe&SubscriptionArn={arn}")).await;

    assert_eq!(link.status, 403);
    assert_eq!(listed(&h).await.as_array().unwrap().len(), 1);
}
