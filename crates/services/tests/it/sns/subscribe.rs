use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn an_endpoint_is_asked_before_it_is_told_anything() {
    let h = with_topic().await;

    let reply = subscribe(&h, "https", HOOK, &[]).await;
    publish(&h, "too early").await.xml_ok();
    h.deliver().await;

    let expected = json!({ "SubscribeResult": { "SubscriptionArn": "pending confirmation" } });
    assert_eq!(reply.xml_ok(), expected);
    let posts = h.messenger.posts();
    assert_eq!(posts.len(), 1);
    let asked = posts[0].json();
    assert_eq!(
        posts[0].header("x-amz-sns-message-type"),
        Some("SubscriptionConfirmation")
    );
    assert_eq!(posts[0].header("x-amz-sns-topic-arn"), Some(TOPIC));
    assert_eq!(
        posts[0].header("x-amz-sns-message-id"),
        asked["MessageId"].as_str()
    );
    assert_eq!(
        (&asked["Type"], &asked["TopicArn"]),
        (&json!("SubscriptionConfirmation"), &json!(TOPIC))
    );
    let token = asked["Token"].as_str().unwrap();
    let link = format!(
        "https://strongroom.example/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token={token}"
    );
    assert_eq!(asked["SubscribeURL"], json!(link));
    let waiting = json!([{
        "SubscriptionArn": "PendingConfirmation",
        "Owner": "123456789012",
        "Protocol": "https",
        "Endpoint": HOOK,
        "TopicArn": TOPIC,
    }]);
    assert_eq!(listed(&h).await, waiting);
    let event = &h.audit.events_of(&reply.request_id)[0];
    assert_eq!(
        event["requestParameters"],
        json!({ "topicArn": TOPIC, "protocol": "https" })
    );
}

#[tokio::test]
async fn nobody_is_asked_whom_the_operator_does_not_allow() {
    let h = with_topic().await;
    let not_allowed = "Invalid parameter: Endpoint Reason: the operator of this server does not allow this endpoint";

    for (protocol, endpoint, text) in [
        ("https", "https://169.254.169.254/latest", not_allowed),
        ("http", "http://10.0.0.1/", not_allowed),
        ("email", "ops@other.example", not_allowed),
        (
            "https",
            "http://hooks.example/",
            "Invalid parameter: Endpoint Reason: Endpoint must match the specified protocol",
        ),
        (
            "email",
            "ops@corp.example\r\nBcc: x@corp.example",
            "Invalid parameter: Email address",
        ),
        (
            "lambda",
            "f",
            "Invalid parameter: Endpoint Reason: Invalid Lambda ARN",
        ),
        ("https", "", "Invalid parameter: Endpoint"),
        (
            "sqs",
            "arn:aws:sqs:us-east-1:123456789012:q",
            "Invalid parameter: The protocol sqs is not supported by this server yet.",
        ),
        (
            "pigeon",
            "x",
            "Invalid parameter: Amazon SNS does not support this protocol string: pigeon",
        ),
    ] {
        let reply = subscribe(&h, protocol, endpoint, &[]).await;

        reply.xml_refused(400, "InvalidParameter", text);
    }

    h.deliver().await;
    assert!(h.messenger.posts().is_empty() && h.messenger.mails().is_empty());
    assert_eq!(listed(&h).await, json!([]));
}

