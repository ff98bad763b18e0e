//! The operations.

mod describe_log_groups;
mod describe_log_streams;
mod filter_log_events;
mod get_log_events;

use crate::operation::{Entry, reads};

/// In alphabetical order.
pub(super) const OPERATIONS: &[Entry] = &[
    reads::<describe_log_groups::DescribeLogGroups>(),
    reads::<describe_log_streams::DescribeLogStreams>(),
    reads::<filter_log_events::FilterLogEvents>(),
    reads::<get_log_events::GetLogEvents>(),
];
