//! The operations.

mod delete_alarms;
mod describe_alarm_history;
mod describe_alarms;
mod describe_alarms_for_metric;
mod disable_alarm_actions;
mod enable_alarm_actions;
mod get_metric_data;
mod get_metric_statistics;
mod list_metrics;
mod list_tags_for_resource;
mod put_metric_alarm;
mod put_metric_data;
mod set_alarm_state;
mod switching;
mod tag_resource;
mod untag_resource;

use crate::operation::{Entry, several_reads, several_writes};

/// In alphabetical order.
pub(super) const OPERATIONS: &[Entry] = &[
    several_writes::<delete_alarms::DeleteAlarms>(),
    several_reads::<describe_alarm_history::DescribeAlarmHistory>(),
    several_reads::<describe_alarms::DescribeAlarms>(),
    several_reads::<describe_alarms_for_metric::DescribeAlarmsForMetric>(),
    several_writes::<disable_alarm_actions::DisableAlarmActions>(),
    several_writes::<enable_alarm_actions::EnableAlarmActions>(),
    several_reads::<get_metric_data::GetMetricData>(),
    several_reads::<get_metric_statistics::GetMetricStatistics>(),
    several_reads::<list_metrics::ListMetrics>(),
    several_reads::<list_tags_for_resource::ListTagsForResource>(),
    several_writes::<put_metric_alarm::PutMetricAlarm>(),
    several_writes::<put_metric_data::PutMetricData>(),
    several_writes::<set_alarm_state::SetAlarmState>(),
    several_writes::<tag_resource::TagResource>(),
    several_writes::<untag_resource::UntagResource>(),
];