#[tokio::test]
async fn who_is_asked_twice_hears_of_it_once_a_minute() {
    let h = with_topic().await;
    subscribe(&h, "email", "ops@corp.example", &[])
        .await
        .xml_ok();

    subscribe(&h, "email", "ops@corp.example", &[])
        .await
        .xml_ok();
    h.deliver().await;
    let at_once = h.messenger.mails().len();
    h.clock.advance_seconds(61);
    subscribe(&h, "email", "ops@corp.example", &[])
        .await
        .xml_ok();
    h.deliver().await;

    assert_eq!((at_once, h.messenger.mails().len()), (1, 2));
    assert_eq!(listed(&h).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn ending_a_subscription_and_making_it_again_asks_nobody_more_often() {
    let h = with_topic().await;
    let again = || async {
        let parameters = [
            ("TopicArn", TOPIC),
            ("Protocol", "email"),
            ("Endpoint", "ops@corp.example"),
            ("ReturnSubscriptionArn", "true"),
        ];
        let reply = h.sns("Subscribe", &parameters).await;
        if reply.status == 200 {
            let arn = reply.xml_ok()["SubscribeResult"]["SubscriptionArn"].take();
            let ended = [("SubscriptionArn", arn.as_str().unwrap())];
            h.sns("Unsubscribe", &ended).await.xml_ok();
        }
        reply
    };

    for _ in 0..3 {
        again().await.xml_ok();
    }
    h.deliver().await;
    let at_once = h.messenger.mails().len();
    let mut refused = None;
    for _ in 0..60 {
        h.clock.advance_seconds(61);
        refused = Some(again().await);
        h.deliver().await;
    }
    let in_a_day = h.messenger.mails().len();
    h.clock.advance_seconds(86_400);
    h.app.tick().await.unwrap();
    again().await.xml_ok();
    h.deliver().await;

    assert_eq!((at_once, in_a_day, h.messenger.mails().len()), (1, 60, 61));
    refused
        .unwrap()
        .xml_refused(429, "Throttled", "Rate exceeded");
}

#[tokio::test]
async fn a_mailbox_is_the_same_in_any_case_and_each_topic_asks_for_itself() {
    let h = with_topic().await;
    h.sns("CreateTopic", &[("Name", "u")]).await.xml_ok();
    let other = TOPIC.replace(":t", ":u");

    subscribe(&h, "email", "ops@corp.example", &[])
        .await
        .xml_ok();
    subscribe(&h, "email", "OPS@corp.example", &[])
        .await
        .xml_ok();
    let parameters = [
        ("TopicArn", other.as_str()),
        ("Protocol", "email"),
        ("Endpoint", "ops@corp.example"),
    ];
    h.sns("Subscribe", &parameters).await.xml_ok();
    h.deliver().await;

    assert_eq!(h.messenger.mails().len(), 2);
}

#[tokio::test]
async fn a_confirmed_endpoint_is_found_again_with_its_attributes() {
    let (h, arn) = with_hook().await;

    let again = subscribe(&h, "https", HOOK, &[]).await;
    let other = subscribe(&h, "https", HOOK, &[("RawMessageDelivery", "true")]).await;

    assert_eq!(
        again.xml_ok()["SubscribeResult"]["SubscriptionArn"],
        json!(arn)
    );
    let text = "Invalid parameter: Attributes Reason: Subscription already exists with different attributes";
    other.xml_refused(400, "InvalidParameter", text);
}

#[tokio::test]
async fn a_function_of_the_account_need_not_agree() {
    let h = with_topic().await;
    let function = "arn:aws:lambda:us-east-1:123456789012:function:f";

    let reply = subscribe(&h, "lambda", function, &[]).await;
    let foreign = subscribe(&h, "lambda", &function.replace("1234", "4321"), &[]).await;

    let arn = reply.xml_ok()["SubscribeResult"]["SubscriptionArn"].take();
    assert_eq!(
        shown(&h, arn.as_str().unwrap()).await["PendingConfirmation"],
        "false"
    );
    assert_eq!(foreign.status, 400);
}

#[tokio::test]
async fn a_topic_has_a_hundred_subscriptions() {
    let h = with_topic().await;
    for n in 0..100 {
        subscribe(&h, "https", &format!("{HOOK}/{n}"), &[])
            .await
            .xml_ok();
    }

    let surplus = subscribe(&h, "https", HOOK, &[]).await;

    let text = "Subscription quota exceeded for the topic";
    surplus.xml_refused(403, "SubscriptionLimitExceeded", text);
}
