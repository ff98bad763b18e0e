use super::*;
use crate::fixtures::World;
use crate::sns::fixtures::{id, store, subscription, topic};
use crate::sns::message::Given;
use crate::tx::Lines;
use base::Plaintext;
use serde_json::json;
use std::cell::Cell;

fn message(text: String) -> Message {
    let given = Given {
        message: &Plaintext::from(text),
        subject: None,
        structure: None,
        attributes: None,
    };
    Message::parse(String::from("m"), &given).unwrap()
}

fn told(text: String, audience: impl Iterator<Item = Subscription>) -> [Told; 1] {
    [Told {
        message: message(text),
        audience: audience.map(Arc::new).collect(),
    }]
}

/// How many deliveries are stored, and how many steps that took.
async fn queued(app: &App, told: &[Told]) -> (Result<usize, Error>, usize) {
    let permit = Permit::of_tests();
    let mut tx = app.ledger.begin();
    let mut work = Work::default();
    let share = queue(app, (&mut tx, &permit), (&id(), &topic()), told, &mut work).await;
    let stored = match share {
        Ok(share) => {
            let committed = tx.commit(Lines::of(Vec::new())).await;
            drop(share);
            committed.unwrap();
            Ok(deliveries::show(app, None).await.unwrap().waiting.len())
        }
        Err(error) => Err(error),
    };
    (stored, work.all())
}

#[tokio::test]
async fn what_finds_no_room_is_refused_before_it_is_made() {
    let app = World::new().app;
    let bytes = 150_000;
    let functions = (0..100).map(|n| subscription(n, Protocol::Lambda));
    let told = told("\u{1}".repeat(bytes), functions);

    let (stored, steps) = queued(&app, &told).await;

    assert!(matches!(stored, Err(Error::TooManyWaiting)));
    assert!(steps <= 2 * STEPS_OF_A_BYTE * bytes, "{steps}");
    let shown = deliveries::show(&app, None).await.unwrap();
    assert!(shown.waiting.is_empty());
}

#[tokio::test]
async fn what_finds_room_is_stored_for_each_and_the_memory_is_free_again() {
    let app = World::new().app;
    let functions = (0..10).map(|n| subscription(n, Protocol::Lambda));
    let urls = (10..30).map(|n| subscription(n, Protocol::Https));
    let told = told(String::from("x"), functions.chain(urls));

    let (stored, _) = queued(&app, &told).await;
    let again = queued(&app, &told).await.0;

    assert_eq!((stored.unwrap(), again.unwrap()), (30, 60));
}

#[tokio::test]
async fn it_is_known_before_how_much_a_delivery_will_be() {
    let app = World::new().app;
    let (topic, message) = (topic(), message(String::from("\u{1}\"é")));
    let signer = Signer::get(&app, &Permit::of_tests(), &id()).await.unwrap();
    let links = Links::of(&app);
    let mut fan_out = FanOut::new(&app, (&topic, &message), &links, &signer);

    for protocol in [Protocol::Lambda, Protocol::Https] {
        fan_out.bytes(&subscription(1, protocol)).unwrap();
        let other = subscription(2, protocol);

        let known = fan_out.bytes(&other).unwrap();

        assert_eq!(known, fan_out.delivery(&other).unwrap().bytes());
    }
}

#[tokio::test]
async fn others_have_their_turn_while_a_large_message_is_held_against_policies() {
    let app = World::new().app;
    let names: Vec<String> = (0..500).map(|n| n.to_string()).collect();
    let policy = json!({ "a": names }).to_string();
    let filtered = (0..50).map(|n| Subscription {
        filter_policy: Some(policy.clone()),
        filters_body: true,
        ..subscription(n, Protocol::Https)
    });
    store(&app, filtered).await;
    let mut tx = app.ledger.begin_reading();
    let found = tx.query(&subscriptions(&id())).await.unwrap();
    let body = json!({ "b": "x".repeat(200_000) }).to_string();
    let (turns, is_done) = (Cell::new(0), Cell::new(false));
    let mut work = Work::default();

    let telling = async {
        let told = Told::to(&app, &found, message(body), &mut work).await;
        is_done.set(true);
        told.audience.len()
    };
    let others = async {
        while !is_done.get() {
            turns.set(turns.get() + 1);
            tokio::task::yield_now().await;
        }
    };
    let (audience, ()) = tokio::join!(telling, others);

    assert_eq!(audience, 0);
    assert!(turns.get() >= 50, "{}", turns.get());
}
