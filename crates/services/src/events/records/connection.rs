//! How connections are stored.
//!
//! SECURITY: what authorizes, and every parameter that is called a secret, is in one sealed text inside of
//! the record (`credentials.rs`), which is opened for a request that leaves. So records that are kept in
//! memory hold none of it.

use crate::stored::stored;
use base::{AccountId, RegionName, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Column, Kind, key};

/// The kind of [`Connection`].
pub(crate) static CONNECTION: Kind = Kind {
    name: "events_connection",
    service: "events",
    version: 1,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("connection"),
    ],
    columns: &[],
    indexes: &[],
    cached: true,
};

/// What authorizes at the endpoints of API destinations.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct Connection {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) name: String,
    /// Tells it from one that had the name before.
    pub(crate) id: String,
    pub(crate) description: Option<String>,
    pub(crate) authorization: Authorization,
    /// What each request has beside. `None`: nobody gave any.
    pub(crate) parameters: Option<Vec<Parameter>>,
    /// The secrets. `None`: they were taken away.
    pub(crate) sealed: Option<Vec<u8>>,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    pub(crate) authorized: Timestamp,
}

/// How it authorizes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Authorization {
    /// By user name and password.
    Basic { username: String },
    /// By a header of this name.
    ApiKey { name: String },
}

/// What each request has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Parameter {
    pub(crate) place: Place,
    pub(crate) key: String,
    /// `None`: it is a secret.
    pub(crate) value: Option<String>,
}

/// Where in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Place {
    Header,
    Query,
    Body,
}

impl Connection {
    /// Whether there is something to authorize with.
    pub(crate) fn is_authorized(&self) -> bool {
        self.sealed.is_some()
    }

    /// As AWS calls it.
    pub(crate) fn state(&self) -> &'static str {
        match self.is_authorized() {
            true => "AUTHORIZED",
            false => "DEAUTHORIZED",
        }
    }
}

impl Authorization {
    /// As AWS calls it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Basic { .. } => "BASIC",
            Self::ApiKey { .. } => "API_KEY",
        }
    }
}

stored!(
    Connection as CONNECTION,
    key: |one| key![&one.account, &one.region, one.name.as_str()],
    columns: |_one| Vec::new(),
    weight: |one| {
        let parameters = one.parameters.iter().flatten();
        let parameters = parameters.map(|parameter| {
            size_of::<Parameter>() + parameter.key.len() + parameter.value.as_ref().map_or(0, String::len)
        });
        parameters.sum::<usize>() + one.sealed.as_ref().map_or(0, Vec::len) + 1_024
    }
);
