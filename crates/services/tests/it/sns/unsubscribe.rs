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
