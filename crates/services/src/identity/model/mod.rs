//! What IAM stores, and the rules that each kind of record keeps by itself.
//!
//! - Names are unique within an account whatever their case, so keys hold them in lower case; the
//!   record keeps the name as it was given.
//! - What one record says of others (memberships, attachments) is said twice: in the record that
//!   is read on every request, and in a record of its own that lists the other way round. Both are
//!   written in one transaction.

mod access_key;
mod account;
mod attachment;
mod grants;
mod group;
mod last_used;
mod managed_policy;
mod membership;
mod oidc_provider;
mod role;
mod user;

pub(crate) use access_key::{ACCESS_KEY, AccessKey, KeyStatus};
pub(crate) use account::{ACCOUNT, Account};
pub(crate) use attachment::{ATTACHMENT, Attachment, EntityKind};
pub(crate) use grants::Grants;
pub(crate) use group::{GROUP, Group};
pub(crate) use last_used::{LAST_USED, LastUsed};
pub(crate) use managed_policy::{MANAGED_POLICY, ManagedPolicy, PolicyVersion};
pub(crate) use membership::{MEMBERSHIP, Membership};
pub(crate) use oidc_provider::{OIDC_PROVIDER, OidcProvider};
pub(crate) use role::{ROLE, Role};
pub(crate) use user::{USER, User};

use base::AccountId;

/// The form in which a name is a key.
pub(crate) fn folded(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// The ARN of an identity or policy of `account`: `arn:aws:iam::123456789012:user/path/name`.
pub(crate) fn arn(account: &AccountId, kind: &str, path: &str, name: &str) -> String {
    // `path` begins and ends with a slash.
    ["arn:aws:iam::", account.as_str(), ":", kind, path, name].concat()
}

#[cfg(test)]
mod tests;
