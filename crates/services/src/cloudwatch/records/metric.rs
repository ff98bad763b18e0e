use crate::cloudwatch::series::Series;
use crate::stored::stored;
use crate::tx::Derived;
use base::{AccountId, RegionName, Timestamp};
use serde::{Deserialize, Serialize};
use std::ops::Bound;
use store::{Column, Index, Key, Kind, Query, Value, key};

/// The kind of [`Metric`].
pub(crate) static METRIC: Kind = Kind {
    name: "cloudwatch_metric",
    service: "cloudwatch",
    version: 1,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("namespace"),
        Column::text("metric"),
        Column::text("series"),
    ],
    columns: &[Column::int("last")],
    indexes: &[Index {
        name: BY_LAST,
        columns: &["last"],
    }],
    cached: false,
};

/// The kind of [`Tally`].
pub(crate) static TALLY: Kind = Kind {
    name: "cloudwatch_tally",
    service: "cloudwatch",
    version: 1,
    key: &[Column::text("account"), Column::text("region")],
    columns: &[],
    indexes: &[],
    cached: false,
};

/// That there is a metric.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct Metric {
    pub(crate) series: Series,
    /// The hour of its newest data.
    pub(crate) last: Timestamp,
}

/// How many metrics an account has in a Region.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct Tally {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) metrics: u64,
}

impl Metric {
    pub(crate) fn key_of(series: &Series) -> Key {
        key![
            &series.account,
            &series.region,
            series.namespace.as_str(),
            series.name.as_str(),
            series.id()
        ]
    }

    /// Metrics without data since `moment`.
    pub(crate) fn silent_since(moment: Timestamp, limit: usize) -> Query {
        Query::on(BY_LAST, limit).to(Bound::Included(moment.as_millis()))
    }
}

impl Tally {
    pub(crate) fn key_of(account: &AccountId, region: &RegionName) -> Key {
        key![account, region]
    }
}

/// An operation that brings data stores it in its own transaction, with its event.
impl Derived for Metric {}

/// How many there are follows from the metrics.
impl Derived for Tally {}

stored!(
    Metric as METRIC,
    key: |metric| Metric::key_of(&metric.series),
    columns: |metric| vec![Value::Int(metric.last.as_millis())],
    weight: |metric| metric.series.name.len()
);

stored!(
    Tally as TALLY,
    key: |tally| Tally::key_of(&tally.account, &tally.region),
    columns: |_tally| Vec::new(),
    weight: |_tally| 0
);

const BY_LAST: &str = "by_last";
