mod stored;

use super::*;
use crate::secretsmanager::world::World;
use parking_lot::Mutex;

/// Notes what it is given, and fails when told to.
#[derive(Default)]
struct Noting {
    given: Mutex<Vec<(u64, String)>>,
    fails: bool,
}

impl Follower for Noting {
    const NAME: &'static str = "noting";
    const MOST: usize = 2;
    const BEGINS: Begins = Begins::AtTheOldest;

    async fn take(
        &self,
        _: &App,
        _: &Permit,
        _: &mut Deriving<'_>,
        events: &[Followed<'_>],
    ) -> Result<(), CommonError> {
        if self.fails {
            return Err(CommonError::internal("the test says so"));
        }
        let seen = events
            .iter()
            .map(|event| (event.sequence, event.head.event_name.to_string()));
        self.given.lock().extend(seen);
        Ok(())
    }
}

/// The same, beginning with what comes.
#[derive(Default)]
struct FromNow(Noting);

impl Follower for FromNow {
    const NAME: &'static str = "from now";
    const BEGINS: Begins = Begins::Now;

    async fn take(
        &self,
        app: &App,
        own: &Permit,
        tx: &mut Deriving<'_>,
        events: &[Followed<'_>],
    ) -> Result<(), CommonError> {
        self.0.take(app, own, tx, events).await
    }
}

async fn an_event(world: &World, name: &str) {
    let line = format!(r#"{{"eventName":"{name}"}}"#);
    world
        .app
        .ledger
        .record(line.into(), Vec::new())
        .await
        .unwrap();
}

async fn stepped<F: Follower>(world: &World, follower: &F) -> bool {
    step(&world.app, &Permit::of_tests(), follower)
        .await
        .unwrap()
}

#[tokio::test]
async fn every_event_is_given_once_and_in_order() {
    let world = World::new();
    let noting = Noting::default();
    for name in ["a", "b", "c"] {
        an_event(&world, name).await;
    }

    let first = stepped(&world, &noting).await;
    let second = stepped(&world, &noting).await;
    let third = stepped(&world, &noting).await;
    an_event(&world, "d").await;
    let fourth = stepped(&world, &noting).await;

    assert_eq!((first, second, third, fourth), (true, true, false, true));
    let given = noting.given.into_inner();
    let expected = [(1, "a"), (2, "b"), (3, "c"), (4, "d")];
    assert_eq!(
        given,
        expected.map(|(number, name)| (number, name.to_owned()))
    );
}

#[tokio::test]
async fn a_follower_that_fails_is_given_the_same_again() {
    let world = World::new();
    let mut noting = Noting {
        fails: true,
        ..Noting::default()
    };
    an_event(&world, "a").await;

    let failed = step(&world.app, &Permit::of_tests(), &noting).await;
    noting.fails = false;
    let stepped = stepped(&world, &noting).await;

    assert!(failed.is_err());
    assert!(stepped);
    assert_eq!(noting.given.into_inner(), [(1, String::from("a"))]);
}

#[tokio::test]
async fn a_follower_that_begins_now_is_not_given_what_was_before() {
    let world = World::new();
    let follower = FromNow::default();
    an_event(&world, "before").await;

    let first = stepped(&world, &follower).await;
    an_event(&world, "after").await;
    let second = stepped(&world, &follower).await;

    assert_eq!((first, second), (false, true));
    assert_eq!(follower.0.given.into_inner(), [(2, String::from("after"))]);
}

#[tokio::test]
async fn what_is_no_event_is_passed_over() {
    let world = World::new();
    let noting = Noting::default();
    let broken = world.app.ledger.record(b"not JSON".to_vec(), Vec::new());
    broken.await.unwrap();
    an_event(&world, "a").await;

    let stepped = stepped(&world, &noting).await;

    assert!(stepped);
    assert_eq!(noting.given.into_inner(), [(2, String::from("a"))]);
}
