//! What trails deliver: events to log groups as they come, files to buckets every few minutes, digests of
//! the files every hour.
//!
//! Rules kept here:
//! - nothing delivered leaves an event: it would be delivered in its turn, for ever;
//! - a file is told by two numbers of the log, between which its events are, and by a name that is drawn
//!   before it is made. So who does it again after a crash puts the same file in the same place;
//! - whose claim has passed to another notes nothing any more;
//! - an event goes where its trail pointed when it happened. What that place refuses goes where the trail
//!   points now, after some attempts, so that an old place holds up no new one for long;
//! - a trail that is deleted delivers to its end.

mod deleted;
mod digests;
mod files;
mod keys;
mod logs;

pub(super) use deleted::end;
pub(crate) use logs::ToLogGroups;

use super::error::Error;
use super::model::Trail;
use super::records::{Delivery, Pending, Told};
use crate::app::App;
use crate::authorize::Permit;
use crate::follow::{Cursor, Follower as _};
use crate::ports::NotPut;
use crate::tx::Tx;
use base::{CommonError, Entropy, Timestamp};
use deleted::is_settled;
use digests::digest;
use files::{MOST, NotWritten, Range, Route, Written, collect, write};
use jobs::Backoff;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use store::Record as _;

/// How far a trail is that begins to log. `before` is how far it was when it stopped.
pub(super) fn begin(trail: &Trail, before: Option<Delivery>, app: &App) -> Delivery {
    let after = app.stream.newest();
    let due = Some(app.clock.now().plus_seconds(period(app)));
    match before.filter(|before| before.trail_id == trail.id) {
        Some(before) => Delivery {
            after,
            due,
            pending: None,
            failures: 0,
            refused_before: 0,
            ..before
        },
        None => Delivery {
            account: trail.account.clone(),
            region: trail.region.clone(),
            trail: trail.name.clone(),
            trail_id: trail.id.clone(),
            after,
            due,
            claims: 0,
            pending: None,
            delivered: None,
            failures: 0,
            files: Told::default(),
            notifications: Told::default(),
            digests: Told::default(),
            chains: Vec::new(),
            refused_before: 0,
            deleted: None,
        },
    }
}

/// Until when everything that `trail` covers is delivered, to its bucket and to its log group.
///
/// # Errors
/// When the store fails.
pub(super) async fn delivered(
    app: &App,
    tx: &mut Tx<'_>,
    trail: &Trail,
) -> Result<Option<Timestamp>, CommonError> {
    let Some(found) = tx.get::<Delivery>(&trail.key()).await? else {
        return Ok(None);
    };
    let delivery = found.record;
    if trail.logs.is_some() {
        let followed = Cursor::find(&mut app.ledger.derive(), ToLogGroups::NAME).await?;
        if followed.is_none_or(|cursor| cursor.record.after() < delivery.after) {
            return Ok(None);
        }
    }
    let is_of_trail = delivery.trail_id == trail.id;
    Ok(delivery.delivered.filter(|_| is_of_trail))
}

