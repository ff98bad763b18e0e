use super::{LogGroup, RETENTION_DAYS};
use crate::tx::Derived;
use base::{AccountId, RegionName, Timestamp};
use serde::{Deserialize, Serialize};
use std::ops::Bound;
use store::{CodecError, Column, Index, Key, Kind, Query, Record, Value, key};

/// The kind of [`LogStream`].
pub(crate) static STREAM: Kind = Kind {
    name: "logs_stream",
    service: "logs",
    version: 2,
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

/// A stream. Its lines stand in chunks; those of streams of version 1 in itself.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct LogStream {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) group: String,
    pub(crate) name: String,
    /// When it was made.
    pub(crate) written: Timestamp,
    /// Lines that came before there were chunks.
    pub(crate) events: Vec<LogEvent>,
    /// What its lines take.
    pub(crate) bytes: u64,
    /// Of the lines that it has or had.
    pub(crate) seen: Option<Seen>,
    /// How many lines it ever had.
    pub(crate) lines: u64,
    /// How many chunks it has.
    pub(crate) chunks: u64,
}

/// From when to when the lines of a stream are, and when the last ones came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seen {
    pub(crate) first: Timestamp,
    pub(crate) last: Timestamp,
    pub(crate) ingested: Timestamp,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LogEvent {
    pub(crate) at: Timestamp,
    pub(crate) message: String,
}

/// Version 1: a stream was written once, whole.
#[derive(Deserialize)]
struct StreamV1 {
    account: AccountId,
    region: RegionName,
    group: String,
    name: String,
    written: Timestamp,
    events: Vec<LogEvent>,
    bytes: u64,
}

impl LogStream {
    pub(crate) fn key_of(account: &AccountId, region: &RegionName, group: &str, name: &str) -> Key {
        key![account, region, group, name]
    }

    /// One without lines.
    pub(crate) fn new(group: &LogGroup, name: &str, now: Timestamp) -> Self {
        Self {
            account: group.account.clone(),
            region: group.region.clone(),
            group: group.name.clone(),
            name: name.to_owned(),
            written: now,
            events: Vec::new(),
            bytes: 0,
            seen: None,
            lines: 0,
            chunks: 0,
        }
    }

    /// Notes that lines from `first` to `last` came.
    pub(crate) fn see(&mut self, first: Timestamp, last: Timestamp, now: Timestamp) {
        let before = self.seen;
        self.seen = Some(Seen {
            first: before.map_or(first, |before| before.first.min(first)),
            last: before.map_or(last, |before| before.last.max(last)),
            ingested: now,
        });
    }

    /// When its first line was written.
    pub(crate) fn began(&self) -> Timestamp {
        self.seen.map_or(self.written, |seen| seen.first)
    }

    /// Whether it has lines.
    pub(crate) fn is_empty(&self) -> bool {
        self.chunks == 0 && self.events.is_empty()
    }

    /// The streams of a group, in the order in which they began.
    pub(crate) fn of_group(group: &LogGroup, limit: usize) -> Query {
        Query::on(BY_BEGAN, limit)
            .equal(&group.account)
            .equal(&group.region)
            .equal(group.name.as_str())
    }

    /// Streams of version 1 whose time has come at `now`.
    pub(crate) fn expired(now: Timestamp, limit: usize) -> Query {
        Query::on(BY_EXPIRY, limit).to(Bound::Included(now.as_millis()))
    }
}

/// What an operation brings to a stream is stored by its own transaction; what else comes is of events
/// that are in the audit log.
impl Derived for LogStream {}

impl Record for LogStream {
    const KIND: &'static Kind = &STREAM;

    fn key(&self) -> Key {
        Self::key_of(&self.account, &self.region, &self.group, &self.name)
    }

    fn columns(&self) -> Vec<Value> {
        // Chunks have a time of their own.
        let expires = match self.events.is_empty() {
            true => Value::Null,
            false => Value::Int(self.written.plus_days(RETENTION_DAYS).as_millis()),
        };
        vec![Value::Int(self.began().as_millis()), expires]
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
        let events = self.events.iter();
        let lines: usize = events.map(|event| event.message.len() + 32).sum();
        size_of::<Self>() + lines
    }
}

fn upgraded(old: StreamV1) -> LogStream {
    let ends = old.events.first().zip(old.events.last());
    LogStream {
        account: old.account,
        region: old.region,
        group: old.group,
        name: old.name,
        written: old.written,
        seen: ends.map(|(first, last)| Seen {
            first: first.at,
            last: last.at,
            ingested: old.written,
        }),
        lines: old.events.len() as u64,
        events: old.events,
        bytes: old.bytes,
        chunks: 0,
    }
}

const BY_BEGAN: &str = "by_began";
const BY_EXPIRY: &str = "by_expiry";
