//! The operations of STS, one file each, and their table.

mod assume_role;
mod assume_role_with_web_identity;
mod get_caller_identity;
mod get_session_token;

use crate::operation::{Entry, query_reads, query_unsigned};

/// The operations that are there, in alphabetical order.
pub(crate) static OPERATIONS: &[Entry] = &[
    query_reads::<assume_role::AssumeRole>(),
    query_unsigned::<assume_role_with_web_identity::AssumeRoleWithWebIdentity>(),
    query_reads::<get_caller_identity::GetCallerIdentity>(),
    query_reads::<get_session_token::GetSessionToken>(),
];
