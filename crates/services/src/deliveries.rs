//! Messages on their way out: a durable queue, below the services that send.
//!
//! Rules kept here:
//! - a message is stored with what brought it about, in one transaction, and is delivered at least once;
//! - who is at a message says so for half a minute at a time, so that what a stop interrupts does not wait
//!   long ([`claiming`]);
//! - no message keeps a request waiting, nor another message: each endpoint of each account is a lane of
//!   its own ([`lanes`]), of which few are worked on at once, and the accounts take turns;
//! - an API destination gets no more requests in a second than it says, from each server;
//! - what fails is tried again, later each time, for as long as its kind of endpoint is worth it
//!   ([`patience`]); what is given up is a dead letter, which says where to, for whom and why, and
//!   nothing of the message;
//! - an account has room for so many messages, and for so many bytes of them. A publisher is told so before
//!   they are made, for which all publishers share some memory ([`making`]); what
//!   comes from the audit log becomes a dead letter at once, one for all that find no room, since nobody is
//!   there to be told.
//!
//! Who sends decides whether it may; whether the server may send there at all is for the
//! [`Messenger`](crate::ports::Messenger).

mod claiming;
mod lanes;
mod making;
mod patience;
mod queue;
mod records;
mod sending;
mod shown;
mod sweep;

pub(crate) use self::claiming::{UnderWay, give_back};
pub(crate) use self::lanes::Lanes;
pub(crate) use self::making::{Making, Needed, Share, share};
pub(crate) use self::patience::Patience;
pub(crate) use self::queue::{NO_ROOM, Unmade, bury_unmade, queue, queue_derived, room};
pub(crate) use self::records::{
    CalledFunction, DEAD_LETTER, DELIVERY, Delivery, Destination, InvokedDestination, Sender,
};
pub(crate) use self::sending::deliver_next;
pub(crate) use self::shown::{Counts, show};
pub use self::shown::{DeliveryCounts, ShownDeadLetter, ShownDeliveries, ShownDelivery};
pub(crate) use self::sweep::forget_dead;

use base::Timestamp;
use store::{Kind, Query, Record as _};

/// Up to `limit` messages that are to be looked at by `now`.
pub(crate) fn messages_due(now: Timestamp, limit: usize) -> (&'static Kind, Query) {
    (Delivery::KIND, Delivery::due(now, limit))
}
