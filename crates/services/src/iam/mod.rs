//! IAM, first form: accounts, and the root credentials of each.

pub(crate) mod accounts;
mod credentials;
pub(crate) mod records;

pub use accounts::{AccountError, AccountSummary, NewAccount};
pub(crate) use credentials::Credentials;
