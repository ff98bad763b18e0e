use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn a_topic_goes_with_its_subscriptions_and_twice_is_no_error() {
    let (h, arn) = with_hook().await;

    let first = h.sns("DeleteTopic", &[("TopicArn", TOPIC)]).await;
    let again = h.sns("DeleteTopic", &[("TopicArn", TOPIC)]).await;

    assert_eq!((first.xml_ok(), again.xml_ok()), (json!({}), json!({})));
    publish(&h, "x")
        .await
        .xml_refused(404, "NotFound", "Topic does not exist");
    let gone = h
        .sns("GetSubscriptionAttributes", &[("SubscriptionArn", &arn)])
        .await;
    gone.xml_refused(404, "NotFound", "Subscription does not exist");
}
