use crate::cloudwatch::series::Series;
use crate::cloudwatch::statistics::Statistic;
use crate::stored::stored;
use crate::tags::Tags;
use base::{AccountId, RegionName, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Column, Index, Key, Kind, Query, Value, key};

/// The kind of [`Alarm`].
pub(crate) static ALARM: Kind = Kind {
    name: "cloudwatch_alarm",
    service: "cloudwatch",
    version: 1,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("alarm"),
    ],
    columns: &[Column::text("series")],
    indexes: &[Index {
        name: BY_SERIES,
        columns: &["account", "region", "series"],
    }],
    cached: false,
};

/// What somebody wants to be told of a metric.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct Alarm {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) updated: Timestamp,
    pub(crate) actions_enabled: bool,
    pub(crate) ok_actions: Vec<String>,
    pub(crate) alarm_actions: Vec<String>,
    pub(crate) insufficient_data_actions: Vec<String>,
    /// Of which metric, in whose account and Region.
    pub(crate) series: Series,
    pub(crate) statistic: Statistic,
    pub(crate) period: i64,
    pub(crate) unit: Option<String>,
    pub(crate) evaluation_periods: u32,
    /// How many of them have to breach, where that is given.
    pub(crate) datapoints_to_alarm: Option<u32>,
    pub(crate) threshold: f64,
    pub(crate) comparison: Comparison,
    /// What counts where there is no data, where that is given.
    pub(crate) missing: Option<Treatment>,
    pub(crate) tags: Tags,
}

/// When a value breaches the threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Comparison {
    GreaterThan,
    GreaterThanOrEqual,
    LessThan,
    LessThanOrEqual,
}

/// What counts where there is no data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Treatment {
    Breaching,
    Ignore,
    Missing,
    NotBreaching,
}

impl Alarm {
    pub(crate) fn key_of(account: &AccountId, region: &RegionName, name: &str) -> Key {
        key![account, region, name]
    }

    /// The alarms of a metric.
    pub(crate) fn of_series(series: &Series, limit: usize) -> Query {
        Query::on(BY_SERIES, limit)
            .equal(&series.account)
            .equal(&series.region)
            .equal(series.id())
    }

    pub(crate) fn arn(&self) -> String {
        let Series {
            account, region, ..
        } = &self.series;
        arn(account, region, &self.name)
    }

    /// How many of the evaluation periods have to breach.
    pub(crate) fn to_alarm(&self) -> u32 {
        self.datapoints_to_alarm.unwrap_or(self.evaluation_periods)
    }
}

/// The ARN of an alarm.
pub(crate) fn arn(account: &AccountId, region: &RegionName, name: &str) -> String {
    format!(
        "arn:{}:cloudwatch:{region}:{account}:alarm:{name}",
        region.partition()
    )
}

impl Comparison {
    /// As CloudWatch names it.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let all = [
            Self::GreaterThan,
            Self::GreaterThanOrEqual,
            Self::LessThan,
            Self::LessThanOrEqual,
        ];
        all.into_iter().find(|one| one.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::GreaterThan => "GreaterThanThreshold",
            Self::GreaterThanOrEqual => "GreaterThanOrEqualToThreshold",
            Self::LessThan => "LessThanThreshold",
            Self::LessThanOrEqual => "LessThanOrEqualToThreshold",
        }
    }

    pub(crate) fn breaches(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::GreaterThan => value > threshold,
            Self::GreaterThanOrEqual => value >= threshold,
            Self::LessThan => value < threshold,
            Self::LessThanOrEqual => value <= threshold,
        }
    }
}

impl Treatment {
    /// As CloudWatch names it.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let all = [
            Self::Breaching,
            Self::Ignore,
            Self::Missing,
            Self::NotBreaching,
        ];
        all.into_iter().find(|one| one.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Breaching => "breaching",
            Self::Ignore => "ignore",
            Self::Missing => "missing",
            Self::NotBreaching => "notBreaching",
        }
    }
}

stored!(
    Alarm as ALARM,
    key: |alarm| Alarm::key_of(&alarm.series.account, &alarm.series.region, &alarm.name),
    columns: |alarm| vec![Value::from(alarm.series.id())],
    weight: |alarm| alarm.name.len() + alarm.tags.weight()
);

const BY_SERIES: &str = "by_series";
