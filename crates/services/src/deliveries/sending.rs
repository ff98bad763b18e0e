//! Delivering one message.
//!
//! INVARIANT: whoever has lost the claim on a message changes nothing of it any more.

use super::lanes::Seat;
use super::queue::bury;
use super::records::{Delivery, Destination, counter};
use crate::app::App;
use crate::authorize::Permit;
use crate::ports::{FunctionsError, Invoker, Mail, NotSent, Post};
use crate::tx::Deriving;
use crate::witness::InPlay;
use base::{CommonError, Plaintext};
use jobs::Claim;
use store::{Record as _, Rev};

/// Delivers a message that is due, and tells whether there was one.
///
/// # Errors
/// When the store fails; the message stays due.
pub(crate) async fn deliver_next(
    app: &App,
    own: &Permit,
    worker: &str,
) -> Result<bool, CommonError> {
    let Some((delivery, seat)) = next(app).await? else {
        return Ok(false);
    };
    let claimed = match claim(app, own, &delivery, worker).await {
        Ok(Some(claimed)) => claimed,
        // Somebody else was faster.
        Ok(None) | Err(CommonError::Conflict) => return Ok(true),
        Err(error) => return Err(error),
    };
    let outcome = send(app, &claimed.delivery).await;
    drop(seat);
    for _ in 0..MOST_TRIES {
        match settle(app, own, &claimed, &outcome).await {
            Err(CommonError::Conflict) => tokio::task::yield_now().await,
            settled => return settled.map(|()| true),
        }
    }
    Err(CommonError::Conflict)
}

/// The next message that is due in a lane that has a seat.
async fn next(app: &App) -> Result<Option<(Delivery, Seat<'_>)>, CommonError> {
    let now = app.clock.now();
    let mut tx = app.ledger.begin_reading();
    if tx
        .query::<Delivery>(&Delivery::due(now, 1))
        .await?
        .is_empty()
    {
        return Ok(None);
    }
    let mut after = app.lanes.last();
    let mut has_wrapped = after.is_none();
    for _ in 0..MOST_LANES {
        let found = tx
            .query::<Delivery>(&Delivery::next_lane(after.as_ref()))
            .await?;
        let Some(found) = found.into_iter().next() else {
            if has_wrapped {
                break;
            }
            (after, has_wrapped) = (None, true);
            continue;
        };
        let delivery = found.record;
        let lane = (delivery.account.clone(), delivery.lane());
        app.lanes.passed(Some(lane.clone()));
        let is_due = delivery.job.next_look().is_some_and(|look| look <= now);
        let is_function = matches!(delivery.destination, Destination::Function(_));
        if is_due && let Some(seat) = app.lanes.seat(&lane, is_function) {
            return Ok(Some((Delivery::clone(&delivery), seat)));
        }
        after = Some(lane);
    }
    app.lanes.passed(after);
    Ok(None)
}

/// A message that is ours to deliver.
struct Claimed {
    delivery: Delivery,
    claim: Claim,
}

async fn claim(
    app: &App,
    own: &Permit,
    delivery: &Delivery,
    worker: &str,
) -> Result<Option<Claimed>, CommonError> {
    let mut tx = app.ledger.derive();
    let Some(found) = tx.get::<Delivery>(&delivery.key()).await? else {
        return Ok(None);
    };
    let mut delivery = Delivery::clone(&found.record);
    let lease = match delivery.destination {
        Destination::Url { .. } | Destination::Mail { .. } => LEASE_MILLIS,
        Destination::Function(_) => FUNCTION_LEASE_MILLIS,
    };
    let Some(claim) = delivery.job.claim(worker, app.clock.now(), lease) else {
        return Ok(None);
    };
    tx.update(own, delivery.clone(), found.rev);
    tx.commit().await?;
    Ok(Some(Claimed { delivery, claim }))
}

async fn send(app: &App, delivery: &Delivery) -> Result<(), NotSent> {
    match &delivery.destination {
        Destination::Url { url, headers, body } => {
            let post = Post { url, headers, body };
            app.messenger.post(post).await
        }
        Destination::Mail { to, subject, body } => {
            let mail = Mail { to, subject, body };
            app.messenger.mail(mail).await
        }
        Destination::Function(called) => {
            let invoker = Invoker {
                service: called.by.principal(),
                source_arn: &called.source_arn,
                source_account: &called.source_account,
            };
            let payload = Plaintext::new(called.payload.clone().into_bytes());
            let in_play = InPlay::default();
            let invoked = app
                .functions
                .invoke(app, &called.arn, invoker, &payload, &in_play);
            match invoked.await {
                Ok(invocation) => match invocation.answer {
                    Ok(_) => Ok(()),
                    Err(failure) => Err(NotSent::for_now(failure.kind)),
                },
                Err(error @ FunctionsError::NotInvocable) => {
                    Err(NotSent::for_good(error.to_string()))
                }
                Err(FunctionsError::Common(_)) => Err(NotSent::for_now("an internal failure")),
                Err(error) => Err(NotSent::for_now(error.to_string())),
            }
        }
    }
}

/// Notes how it went.
async fn settle(
    app: &App,
    own: &Permit,
    claimed: &Claimed,
    outcome: &Result<(), NotSent>,
) -> Result<(), CommonError> {
    let mut tx = app.ledger.derive();
    let Some(found) = tx.get::<Delivery>(&claimed.delivery.key()).await? else {
        return Ok(());
    };
    let mut delivery = Delivery::clone(&found.record);
    if delivery.job.check(&claimed.claim).is_err() {
        return Ok(());
    }
    let now = app.clock.now();
    let Err(refusal) = outcome else {
        remove(&mut tx, own, &delivery, found.rev);
        tx.commit().await?;
        app.delivery_counts.delivered();
        return Ok(());
    };
    let failures = delivery.job.failures().saturating_add(1);
    let entropy = app.entropy.as_ref();
    let next = delivery
        .patience
        .next(failures, delivery.made, now, entropy);
    match next.filter(|_| !refusal.is_final) {
        Some(next) => {
            // Checked above.
            let _ = delivery.job.retry(&claimed.claim, next);
            tx.update(own, delivery, found.rev);
            tx.commit().await?;
            app.delivery_counts.failed();
        }
        None => {
            tracing::warn!(
                source = delivery.source,
                endpoint = delivery.destination.shown(),
                why = refusal.why,
                "a message was given up"
            );
            remove(&mut tx, own, &delivery, found.rev);
            bury(app, own, &mut tx, delivery.into_dead(now, &refusal.why)).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

fn remove(tx: &mut Deriving<'_>, own: &Permit, delivery: &Delivery, rev: Rev) {
    tx.count(own, &counter(&delivery.account), -1);
    tx.delete::<Delivery>(own, &delivery.key(), rev);
}

const MOST_TRIES: usize = 50;
/// How many lanes are looked at for one that has a message due and a seat.
const MOST_LANES: usize = 1_000;
/// Longer than any post or mail takes.
const LEASE_MILLIS: i64 = 60_000;
/// Longer than any function runs.
const FUNCTION_LEASE_MILLIS: i64 = 1_200_000;
