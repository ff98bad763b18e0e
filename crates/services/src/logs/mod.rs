//! CloudWatch Logs, API version 2014-03-28; behind the [`LogStreams`] port what writes logs of functions,
//! behind [`LogGroups`] what appends lines for other services.
//!
//! Rules of the service:
//! - the log of a function is written once, whole, as a role that may (`writing.rs`);
//! - lines are appended to chunks of a stream (`appending.rs`) in one transaction with what they take and
//!   with what the group's metric filters make of them (`filtering.rs`), whoever brings them;
//! - a group is bounded in size: its oldest lines give way; what is older than the retention is swept
//!   away (`jobs/`);
//! - refusal comes before "not found"; a group is named by its name, or its ARN (`group_id.rs`).
//!
//! [`LogGroups`]: crate::ports::LogGroups
//! [`LogStreams`]: crate::ports::LogStreams

mod appending;
mod error;
mod filtering;
mod group_id;
pub(crate) mod jobs;
mod ops;
mod reading;
pub(crate) mod records;
mod shapes;
mod tagging;
mod work;
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
