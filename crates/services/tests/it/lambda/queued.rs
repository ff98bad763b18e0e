//! Functions that are called without being waited for.

use super::kit::*;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use strongroom_services::lambda::Concurrency;
use strongroom_services::ports::{Execution, ExecutionFuture, Executor, Executors, Package};
use testkit::{Harness, failing, returning};
use tokio::sync::Notify;

async fn queue(h: &Harness) -> testkit::Reply {
    let body = json!({
        "FunctionName": "f", "InvocationType": "Event", "Payload": "eyJhIjoxfQ==",
    });
    let reply = h.lambda("Invoke", body).await;
    assert_eq!((reply.status, reply.text.as_str()), (202, ""));
    reply
}

fn attempts(executor: &testkit::ScriptedExecutor) -> usize {
    executor.seen().len()
}

#[tokio::test]
async fn an_event_is_run_once_it_is_due_and_only_once() {
    let (h, executor) = with_function().await;

    let reply = queue(&h).await;
    assert_eq!(attempts(&executor), 0);
    h.app.run_queued_functions().await.unwrap();
    h.app.run_queued_functions().await.unwrap();

    let seen = executor.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(
        (&seen[0]["payload"], &seen[0]["requestId"]),
        (&json!(r#"{"a":1}"#), &json!(reply.request_id))
    );
    let events = h.audit.events_of(&reply.request_id);
    let names: Vec<&Value> = events.iter().map(|event| &event["eventName"]).collect();
    assert_eq!(
        names,
        [
            "Invoke",
            "AsyncInvocationStarted",
            "AssumeRole",
            "AsyncInvocationEnded"
        ]
    );
}

#[tokio::test]
async fn a_failure_is_tried_again_after_a_minute_and_after_two() {
    let (h, executor) = with_function().await;
    executor.will(|_| Ok(failing("ValueError", "no")));
    queue(&h).await;
    let mut counts = Vec::new();

    for seconds in [0, 59, 1, 119, 1, 3_600] {
        h.clock.advance_seconds(seconds);
        h.app.run_queued_functions().await.unwrap();
        counts.push(attempts(&executor));
    }

    assert_eq!(counts, [1, 1, 2, 2, 3, 3]);
}

#[tokio::test]
async fn an_event_for_a_function_that_is_gone_is_dropped() {
    let (h, executor) = with_function().await;
    let reply = queue(&h).await;
    h.lambda("DeleteFunction", json!({ "FunctionName": "f" }))
        .await;

    h.app.run_queued_functions().await.unwrap();
    h.a_function("f", "arn:aws:iam::123456789012:role/r").await;
    h.clock.advance_seconds(3_600);
    h.app.run_queued_functions().await.unwrap();

    assert_eq!(attempts(&executor), 0);
    let events = h.audit.events_of(&reply.request_id);
    assert_eq!(events[1]["eventName"], "AsyncInvocationDropped");
}

/// Never ends its first run, and any other at once.
#[derive(Default)]
struct Faltering {
    runs: AtomicUsize,
    has_begun: Notify,
}

impl Executor for Faltering {
    fn accepts(&self, _: &base::AccountId, _: &Package) -> Result<(), String> {
        Ok(())
    }

    fn run<'a>(&'a self, _: Execution<'a>) -> ExecutionFuture<'a> {
        Box::pin(async {
            if self.runs.fetch_add(1, Ordering::SeqCst) == 0 {
                self.has_begun.notify_one();
                std::future::pending::<()>().await;
            }
            Ok(returning(b"null"))
        })
    }
}

/// Ends its first run when it is told to, fails the second, and ends any other.
#[derive(Default)]
struct Late {
    runs: AtomicUsize,
    has_begun: Notify,
    may_end: Notify,
}

impl Executor for Late {
    fn accepts(&self, _: &base::AccountId, _: &Package) -> Result<(), String> {
        Ok(())
    }

    fn run<'a>(&'a self, _: Execution<'a>) -> ExecutionFuture<'a> {
        Box::pin(async {
            match self.runs.fetch_add(1, Ordering::SeqCst) {
                0 => {
                    self.has_begun.notify_one();
                    self.may_end.notified().await;
                    Ok(returning(b"null"))
                }
                1 => Ok(failing("ValueError", "no")),
                _ => Ok(returning(b"null")),
            }
        })
    }
}

#[tokio::test]
async fn whoever_lost_an_event_to_another_changes_nothing_of_it() {
    let executor = Arc::new(Late::default());
    let executors = Executors {
        process: Some(executor.clone()),
        ..Executors::default()
    };
    let h = Harness::running(executors, Concurrency::default()).await;
    let role = h.a_function_role("r", None).await;
    h.a_function("f", &role).await;
    let reply = queue(&h).await;
    let mut first = std::pin::pin!(h.app.run_queued_functions());
    tokio::select! {
        done = &mut first => panic!("{done:?}"),
        () = executor.has_begun.notified() => {}
    }
    h.clock.advance_seconds(200);
    h.app.run_queued_functions().await.unwrap();

    executor.may_end.notify_one();
    first.await.unwrap();

    h.clock.advance_seconds(119);
    h.app.run_queued_functions().await.unwrap();
    assert_eq!(executor.runs.load(Ordering::SeqCst), 2);
    h.clock.advance_seconds(1);
    h.app.run_queued_functions().await.unwrap();
    assert_eq!(executor.runs.load(Ordering::SeqCst), 3);
    let events = h.audit.events_of(&reply.request_id);
    let ended = events
        .iter()
        .filter(|event| event["eventName"] == "AsyncInvocationEnded");
    assert_eq!(ended.count(), 2);
}

#[tokio::test]
async fn a_run_that_was_cut_off_is_nobody_elses_until_its_time_is_over() {
    let executor = Arc::new(Faltering::default());
    let executors = Executors {
        process: Some(executor.clone()),
        ..Executors::default()
    };
    let h = Harness::running(executors, Concurrency::default()).await;
    let role = h.a_function_role("r", None).await;
    h.a_function("f", &role).await;
    queue(&h).await;
    tokio::select! {
        done = h.app.run_queued_functions() => panic!("{done:?}"),
        () = executor.has_begun.notified() => {}
    }
    let mut counts = Vec::new();

    for seconds in [0, 60, 63, 3_600] {
        h.clock.advance_seconds(seconds);
        h.app.run_queued_functions().await.unwrap();
        counts.push(executor.runs.load(Ordering::SeqCst));
    }

    assert_eq!(counts, [1, 1, 2, 2]);
}
