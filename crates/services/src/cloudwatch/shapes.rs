//! The shapes of CloudWatch: the constraints of its model.

use super::series::Series;
use super::statistics::UNITS;
use crate::cx::Cx;
use base::Timestamp;
use wire::{Field, Input as _, Kind, Pattern, Shape, Structure, UNBOUNDED, Value};

pub(super) const NAMESPACE: Shape = Shape::text(1, 255).matching(&NAMESPACES);
pub(super) const NAME: Shape = Shape::text(1, 255);
pub(super) const TEXT: Shape = Shape::text(0, UNBOUNDED);
pub(super) const DIMENSIONS: Shape = Shape::list(&Shape::structure(DimensionInput::SHAPE), 0, 30);
pub(super) const DIMENSION_FILTERS: Shape =
    Shape::list(&Shape::structure(DimensionFilter::SHAPE), 0, 10);
pub(super) const DATA: Shape = Shape::list(&Shape::structure(DatumInput::SHAPE), 0, UNBOUNDED);
pub(super) const ANYTHING: Shape = Shape::structure(&Structure::new(&[]));
pub(super) const ANYTHINGS: Shape = Shape::list(&ANYTHING, 0, UNBOUNDED);
pub(super) const BOOLEAN: Shape = Shape::boolean();
pub(super) const MOMENT: Shape = Shape::timestamp();
pub(super) const NUMBER: Shape = Shape::double();
pub(super) const NUMBERS: Shape = Shape::list(&NUMBER, 0, UNBOUNDED);
pub(super) const INTEGER: Shape = Shape::integer();
pub(super) const AT_LEAST_ONE: Shape = Shape::integer().between(1, i32::MAX as i64);
pub(super) const UNIT: Shape = Shape::one_of(&UNITS);
pub(super) const STATISTIC: Shape =
    Shape::one_of(&["SampleCount", "Average", "Sum", "Minimum", "Maximum"]);
pub(super) const STATISTICS: Shape = Shape::list(&STATISTIC, 1, 5);
pub(super) const EXTENDED: Shape = Shape::list(&TEXT, 1, 10);
pub(super) const QUERIES: Shape = Shape::list(&Shape::structure(QueryInput::SHAPE), 0, UNBOUNDED);
pub(super) const SCAN_BY: Shape = Shape::one_of(&["TimestampDescending", "TimestampAscending"]);
pub(super) const RECENT: Shape = Shape::one_of(&["PT3H"]);
pub(super) const ALARM: Shape = Shape::text(1, 255);
pub(super) const ALARMS: Shape = Shape::list(&ALARM, 0, 100);
pub(super) const DESCRIPTION: Shape = Shape::text(0, 1_024);
pub(super) const ACTIONS: Shape = Shape::list(&Shape::text(1, 1_024), 0, 5);
pub(super) const ACTION: Shape = Shape::text(1, 1_024);
pub(super) const COMPARISON: Shape = Shape::one_of(&[
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
    "LessThanLowerOrGreaterThanUpperThreshold",
    "LessThanLowerThreshold",
    "GreaterThanUpperThreshold",
]);
pub(super) const STATE: Shape = Shape::one_of(&["OK", "ALARM", "INSUFFICIENT_DATA"]);
pub(super) const REASON: Shape = Shape::text(0, 1_023);
pub(super) const REASON_DATA: Shape = Shape::text(0, 4_000);
pub(super) const TYPES: Shape = Shape::list(&TYPE, 0, UNBOUNDED);
const TYPE: Shape = Shape::one_of(&["CompositeAlarm", "MetricAlarm", "LogAlarm"]);
pub(super) const RECORDS: Shape = Shape::integer().between(1, 100);
pub(super) const HISTORY_TYPE: Shape = Shape::one_of(&[
    "ConfigurationUpdate",
    "StateUpdate",
    "Action",
    "AlarmContributorStateUpdate",
    "AlarmContributorAction",
]);
pub(super) const CONTRIBUTOR: Shape = Shape::text(1, 16);
pub(super) const RESOURCE: Shape = Shape::text(1, 1_024);
pub(super) const TAGS: Shape = Shape::list(&Shape::structure(TagInput::SHAPE), 0, UNBOUNDED);
pub(super) const TAG_KEYS: Shape = Shape::list(&TAG_KEY, 0, UNBOUNDED);
const TAG_KEY: Shape = Shape::text(1, 128);
const TAG_VALUE: Shape = Shape::text(0, 256);
const DIMENSION_VALUE: Shape = Shape::text(1, 1_024);
const STATISTIC_SET: Shape = Shape::structure(StatisticSet::SHAPE);
const METRIC_STAT: Shape = Shape::structure(MetricStat::SHAPE);
const METRIC: Shape = Shape::structure(MetricInput::SHAPE);
const EXPRESSION: Shape = Shape::text(1, 2_048);

