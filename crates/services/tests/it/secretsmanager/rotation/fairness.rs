//! The workers are shared between accounts.

use super::kit::{Act, FUNCTION, Rig, quick};
use serde_json::{Value, json};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use strongroom_services::App;
use testkit::{Caller, Engine, token};

const OTHER: &str = "210987654321";

/// As many workers as there are seats, which look only when they are called.
struct Crew<'a>(Vec<Pin<Box<dyn Future<Output = ()> + 'a>>>);

impl<'a> Crew<'a> {
    fn of(app: &'a App) -> Self {
        let workers = (1..=16).map(|number| Box::pin(work(app, number)) as _);
        Self(workers.collect())
    }

    /// Works until `is_so`.
    async fn until(&mut self, is_so: impl Fn() -> bool) {
        let mut turns = 0;
        poll_fn(|context| {
            for worker in &mut self.0 {
                assert!(worker.as_mut().poll(context).is_pending());
            }
            turns += 1;
            assert!(turns < 100_000, "it never comes to that");
            context.waker().wake_by_ref();
            match is_so() {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
        .await;
    }

    /// Works while `other` does something else.
    async fn beside<T>(&mut self, other: impl Future<Output = T>) -> T {
        let mut other = Box::pin(other);
        poll_fn(|context| {
            for worker in &mut self.0 {
                assert!(worker.as_mut().poll(context).is_pending());
            }
            other.as_mut().poll(context)
        })
        .await
    }
}

async fn work(app: &App, number: usize) {
    let name = format!("worker-{number}");
    loop {
        match app.rotate_next(&name).await.unwrap() {
            true => tokio::task::yield_now().await,
            false => app.rotation_nudged().await,
        }
    }
}

/// Has the secret `name` of `caller` rotated at once, or tested.
async fn rotate(rig: &Rig, caller: &Caller, name: &str, more: Value) {
    let body = json!({
        "Name": name, "SecretString": "old", "ClientRequestToken": token(0),
    });
    rig.h.call_as(caller, "CreateSecret", body).await.ok();
    let body = json!({
        "SecretId": name, "ClientRequestToken": token(1), "RotationLambdaARN": FUNCTION,
    });
    let body = testkit::with(body, more);
    rig.h.call_as(caller, "RotateSecret", body).await.ok();
}

/// The first account, with that many slow rotations that are due.
async fn a_slow_account(rig: &Rig, due: usize) {
    rig.rotator.hold(&rig.h.root.account);
    for n in 0..due {
        rotate(rig, &rig.h.root, &format!("slow-{n}"), json!({})).await;
    }
}

fn ended(rig: &Rig) -> usize {
    rig.h.audit.named("RotationSucceeded").len()
}

#[tokio::test]
async fn an_account_with_many_slow_functions_keeps_no_other_one_waiting() {
    for engine in [Engine::Memory, Engine::Sqlite] {
        let rig = Rig::over(engine, quick()).await;
        let other = rig.h.another_account(OTHER).await;
        rig.rotator.work_for(&other);
        a_slow_account(&rig, 50).await;
        let mut crew = Crew::of(&rig.h.app);
        crew.until(|| rig.rotator.running() == 8).await;

        crew.beside(rotate(&rig, &other, "db", json!({}))).await;
        crew.until(|| ended(&rig) == 1).await;

        let succeeded = rig.h.audit.named("RotationSucceeded");
        assert_eq!(succeeded[0]["recipientAccountId"], OTHER);
        // Half of the workers are the slow account's, and no more.
        assert_eq!((rig.rotator.running(), rig.rotator.most_running()), (8, 9));
        rig.rotator.release(&rig.h.root.account);
        crew.until(|| ended(&rig) == 51).await;
        crew.until(|| rig.rotator.running() == 0).await;
        assert_eq!(rig.rotator.most_running(), 9);
    }
}

#[tokio::test]
async fn what_an_account_may_not_have_done_is_done_when_others_are_ready() {
    let rig = Rig::new().await;
    let other = rig.h.another_account(OTHER).await;
    rig.rotator.work_for(&other);
    rig.rotator.hold(OTHER);
    for n in 0..10 {
        rotate(&rig, &other, &format!("slow-{n}"), json!({})).await;
    }
    let mut crew = Crew::of(&rig.h.app);
    crew.until(|| rig.rotator.running() == 8).await;
    crew.beside(a_slow_account(&rig, 10)).await;
    crew.until(|| rig.rotator.running() == 12).await;

    rig.rotator.release(OTHER);
    crew.until(|| ended(&rig) == 10).await;

    // Nobody asks for anything, and no time passes.
    crew.until(|| rig.rotator.running() == 8).await;
    rig.rotator.release(&rig.h.root.account);
    crew.until(|| ended(&rig) == 20).await;
}

#[tokio::test]
async fn workers_that_are_dropped_give_their_seats_back() {
    let rig = Rig::new().await;
    a_slow_account(&rig, 20).await;
    for _ in 0..5 {
        let mut crew = Crew::of(&rig.h.app);
        crew.until(|| rig.rotator.running() == 8).await;

        drop(crew);

        assert_eq!(rig.rotator.running(), 0);
        // Their leases end.
        rig.h.clock.advance_seconds(21);
    }
    rig.rotator.release(&rig.h.root.account);
    let mut crew = Crew::of(&rig.h.app);
    crew.until(|| ended(&rig) == 20).await;
}

#[tokio::test]
async fn workers_that_fail_give_their_seats_back() {
    let rig = Rig::new().await;
    let test = json!({ "RotateImmediately": false });
    for n in 0..20 {
        rotate(&rig, &rig.h.root, &format!("db-{n}"), test.clone()).await;
    }
    rig.rotator.script("testSecret", vec![Act::Skip; 40]);
    rig.h.audit.fail(true);

    for n in 0..20 {
        let worked = rig.h.app.rotate_next("fails").await;
        assert!(worked.is_err(), "{n}: {worked:?}");
    }
    rig.h.audit.fail(false);

    a_slow_account(&rig, 10).await;
    let mut crew = Crew::of(&rig.h.app);
    crew.until(|| rig.rotator.running() == 8).await;
}

#[tokio::test]
async fn one_of_many_accounts_is_found_behind_a_slow_one() {
    let rig = Rig::over(Engine::Sqlite, quick()).await;
    let scheduled = json!({
        "RotateImmediately": false, "RotationRules": { "AutomaticallyAfterDays": 9 },
    });
    rig.rotator.script("testSecret", vec![Act::Skip; 140]);
    let mut others = Vec::new();
    for n in 0..140 {
        let other = rig.h.another_account(&format!("2{n:011}")).await;
        rotate(&rig, &other, "db", scheduled.clone()).await;
        rig.rotator.work_for(&other);
        others.push(other);
    }
    rig.work().await;
    a_slow_account(&rig, 50).await;
    let mut crew = Crew::of(&rig.h.app);
    crew.until(|| rig.rotator.running() == 8).await;
    let looks = async |caller: &Caller| {
        rotate(&rig, caller, "now", json!({})).await;
        let mut looks = 1;
        while !rig.h.app.rotate_next("looks").await.unwrap() {
            looks += 1;
            assert!(looks < 10, "it is never found");
        }
        looks
    };

    let mut most = 0;
    for n in [139, 0, 1] {
        most = most.max(looks(&others[n]).await);
    }

    // Wherever a search begins, three go around 141 accounts.
    assert!(most <= 3, "{most} looks");
    assert_eq!(ended(&rig), 3);
}
