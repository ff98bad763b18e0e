//! The operations.

mod add_tags;
mod create_trail;
mod delete_trail;
mod describe_trails;
mod get_event_selectors;
mod get_trail;
mod get_trail_status;
mod list_public_keys;
mod list_tags;
mod list_trails;
mod lookup_events;
mod put_event_selectors;
mod remove_tags;
mod start_logging;
mod stop_logging;
mod update_trail;

use crate::operation::{Entry, reads, writes};

/// In alphabetical order.
pub(super) const OPERATIONS: &[Entry] = &[
    writes::<add_tags::AddTags>(),
    writes::<create_trail::CreateTrail>(),
    writes::<delete_trail::DeleteTrail>(),
    reads::<describe_trails::DescribeTrails>(),
    reads::<get_event_selectors::GetEventSelectors>(),
    reads::<get_trail::GetTrail>(),
    reads::<get_trail_status::GetTrailStatus>(),
    reads::<list_public_keys::ListPublicKeys>(),
    reads::<list_tags::ListTags>(),
    reads::<list_trails::ListTrails>(),
    reads::<lookup_events::LookupEvents>(),
    writes::<put_event_selectors::PutEventSelectors>(),
    writes::<remove_tags::RemoveTags>(),
    writes::<start_logging::StartLogging>(),
    writes::<stop_logging::StopLogging>(),
    writes::<update_trail::UpdateTrail>(),
];
