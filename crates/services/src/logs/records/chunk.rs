use super::{LogGroup, LogStream};
use crate::stored::stored;
use crate::tx::Derived;
use base::{AccountId, RegionName, Timestamp};
use serde::{Deserialize, Serialize};
use std::ops::Bound;
use store::{Column, Index, Kind, Query, Value, key};

/// The kind of [`LogChunk`].
pub(crate) static CHUNK: Kind = Kind {
    name: "logs_chunk",
    service: "logs",
    version: 1,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("log_group"),
        Column::text("log_stream"),
        Column::int("first_line"),
    ],
    columns: &[Column::int("written")],
    indexes: &[Index {
        name: BY_WRITTEN,
        columns: &["account", "region", "log_group", "written"],
    }],
    cached: false,
};

/// Lines of a stream that follow one another.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct LogChunk {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) group: String,
    pub(crate) stream: String,
    /// The number of its first line in the stream, from 0.
    pub(crate) first_line: i64,
    /// When the last of its lines came.
    pub(crate) written: Timestamp,
    pub(crate) lines: Vec<Line>,
    /// What they take.
    pub(crate) bytes: u64,
}

/// A line in a chunk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) at: Timestamp,
    pub(crate) ingested: Timestamp,
    pub(crate) message: String,
}

impl LogChunk {
    /// An empty one, which begins with line `first_line` of `stream`.
    pub(crate) fn new(stream: &LogStream, first_line: i64, now: Timestamp) -> Self {
        Self {
            account: stream.account.clone(),
            region: stream.region.clone(),
            group: stream.group.clone(),
            stream: stream.name.clone(),
            first_line,
            written: now,
            lines: Vec::new(),
            bytes: 0,
        }
    }

    /// The number of the line behind its last one.
    pub(crate) fn end(&self) -> i64 {
        let lines = i64::try_from(self.lines.len()).unwrap_or(i64::MAX);
        self.first_line.saturating_add(lines)
    }

    /// The chunks of a stream, in order.
    pub(crate) fn of_stream(stream: &LogStream, limit: usize) -> Query {
        Query::primary(limit)
            .equal(&stream.account)
            .equal(&stream.region)
            .equal(stream.group.as_str())
            .equal(stream.name.as_str())
    }

    /// The chunks of a group, beginning with those that are not written to any more for longest.
    pub(crate) fn of_group(group: &LogGroup, limit: usize) -> Query {
        Query::on(BY_WRITTEN, limit)
            .equal(&group.account)
            .equal(&group.region)
            .equal(group.name.as_str())
    }

    /// Those of them to which nothing was written after `moment`.
    pub(crate) fn written_until(group: &LogGroup, moment: Timestamp, limit: usize) -> Query {
        Self::of_group(group, limit).to(Bound::Included(moment.as_millis()))
    }
}

/// As for streams.
impl Derived for LogChunk {}

stored!(
    LogChunk as CHUNK,
    key: |chunk| key![
        &chunk.account,
        &chunk.region,
        chunk.group.as_str(),
        chunk.stream.as_str(),
        chunk.first_line
    ],
    columns: |chunk| vec![Value::Int(chunk.written.as_millis())],
    weight: |chunk| chunk.lines.iter().map(|line| line.message.len() + 40).sum::<usize>()
);

const BY_WRITTEN: &str = "by_written";
