use super::*;
use crate::events::put::route_put;
use crate::events::records::PutEvent;
use crate::fixtures::World;
use crate::tx::Lines;
use serde_json::json;
use std::cell::Cell;

fn account() -> AccountId {
    AccountId::parse("123456789012").unwrap()
}

fn region() -> RegionName {
    RegionName::parse("us-east-1").unwrap()
}

/// A rule that means nothing, of which that is not known at once, with a target.
fn rule(n: usize) -> Rule {
    let values: Vec<usize> = (0..400).collect();
    Rule {
        account: account(),
        region: region(),
        name: format!("r{n:03}"),
        description: None,
        pattern: json!({ "detail": { "x": values } }).to_string(),
        state: State::Enabled,
        tags: Default::default(),
        targets: vec![Target {
            id: String::from("t"),
            arn: String::from("arn:aws:sns:us-east-1:123456789012:t"),
            input: Input::Event,
            retries: None,
            seconds: None,
            invoking: None,
        }],
    }
}

/// With as many such rules.
async fn with_rules(rules: usize) -> App {
    let app = World::new().app;
    let mut tx = app.ledger.begin();
    for n in 0..rules {
        tx.insert(&Permit::of_tests(), rule(n));
    }
    tx.commit(Lines::of(Vec::new())).await.unwrap();
    app
}

fn event() -> String {
    json!({ "detail": { "x": "x".repeat(250_000) } }).to_string()
}

#[tokio::test]
async fn others_have_their_turn_while_an_event_is_held_against_rules() {
    let app = with_rules(100).await;
    let own = Permit::of_tests();
    let text = event();
    let envelope = Envelope {
        account: account(),
        region: region(),
        is_read: false,
        bytes: text.len(),
        event: serde_json::from_str(&text).unwrap(),
    };
    let (turns, is_done) = (Cell::new(0), Cell::new(false));
    let mut rules = Rules::new(&app);
    let mut tx = app.ledger.derive();

    let routing = async {
        let routed = rules.route(&app, &own, &mut tx, &envelope).await;
        is_done.set(true);
        routed
    };
    let others = async {
        while !is_done.get() {
            turns.set(turns.get() + 1);
            tokio::task::yield_now().await;
        }
    };
    let (routed, ()) = tokio::join!(routing, others);

    routed.unwrap();
    assert!(turns.get() >= 100, "{}", turns.get());
    assert!(rules.have_worked_enough());
}

#[tokio::test]
async fn a_step_ends_when_there_was_enough_to_do() {
    let app = with_rules(20).await;
    let own = Permit::of_tests();
    let mut tx = app.ledger.derive();
    for n in 0..5 {
        let put = PutEvent {
            account: account(),
            region: region(),
            id: n.to_string(),
            came: app.clock.now(),
            event: event(),
        };
        tx.insert(&own, put);
    }
    tx.commit().await.unwrap();

    let mut left = Vec::new();
    while route_put(&app, &own).await.unwrap() {
        let mut tx = app.ledger.begin_reading();
        let waiting = tx.query::<PutEvent>(&PutEvent::oldest(10)).await.unwrap();
        left.push(waiting.len());
    }

    assert_eq!(left, [4, 3, 2, 1, 0]);
}

#[tokio::test]
async fn rules_are_read_once_for_a_batch() {
    let app = with_rules(1).await;
    let mut rules = Rules::new(&app);
    let place = (account(), region());

    let first = rules.of(&app, &place).await.unwrap();
    let again = rules.of(&app, &place).await.unwrap();

    assert_eq!(first.len(), 1);
    assert!(Arc::ptr_eq(&first, &again));
}
