//! Putting messages into the queue.

use super::MOST_WAITING;
use super::records::{Delivery, counter};
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
            app.delivery_counts.dead();
            tx.insert(own, delivery.into_dead(now, FULL));
        }
    }
    Ok(())
}

const FULL: &str = "too many messages of the account wait";
