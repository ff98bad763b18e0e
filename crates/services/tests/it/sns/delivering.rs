//! The queue: what becomes of messages whose endpoints fail.

use super::kit::*;
use serde_json::{Value, json};
use strongroom_services::ports::NotSent;
use testkit::Harness;

const OTHER: &str = "https://hooks.example/other";

async fn waiting_and_dead(h: &Harness) -> (usize, usize) {
    let shown = h.app.show_deliveries(None).await.unwrap();
    (shown.waiting.len(), shown.dead.len())
}

#[tokio::test]
async fn what_fails_is_tried_again_until_it_arrives() {
    let (h, _) = with_hook().await;
    h.messenger
        .fail(HOOK, Some(NotSent::for_now("the endpoint answered 503")));
    publish(&h, "x").await.xml_ok();

    h.deliver().await;
    let after_one = (told(&h, HOOK).len(), waiting_and_dead(&h).await);
    h.deliver().await;
    let too_early = told(&h, HOOK).len();
    h.clock.advance_seconds(1);
    h.deliver().await;
    h.messenger.fail(HOOK, None);
    h.clock.advance_seconds(1);
    h.deliver().await;

    assert_eq!((after_one, too_early), ((1, (1, 0)), 1));
    assert_eq!(
        (told(&h, HOOK).len(), waiting_and_dead(&h).await),
        (3, (0, 0))
    );
    let counts = h.app.delivery_counts();
    assert_eq!((counts.delivered, counts.failed, counts.dead), (2, 2, 0));
}

#[tokio::test]
async fn what_never_arrives_is_a_dead_letter_for_two_weeks() {
    let (h, arn) = with_hook().await;
    h.messenger
        .fail(HOOK, Some(NotSent::for_now("the endpoint answered 503")));
    publish(&h, "CANARY").await.xml_ok();

    for _ in 0..130 {
        h.deliver().await;
        h.clock.advance_seconds(30);
    }

    let shown = h.app.show_deliveries(None).await.unwrap();
    assert_eq!((shown.waiting.len(), shown.dead.len()), (0, 1));
    let letter = &shown.dead[0];
    assert_eq!(letter.source, arn);
    assert_eq!(letter.endpoint, "https://hooks.example/");
    assert_eq!(letter.why, "the endpoint answered 503");
    assert!(letter.attempts > 100);
    assert!(!format!("{shown:?}").contains("CANARY"));
    h.clock.advance_seconds(15 * 86_400);
    h.app.tick().await.unwrap();
    assert_eq!(waiting_and_dead(&h).await, (0, 0));
}

#[tokio::test]
async fn what_the_endpoint_refuses_is_given_up_at_once() {
    let (h, _) = with_hook().await;
    h.messenger
        .fail(HOOK, Some(NotSent::for_good("the endpoint answered 404")));

    publish(&h, "x").await.xml_ok();
    h.deliver().await;

    assert_eq!(
        (told(&h, HOOK).len(), waiting_and_dead(&h).await),
        (1, (0, 1))
    );
}

#[tokio::test]
async fn a_dead_endpoint_keeps_no_other_back() {
    let h = with_topic().await;
    a_hook(&h, HOOK, &[]).await;
    a_hook(&h, OTHER, &[]).await;
    h.messenger.fail(HOOK, Some(NotSent::for_now("nobody")));
    for n in 0..20 {
        publish(&h, &n.to_string()).await.xml_ok();
    }

    h.deliver().await;

    assert_eq!(told(&h, OTHER).len(), 20);
    assert_eq!(waiting_and_dead(&h).await, (20, 0));
}

#[tokio::test]
async fn accounts_take_turns() {
    let (h, _) = with_hook().await;
    let other = h.another_account("210987654321").await;
    let topic = TOPIC.replace("123456789012", "210987654321");
    h.sns_as(&other, "CreateTopic", &[("Name", "t")])
        .await
        .xml_ok();
    for n in 0..50 {
        publish(&h, &n.to_string()).await.xml_ok();
    }
    let parameters = [
        ("TopicArn", topic.as_str()),
        ("Protocol", "https"),
        ("Endpoint", OTHER),
    ];
    h.sns_as(&other, "Subscribe", &parameters).await.xml_ok();

    for _ in 0..2 {
        h.app.deliver_next("test").await.unwrap();
    }

    let posts = h.messenger.posts();
    assert!(
        posts.iter().any(|post| post.url == OTHER),
        "{}",
        posts.len()
    );
}

#[tokio::test]
async fn a_message_whose_worker_died_is_delivered_by_another() {
    let (h, _) = with_hook().await;
    publish(&h, "x").await.xml_ok();
    {
        let delivering = h.app.deliver_next("first");
        // Never polled again once it has begun.
        tokio::pin!(delivering);
        let _ = futures_poll_once(delivering.as_mut()).await;
    }

    h.clock.advance_seconds(31);
    h.deliver().await;

    assert_eq!(waiting_and_dead(&h).await, (0, 0));
    assert!(told(&h, HOOK).contains(&String::from("x")));
}

/// Polls a future once.
async fn futures_poll_once<F: Future + Unpin>(mut future: F) -> Option<F::Output> {
    std::future::poll_fn(|context| {
        std::task::Poll::Ready(match std::pin::Pin::new(&mut future).poll(context) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

#[tokio::test]
async fn an_account_without_room_is_told_so() {
    let (h, _) = with_hook().await;
    let mut tx = h.store.begin();
    tx.count("deliveries/waiting/123456789012", 10_000, None);
    tx.commit(Vec::new()).await.unwrap();

    let refused = publish(&h, "x").await;

    refused.xml_refused(429, "Throttled", "Rate exceeded");
    h.deliver().await;
    assert!(told(&h, HOOK).is_empty());
}

#[tokio::test]
async fn a_function_is_called_with_the_event_of_sns_if_its_policy_lets_the_topic() {
    let (h, executor) = crate::lambda::kit::with_function().await;
    h.sns("CreateTopic", &[("Name", "t")]).await.xml_ok();
    subscribe(&h, "lambda", crate::lambda::kit::ARN, &[])
        .await
        .xml_ok();

    publish(&h, "not allowed").await.xml_ok();
    h.deliver().await;
    let before = executor.seen().len();
    let permission = json!({
        "FunctionName": "f", "StatementId": "s", "Action": "lambda:InvokeFunction",
        "Principal": "sns.amazonaws.com", "SourceArn": TOPIC,
    });
    h.lambda("AddPermission", permission).await.done(201);
    publish(&h, "allowed").await.xml_ok();
    h.deliver().await;

    assert_eq!(before, 0);
    assert_eq!(waiting_and_dead(&h).await, (0, 1));
    let seen = executor.seen();
    let payload: Value = serde_json::from_str(seen[0]["payload"].as_str().unwrap()).unwrap();
    let record = &payload["Records"][0];
    assert_eq!(
        (&record["EventSource"], &record["EventVersion"]),
        (&json!("aws:sns"), &json!("1.0"))
    );
    assert_eq!(record["Sns"]["Message"], "allowed");
    assert_eq!(record["Sns"]["Subject"], json!(null));
    assert_eq!(record["Sns"]["TopicArn"], TOPIC);
}
