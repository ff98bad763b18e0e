//! Runs functions that were called without being waited for.
//!
//! An event is claimed by moving its next attempt beyond the end of this one, so that nobody else
//! runs it meanwhile, and is there again when whoever claimed it has crashed.
//!
//! INVARIANT: whose claim has passed to another changes nothing of the event any more.

use crate::app::App;
use crate::audit::ServiceEvent;
use crate::authorize::Permit;
use crate::lambda::EVENT_SOURCE;
use crate::lambda::error::Error;
use crate::lambda::function_id;
use crate::lambda::model::Function;
use crate::lambda::queue::{self, Claim, QueuedEvent};
use crate::lambda::run::{Call, NotRun};
use crate::tx::Lines;
use crate::witness::InPlay;
use base::{CommonError, Plaintext, random_uuid};
use serde_json::{Value, json};
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use store::Record as _;

/// Runs the events that are due, side by side, and waits for all of them.
///
/// # Errors
/// The last failure of the store or the audit log.
pub(crate) async fn run_queued(app: &App, permit: &Permit) -> Result<(), Error> {
    let due = queue::due(app.clock.now(), MOST_AT_ONCE);
    let events = app
        .ledger
        .begin_reading()
        .query::<QueuedEvent>(&due)
        .await?;
    let mut running: Vec<Attempt<'_>> = Vec::new();
    for event in events {
        running.push(Box::pin(async move {
            attempt(app, permit, &event.record).await
        }));
    }
    let mut outcome = Ok(());
    poll_fn(|context| {
        running.retain_mut(|one| match one.as_mut().poll(context) {
            Poll::Pending => true,
            // Somebody else is at it.
            Poll::Ready(Ok(()) | Err(Error::Common(CommonError::Conflict))) => false,
            Poll::Ready(Err(error)) => {
                outcome = Err(error);
                false
            }
        });
        match running.is_empty() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
    outcome
}

/// One event on its way.
type Attempt<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'a>>;

async fn attempt(app: &App, permit: &Permit, event: &QueuedEvent) -> Result<(), Error> {
    let mut tx = app.ledger.begin();
    let key = Function::key_of(&event.account, &event.region, &event.function);
    let function = tx.get::<Function>(&key).await?;
    let Some(found) = tx.get::<QueuedEvent>(&event.key()).await? else {
        return Ok(());
    };
    if found.record.due > app.clock.now() {
        return Ok(());
    }
    let Some(function) = function else {
        found.record.remove(&mut tx, permit, found.rev);
        tx.commit(lines(app, event, "AsyncInvocationDropped", json!({})))
            .await?;
        return Ok(());
    };
    let function = function.record;
    let mut claimed = QueuedEvent::clone(&found.record);
    let seconds = i64::from(function.timeout_seconds) + CLAIM_SECONDS;
    claimed.attempts += 1;
    claimed.due = app.clock.now().plus_seconds(seconds);
    let claim = claimed.claim();
    tx.update(permit, claimed.clone(), found.rev);
    let attempt = json!({ "attempt": claimed.attempts });
    tx.commit(lines(app, event, "AsyncInvocationStarted", attempt))
        .await?;

    let payload = Plaintext::new(claimed.payload.0.to_vec());
    let call = Call {
        function: &function,
        request_id: &claimed.request_id,
        payload: &payload,
        client_context: None,
        in_play: InPlay::default(),
    };
    let failure = match app.lambda.run(app, call).await {
        Ok(ran) => ran.answer.err().map(|failure| failure.kind),
        Err(NotRun::Common(error)) => return Err(error.into()),
        Err(refusal @ NotRun::Throttled) => {
            claimed.attempts -= 1;
            Some(refusal.to_string())
        }
        Err(refusal) => Some(refusal.to_string()),
    };
    settle(app, permit, (claim, claimed), failure).await
}

/// Notes how an attempt ended, and whether there is to be another.
async fn settle(
    app: &App,
    permit: &Permit,
    (claim, event): (Claim, QueuedEvent),
    failure: Option<String>,
) -> Result<(), Error> {
    let now = app.clock.now();
    let mut tx = app.ledger.begin();
    let Some(found) = tx.get::<QueuedEvent>(&event.key()).await? else {
        return Ok(());
    };
    if found.record.claim() != claim {
        return Ok(());
    }
    let next = failure.as_ref().and_then(|_| event.next_attempt(now));
    let line = lines(
        app,
        &event,
        "AsyncInvocationEnded",
        json!({ "error": failure, "isRetried": next.is_some() }),
    );
    match next {
        // One that was not even begun is tried soon.
        Some(next) => {
            let due = next.max(now.plus_seconds(SOON));
            tx.update(permit, QueuedEvent { due, ..event }, found.rev);
        }
        None => event.remove(&mut tx, permit, found.rev),
    }
    tx.commit(line).await?;
    Ok(())
}

fn lines(app: &App, event: &QueuedEvent, name: &str, mut more: Value) -> Lines {
    let arn = function_id::arn(&event.account, &event.region, &event.function);
    if let Some(members) = more.as_object_mut() {
        members.insert(String::from("functionArn"), json!(arn));
    }
    let service_event = ServiceEvent {
        event_source: EVENT_SOURCE,
        event_name: name,
        region: event.region.as_str(),
        account: event.account.as_str(),
        now: app.clock.now(),
        request_id: &event.request_id,
        response_elements: None,
        additional: more,
    };
    Lines::of(service_event.to_line(&random_uuid(app.entropy.as_ref())))
}

const MOST_AT_ONCE: usize = 16;
/// How much longer than its timeout a run is claimed for.
const CLAIM_SECONDS: i64 = 120;
const SOON: i64 = 5;
