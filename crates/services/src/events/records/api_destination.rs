//! How API destinations are stored.

use crate::stored::stored;
use base::{AccountId, RegionName, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Column, Kind, key};

/// The kind of [`ApiDestination`].
pub(crate) static API_DESTINATION: Kind = Kind {
    name: "events_api_destination",
    service: "events",
    version: 1,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("api_destination"),
    ],
    columns: &[],
    indexes: &[],
    cached: true,
};

/// An endpoint that rules may tell.
///
/// INVARIANT: no `Debug`: the path of the endpoint may be a secret of its owner's.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct ApiDestination {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) name: String,
    /// Tells it from one that had the name before.
    pub(crate) id: String,
    pub(crate) description: Option<String>,
    /// The ARN of the connection.
    pub(crate) connection: String,
    /// A URL, with wildcards in its path.
    pub(crate) endpoint: String,
    pub(crate) method: Method,
    /// How many requests there may be in a second.
    pub(crate) per_second: u32,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
}

/// How the endpoint is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Method {
    Delete,
    Get,
    Head,
    Options,
    Patch,
    Post,
    Put,
}

impl Method {
    pub(crate) const ALL: [Self; 7] = [
        Self::Delete,
        Self::Get,
        Self::Head,
        Self::Options,
        Self::Patch,
        Self::Post,
        Self::Put,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Delete => "DELETE",
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
            Self::Patch => "PATCH",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }

    /// The one that is called `name`.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }

    /// Whether its requests have a body.
    ///
    /// COMPAT: of AWS nobody says. What servers make of a body here differs.
    pub(crate) fn has_body(self) -> bool {
        !matches!(self, Self::Get | Self::Head)
    }
}

stored!(
    ApiDestination as API_DESTINATION,
    key: |one| key![&one.account, &one.region, one.name.as_str()],
    columns: |_one| Vec::new(),
    weight: |one| {
        let description = one.description.as_ref().map_or(0, String::len);
        one.endpoint.len() + one.connection.len() + description + 256
    }
);
