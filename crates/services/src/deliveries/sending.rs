//! Delivering one message.
//!
//! COMPAT: a function that ran and failed is called twice more, after one and after two minutes, as an
//! asynchronous call of Lambda's is; whether it was called at all is for the message's patience.

use super::claiming::{Claimed, claim, holding, is_over};
use super::lanes::{Lane, Seat, Sort};
use super::queue::bury;
use super::records::{
    CalledFunction, Delivery, Destination, InvokedDestination, bytes_counter, counter,
};
use crate::app::App;
use crate::authorize::Permit;
use crate::follow::retried;
use crate::ports::{
    AppendedLog, Composed, FunctionFailure, FunctionsError, Invoked, Invoker, Mail, NotSent, Post,
    PostKind,
};
use crate::tx::Deriving;
use crate::witness::InPlay;
use base::{CommonError, Plaintext, Timestamp};
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
    let sending = send(app, own, &claimed.delivery);
    let outcome = holding(app, own, &claimed, sending).await;
    drop(seat);
    let settled = retried(|| settle(app, own, &claimed, &outcome)).await;
    is_over(app, &claimed);
    settled?;
    Ok(true)
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
        let sort = match delivery.destination {
            Destination::Function(_) => Sort::Function,
            Destination::Api(_) => Sort::Paced(now),
            Destination::Url { .. } | Destination::Mail { .. } | Destination::LogGroup { .. } => {
                Sort::Usual
            }
        };
        if is_due && let Some(seat) = app.lanes.seat(&lane, sort) {
            return Ok(Some((Delivery::clone(&delivery), seat)));
        }
        after = Some(lane);
    }
    app.lanes.passed(after);
    Ok(None)
}

/// Why a message was not delivered.
enum Failed {
    NotSent(NotSent),
    /// The function ran, and failed with this.
    Run(String),
}

impl Failed {
    fn why(&self) -> &str {
        match self {
            Self::NotSent(refusal) => &refusal.why,
            Self::Run(kind) => kind,
        }
    }

    /// Notes it in `delivery`, and tells when to try again. `None`: it is given up.
    fn next(&self, app: &App, delivery: &mut Delivery, now: Timestamp) -> Option<Timestamp> {
        match (self, &mut delivery.destination) {
            (Self::NotSent(refusal), _) if refusal.is_final => None,
            (Self::Run(_), Destination::Function(called)) => {
                called.failed_runs = called.failed_runs.saturating_add(1);
                let minutes = called.failed_runs;
                let is_worth_it = called.failed_runs < MOST_RUNS;
                is_worth_it.then(|| now.plus_seconds(60 * i64::from(minutes)))
            }
            _ => {
                let failures = delivery.job.failures().saturating_add(1);
                let times = (now, now.plus_seconds(self.asked_seconds()));
                let entropy = app.entropy.as_ref();
                delivery
                    .patience
                    .next(failures, delivery.made, times, entropy)
            }
        }
    }

    /// How long the other side asks to wait.
    fn asked_seconds(&self) -> i64 {
        match self {
            Self::NotSent(refusal) => refusal.retry_after_seconds.map_or(0, i64::from),
            Self::Run(_) => 0,
        }
    }
}

async fn send(app: &App, own: &Permit, delivery: &Delivery) -> Result<(), Failed> {
    let sent = match &delivery.destination {
        Destination::Url { url, headers, body } => {
            let post = Post {
                kind: PostKind::Subscription,
                method: "POST",
                url,
                headers,
                secrets: &[],
                body,
            };
            app.messenger.post(post).await
        }
        Destination::Mail { to, subject, body } => {
            let mail = Mail { to, subject, body };
            app.messenger.mail(mail).await
        }
        Destination::Function(called) => return call(app, called).await,
        Destination::Api(invoked) => invoke(app, delivery, invoked).await,
        Destination::LogGroup {
            group,
            stream,
            line,
            ..
        } => {
            let appended = AppendedLog {
                account: &delivery.account,
                region: &delivery.region,
                group,
                stream,
                events: &[(app.clock.now(), line.clone())],
            };
            match retried(|| append(app, own, appended)).await {
                Ok(true) => Ok(()),
                Ok(false) => Err(NotSent::for_good("the log group is not there")),
                Err(_) => Err(NotSent::for_now("the log group could not be written")),
            }
        }
    };
    sent.map_err(Failed::NotSent)
}

