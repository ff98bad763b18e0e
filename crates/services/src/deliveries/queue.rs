//! Putting messages into the queue.

use super::records::{DeadLetter, Delivery, bytes_counter, counter, dead_counter};
use crate::app::App;
use crate::authorize::Permit;
use crate::tx::{Deriving, Tx};
use base::{AccountId, CommonError, RegionName, random_uuid};

/// Stores messages that an API call brought, in its transaction. When their account has no room for
/// them, the commit says that a limit is reached.
pub(crate) fn queue(tx: &mut Tx<'_>, permit: &Permit, deliveries: Vec<Delivery>) {
    for delivery in deliveries {
        let account = &delivery.account;
        tx.count(permit, &counter(account), 1, Some(MOST_WAITING));
        let bytes = delivery.bytes();
        tx.count(permit, &bytes_counter(account), bytes, Some(MOST_BYTES));
        tx.insert(permit, delivery);
    }
}

/// How much more of an account may wait.
pub(crate) struct Room {
    messages: i64,
    bytes: i64,
}

/// That of `account`, less what `tx` has put there. Look for it before anything is made that would need
/// it.
///
/// # Errors
/// When the store fails.
pub(crate) async fn room(tx: &mut Deriving<'_>, account: &AccountId) -> Result<Room, CommonError> {
    let waiting = tx.counted(&counter(account)).await?;
    let bytes = tx.counted(&bytes_counter(account)).await?;
    Ok(Room::beside(waiting, bytes))
}

/// That of `account`, as it is stored.
///
/// # Errors
/// When the store fails.
pub(super) async fn room_now(app: &App, account: &AccountId) -> Result<Room, CommonError> {
    let waiting = app.ledger.counted(&counter(account)).await?;
    let bytes = app.ledger.counted(&bytes_counter(account)).await?;
    Ok(Room::beside(waiting, bytes))
}

impl Room {
    fn beside(waiting: i64, bytes: i64) -> Self {
        Self {
            messages: MOST_WAITING.saturating_sub(waiting),
            bytes: MOST_BYTES.saturating_sub(bytes),
        }
    }

    /// Whether there is room for so many messages of so many bytes together.
    pub(super) fn takes(&self, messages: i64, bytes: i64) -> bool {
        messages <= self.messages && bytes <= self.bytes
    }

    /// Whether nothing more may wait.
    pub(crate) fn is_none(&self) -> bool {
        self.holds(1) == 0
    }

    /// How many messages of this size there is room for.
    pub(crate) fn holds(&self, bytes: i64) -> usize {
        let fitting = self.bytes / bytes.max(1);
        usize::try_from(self.messages.min(fitting)).unwrap_or(0)
    }
}

/// Stores messages that an event or an alarm brought. Those for which their account has no room are one
/// dead letter at once: what follows the log must not stand still for them.
///
/// # Errors
/// When the store fails.
pub(crate) async fn queue_derived(
    app: &App,
    own: &Permit,
    tx: &mut Deriving<'_>,
    deliveries: Vec<Delivery>,
) -> Result<(), CommonError> {
    let mut lost: Option<(Delivery, usize)> = None;
    for delivery in deliveries {
        let bytes = delivery.bytes();
        if room(tx, &delivery.account).await?.holds(bytes) > 0 {
            tx.count(own, &counter(&delivery.account), 1);
            tx.count(own, &bytes_counter(&delivery.account), bytes);
            tx.insert(own, delivery);
        } else if let Some((_, messages)) = &mut lost {
            *messages += 1;
        } else {
            lost = Some((delivery, 1));
        }
    }
    match lost {
        Some((first, messages)) => {
            let letter = first.into_dead(app.clock.now(), NO_ROOM);
            bury(app, own, tx, letter, messages).await
        }
        None => Ok(()),
    }
}

/// Messages that were given up before they were made.
pub(crate) struct Unmade<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) region: &'a RegionName,
    /// The ARN of the topic or of the rule.
    pub(crate) source: String,
    /// Where the first of them was to go.
    pub(crate) endpoint: &'a str,
    pub(crate) why: &'static str,
    pub(crate) messages: usize,
}

/// Stores one dead letter for all of them.
///
/// # Errors
/// When the store fails.
pub(crate) async fn bury_unmade(
    app: &App,
    own: &Permit,
    tx: &mut Deriving<'_>,
    unmade: Unmade<'_>,
) -> Result<(), CommonError> {
    let now = app.clock.now();
    let letter = DeadLetter {
        account: unmade.account.clone(),
        region: unmade.region.clone(),
        id: random_uuid(app.entropy.as_ref()),
        source: unmade.source,
        endpoint: unmade.endpoint.to_owned(),
        made: now,
        died: now,
        attempts: 1,
        why: unmade.why.to_owned(),
    };
    bury(app, own, tx, letter, unmade.messages).await
}

/// Stores a dead letter for as many messages, if its account has not too many of them; they are counted
/// in any case.
///
/// # Errors
/// When the store fails.
pub(super) async fn bury(
    app: &App,
    own: &Permit,
    tx: &mut Deriving<'_>,
    mut letter: DeadLetter,
    messages: usize,
) -> Result<(), CommonError> {
    app.delivery_counts.dead(messages);
    let counter = dead_counter(&letter.account);
    if tx.counted(&counter).await? < MOST_DEAD {
        if messages > 1 {
            letter.why = format!("{} ({messages} messages)", letter.why);
        }
        tx.count(own, &counter, 1);
        tx.insert(own, letter);
    }
    Ok(())
}

/// Why messages for which an account has no room are given up.
pub(crate) const NO_ROOM: &str = "too many messages of the account wait";
/// How many messages of an account may wait.
const MOST_WAITING: i64 = 10_000;
/// How many bytes of messages of an account may wait: 64 MiB.
const MOST_BYTES: i64 = 64 << 20;
/// How many dead letters of an account are kept.
const MOST_DEAD: i64 = 10_000;

#[cfg(test)]
mod tests;