wire::input! {
    /// `Dimension`.
    pub(super) struct DimensionInput {
        pub(super) name: String = required audited "Name" NAME,
        pub(super) value: String = required audited "Value" DIMENSION_VALUE,
    }
}

wire::input! {
    /// `DimensionFilter`.
    pub(super) struct DimensionFilter {
        pub(super) name: String = required audited "Name" NAME,
        pub(super) value: Option<String> = audited "Value" DIMENSION_VALUE,
    }
}

wire::input! {
    /// `MetricDatum`.
    pub(super) struct DatumInput {
        pub(super) name: String = required audited "MetricName" NAME,
        pub(super) dimensions: Option<Vec<DimensionInput>> = audited "Dimensions" DIMENSIONS,
        pub(super) at: Option<Timestamp> = "Timestamp" MOMENT,
        pub(super) value: Option<f64> = "Value" NUMBER,
        pub(super) set: Option<StatisticSet> = "StatisticValues" STATISTIC_SET,
        pub(super) values: Option<Vec<f64>> = "Values" NUMBERS,
        pub(super) counts: Option<Vec<f64>> = "Counts" NUMBERS,
        pub(super) unit: Option<String> = "Unit" UNIT,
        pub(super) resolution: Option<i64> = "StorageResolution" AT_LEAST_ONE,
    }
}

wire::input! {
    /// `StatisticSet`.
    pub(super) struct StatisticSet {
        pub(super) count: f64 = required "SampleCount" NUMBER,
        pub(super) sum: f64 = required "Sum" NUMBER,
        pub(super) min: f64 = required "Minimum" NUMBER,
        pub(super) max: f64 = required "Maximum" NUMBER,
    }
}

wire::input! {
    /// `MetricDataQuery`.
    pub(super) struct QueryInput {
        pub(super) id: String = required audited "Id" NAME,
        pub(super) stat: Option<MetricStat> = audited "MetricStat" METRIC_STAT,
        pub(super) expression: Option<String> = audited "Expression" EXPRESSION,
        pub(super) label: Option<String> = audited "Label" TEXT,
        pub(super) returns: Option<bool> = audited "ReturnData" BOOLEAN,
        pub(super) period: Option<i64> = audited "Period" AT_LEAST_ONE,
        pub(super) account: Option<String> = audited "AccountId" NAME,
    }
}

wire::input! {
    /// `MetricStat`.
    pub(super) struct MetricStat {
        pub(super) metric: MetricInput = required audited "Metric" METRIC,
        pub(super) period: i64 = required audited "Period" AT_LEAST_ONE,
        pub(super) stat: String = required audited "Stat" TEXT,
        pub(super) unit: Option<String> = audited "Unit" UNIT,
    }
}

wire::input! {
    /// `Metric`.
    pub(super) struct MetricInput {
        pub(super) namespace: Option<String> = audited "Namespace" NAMESPACE,
        pub(super) name: Option<String> = audited "MetricName" NAME,
        pub(super) dimensions: Option<Vec<DimensionInput>> = audited "Dimensions" DIMENSIONS,
    }
}

wire::input! {
    /// `Tag`.
    pub(super) struct TagInput {
        pub(super) key: String = required audited "Key" TAG_KEY,
        pub(super) value: String = required audited "Value" TAG_VALUE,
    }
}

/// A member of which it only counts whether it is there.
pub(super) struct Given;

impl Field for Given {
    const KIND: Kind = Kind::Structure;

    fn from_value(value: Option<Value>) -> Option<Self> {
        value.map(|_| Self)
    }
}

/// The metric that a caller names.
pub(super) fn series(
    cx: &Cx<'_>,
    namespace: &str,
    name: &str,
    dimensions: Option<&[DimensionInput]>,
) -> Series {
    let dimensions = dimensions.unwrap_or_default().iter();
    let dimensions = dimensions.map(|one| (one.name.clone(), one.value.clone()));
    Series::new(
        cx.account(),
        cx.region,
        namespace,
        name,
        dimensions.collect(),
    )
}

static NAMESPACES: Pattern = Pattern {
    text: "[^:].*",
    matches: |text| !text.is_empty() && !text.starts_with(':') && !text.contains('\n'),
    example: "LogMetrics",
    counterexample: ":x",
};