async fn call(app: &App, called: &CalledFunction) -> Result<(), Failed> {
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
    let refusal = match invoked.await {
        Ok(invocation) => {
            let failed = |failure: FunctionFailure| Failed::Run(failure.kind);
            return invocation.answer.map(drop).map_err(failed);
        }
        Err(error @ FunctionsError::NotInvocable) => NotSent::for_good(error.to_string()),
        Err(FunctionsError::Common(_)) => NotSent::for_now("an internal failure"),
        Err(error) => NotSent::for_now(error.to_string()),
    };
    Err(Failed::NotSent(refusal))
}

async fn invoke(
    app: &App,
    delivery: &Delivery,
    invoked: &InvokedDestination,
) -> Result<(), NotSent> {
    let composed = app.api_destinations.compose(
        app,
        Invoked {
            account: &delivery.account,
            region: &delivery.region,
            arn: &invoked.arn,
            role: &invoked.role,
            rule: &delivery.source,
            path: &invoked.path,
            headers: &invoked.headers,
            query: &invoked.query,
            body: &invoked.body,
        },
    );
    let composed = match composed.await {
        Ok(composed) => composed?,
        Err(error) => {
            tracing::error!(%error, "an API destination could not be looked up");
            return Err(NotSent::for_now("an internal failure"));
        }
    };
    let lane: Lane = (delivery.account.clone(), delivery.lane());
    app.lanes.pace(&lane, composed.per_second, app.clock.now());
    request(app, &composed).await
}

async fn request(app: &App, composed: &Composed) -> Result<(), NotSent> {
    let url = std::str::from_utf8(composed.url.expose());
    let body = std::str::from_utf8(composed.body.expose());
    let (Ok(url), Ok(body)) = (url, body) else {
        return Err(NotSent::for_good("the request cannot be written"));
    };
    let post = Post {
        kind: PostKind::ApiDestination,
        method: composed.method,
        url,
        headers: &composed.headers,
        secrets: &composed.secrets,
        body,
    };
    app.messenger.post(post).await
}

/// Appends to a log group, and tells whether there is one.
async fn append(app: &App, own: &Permit, appended: AppendedLog<'_>) -> Result<bool, CommonError> {
    let mut tx = app.ledger.derive();
    let is_there = app.log_groups.append(app, own, &mut tx, appended).await?;
    tx.commit().await?;
    Ok(is_there)
}

/// Notes how it went.
async fn settle(
    app: &App,
    own: &Permit,
    claimed: &Claimed,
    outcome: &Result<(), Failed>,
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
    match refusal.next(app, &mut delivery, now) {
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
                why = refusal.why(),
                "a message was given up"
            );
            remove(&mut tx, own, &delivery, found.rev);
            let letter = delivery.into_dead(now, refusal.why());
            bury(app, own, &mut tx, letter, 1).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

fn remove(tx: &mut Deriving<'_>, own: &Permit, delivery: &Delivery, rev: Rev) {
    tx.count(own, &counter(&delivery.account), -1);
    let bytes = delivery.bytes().saturating_neg();
    tx.count(own, &bytes_counter(&delivery.account), bytes);
    tx.delete::<Delivery>(own, &delivery.key(), rev);
}

/// How often a function may run that fails.
const MOST_RUNS: u32 = 3;
/// How many lanes are looked at for one that has a message due and a seat.
const MOST_LANES: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deliveries::{Patience, Sender};
    use crate::secretsmanager::world::World;
    use base::{AccountId, RegionName};
    use jobs::Job;

    #[test]
    fn a_function_that_fails_runs_three_times_however_often_it_was_not_called() {
        let app = World::new().app;
        let account = AccountId::parse("123456789012").unwrap();
        let now = app.clock.now();
        let mut delivery = Delivery {
            account: account.clone(),
            region: RegionName::parse("us-east-1").unwrap(),
            id: String::from("d"),
            source: String::from("arn:s"),
            destination: Destination::Function(CalledFunction {
                arn: String::from("arn:f"),
                payload: String::new(),
                by: Sender::Sns,
                source_arn: String::from("arn:t"),
                source_account: account,
                failed_runs: 0,
            }),
            patience: Patience::Subscription,
            made: now,
            job: Job::due_at(Some(now)),
        };
        let run = || Failed::Run(String::from("ValueError"));
        let throttled = || Failed::NotSent(NotSent::for_now("x"));
        let refused = || Failed::NotSent(NotSent::for_good("x"));

        let waits = [run(), throttled(), run(), throttled(), refused(), run()]
            .map(|failed| failed.next(&app, &mut delivery, now))
            .map(|next| next.map(|next| next.as_millis() - now.as_millis()));

        let expected = [
            Some(60_000),
            Some(500),
            Some(120_000),
            Some(500),
            None,
            None,
        ];
        assert_eq!(waits, expected);
    }
}
