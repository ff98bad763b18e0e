//! How the reads of one principal are stored.

use super::tally::Tally;
use crate::stored::stored;
use crate::tx::Derived;
use serde::{Deserialize, Serialize};
use store::{Column, Key, Kind, Query, key};

/// The reads of one secret by one principal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LastAccess {
    /// The secret's ARN, whole: one of the same name that comes later has another.
    pub(crate) secret: String,
    /// The ARN of a user, a role or an account's root, or the name of a service.
    pub(crate) principal: String,
    pub(crate) tally: Tally,
}

impl LastAccess {
    pub(crate) fn key_of(secret: &str, principal: &str) -> Key {
        key![secret, principal]
    }

    /// Everybody who read a secret.
    pub(crate) fn of_secret(arn: &str) -> Query {
        Query::primary(1).equal(arn)
    }
}

impl Derived for LastAccess {}

stored!(
    LastAccess as LAST_ACCESS,
    key: |access| LastAccess::key_of(&access.secret, &access.principal),
    columns: |_access| Vec::new(),
    weight: |access| access.secret.len() + access.principal.len() + access.tally.weight()
);

/// The kind of [`LastAccess`].
pub(crate) static LAST_ACCESS: Kind = Kind {
    name: "secretsmanager_last_access",
    service: "secretsmanager",
    version: 1,
    key: &[Column::text("secret"), Column::text("principal")],
    columns: &[],
    indexes: &[],
    cached: false,
};

#[cfg(test)]
mod tests;
