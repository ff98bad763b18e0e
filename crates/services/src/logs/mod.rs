//! CloudWatch Logs, API version 2014-03-28: what reads logs, and behind the [`LogStreams`] port what
//! writes those of functions.
//!
//! Rules of the service:
//! - a log stream is written once, whole, as a role that may (`writing.rs`);
//! - a stream is bounded in size, a group too, whose oldest streams give way; what is older than the
//!   retention is swept away (`jobs/`);
//! - refusal comes before "not found"; a group is named by its name, or its ARN (`group_id.rs`).
//!
//! [`LogStreams`]: crate::ports::LogStreams

mod error;
mod filter;
mod group_id;
pub(crate) mod jobs;
mod ops;
pub(crate) mod records;
mod shapes;
mod writing;

pub(crate) use writing::Logs;

use crate::service::{Protocol, Service};
use wire::json::MessageKey;

/// The service, as dispatch sees it.
pub(crate) static SERVICE: Service = Service {
    name: "logs",
    event_source: EVENT_SOURCE,
    protocol: Protocol::Json {
        target_prefix: "Logs_20140328.",
        message_key: MessageKey::Lower,
        invalid_input: error::INVALID_PARAMETER,
    },
    only_region: None,
    common: error::COMMON,
    operations: ops::OPERATIONS,
};

/// The service's name in audit events.
pub(crate) const EVENT_SOURCE: &str = "logs.amazonaws.com";
