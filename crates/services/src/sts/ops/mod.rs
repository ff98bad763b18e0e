//! The operations of STS, one file each, and their table.

mod get_caller_identity;

use crate::operation::{Entry, query_reads};

/// The operations that are there, in alphabetical order.
pub(crate) static OPERATIONS: &[Entry] = &[query_reads::<get_caller_identity::GetCallerIdentity>()];
