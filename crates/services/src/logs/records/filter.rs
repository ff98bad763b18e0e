use super::LogGroup;
use crate::stored::stored;
use base::{AccountId, RegionName, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Column, Index, Key, Kind, Query, Value, key};

/// The kind of [`MetricFilter`].
pub(crate) static METRIC_FILTER: Kind = Kind {
    name: "logs_metric_filter",
    service: "logs",
    version: 1,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("log_group"),
        Column::text("filter"),
    ],
    columns: &[Column::text("namespace"), Column::text("metric")],
    indexes: &[Index {
        name: BY_METRIC,
        columns: &["account", "region", "namespace", "metric"],
    }],
    cached: false,
};

/// A metric filter.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct MetricFilter {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) group: String,
    pub(crate) name: String,
    /// A pattern, which was compiled when it was taken.
    pub(crate) pattern: String,
    pub(crate) transformation: Transformation,
    pub(crate) created: Timestamp,
}

/// What a metric filter makes of the events that it matches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Transformation {
    pub(crate) namespace: String,
    pub(crate) metric: String,
    /// Such as `1` or `$.latency`.
    pub(crate) value: String,
    pub(crate) default: Option<f64>,
    /// Names, and where in an event the values stand.
    pub(crate) dimensions: Vec<(String, String)>,
    pub(crate) unit: Option<String>,
}

impl MetricFilter {
    pub(crate) fn key_of(group: &LogGroup, name: &str) -> Key {
        key![&group.account, &group.region, group.name.as_str(), name]
    }

    /// The filters of a group, by name.
    pub(crate) fn of_group(group: &LogGroup, limit: usize) -> Query {
        Query::primary(limit)
            .equal(&group.account)
            .equal(&group.region)
            .equal(group.name.as_str())
    }

    /// The filters that count into a metric.
    pub(crate) fn of_metric(
        account: &AccountId,
        region: &RegionName,
        namespace: &str,
        metric: &str,
        limit: usize,
    ) -> Query {
        Query::on(BY_METRIC, limit)
            .equal(account)
            .equal(region)
            .equal(namespace)
            .equal(metric)
    }
}

stored!(
    MetricFilter as METRIC_FILTER,
    key: |filter| key![
        &filter.account,
        &filter.region,
        filter.group.as_str(),
        filter.name.as_str()
    ],
    columns: |filter| vec![
        Value::from(filter.transformation.namespace.as_str()),
        Value::from(filter.transformation.metric.as_str()),
    ],
    weight: |filter| filter.pattern.len() + filter.name.len()
);

const BY_METRIC: &str = "by_metric";
