//! The operations of IAM, one file each, and their table.

mod create_access_key;
mod create_role;
mod create_user;
mod get_user;
mod put_user_policy;

use crate::operation::{Entry, query_reads, query_writes};

/// The operations that are there, in alphabetical order.
pub(crate) static OPERATIONS: &[Entry] = &[
    query_writes::<create_access_key::CreateAccessKey>(),
    query_writes::<create_role::CreateRole>(),
    query_writes::<create_user::CreateUser>(),
    query_reads::<get_user::GetUser>(),
    query_writes::<put_user_policy::PutUserPolicy>(),
];
