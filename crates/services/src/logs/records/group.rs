use crate::stored::stored;
use crate::tags::Tags;
use crate::tx::Derived;
use base::{AccountId, RegionName, Timestamp};
use serde::{Deserialize, Serialize};
use store::{CodecError, Column, Key, Kind, Record, key};

/// The kind of [`LogGroup`].
pub(crate) static GROUP: Kind = Kind {
    name: "logs_group",
    service: "logs",
    version: 2,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("log_group"),
    ],
    columns: &[],
    indexes: &[],
    cached: false,
};

/// The kind of [`LogUsage`].
pub(crate) static USAGE: Kind = Kind {
    name: "logs_usage",
    service: "logs",
    version: 1,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("log_group"),
    ],
    columns: &[],
    indexes: &[],
    cached: false,
};

/// A group.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct LogGroup {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) name: String,
    pub(crate) created: Timestamp,
    /// What its streams took when that was last noted here: [`LogUsage`] tells it now, if there is one.
    pub(crate) bytes: u64,
    /// How many days lines are kept. `None`: until there is no room for them.
    pub(crate) retention_days: Option<i64>,
    pub(crate) tags: Tags,
    /// How much its lines may take.
    pub(crate) most_bytes: u64,
}

/// What the streams of a group take.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct LogUsage {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) group: String,
    pub(crate) bytes: u64,
}

/// Version 1: groups that functions made.
#[derive(Deserialize)]
struct GroupV1 {
    account: AccountId,
    region: RegionName,
    name: String,
    created: Timestamp,
    bytes: u64,
}

impl LogGroup {
    pub(crate) fn key_of(account: &AccountId, region: &RegionName, name: &str) -> Key {
        key![account, region, name]
    }

    /// One that a function's first log makes.
    pub(crate) fn of_function(
        account: &AccountId,
        region: &RegionName,
        name: &str,
        now: Timestamp,
    ) -> Self {
        Self {
            account: account.clone(),
            region: region.clone(),
            name: name.to_owned(),
            created: now,
            bytes: 0,
            retention_days: Some(RETENTION_DAYS),
            tags: Tags::default(),
            most_bytes: MOST_BYTES_OF_FUNCTIONS,
        }
    }
}

impl LogUsage {
    pub(crate) fn key_of(group: &LogGroup) -> Key {
        LogGroup::key_of(&group.account, &group.region, &group.name)
    }
}

/// What lines take follows from the lines.
impl Derived for LogUsage {}

impl Record for LogGroup {
    const KIND: &'static Kind = &GROUP;

    fn key(&self) -> Key {
        Self::key_of(&self.account, &self.region, &self.name)
    }

    fn columns(&self) -> Vec<store::Value> {
        Vec::new()
    }

    fn encode(&self) -> Result<Vec<u8>, CodecError> {
        store::encode_body(self)
    }

    fn decode(version: u16, body: &[u8]) -> Result<Self, CodecError> {
        match version {
            1 => store::decode_body(body).map(upgraded),
            2 => store::decode_body(body),
            _ => Err(CodecError::UnknownVersion(version)),
        }
    }

    fn weight(&self) -> usize {
        size_of::<Self>() + self.name.len() + self.tags.weight()
    }
}

fn upgraded(old: GroupV1) -> LogGroup {
    LogGroup {
        bytes: old.bytes,
        ..LogGroup::of_function(&old.account, &old.region, &old.name, old.created)
    }
}

stored!(
    LogUsage as USAGE,
    key: |usage| LogGroup::key_of(&usage.account, &usage.region, &usage.group),
    columns: |_usage| Vec::new(),
    weight: |usage| usage.group.len()
);

/// How long the logs of functions are kept, unless somebody sets it.
pub(crate) const RETENTION_DAYS: i64 = 14;
/// 10 MiB.
const MOST_BYTES_OF_FUNCTIONS: u64 = 10 << 20;
