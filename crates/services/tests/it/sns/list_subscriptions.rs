use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn an_account_sees_the_subscriptions_that_it_made() {
    let (h, arn) = with_hook().await;
    let other = h.another_account("210987654321").await;

    let own = h.sns("ListSubscriptions", &[]).await.xml_ok();
    let foreign = h.sns_as(&other, "ListSubscriptions", &[]).await.xml_ok();

    let expected = json!([{
        "SubscriptionArn": arn,
        "Owner": "123456789012",
        "Protocol": "https",
        "Endpoint": HOOK,
        "TopicArn": TOPIC,
    }]);
    assert_eq!(own["ListSubscriptionsResult"]["Subscriptions"], expected);
    assert_eq!(foreign["ListSubscriptionsResult"]["Subscriptions"], "");
}

#[tokio::test]
async fn they_come_in_pages_of_a_hundred() {
    let h = with_topic().await;
    h.sns("CreateTopic", &[("Name", "u")]).await.xml_ok();
    for n in 0..99 {
        subscribe(&h, "https", &format!("{HOOK}/{n}"), &[])
            .await
            .xml_ok();
    }
    for n in 0..2 {
        let topic = TOPIC.replace(":t", ":u");
        let endpoint = format!("{HOOK}/{n}");
        let parameters = [
            ("TopicArn", topic.as_str()),
            ("Protocol", "https"),
            ("Endpoint", &endpoint),
        ];
        h.sns("Subscribe", &parameters).await.xml_ok();
    }

    let mut first = h.sns("ListSubscriptions", &[]).await.xml_ok();
    let token = first["ListSubscriptionsResult"]["NextToken"].take();
    let next = [("NextToken", token.as_str().unwrap())];
    let second = h.sns("ListSubscriptions", &next).await.xml_ok();

    let count = |page: &serde_json::Value| {
        let list = &page["ListSubscriptionsResult"]["Subscriptions"];
        list.as_array().unwrap().len()
    };
    assert_eq!((count(&first), count(&second)), (100, 1));
}
