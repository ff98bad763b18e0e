//! Several workers, and many rotations.

use super::kit::{Act, Rig, quick, work};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use testkit::{Engine, token};

#[tokio::test]
async fn of_two_workers_one_does_the_rotation() {
    for engine in [Engine::Memory, Engine::Sqlite] {
        let rig = Rig::over(engine, quick()).await;
        rig.h.a_secret("db", "old").await;
        let other = rig.h.another_node(rig.rotator.clone());
        rig.rotate(1).await.ok();

        let (a, b) = tokio::join!(work(&rig.h.app, "a"), work(&other, "b"));

        assert_eq!(a + b, 1);
        assert_eq!(rig.rotator.steps().len(), 4);
        assert_eq!(rig.events(), ["RotationStarted", "RotationSucceeded"]);
    }
}

#[tokio::test]
async fn a_worker_that_hangs_is_overtaken_and_then_changes_nothing() {
    let rig = Rig::over(Engine::Sqlite, quick()).await;
    rig.h.a_secret("db", "old").await;
    rig.rotator.script("setSecret", [Act::Hang]);
    rig.rotate(1).await.ok();
    let other = rig.h.another_node(rig.rotator.clone());
    let mut slow = Box::pin(rig.h.app.rotate_next("slow"));
    let hangs = async {
        while rig.rotator.steps().len() < 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        _ = &mut slow => panic!("it should hang"),
        () = hangs => {}
    }

    // The lease of the one that hangs is over.
    rig.h.clock.advance_seconds(21);
    assert_eq!(work(&other, "fast").await, 1);
    drop(slow);
    rig.work().await;

    assert_eq!(
        rig.rotator.steps(),
        [
            "createSecret",
            "setSecret",
            "setSecret",
            "testSecret",
            "finishSecret"
        ]
    );
    assert_eq!(rig.events(), ["RotationStarted", "RotationSucceeded"]);
    let shown = rig.shown().await;
    assert_eq!(shown["Runs"][0]["Calls"][1]["ErrorType"], "Interrupted");
}

#[tokio::test]
async fn a_thousand_rotations_at_once_are_bounded_and_let_readers_through() {
    let rig = Rig::new().await;
    rig.h.a_secret("read", "value").await;
    for n in 0..1_000 {
        let name = format!("db-{n}");
        rig.h.a_secret(&name, "old").await;
        let body = json!({
            "SecretId": name, "ClientRequestToken": token(1),
            "RotationLambdaARN": super::kit::FUNCTION, "RotateImmediately": false,
        });
        rig.h.call("RotateSecret", body).await.ok();
    }
    let done = Arc::new(AtomicBool::new(false));
    let app = &rig.h.app;
    let reading = async {
        let mut reads = 0;
        while !done.load(Ordering::SeqCst) {
            assert_eq!(rig.h.value("read").await, "value");
            reads += 1;
            tokio::task::yield_now().await;
        }
        reads
    };
    let working = async {
        let done_by = tokio::join!(
            work(app, "1"),
            work(app, "2"),
            work(app, "3"),
            work(app, "4"),
            work(app, "5"),
            work(app, "6"),
            work(app, "7"),
            work(app, "8"),
        );
        done.store(true, Ordering::SeqCst);
        let (a, b, c, d, e, f, g, h) = done_by;
        [a, b, c, d, e, f, g, h]
    };

    let (reads, done_by) = tokio::join!(reading, working);

    assert_eq!(done_by.iter().sum::<usize>(), 1_000);
    assert!(done_by.iter().all(|one| *one > 50), "{done_by:?}");
    assert!(rig.rotator.most_running() <= 8);
    assert!(reads > 100, "only {reads} reads");
    assert_eq!(rig.h.audit.named("TestRotationSucceeded").len(), 1_000);
}

#[tokio::test]
async fn a_worker_hears_at_once_of_a_rotation() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;

    let (begun, ()) = tokio::join!(rig.rotate(1), rig.h.app.rotation_nudged());

    begun.ok();
    assert_eq!(rig.work().await, 1);
}
