use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn the_link_confirms_without_a_signature_and_leaves_an_event() {
    let h = with_topic().await;
    subscribe(&h, "https", HOOK, &[]).await.xml_ok();
    h.deliver().await;
    let token = last_post(&h, HOOK).json()["Token"]
        .as_str()
        .unwrap()
        .to_owned();

    let reply = confirm(&h, &token).await;
    let again = confirm(&h, &token).await;

    let arn = reply.xml_ok()["ConfirmSubscriptionResult"]["SubscriptionArn"].take();
    assert!(arn.as_str().unwrap().starts_with(&format!("{TOPIC}:")));
    assert_eq!(listed(&h).await[0]["SubscriptionArn"], arn);
    assert_eq!(
        shown(&h, arn.as_str().unwrap()).await["ConfirmationWasAuthenticated"],
        "false"
    );
    again.xml_refused(400, "InvalidParameter", "Invalid parameter: Token");
    let event = &h.audit.events_of(&reply.request_id)[0];
    assert_eq!(event["eventName"], "ConfirmSubscription");
    assert_eq!(event["userIdentity"], json!({ "type": "Unknown" }));
    assert_eq!(event["requestParameters"], json!({ "topicArn": TOPIC }));
    assert_eq!(event["recipientAccountId"], "123456789012");
    assert_eq!(event["awsRegion"], "us-east-1");
    let log = format!("{:?}", h.audit.events());
    assert!(!log.contains(&token));
}

#[tokio::test]
async fn a_wrong_token_and_one_that_is_too_old_confirm_nothing() {
    let h = with_topic().await;
    subscribe(&h, "https", HOOK, &[]).await.xml_ok();
    h.deliver().await;
    let token = last_post(&h, HOOK).json()["Token"]
        .as_str()
        .unwrap()
        .to_owned();

    let wrong = confirm(&h, &token.replace(|_| true, "0")).await;
    let empty = confirm(&h, "").await;
    h.clock.advance_seconds(2 * 86_400);
    let old = confirm(&h, &token).await;

    for reply in [wrong, empty, old] {
        reply.xml_refused(400, "InvalidParameter", "Invalid parameter: Token");
    }
    assert_eq!(
        listed(&h).await[0]["SubscriptionArn"],
        "PendingConfirmation"
    );
    h.app.tick().await.unwrap();
    assert_eq!(listed(&h).await, json!([]));
    assert_eq!(h.audit.named("SubscriptionExpired").len(), 1);
}

#[tokio::test]
async fn who_signs_may_have_signatures_asked_for() {
    let h = with_topic().await;
    subscribe(&h, "https", HOOK, &[]).await.xml_ok();
    h.deliver().await;
    let token = last_post(&h, HOOK).json()["Token"]
        .as_str()
        .unwrap()
        .to_owned();
    let nobody = h.a_user("nobody", None).await;
    let parameters = [
        ("TopicArn", TOPIC),
        ("Token", token.as_str()),
        ("AuthenticateOnUnsubscribe", "true"),
    ];

    let refused = h.sns_as(&nobody, "ConfirmSubscription", &parameters).await;
    let reply = h.sns("ConfirmSubscription", &parameters).await;

    assert_eq!(refused.status, 403);
    let arn = reply.xml_ok()["ConfirmSubscriptionResult"]["SubscriptionArn"].take();
    let arn = arn.as_str().unwrap();
    assert_eq!(shown(&h, arn).await["ConfirmationWasAuthenticated"], "true");
    let link = visit(&h, &format!("Action=Unsubscribe&SubscriptionArn={arn}")).await;
    let text = "This subscription can only be deleted by a request that is signed";
    link.xml_refused(403, "AuthorizationError", text);
    h.sns("Unsubscribe", &[("SubscriptionArn", arn)])
        .await
        .xml_ok();
}