/// Delivers the files that are due, side by side, so that a slow bucket holds up its own trails only, and
/// waits for all of them.
///
/// # Errors
/// The last failure of ours, after all had their turn.
pub(crate) async fn deliver(app: &App, own: &Permit) -> Result<(), Error> {
    let due = Delivery::all_due(app.clock.now(), MOST_AT_ONCE);
    let found = app.ledger.begin_reading().query::<Delivery>(&due).await?;
    let mut delivering: Vec<Delivering<'_>> = Vec::new();
    for one in found {
        delivering.push(Box::pin(
            async move { deliver_one(app, own, &one.record).await },
        ));
    }
    let mut outcome = Ok(());
    poll_fn(|context| {
        delivering.retain_mut(|one| match one.as_mut().poll(context) {
            Poll::Pending => true,
            // Somebody else is at it.
            Poll::Ready(Ok(()) | Err(CommonError::Conflict)) => false,
            Poll::Ready(Err(error)) => {
                outcome = Err(error.into());
                false
            }
        });
        match delivering.is_empty() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
    outcome
}

/// One delivery on its way.
type Delivering<'a> = Pin<Box<dyn Future<Output = Result<(), CommonError>> + Send + 'a>>;

async fn deliver_one(app: &App, own: &Permit, found: &Delivery) -> Result<(), CommonError> {
    let Some(claimed) = claim(app, own, found).await? else {
        return Ok(());
    };
    let Some(trail) = trail_of(app, &claimed).await? else {
        return settle(app, own, claimed, |delivery| delivery.due = None).await;
    };
    let mut next = claimed.clone();
    let outcome = attempt(app, own, &trail, &mut next).await;
    let now = app.clock.now();
    match outcome {
        Ok(is_all) => {
            next.failures = 0;
            next.refused_before = 0;
            next.due = next_due(&trail, &next, is_all, (now, period(app)));
        }
        Err(NotDelivered::Common(error)) => return Err(error),
        Err(NotDelivered::Refused(_)) => {
            next.failures = claimed.failures.saturating_add(1);
            let wait = BACKOFF.after(next.failures, app.entropy.as_ref());
            next.due = Some(now.plus_millis(wait));
        }
    }
    if let Some(deleted) = &claimed.deleted
        && is_settled(&next, deleted, now)
    {
        let is_ours = |delivery: &Delivery| delivery.claims == claimed.claims;
        return app.ledger.forget(own, &claimed.key(), is_ours).await;
    }
    settle(app, own, claimed, |delivery| {
        let claims = delivery.claims;
        *delivery = Delivery { claims, ..next };
    })
    .await
}

/// The trail that is delivered, as it is now, or was when it was deleted.
async fn trail_of(app: &App, claimed: &Delivery) -> Result<Option<Arc<Trail>>, CommonError> {
    if let Some(deleted) = &claimed.deleted {
        return Ok(Some(Arc::new(deleted.trail.clone())));
    }
    let mut tx = app.ledger.begin_reading();
    let trail = tx.get::<Trail>(&claimed.key()).await?;
    let trail = trail.map(|found| found.record);
    Ok(trail.filter(|trail| trail.id == claimed.trail_id))
}

/// Takes a delivery that is due, and plans what it is to be unless that is planned.
async fn claim(app: &App, own: &Permit, found: &Delivery) -> Result<Option<Delivery>, CommonError> {
    let now = app.clock.now();
    let newest = app.stream.newest();
    let token = draw_token(app.entropy.as_ref());
    let step = |delivery: &mut Delivery| {
        if delivery.due.is_none_or(|due| due > now) {
            return None;
        }
        delivery.due = Some(now.plus_seconds(LEASE));
        delivery.claims = delivery.claims.saturating_add(1);
        let pending = delivery.pending.get_or_insert_with(|| Pending {
            through: newest,
            at: now,
            token: token.clone(),
        });
        // Numbers beyond the log are of one that was put back: what comes under them is new.
        pending.through = pending.through.min(newest);
        delivery.after = delivery.after.min(newest);
        Some(delivery.clone())
    };
    app.ledger.advance(own, &found.key(), step).await
}

/// Notes how it went, unless the claim has passed to another.
async fn settle(
    app: &App,
    own: &Permit,
    claimed: Delivery,
    change: impl FnOnce(&mut Delivery),
) -> Result<(), CommonError> {
    let mut changed = claimed.clone();
    change(&mut changed);
    let mut step = |delivery: &mut Delivery| {
        let is_ours = delivery.claims == claimed.claims && delivery.trail_id == claimed.trail_id;
        is_ours.then(|| {
            let deleted = delivery.deleted.take();
            *delivery = Delivery {
                deleted,
                ..changed.clone()
            };
        })
    };
    // The trail may have been deleted meanwhile.
    for key in [claimed.key(), claimed.key_once_deleted()] {
        if app.ledger.advance(own, &key, &mut step).await?.is_some() {
            break;
        }
    }
    Ok(())
}

/// Delivers what is planned, and notes it in `next`. Gives whether that was all that the log has.
async fn attempt(
    app: &App,
    own: &Permit,
    trail: &Trail,
    next: &mut Delivery,
) -> Result<bool, NotDelivered> {
    let now = app.clock.now();
    let Some(pending) = next.pending.clone() else {
        return Ok(true);
    };
    let range = Range {
        after: next.after,
        through: pending.through,
    };
    let route = Route {
        trail,
        is_rerouted: next.deleted.is_none() && next.refused_before >= MOST_REFUSALS,
    };
    let collected = collect(app, &route, range, MOST).await?;
    let reached = collected.reached;
    let files = collected.packed().await?;
    if !files.is_empty() {
        next.files.attempted = Some(now);
        let written = write(app, trail, &pending, &files).await;
        let written = written.map_err(|error| refused_where(next, trail, error));
        note(&mut next.files, now, &written);
        notify(app, own, trail, next, &written?).await?;
    }
    for file in &files {
        digests::add(next, trail, &file.region, file.digested(trail, &pending));
    }
    let is_all = reached >= pending.through;
    next.after = reached;
    next.pending = None;
    if is_all {
        next.delivered = Some(pending.at);
    }
    if trail.is_validated {
        let is_last = is_all && trail.is_over(next.delivered);
        digest(app, own, trail, next, is_last).await?;
    } else {
        next.chains.clear();
    }
    Ok(is_all)
}

/// Counts refusals of a place to which the trail does not point any more.
fn refused_where(next: &mut Delivery, trail: &Trail, error: NotWritten) -> NotDelivered {
    if error.destination != trail.destination() {
        next.refused_before = next.refused_before.saturating_add(1);
    }
    error.why
}

/// Tells the topic of the trail. What it does not take is told by the trail.
async fn notify(
    app: &App,
    own: &Permit,
    trail: &Trail,
    next: &mut Delivery,
    written: &Written,
) -> Result<(), CommonError> {
    let Some(topic) = &trail.topic else {
        return Ok(());
    };
    let now = app.clock.now();
    next.notifications.attempted = Some(now);
    let is_taken = files::publish(app, own, trail, topic, written).await?;
    if is_taken {
        next.notifications.succeeded = Some(now);
    }
    next.notifications.error = (!is_taken).then(|| String::from("AuthorizationError"));
    Ok(())
}

fn note<T>(told: &mut Told, now: Timestamp, outcome: &Result<T, NotDelivered>) {
    told.attempted = Some(now);
    match outcome {
        Ok(_) => {
            told.succeeded = Some(now);
            told.error = None;
        }
        Err(NotDelivered::Refused(code)) => told.error = Some(code.clone()),
        Err(NotDelivered::Common(_)) => {}
    }
}

/// A trail that was stopped is looked after until nothing of it can still come, and all of it is in digests.
fn next_due(
    trail: &Trail,
    delivery: &Delivery,
    is_all: bool,
    (now, period): (Timestamp, i64),
) -> Option<Timestamp> {
    if !is_all {
        return Some(now);
    }
    let owes_digest = delivery.chains.iter().any(|chain| !chain.files.is_empty());
    let is_over = trail.is_over(delivery.delivered) && !owes_digest;
    (!is_over).then(|| now.plus_seconds(period))
}

/// Seconds between two deliveries.
fn period(app: &App) -> i64 {
    i64::from(app.trails.delivery_seconds)
}

/// Why something was not delivered.
enum NotDelivered {
    /// The bucket does not take it. The code, as `GetTrailStatus` tells it.
    Refused(String),
    /// A failure of ours.
    Common(CommonError),
}

impl From<CommonError> for NotDelivered {
    fn from(error: CommonError) -> Self {
        Self::Common(error)
    }
}

impl From<NotPut> for NotDelivered {
    fn from(error: NotPut) -> Self {
        match error {
            NotPut::Refused(code) => Self::Refused(code),
            NotPut::Unreachable(text) => {
                tracing::warn!(reason = text, "a bucket of a trail cannot be reached");
                Self::Refused(String::from("ServiceUnavailable"))
            }
            NotPut::Common(error) => Self::Common(error),
        }
    }
}

/// Sixteen letters and digits.
fn draw_token(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; TOKEN_LETTERS];
    entropy.fill(&mut bytes);
    let letter = |byte: &u8| {
        let place = usize::from(*byte) % LETTERS.len();
        LETTERS.get(place).copied().map_or('A', char::from)
    };
    bytes.iter().map(letter).collect()
}

/// Seconds after which another may take over.
const LEASE: i64 = 600;
/// How often a place is asked to which a trail does not point any more.
const MOST_REFUSALS: u32 = 4;
/// Each holds its files in memory.
const MOST_AT_ONCE: usize = 8;
const TOKEN_LETTERS: usize = 16;
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BACKOFF: Backoff = Backoff {
    first_millis: 30_000,
    most_millis: 900_000,
};

#[cfg(test)]
mod tests;
