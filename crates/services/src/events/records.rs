//! How rules, connections, API destinations, and events that wait to be routed, are stored.

mod api_destination;
mod connection;
mod v1;

pub(crate) use self::api_destination::{API_DESTINATION, ApiDestination, Method};
pub(crate) use self::connection::{Authorization, CONNECTION, Connection, Parameter, Place};

use crate::stored::stored;
use crate::tags::Tags;
use crate::tx::Derived;
use base::{AccountId, RegionName, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{CodecError, Column, Index, Key, Kind, Query, Record, Value, key};

/// The kind of [`Rule`].
pub(crate) static RULE: Kind = Kind {
    name: "events_rule",
    service: "events",
    version: 2,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("rule"),
    ],
    columns: &[],
    indexes: &[],
    cached: true,
};

/// The kind of [`PutEvent`].
pub(crate) static PUT_EVENT: Kind = Kind {
    name: "events_put_event",
    service: "events",
    version: 1,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("event_id"),
    ],
    columns: &[Column::int("came")],
    indexes: &[Index {
        name: BY_ARRIVAL,
        columns: &["came"],
    }],
    cached: false,
};

/// A rule, with its targets.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct Rule {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    /// As it was written. INVARIANT: it was compiled once.
    pub(crate) pattern: String,
    pub(crate) state: State,
    pub(crate) tags: Tags,
    pub(crate) targets: Vec<Target>,
}

/// Whether a rule is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    Enabled,
    Disabled,
    /// In force for calls that only read, too.
    EnabledForAll,
}

/// Who is told.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct Target {
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) input: Input,
    pub(crate) retries: Option<u32>,
    pub(crate) seconds: Option<u32>,
    /// Where the target is an API destination.
    pub(crate) invoking: Option<Invoking>,
}

/// How an API destination is invoked.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct Invoking {
    /// The ARN of the role that may.
    pub(crate) role: String,
    pub(crate) parameters: Option<HttpParameters>,
}

/// What a target adds to the requests to its API destination. Values may be paths into the event.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct HttpParameters {
    pub(crate) path: Vec<String>,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) query: BTreeMap<String, String>,
}

/// What a target is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Input {
    /// The event.
    Event,
    /// A text, whatever the event.
    Constant(String),
    /// A part of the event.
    Path(String),
    /// A text with parts of the event.
    Template {
        paths: BTreeMap<String, String>,
        template: String,
    },
}

/// An event that PutEvents brought, until it is routed.
///
/// INVARIANT: no `Debug`: what it says is its sender's.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct PutEvent {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) id: String,
    pub(crate) came: Timestamp,
    /// The event as targets see it.
    pub(crate) event: String,
}

/// An event tells of it; to remove it once it is routed takes none.
impl Derived for PutEvent {}

impl Rule {
    pub(crate) fn key_of(account: &AccountId, region: &RegionName, name: &str) -> Key {
        key![account, region, name]
    }

    pub(crate) fn arn(&self) -> String {
        arn(&self.account, &self.region, &self.name)
    }

    /// Those of an account in a Region, in the order of their names.
    pub(crate) fn of_account(account: &AccountId, region: &RegionName, limit: usize) -> Query {
        Query::primary(limit).equal(account).equal(region)
    }

    /// The counter of those.
    pub(crate) fn counter(account: &AccountId, region: &RegionName) -> String {
        format!("events/rules/{account}/{region}")
    }
}

impl State {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Enabled => "ENABLED",
            Self::Disabled => "DISABLED",
            Self::EnabledForAll => FOR_ALL,
        }
    }

    /// The one that is called `name`.
    pub(crate) fn parse(name: Option<&str>) -> Self {
        match name {
            Some("DISABLED") => Self::Disabled,
            Some(FOR_ALL) => Self::EnabledForAll,
            _ => Self::Enabled,
        }
    }
}

impl PutEvent {
    /// The oldest ones.
    pub(crate) fn oldest(limit: usize) -> Query {
        Query::on(BY_ARRIVAL, limit)
    }

    /// The counter of those of an account.
    pub(crate) fn counter(account: &AccountId) -> String {
        format!("events/put/{account}")
    }
}

/// Name and id in the ARN of one of what `account` has in `region`, such as a `connection`. `None`: it is
/// of somebody else, or of something else.
pub(crate) fn named_by<'a>(
    arn: &'a str,
    what: &str,
    account: &AccountId,
    region: &RegionName,
) -> Option<(&'a str, &'a str)> {
    let own = format!(
        "arn:{}:events:{region}:{account}:{what}/",
        region.partition()
    );
    let (name, id) = arn.strip_prefix(&own)?.split_once('/')?;
    (!name.is_empty() && !id.is_empty() && !id.contains('/')).then_some((name, id))
}

/// The ARN of a rule.
pub(crate) fn arn(account: &AccountId, region: &RegionName, name: &str) -> String {
    let partition = region.partition();
    format!("arn:{partition}:events:{region}:{account}:rule/{name}")
}

impl Record for Rule {
    const KIND: &'static Kind = &RULE;

    fn key(&self) -> Key {
        Self::key_of(&self.account, &self.region, &self.name)
    }

    fn columns(&self) -> Vec<Value> {
        Vec::new()
    }

    fn encode(&self) -> Result<Vec<u8>, CodecError> {
        store::encode_body(self)
    }

    fn decode(version: u16, body: &[u8]) -> Result<Self, CodecError> {
        match version {
            1 => store::decode_body::<v1::Rule>(body).map(Self::from),
            2 => store::decode_body(body),
            _ => Err(CodecError::UnknownVersion(version)),
        }
    }

    fn weight(&self) -> usize {
        let targets = self.targets.iter().map(Target::weight).sum::<usize>();
        size_of::<Self>() + self.pattern.len() + self.tags.weight() + targets
    }
}

impl Target {
    fn weight(&self) -> usize {
        let input = match &self.input {
            Input::Event => 0,
            Input::Constant(text) | Input::Path(text) => text.len(),
            Input::Template { template, .. } => template.len() + 1_024,
        };
        let parameters = self.invoking.iter().flat_map(|one| &one.parameters);
        input + parameters.map(HttpParameters::weight).sum::<usize>()
    }
}

impl HttpParameters {
    /// About as many bytes as they take.
    pub(crate) fn weight(&self) -> usize {
        let path = self.path.iter().map(String::len);
        let pairs = self.headers.iter().chain(&self.query);
        let pairs = pairs.map(|(key, value)| key.len() + value.len());
        path.chain(pairs).sum()
    }
}

stored!(
    PutEvent as PUT_EVENT,
    key: |event| key![&event.account, &event.region, event.id.as_str()],
    columns: |event| vec![Value::Int(event.came.as_millis())],
    weight: |event| event.event.len()
);

const BY_ARRIVAL: &str = "by_arrival";
const FOR_ALL: &str = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";
/// How many rules an account may have in a Region.
pub(crate) const MOST_RULES: i64 = 300;
/// The same, for queries.
pub(crate) const ALL_RULES: usize = 300;

#[cfg(test)]
mod tests;
