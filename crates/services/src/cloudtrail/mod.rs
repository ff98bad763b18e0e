//! CloudTrail, API version 2013-11-01: the events of an account looked up, and trails that deliver them.
//!
//! Rules of the service:
//! - everything shown or delivered is read from the audit log; an account sees the events whose
//!   `recipientAccountId` it is, and of one Region unless a trail is of all;
//! - a trail is named by its name or its ARN; refusal comes before "not found" (`target.rs`);
//! - who names a role needs `iam:PassRole`, and the role has to trust CloudTrail (`destinations.rs`);
//! - a trail delivers only to buckets that the operator opened to its account ([`Buckets`]);
//! - what is delivered is told by how far a trail is in the log, so that a crash delivers the same again
//!   under the same name, and nothing is left out (`delivery/`).
//!
//! [`Buckets`]: crate::ports::Buckets

mod delivery;
mod destinations;
mod error;
mod model;
mod names;
mod ops;
pub(crate) mod records;
mod selectors;
mod shapes;
mod tagging;
mod target;
mod view;

pub(crate) use error::Error;

pub(crate) use delivery::{ToLogGroups, deliver};

use crate::service::{Protocol, Service};
use base::Timestamp;
use store::{Kind, Query, Record as _};
use wire::json::MessageKey;

/// Up to `limit` trails that owe files to their buckets at `now`.
pub(crate) fn trails_due(now: Timestamp, limit: usize) -> (&'static Kind, Query) {
    (
        records::Delivery::KIND,
        records::Delivery::all_due(now, limit),
    )
}

/// The service, as dispatch sees it.
pub(crate) static SERVICE: Service = Service {
    name: "cloudtrail",
    event_source: EVENT_SOURCE,
    protocol: Protocol::Json {
        target_prefix: "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.",
        message_key: MessageKey::Lower,
        invalid_input: error::VALIDATION,
    },
    only_region: None,
    common: error::COMMON,
    operations: ops::OPERATIONS,
};

/// The service's name in audit events, and as a principal.
pub(crate) const EVENT_SOURCE: &str = "cloudtrail.amazonaws.com";
