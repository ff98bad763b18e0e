//! Secrets Manager, API version 2017-10-17.
//!
//! Rules of the service:
//! - a request names a secret by name or ARN; refusal comes before "not found";
//! - a value is encrypted under a data key of its own and never stored or cached in the clear;
//! - only labels of versions move, their content never changes (`versions.rs`);
//! - a rotation is a function's work; what it did is on record (`rotation.rs`);
//! - a deleted secret keeps its name until its recovery window ends (`jobs/`).

pub(crate) mod access;
pub(crate) mod error;
mod filters;
pub(crate) mod jobs;
mod listing;
pub(crate) mod model;
pub(crate) mod names;
mod ops;
mod passwords;
mod policy_checks;
pub(crate) mod records;
mod removal;
pub(crate) mod resource_policy;
pub(crate) mod rotation;
mod shapes;
mod target;
mod values;
pub(crate) mod versions;
#[cfg(test)]
pub(crate) mod world;

use crate::service::{Protocol, Service};
use base::Timestamp;
use std::ops::Bound;
use store::{Kind, Query, Record as _};
use wire::json::MessageKey;

pub use access::{ShownAccess, ShownReader, UNUSED_PAGE, UnusedSecret, UnusedSecrets};
pub use error::Error;
pub use rotation::check::{CheckError, CheckedRotation};
pub use rotation::settings::RotationSettings;
pub use rotation::shown::{Moment, ShownCall, ShownRotation, ShownRun, ShownWindow};

/// The service, as dispatch sees it.
pub(crate) static SERVICE: Service = Service {
    name: "secretsmanager",
    event_source: EVENT_SOURCE,
    protocol: Protocol::Json {
        target_prefix: "secretsmanager.",
        message_key: MessageKey::Upper,
        invalid_input: "ValidationException",
    },
    only_region: None,
    common: error::COMMON,
    operations: ops::OPERATIONS,
};

/// The service's name in audit events.
pub(crate) const EVENT_SOURCE: &str = "secretsmanager.amazonaws.com";
/// The alias of the key that encrypts secrets for which no other key was chosen.
pub(crate) const DEFAULT_KEY: &str = "alias/aws/secretsmanager";

/// The counter of an account's secrets in a Region, those scheduled for deletion included.
pub(crate) fn secrets_counter(account: &base::AccountId, region: &base::RegionName) -> String {
    format!("{SECRETS_COUNTERS}{account}/{region}")
}

/// What the names of those counters begin with.
pub(crate) const SECRETS_COUNTERS: &str = "secretsmanager/secrets/";

/// Up to `limit` rotations that are due at `now`.
pub(crate) fn rotations_due(now: Timestamp, limit: usize) -> (&'static Kind, Query) {
    (
        rotation::record::Rotations::KIND,
        rotation::record::due(now, limit),
    )
}

/// Up to `limit` secrets whose recovery window has ended at `now`.
pub(crate) fn deletions_due(now: Timestamp, limit: usize) -> (&'static Kind, Query) {
    let due = Query::on(records::BY_PURGE, limit).to(Bound::Included(now));
    (model::Secret::KIND, due)
}
