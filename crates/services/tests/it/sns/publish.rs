use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn a_subscriber_is_told_in_the_form_of_sns() {
    let (h, arn) = with_hook().await;
    let parameters = [
        ("TopicArn", TOPIC),
        ("Message", "deleted secret read"),
        ("Subject", "ALARM"),
        ("MessageAttributes.entry.1.Name", "level"),
        ("MessageAttributes.entry.1.Value.DataType", "String"),
        ("MessageAttributes.entry.1.Value.StringValue", "high"),
    ];

    let reply = h.sns("Publish", &parameters).await;
    h.deliver().await;

    let id = reply.xml_ok()["PublishResult"]["MessageId"].take();
    let post = last_post(&h, HOOK);
    for (name, value) in [
        ("content-type", "text/plain; charset=UTF-8"),
        ("x-amz-sns-message-type", "Notification"),
        ("x-amz-sns-message-id", id.as_str().unwrap()),
        ("x-amz-sns-topic-arn", TOPIC),
        ("x-amz-sns-subscription-arn", arn.as_str()),
    ] {
        assert_eq!(post.header(name), Some(value), "{name}");
    }
    let mut body = post.json();
    let signature = body["Signature"].take();
    let certificate = body["SigningCertURL"].take();
    assert!(signature.as_str().unwrap().len() > 300);
    assert!(
        certificate
            .as_str()
            .unwrap()
            .starts_with("https://strongroom.example/SimpleNotificationService-")
    );
    let expected = json!({
        "Type": "Notification",
        "MessageId": id,
        "TopicArn": TOPIC,
        "Subject": "ALARM",
        "Message": "deleted secret read",
        "Timestamp": "2026-01-15T12:00:00.000Z",
        "SignatureVersion": "2",
        "Signature": null,
        "SigningCertURL": null,
        "UnsubscribeURL": format!("https://strongroom.example/?Action=Unsubscribe&SubscriptionArn={arn}"),
        "MessageAttributes": { "level": { "Type": "String", "Value": "high" } },
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn the_event_tells_where_and_nothing_of_the_message() {
    let (h, _) = with_hook().await;
    let parameters = [
        ("TopicArn", TOPIC),
        ("Message", "CANARY"),
        ("Subject", "CANARY"),
    ];

    let reply = h.sns("Publish", &parameters).await;
    h.deliver().await;

    let event = &h.audit.events_of(&reply.request_id)[0];
    assert_eq!(event["requestParameters"], json!({ "topicArn": TOPIC }));
    assert!(!format!("{:?}", h.audit.events()).contains("CANARY"));
}

#[tokio::test]
async fn protocols_may_get_texts_of_their_own() {
    let (h, _) = with_hook().await;
    let texts = json!({ "default": "all", "https": "for hooks" }).to_string();
    let structured = |message| {
        [
            ("TopicArn", TOPIC),
            ("Message", message),
            ("MessageStructure", "json"),
        ]
    };

    h.sns("Publish", &structured(&texts)).await.xml_ok();
    let none = h.sns("Publish", &structured("{}")).await;
    let text = h.sns("Publish", &structured("x")).await;
    h.deliver().await;

    assert_eq!(told(&h, HOOK), ["for hooks"]);
    let reason = "Invalid parameter: Message Structure - No default entry in JSON message body";
    none.xml_refused(400, "InvalidParameter", reason);
    let reason = "Invalid parameter: Message Structure - JSON message body failed to parse";
    text.xml_refused(400, "InvalidParameter", reason);
}

#[tokio::test]
async fn what_cannot_be_published_is_refused_and_told_to_nobody() {
    let (h, _) = with_hook().await;
    let long = "x".repeat(262_145);
    let subject = "x".repeat(101);

    for (more, code, text) in [
        (
            vec![("TopicArn", TOPIC), ("Message", "")],
            "InvalidParameter",
            "Invalid parameter: Empty message",
        ),
        (
            vec![("TopicArn", TOPIC), ("Message", &long)],
            "InvalidParameter",
            "Invalid parameter: Message too long",
        ),
        (
            vec![("TopicArn", TOPIC), ("Message", "x"), ("Subject", &subject)],
            "InvalidParameter",
            "Invalid parameter: Subject",
        ),
        (
            vec![
                ("TopicArn", TOPIC),
                ("Message", "x"),
                ("Subject", "a\r\nBcc: b"),
            ],
            "InvalidParameter",
            "Invalid parameter: Subject",
        ),
        (
            vec![("Message", "x")],
            "InvalidParameter",
            "Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter",
        ),
        (
            vec![("PhoneNumber", "+1"), ("Message", "x")],
            "InvalidParameter",
            "Invalid parameter: PhoneNumber is not supported by this server yet.",
        ),
        (
            vec![
                ("TopicArn", TOPIC),
                ("Message", "x"),
                ("MessageAttributes.entry.1.Name", "a"),
                ("MessageAttributes.entry.1.Value.DataType", "Colour"),
            ],
            "ParameterValueInvalid",
            "The message attribute 'a' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.",
        ),
    ] {
        let reply = h.sns("Publish", &more).await;

        reply.xml_refused(400, code, text);
    }

    h.deliver().await;
    assert!(told(&h, HOOK).is_empty());
}

#[tokio::test]
async fn a_mail_is_sent_with_a_link_to_end_it() {
    let h = with_topic().await;
    subscribe(&h, "email", "ops@corp.example", &[])
        .await
        .xml_ok();
    h.deliver().await;
    let asked = h.messenger.mails().remove(0);
    let token = asked.body.split("Token=").nth(1).unwrap().trim();
    confirm(&h, token).await.xml_ok();

    let parameters = [
        ("TopicArn", TOPIC),
        ("Message", "hello"),
        ("Subject", "Look"),
    ];
    h.sns("Publish", &parameters).await.xml_ok();
    h.deliver().await;

    let mail = &h.messenger.mails()[1];
    assert_eq!(
        (mail.to.as_str(), mail.subject.as_str()),
        ("ops@corp.example", "Look")
    );
    assert!(mail.body.starts_with("hello\n"), "{}", mail.body);
    assert!(
        mail.body
            .contains("https://strongroom.example/?Action=Unsubscribe&SubscriptionArn=")
    );
}
