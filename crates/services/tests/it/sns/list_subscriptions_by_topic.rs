use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn a_topic_shows_its_subscriptions_and_no_others() {
    let (h, arn) = with_hook().await;
    h.sns("CreateTopic", &[("Name", "u")]).await.xml_ok();

    let own = listed(&h).await;
    let other = TOPIC.replace(":t", ":u");
    let other = h
        .sns("ListSubscriptionsByTopic", &[("TopicArn", &other)])
        .await
        .xml_ok();

    assert_eq!(own[0]["SubscriptionArn"], json!(arn));
    assert_eq!(other["ListSubscriptionsByTopicResult"]["Subscriptions"], "");
    let missing = format!("{TOPIC}x");
    let missing = h
        .sns("ListSubscriptionsByTopic", &[("TopicArn", &missing)])
        .await;
    missing.xml_refused(404, "NotFound", "Topic does not exist");
}
