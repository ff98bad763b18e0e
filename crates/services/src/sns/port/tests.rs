use super::*;
use crate::deliveries::{ShownDeliveries, show};
use crate::fixtures::World;
use crate::sns::fixtures::{id, store, subscription, topic};
use crate::sns::records::Protocol;

/// Publishes as an alarm of the topic's account, by `publisher`.
async fn publish(app: &App, publisher: &mut dyn Publisher, text: &str) -> bool {
    let own = Permit::of_tests();
    let mut tx = app.ledger.derive();
    let mut work = Work::default();
    let message = TopicMessage {
        topic_arn: &id().arn(),
        by: "cloudwatch.amazonaws.com",
        source_arn: "arn:aws:cloudwatch:us-east-1:123456789012:alarm:a",
        source_account: &id().account,
        subject: None,
        message: text,
    };
    let told = publisher.publish(app, &own, &mut tx, message, &mut work);
    let told = told.await.unwrap();
    tx.commit().await.unwrap();
    told
}

async fn shown(app: &App) -> ShownDeliveries {
    show(app, None).await.unwrap()
}

#[tokio::test]
async fn a_publisher_looks_a_topic_up_once() {
    let app = World::new().app;
    store(&app, [topic()]).await;
    store(&app, [subscription(0, Protocol::Https)]).await;
    let mut first = app.topics.publisher();

    let mut told = vec![publish(&app, first.as_mut(), "a").await];
    store(&app, [subscription(1, Protocol::Https)]).await;
    told.push(publish(&app, first.as_mut(), "b").await);
    let waiting = shown(&app).await.waiting.len();
    told.push(publish(&app, app.topics.publisher().as_mut(), "c").await);

    assert_eq!(told, [true; 3]);
    assert_eq!((waiting, shown(&app).await.waiting.len()), (2, 4));
}

#[tokio::test]
async fn a_topic_that_is_not_there_is_not_looked_for_again() {
    let app = World::new().app;
    let mut publisher = app.topics.publisher();

    let before = publish(&app, publisher.as_mut(), "a").await;
    store(&app, [topic()]).await;
    let after = publish(&app, publisher.as_mut(), "a").await;
    let by_another = publish(&app, app.topics.publisher().as_mut(), "a").await;

    assert_eq!((before, after, by_another), (false, false, true));
}

#[tokio::test]
async fn no_more_topics_are_remembered_than_there_may_be() {
    let app = World::new().app;
    let mut desk = Desk::default();

    for n in 0..=MOST_TOPICS {
        let arn = format!("arn:aws:sns:us-east-1:123456789012:t{n}");
        desk.topic(&app, &arn).await.unwrap();
    }

    assert_eq!(desk.topics.len(), 1);
}

#[tokio::test]
async fn of_a_large_message_as_much_is_made_as_finds_room() {
    let app = World::new().app;
    store(&app, [topic()]).await;
    let functions = (0..90).map(|n| subscription(n, Protocol::Lambda));
    let urls = (90..100).map(|n| subscription(n, Protocol::Https));
    store(&app, functions.chain(urls)).await;

    // Six times as much in JSON, which is not what a URL gets as it is.
    let text = "\u{1}".repeat(200_000);
    let told = publish(&app, app.topics.publisher().as_mut(), &text).await;

    let shown = shown(&app).await;
    let of_urls = shown
        .waiting
        .iter()
        .filter(|one| one.endpoint.starts_with("https:"));
    assert!(told);
    assert_eq!((shown.waiting.len(), of_urls.count()), (55 + 4, 4));
    let whys: Vec<&str> = shown.dead.iter().map(|one| one.why.as_str()).collect();
    assert_eq!(
        whys,
        ["too many messages of the account wait (41 messages)"]
    );
}
