use super::*;
use crate::deliveries::{Destination, Patience, deliver_next, show};
use crate::fixtures::World;
use crate::ports::{Mail, Messenger, Post, SendFuture};
use base::{Clock as _, RegionName};
use jobs::Job;
use std::sync::Arc;
use testkit::FakeClock;
use tokio::sync::Semaphore;

/// Posts as soon as it may.
struct Slow(Semaphore);

impl Messenger for Slow {
    fn own_url(&self) -> Option<String> {
        None
    }

    fn may_post(&self, _: &str) -> bool {
        true
    }

    fn may_mail(&self, _: &str) -> bool {
        false
    }

    fn post<'a>(&'a self, _: Post<'a>) -> SendFuture<'a> {
        Box::pin(async {
            self.0.acquire().await.unwrap().forget();
            Ok(())
        })
    }

    fn mail<'a>(&'a self, _: Mail<'a>) -> SendFuture<'a> {
        Box::pin(async { Ok(()) })
    }
}

struct Stage {
    app: App,
    clock: Arc<FakeClock>,
    messenger: Arc<Slow>,
    own: Permit,
}

impl Stage {
    /// With a message that is due.
    async fn new() -> Self {
        let World { mut app, clock, .. } = World::new();
        let messenger = Arc::new(Slow(Semaphore::new(0)));
        app.messenger = messenger.clone();
        let own = Permit::of_tests();
        let mut tx = app.ledger.derive();
        let message = Delivery {
            account: AccountId::parse("123456789012").unwrap(),
            region: RegionName::parse("us-east-1").unwrap(),
            id: String::from("d"),
            source: String::from("arn:s"),
            destination: Destination::Url {
                url: String::from("https://hooks.example/"),
                headers: Vec::new(),
                body: String::from("x"),
            },
            patience: Patience::Subscription,
            made: clock.now(),
            job: Job::due_at(Some(clock.now())),
        };
        tx.insert(&own, message);
        tx.commit().await.unwrap();
        Self {
            app,
            clock,
            messenger,
            own,
        }
    }

    async fn deliver(&self, worker: &str) -> bool {
        deliver_next(&self.app, &self.own, worker).await.unwrap()
    }

    /// Begins to deliver, and stops in the middle of it.
    async fn interrupt(&self) {
        let sending = tokio::time::timeout(Duration::from_secs(1), self.deliver("first"));
        assert!(sending.await.is_err());
    }

    async fn waiting(&self) -> Vec<u32> {
        let shown = show(&self.app, None).await.unwrap();
        shown.waiting.iter().map(|one| one.failures).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_long_under_way_is_nobody_elses() {
    let stage = Stage::new().await;

    let first = stage.deliver("first");
    let others = async {
        let mut found = Vec::new();
        for _ in 0..40 {
            stage.clock.advance_seconds(5);
            tokio::time::sleep(Duration::from_secs(5)).await;
            let other = tokio::time::timeout(Duration::from_secs(1), stage.deliver("other"));
            found.push(other.await != Ok(false));
        }
        stage.messenger.0.add_permits(1);
        found
    };
    let (delivered, found) = tokio::join!(first, others);

    assert!(delivered);
    assert_eq!(found, [false; 40]);
    assert!(stage.waiting().await.is_empty());
    assert!(stage.app.under_way.0.lock().is_empty());
}

#[tokio::test(start_paused = true)]
async fn one_whose_server_died_is_delivered_half_a_minute_later() {
    let stage = Stage::new().await;
    stage.interrupt().await;
    stage.messenger.0.add_permits(1);

    stage.clock.advance_millis(LEASE_MILLIS - 1);
    let too_early = stage.deliver("second").await;
    stage.clock.advance_millis(1);
    let then = stage.deliver("second").await;

    assert_eq!((too_early, then), (false, true));
    assert!(stage.waiting().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn one_whose_server_stops_in_order_is_due_at_once() {
    let stage = Stage::new().await;
    stage.interrupt().await;
    stage.messenger.0.add_permits(1);

    stage.app.settle().await.unwrap();
    let failures = stage.waiting().await;
    let delivered = stage.deliver("second").await;

    assert_eq!((failures, delivered), (vec![1], true));
    assert!(stage.waiting().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_another_has_taken_over_is_not_given_back() {
    let stage = Stage::new().await;
    stage.interrupt().await;
    let mine = stage.app.under_way.0.lock().clone();
    stage.clock.advance_millis(LEASE_MILLIS);
    stage.interrupt().await;
    *stage.app.under_way.0.lock() = mine;
    stage.messenger.0.add_permits(1);

    stage.app.settle().await.unwrap();
    let delivered = stage.deliver("third").await;

    assert!(!delivered);
    assert_eq!(stage.waiting().await, [0]);
}
