//! Who may.

use super::kit::*;

#[tokio::test]
async fn a_user_needs_leave_for_the_topic_and_is_refused_in_aws_words() {
    let h = with_topic().await;
    let policy = allow("sns:Publish", &TOPIC.replace(":t", ":other"));
    let user = h.a_user("ana", Some(&policy)).await;
    let message = [("TopicArn", TOPIC), ("Message", "x")];

    let refused = h.sns_as(&user, "Publish", &message).await;
    h.allow("ana", &allow("sns:Publish", TOPIC)).await;
    let allowed = h.sns_as(&user, "Publish", &message).await;

    let text = format!(
        "User: arn:aws:iam::123456789012:user/ana is not authorized to perform: SNS:Publish on \
         resource: {TOPIC} because no identity-based policy allows the SNS:Publish action"
    );
    refused.xml_refused(403, "AuthorizationError", &text);
    assert_eq!(allowed.status, 200);
}

#[tokio::test]
async fn another_account_sees_neither_topics_nor_subscriptions() {
    let (h, arn) = with_hook().await;
    let other = h.another_account("210987654321").await;

    for (action, parameters) in [
        ("GetTopicAttributes", vec![("TopicArn", TOPIC)]),
        ("DeleteTopic", vec![("TopicArn", TOPIC)]),
        ("ListSubscriptionsByTopic", vec![("TopicArn", TOPIC)]),
        ("Publish", vec![("TopicArn", TOPIC), ("Message", "x")]),
        (
            "GetSubscriptionAttributes",
            vec![("SubscriptionArn", arn.as_str())],
        ),
        ("Unsubscribe", vec![("SubscriptionArn", arn.as_str())]),
        ("ListTagsForResource", vec![("ResourceArn", TOPIC)]),
    ] {
        let reply = h.sns_as(&other, action, &parameters).await;

        assert_eq!(reply.status, 403, "{action}: {}", reply.text);
    }
    assert_eq!(listed(&h).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn conditions_see_protocol_and_endpoint() {
    let h = with_topic().await;
    let mut policy = allow("sns:Subscribe", TOPIC);
    policy["Statement"][0]["Condition"] = serde_json::json!({
        "StringEquals": { "sns:Protocol": "https" },
        "StringLike": { "sns:Endpoint": "https://hooks.example/*" },
    });
    let user = h.a_user("ana", Some(&policy)).await;
    let subscribe = async |protocol, endpoint| {
        let parameters = [
            ("TopicArn", TOPIC),
            ("Protocol", protocol),
            ("Endpoint", endpoint),
        ];
        h.sns_as(&user, "Subscribe", &parameters).await.status
    };

    let hook = subscribe("https", HOOK).await;
    let mail = subscribe("email", "ops@corp.example").await;

    assert_eq!((hook, mail), (200, 403));
}
