//! How logs are stored: a record for each group, one for each stream with all its lines.

use crate::stored::stored;
use base::{AccountId, RegionName, Timestamp};
use serde::{Deserialize, Serialize};
use std::ops::Bound;
use store::{Column, Index, Key, Kind, Query, Value, key};

/// The kind of [`LogGroup`].
pub(crate) static GROUP: Kind = Kind {
    name: "logs_group",
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

/// The kind of [`LogStream`].
pub(crate) static STREAM: Kind = Kind {
    name: "logs_stream",
    service: "logs",
    version: 1,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("log_group"),
        Column::text("log_stream"),
    ],
    columns: &[Column::int("began"), Column::int("expires")],
    indexes: &[
        Index {
            name: BY_BEGAN,
            columns: &["account", "region", "log_group", "began"],
        },
        Index {
            name: BY_EXPIRY,
            columns: &["expires"],
        },
    ],
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
    /// What its streams take.
    pub(crate) bytes: u64,
}

/// A stream, which is written once.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct LogStream {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) group: String,
    pub(crate) name: String,
    /// When it was written.
    pub(crate) written: Timestamp,
    /// Its lines, in order.
    pub(crate) events: Vec<LogEvent>,
    pub(crate) bytes: u64,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LogEvent {
    pub(crate) at: Timestamp,
    pub(crate) message: String,
}

impl LogGroup {
    pub(crate) fn key_of(account: &AccountId, region: &RegionName, name: &str) -> Key {
        key![account, region, name]
    }
}

impl LogStream {
    pub(crate) fn key_of(account: &AccountId, region: &RegionName, group: &str, name: &str) -> Key {
        key![account, region, group, name]
    }

    /// When its first line was written.
    pub(crate) fn began(&self) -> Timestamp {
        self.events.first().map_or(self.written, |event| event.at)
    }

    /// When its last line was written.
    pub(crate) fn ended(&self) -> Timestamp {
        self.events.last().map_or(self.written, |event| event.at)
    }

    /// The streams of a group, in the order in which they began.
    pub(crate) fn of_group(group: &LogGroup, limit: usize) -> Query {
        Query::on(BY_BEGAN, limit)
            .equal(&group.account)
            .equal(&group.region)
            .equal(group.name.as_str())
    }

    /// Streams whose time has come at `now`.
    pub(crate) fn expired(now: Timestamp, limit: usize) -> Query {
        Query::on(BY_EXPIRY, limit).to(Bound::Included(now.as_millis()))
    }
}

stored!(
    LogGroup as GROUP,
    key: |group| LogGroup::key_of(&group.account, &group.region, &group.name),
    columns: |_group| Vec::new(),
    weight: |group| group.name.len()
);

stored!(
    LogStream as STREAM,
    key: |stream| LogStream::key_of(&stream.account, &stream.region, &stream.group, &stream.name),
    columns: |stream| {
        let expires = stream.written.plus_days(RETENTION_DAYS);
        vec![
            Value::Int(stream.began().as_millis()),
            Value::Int(expires.as_millis()),
        ]
    },
    weight: |stream| {
        let lines: usize = stream
        .events
        .iter()
        .map(|event| event.message.len() + 32)
        .sum();
        lines
    }
);

/// How long a stream is kept.
pub(crate) const RETENTION_DAYS: i64 = 14;
const BY_BEGAN: &str = "by_began";
const BY_EXPIRY: &str = "by_expiry";

#[cfg(test)]
mod tests;
