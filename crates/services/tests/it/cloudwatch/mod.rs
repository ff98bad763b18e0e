//! CloudWatch: an operation, a file; how alarms are judged; and the three protocols, compressed or
//! not.

mod alarms;
mod compressed;
mod delete_alarms;
mod describe_alarm_history;
mod describe_alarms;
mod describe_alarms_for_metric;
mod disable_alarm_actions;
mod enable_alarm_actions;
mod get_metric_data;
mod get_metric_statistics;
mod kit;
mod list_metrics;
mod list_tags_for_resource;
mod protocols;
mod put_metric_alarm;
mod put_metric_data;
mod secret_count;
mod set_alarm_state;
mod tag_resource;
mod untag_resource;
