use super::Alarm;
use crate::stored::stored;
use crate::tx::Derived;
use base::{AccountId, RegionName, Timestamp};
use serde::{Deserialize, Serialize};
use std::ops::Bound;
use store::{Column, Index, Kind, Query, Value, key};

/// The kind of [`HistoryItem`].
pub(crate) static HISTORY: Kind = Kind {
    name: "cloudwatch_alarm_history",
    service: "cloudwatch",
    version: 1,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("alarm"),
        Column::int("at"),
        Column::int("number"),
    ],
    columns: &[Column::int("expires")],
    indexes: &[
        Index {
            name: BY_EXPIRY,
            columns: &["expires"],
        },
        Index {
            name: BY_TIME,
            columns: &["account", "region", "at"],
        },
    ],
    cached: false,
};

/// What happened to an alarm.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct HistoryItem {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) alarm: String,
    pub(crate) at: Timestamp,
    /// Its place among those of one moment.
    pub(crate) number: i64,
    pub(crate) kind: HistoryKind,
    pub(crate) summary: String,
    /// JSON.
    pub(crate) data: String,
}

/// Of what kind that was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum HistoryKind {
    Action,
    ConfigurationUpdate,
    StateUpdate,
}

impl HistoryKind {
    /// As CloudWatch names it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Action => "Action",
            Self::ConfigurationUpdate => "ConfigurationUpdate",
            Self::StateUpdate => "StateUpdate",
        }
    }
}

impl HistoryItem {
    /// Of `alarm`, at `at`.
    pub(crate) fn of(
        alarm: &Alarm,
        at: Timestamp,
        number: i64,
        kind: HistoryKind,
        summary: String,
        data: &serde_json::Value,
    ) -> Self {
        Self {
            account: alarm.series.account.clone(),
            region: alarm.series.region.clone(),
            alarm: alarm.name.clone(),
            at,
            number,
            kind,
            summary,
            data: data.to_string(),
        }
    }

    /// The history of an account's alarms in a Region, or of one of them, in order of time.
    pub(crate) fn of_alarms(
        account: &AccountId,
        region: &RegionName,
        alarm: Option<&str>,
        limit: usize,
    ) -> Query {
        let query = match alarm {
            Some(_) => Query::primary(limit),
            None => Query::on(BY_TIME, limit),
        };
        let query = query.equal(account).equal(region);
        match alarm {
            Some(alarm) => query.equal(alarm),
            None => query,
        }
    }

    /// What is older than it is kept, at `now`.
    pub(crate) fn expired(now: Timestamp, limit: usize) -> Query {
        Query::on(BY_EXPIRY, limit).to(Bound::Included(now.as_millis()))
    }
}

/// As for states.
impl Derived for HistoryItem {}

stored!(
    HistoryItem as HISTORY,
    key: |item| key![
        &item.account,
        &item.region,
        item.alarm.as_str(),
        item.at.as_millis(),
        item.number
    ],
    columns: |item| vec![Value::Int(item.at.plus_days(KEPT_DAYS).as_millis())],
    weight: |item| item.summary.len() + item.data.len()
);

/// As on AWS.
const KEPT_DAYS: i64 = 30;
const BY_EXPIRY: &str = "by_expiry";
const BY_TIME: &str = "by_time";
