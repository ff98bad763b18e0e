use super::kit::*;
use serde_json::{Value, json};

#[tokio::test]
async fn a_topic_shows_what_it_is_like_with_the_default_policy() {
    let (h, _) = with_hook().await;
    subscribe(&h, "email", "ops@corp.example", &[])
        .await
        .xml_ok();

    let mut shown = topic(&h).await;

    let policy: Value = serde_json::from_str(shown["Policy"].take().as_str().unwrap()).unwrap();
    assert_eq!(policy["Id"], "__default_policy_ID");
    assert_eq!(policy["Statement"][0]["Resource"], TOPIC);
    shown
        .as_object_mut()
        .unwrap()
        .retain(|name, _| !name.ends_with("Policy"));
    let expected = json!({
        "DisplayName": "",
        "Owner": "123456789012",
        "SignatureVersion": "2",
        "SubscriptionsConfirmed": "1",
        "SubscriptionsDeleted": "0",
        "SubscriptionsPending": "1",
        "TopicArn": TOPIC,
    });
    assert_eq!(shown, expected);
}

#[tokio::test]
async fn an_arn_that_is_none_of_a_topic_is_refused_in_aws_words() {
    let h = with_topic().await;

    let name = h.sns("GetTopicAttributes", &[("TopicArn", "t")]).await;
    let other = h
        .sns(
            "GetTopicAttributes",
            &[("TopicArn", &TOPIC.replace("us-east-1", "eu-west-1"))],
        )
        .await;
    let missing = h
        .sns("GetTopicAttributes", &[("TopicArn", &format!("{TOPIC}x"))])
        .await;

    let text = "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1";
    name.xml_refused(400, "InvalidParameter", text);
    other.xml_refused(400, "InvalidParameter", "Invalid parameter: TopicArn");
    missing.xml_refused(404, "NotFound", "Topic does not exist");
}
