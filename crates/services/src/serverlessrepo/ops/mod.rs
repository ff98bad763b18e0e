//! The operations.

mod create_cloud_formation_change_set;
mod get_application;

use crate::operation::{Entry, rest_reads, rest_writes};

/// In alphabetical order.
pub(super) const OPERATIONS: &[Entry] = &[
    rest_writes::<create_cloud_formation_change_set::CreateCloudFormationChangeSet>(
        create_cloud_formation_change_set::NAMES,
    ),
    rest_reads::<get_application::GetApplication>(get_application::NAMES),
];
