//! A worker that dies anywhere: whoever comes next completes the rotation.

use super::kit::{Rig, quick, work};
use serde_json::{Value, json};
use std::future::{Future, poll_fn};
use std::task::Poll;
use testkit::{Engine, token};

/// Lets `future` go on `turns` times, and then no more. Gives what it came to, if it did.
pub(super) async fn for_turns<F: Future>(turns: usize, future: F) -> Option<F::Output> {
    let mut future = Box::pin(future);
    let mut left = turns;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

#[tokio::test]
async fn a_rotation_survives_the_death_of_its_worker_at_any_point() {
    let rig = Rig::over(Engine::Sqlite, quick()).await;
    let other = rig.h.another_node(rig.rotator.clone());
    let mut turns = 0;
    loop {
        let name = format!("db-{turns}");
        let arn = rig.h.a_secret(&name, "old").await;
        let body = json!({
            "SecretId": name, "ClientRequestToken": token(1),
            "RotationLambdaARN": super::kit::FUNCTION,
        });
        rig.h.call("RotateSecret", body).await.ok();

        let ended = for_turns(turns, rig.h.app.rotate_next("dies")).await;
        rig.h.clock.advance_seconds(30);
        work(&other, "lives").await;

        let described = rig.describe(&name).await;
        let mut labels = described["VersionIdsToStages"].clone();
        sort(&mut labels);
        assert_eq!(
            labels,
            json!({ token(0): ["AWSPREVIOUS"], token(1): ["AWSCURRENT", "AWSPENDING"] }),
            "after {turns} turns"
        );
        let id = format!("Rotation-{arn}-{}", token(1));
        let events: Vec<Value> = rig
            .h
            .audit
            .events_of(&id)
            .iter()
            .map(|event| event["eventName"].clone())
            .collect();
        // The last word of a worker that dies after its commit is in the outbox.
        let told = [json!("RotationStarted"), json!("RotationSucceeded")];
        assert!(
            events == told || events == told[..1],
            "after {turns} turns: {events:?}"
        );
        assert!(described["LastRotatedDate"].is_number());
        if ended.is_some() {
            break;
        }
        turns += 1;
    }
    assert!(turns > 20, "only {turns} points");
}

#[tokio::test]
async fn a_scheduled_rotation_that_dies_while_it_begins_makes_one_version() {
    let rig = Rig::over(Engine::Sqlite, quick()).await;
    let other = rig.h.another_node(rig.rotator.clone());
    for turns in 0..12 {
        let name = format!("db-{turns}");
        rig.h.a_secret(&name, "old").await;
        let body = json!({
            "SecretId": name, "ClientRequestToken": token(1),
            "RotationLambdaARN": super::kit::FUNCTION,
            "RotationRules": { "AutomaticallyAfterDays": 1 },
        });
        rig.h.call("RotateSecret", body).await.ok();
        rig.work().await;
        // To the end of the next day's spread.
        let now = rig.h.now();
        let late = now.start_of_day().plus_days(1).plus_seconds(21 * 3_600);
        rig.h
            .clock
            .advance_millis(late.as_millis() - now.as_millis());

        for_turns(turns, rig.h.app.rotate_next("dies")).await;
        rig.h.clock.advance_seconds(30);
        work(&other, "lives").await;

        let body = json!({ "SecretId": name, "IncludeDeprecated": true });
        let listed = rig.h.call("ListSecretVersionIds", body).await.ok();
        assert_eq!(listed["Versions"].as_array().unwrap().len(), 3, "{turns}");
        let body = json!({ "SecretId": name });
        rig.h.call("CancelRotateSecret", body).await.ok();
    }
}

fn sort(labels: &mut Value) {
    for stages in labels.as_object_mut().unwrap().values_mut() {
        let stages = stages.as_array_mut().unwrap();
        stages.sort_by_key(|stage| stage.as_str().unwrap().to_owned());
    }
}
