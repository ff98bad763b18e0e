use super::*;
use crate::deliveries::{Destination, Patience, deliver_next, show};
use crate::secretsmanager::world::World;
use jobs::Job;

fn account() -> AccountId {
    AccountId::parse("123456789012").unwrap()
}

fn a_message(id: &str, body: usize) -> Delivery {
    let now = World::new().app.clock.now();
    Delivery {
        account: account(),
        region: RegionName::parse("us-east-1").unwrap(),
        id: id.to_owned(),
        source: String::from("arn:s"),
        destination: Destination::Url {
            url: String::from("https://hooks.example/"),
            headers: Vec::new(),
            body: "x".repeat(body),
        },
        patience: Patience::Subscription,
        made: now,
        job: Job::due_at(Some(now)),
    }
}

/// Queues messages where others, and their bytes, wait; gives the ids of those that wait then, and why
/// the dead ones are.
async fn queued(world: &World, (others, bytes): (i64, i64), bodies: &[usize]) -> [Vec<String>; 2] {
    let own = Permit::of_tests();
    let mut tx = world.app.ledger.derive();
    tx.count(&own, &counter(&account()), others);
    tx.count(&own, &bytes_counter(&account()), bytes);
    let messages = (1..).zip(bodies);
    let messages = messages.map(|(n, body): (usize, _)| a_message(&n.to_string(), *body));
    queue_derived(&world.app, &own, &mut tx, messages.collect())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let shown = show(&world.app, None).await.unwrap();
    [
        shown.waiting.into_iter().map(|one| one.id).collect(),
        shown.dead.into_iter().map(|one| one.why).collect(),
    ]
}

#[tokio::test]
async fn one_transaction_finds_no_more_room_than_there_is() {
    let world = World::new();

    let [waiting, dead] = queued(&world, (MOST_WAITING - 2, 0), &[1, 1, 1, 1, 1]).await;

    assert_eq!(waiting, ["1", "2"]);
    assert_eq!(dead, [format!("{NO_ROOM} (3 messages)")]);
    assert_eq!(world.app.delivery_counts().dead, 3);
}

#[tokio::test]
async fn what_is_too_large_for_the_room_lets_smaller_ones_pass() {
    let world = World::new();

    let [waiting, dead] = queued(&world, (0, MOST_BYTES - 10_000), &[1, 20_000, 1]).await;

    assert_eq!(waiting, ["1", "3"]);
    assert_eq!(dead, [NO_ROOM]);
}

#[tokio::test]
async fn dead_letters_of_one_transaction_are_bounded_too() {
    let world = World::new();
    let own = Permit::of_tests();
    let mut tx = world.app.ledger.derive();
    tx.count(&own, &dead_counter(&account()), MOST_DEAD - 1);

    for id in ["a", "b", "c"] {
        let letter = a_message(id, 1).into_dead(world.app.clock.now(), "x");
        bury(&world.app, &own, &mut tx, letter, 1).await.unwrap();
    }
    tx.commit().await.unwrap();

    let shown = show(&world.app, None).await.unwrap();
    assert_eq!((shown.dead.len(), shown.counts.dead), (1, 3));
}

#[tokio::test]
async fn the_room_of_a_message_is_free_again_when_it_is_gone() {
    let world = World::new();
    let [waiting, _] = queued(&world, (0, 0), &[5_000]).await;
    let mut taken = Vec::new();
    for counter in [counter(&account()), bytes_counter(&account())] {
        taken.push(world.app.ledger.counted(&counter).await.unwrap());
    }

    // Nobody is sent anything here, so that it is given up.
    let own = Permit::of_tests();
    assert!(deliver_next(&world.app, &own, "test").await.unwrap());

    let mut left = Vec::new();
    for counter in [counter(&account()), bytes_counter(&account())] {
        left.push(world.app.ledger.counted(&counter).await.unwrap());
    }
    assert_eq!(waiting, ["1"]);
    assert!(taken[0] == 1 && taken[1] > 5_000, "{taken:?}");
    assert_eq!(left, [0, 0]);
}
