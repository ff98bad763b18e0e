mod stored;

use super::*;
use crate::secretsmanager::world::World;
use parking_lot::Mutex;

/// Notes what it is given, and fails when told to.
#[derive(Default)]
struct Noting {
    given: Mutex<Vec<String>>,
    fails: bool,
    /// Nothing can come of events.
    is_idle: bool,
}

impl Follower for Noting {
    const NAME: &'static str = "noting";
    const MOST: usize = 2;

    async fn is_needed(&self, _: &mut Deriving<'_>) -> Result<bool, CommonError> {
        Ok(!self.is_idle)
    }

    async fn take(
        &self,
        _: &App,
        _: &Permit,
        _: &mut Deriving<'_>,
        events: &[Followed<'_>],
    ) -> Result<usize, CommonError> {
        if self.fails {
            return Err(CommonError::internal("the test says so"));
        }
        let seen = events.iter().map(|event| event.head.event_name.to_string());
        self.given.lock().extend(seen);
        Ok(events.len())
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

/// A follower that has run, and was given nothing yet.
async fn begun(world: &World) -> Noting {
    let noting = Noting::default();
    stepped(world, &noting).await;
    noting
}

#[tokio::test]
async fn every_event_is_given_once_and_in_order() {
    let world = World::new();
    let noting = begun(&world).await;
    for name in ["a", "b", "c"] {
        an_event(&world, name).await;
    }

    let first = stepped(&world, &noting).await;
    let second = stepped(&world, &noting).await;
    let third = stepped(&world, &noting).await;
    an_event(&world, "d").await;
    let fourth = stepped(&world, &noting).await;

    assert_eq!((first, second, third, fourth), (true, true, false, true));
    assert_eq!(noting.given.into_inner(), ["a", "b", "c", "d"]);
}

#[tokio::test]
async fn a_follower_that_is_ahead_of_a_log_that_was_put_back_is_given_what_comes() {
    let world = World::new();
    let noting = begun(&world).await;
    an_event(&world, "a").await;
    stepped(&world, &noting).await;
    let mut tx = world.app.ledger.derive();
    let found = Cursor::find(&mut tx, Noting::NAME).await.unwrap();
    Cursor::put(&mut tx, &Permit::of_tests(), found, Noting::NAME, 1_000);
    tx.commit().await.unwrap();

    let before = stepped(&world, &noting).await;
    an_event(&world, "b").await;
    stepped(&world, &noting).await;

    assert!(!before);
    assert_eq!(noting.given.into_inner(), ["a", "b"]);
}

#[tokio::test]
async fn while_nothing_can_come_of_events_they_are_passed_over() {
    let world = World::new();
    let mut noting = begun(&world).await;
    noting.is_idle = true;
    for name in ["a", "b", "c"] {
        an_event(&world, name).await;
    }

    let idle = [
        stepped(&world, &noting).await,
        stepped(&world, &noting).await,
    ];
    noting.is_idle = false;
    an_event(&world, "d").await;
    let needed = stepped(&world, &noting).await;

    assert_eq!((idle, needed), ([false, false], true));
    assert_eq!(noting.given.into_inner(), ["d"]);
}

#[tokio::test]
async fn a_follower_that_fails_is_given_the_same_again() {
    let world = World::new();
    let mut noting = begun(&world).await;
    noting.fails = true;
    an_event(&world, "a").await;

    let failed = step(&world.app, &Permit::of_tests(), &noting).await;
    noting.fails = false;
    let stepped = stepped(&world, &noting).await;

    assert!(failed.is_err());
    assert!(stepped);
    assert_eq!(noting.given.into_inner(), ["a"]);
}

#[tokio::test]
async fn a_new_follower_is_not_given_what_was_before() {
    let world = World::new();
    let noting = Noting::default();
    an_event(&world, "before").await;

    let first = stepped(&world, &noting).await;
    an_event(&world, "after").await;
    let second = stepped(&world, &noting).await;

    assert_eq!((first, second), (false, true));
    assert_eq!(noting.given.into_inner(), ["after"]);
}

#[tokio::test]
async fn what_is_no_event_is_passed_over() {
    let world = World::new();
    let noting = begun(&world).await;
    let broken = world.app.ledger.record(b"not JSON".to_vec(), Vec::new());
    broken.await.unwrap();
    an_event(&world, "a").await;

    let stepped = stepped(&world, &noting).await;

    assert!(stepped);
    assert_eq!(noting.given.into_inner(), ["a"]);
}

/// Takes one event at a time, and is interrupted whenever it is given more than `most`.
struct Slow {
    most: usize,
    given: Mutex<Vec<Vec<String>>>,
}

impl Follower for Slow {
    const NAME: &'static str = "slow";
    const MOST: usize = 8;

    async fn is_needed(&self, _: &mut Deriving<'_>) -> Result<bool, CommonError> {
        Ok(true)
    }

    async fn take(
        &self,
        _: &App,
        _: &Permit,
        _: &mut Deriving<'_>,
        events: &[Followed<'_>],
    ) -> Result<usize, CommonError> {
        let seen = events.iter().map(|event| event.head.event_name.to_string());
        self.given.lock().push(seen.collect());
        match events.len() > self.most {
            true => Err(CommonError::Conflict),
            false => Ok(events.len().min(1)),
        }
    }
}

async fn slow(world: &World, most: usize) -> Slow {
    let slow = Slow {
        most,
        given: Mutex::default(),
    };
    stepped(world, &slow).await;
    slow.given.lock().clear();
    slow
}

#[tokio::test]
async fn what_a_follower_leaves_comes_again() {
    let world = World::new();
    let slow = slow(&world, 8).await;
    an_event(&world, "a").await;
    let broken = world.app.ledger.record(b"not JSON".to_vec(), Vec::new());
    broken.await.unwrap();
    an_event(&world, "b").await;

    while stepped(&world, &slow).await {}

    assert_eq!(slow.given.into_inner(), [vec!["a", "b"], vec!["b"]]);
}

#[tokio::test]
async fn a_step_that_others_come_between_is_halved() {
    let world = World::new();
    let slow = slow(&world, 1).await;
    for name in ["a", "b", "c", "d", "e"] {
        an_event(&world, name).await;
    }

    let stepped = stepped(&world, &slow).await;

    let given: Vec<usize> = slow.given.into_inner().iter().map(Vec::len).collect();
    assert!(stepped);
    assert_eq!(given, [5, 4, 2, 1]);
}
