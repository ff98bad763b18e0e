//! Putting messages into the queue.

use super::MOST_WAITING;
use super::records::{DeadLetter, Delivery, counter, dead_counter};
use crate::app::App;
use crate::authorize::Permit;
use crate::tx::{Deriving, Tx};
use base::CommonError;

/// Stores messages that an API call brought, in its transaction. When their account has no room for
/// them, the commit says that a limit is reached.
pub(crate) fn queue(tx: &mut Tx<'_>, permit: &Permit, deliveries: Vec<Delivery>) {
    for delivery in deliveries {
        tx.count(permit, &counter(&delivery.account), 1, Some(MOST_WAITING));
        tx.insert(permit, delivery);
    }
}

/// Stores messages that an event or an alarm brought. Those for which their account has no room are
/// dead letters at once: what follows the log must not stand still for one of them.
///
/// # Errors
/// When the store fails.
pub(crate) async fn queue_derived(
    app: &App,
    own: &Permit,
    tx: &mut Deriving<'_>,
    deliveries: Vec<Delivery>,
) -> Result<(), CommonError> {
    let now = app.clock.now();
    for delivery in deliveries {
        let counter = counter(&delivery.account);
        // The counter may be behind by what one transaction stores, which is bounded too.
        if app.ledger.counted(&counter).await? < MOST_WAITING {
            tx.count(own, &counter, 1);
            tx.insert(own, delivery);
        } else {
            bury(app, own, tx, delivery.into_dead(now, FULL)).await?;
        }
    }
    Ok(())
}

/// Stores a dead letter, if its account has not too many of them; it is counted in any case.
///
/// # Errors
/// When the store fails.
pub(crate) async fn bury(
    app: &App,
    own: &Permit,
    tx: &mut Deriving<'_>,
    letter: DeadLetter,
) -> Result<(), CommonError> {
    app.delivery_counts.dead();
    let counter = dead_counter(&letter.account);
    if app.ledger.counted(&counter).await? < MOST_DEAD {
        tx.count(own, &counter, 1);
        tx.insert(own, letter);
    }
    Ok(())
}

/// How many dead letters of an account are kept.
const MOST_DEAD: i64 = 10_000;
const FULL: &str = "too many messages of the account wait";
