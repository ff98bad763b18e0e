//! What functions logged when a service of this server called them, for that service to show.
//!
//! Apart from CloudWatch Logs: there a function writes as its role may, and who has a rotation fail for
//! want of that leave is to see why all the same.

use crate::ports::LogLine;
use crate::stored::stored;
use base::Timestamp;
use serde::{Deserialize, Serialize};
use std::ops::Bound;
use store::{Column, Index, Key, Kind, Query, Value, key};

/// The kind of [`RunLog`].
pub(crate) static RUN_LOG: Kind = Kind {
    name: "lambda_run_log",
    service: "lambda",
    version: 1,
    key: &[Column::text("request_id")],
    columns: &[Column::int("expires")],
    indexes: &[Index {
        name: BY_EXPIRY,
        columns: &["expires"],
    }],
    cached: false,
};

/// The last lines of one run.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct RunLog {
    pub(crate) request_id: String,
    pub(crate) expires: Timestamp,
    pub(crate) lines: Vec<String>,
}

impl RunLog {
    pub(crate) fn key_of(request_id: &str) -> Key {
        key![request_id]
    }

    /// That of a run that ended at `ended`.
    pub(crate) fn of(request_id: &str, ended: Timestamp, log: &[LogLine]) -> Self {
        let mut size = 0;
        let last = log.iter().rev().take_while(|line| {
            size += line.text.len() + 1;
            size <= MOST_BYTES
        });
        let mut lines: Vec<String> = last.map(|line| line.text.clone()).collect();
        lines.reverse();
        Self {
            request_id: request_id.to_owned(),
            expires: ended.plus_days(RETENTION_DAYS),
            lines,
        }
    }

    /// Those whose time has come at `now`.
    pub(crate) fn expired(now: Timestamp, limit: usize) -> Query {
        Query::on(BY_EXPIRY, limit).to(Bound::Included(now.as_millis()))
    }
}

stored!(
    RunLog as RUN_LOG,
    key: |log| RunLog::key_of(&log.request_id),
    columns: |log| vec![Value::Int(log.expires.as_millis())],
    weight: |log| log.lines.iter().map(|line| line.len() + 24).sum::<usize>()
);

const BY_EXPIRY: &str = "by_expiry";
const RETENTION_DAYS: i64 = 14;
const MOST_BYTES: usize = 32 << 10;
