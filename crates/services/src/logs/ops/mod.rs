//! The operations.

mod create_log_group;
mod create_log_stream;
mod delete_log_group;
mod delete_log_stream;
mod delete_metric_filter;
mod delete_retention_policy;
mod describe_log_groups;
mod describe_log_streams;
mod describe_metric_filters;
mod filter_log_events;
mod get_log_events;
mod list_tags_for_resource;
mod list_tags_log_group;
mod put_log_events;
mod put_metric_filter;
mod put_retention_policy;
mod tag_log_group;
mod tag_resource;
mod test_metric_filter;
mod untag_log_group;
mod untag_resource;

use crate::operation::{Entry, reads, writes};

/// In alphabetical order.
pub(super) const OPERATIONS: &[Entry] = &[
    writes::<create_log_group::CreateLogGroup>(),
    writes::<create_log_stream::CreateLogStream>(),
    writes::<delete_log_group::DeleteLogGroup>(),
    writes::<delete_log_stream::DeleteLogStream>(),
    writes::<delete_metric_filter::DeleteMetricFilter>(),
    writes::<delete_retention_policy::DeleteRetentionPolicy>(),
    reads::<describe_log_groups::DescribeLogGroups>(),
    reads::<describe_log_streams::DescribeLogStreams>(),
    reads::<describe_metric_filters::DescribeMetricFilters>(),
    reads::<filter_log_events::FilterLogEvents>(),
    reads::<get_log_events::GetLogEvents>(),
    reads::<list_tags_for_resource::ListTagsForResource>(),
    reads::<list_tags_log_group::ListTagsLogGroup>(),
    writes::<put_log_events::PutLogEvents>(),
    writes::<put_metric_filter::PutMetricFilter>(),
    writes::<put_retention_policy::PutRetentionPolicy>(),
    writes::<tag_log_group::TagLogGroup>(),
    writes::<tag_resource::TagResource>(),
    reads::<test_metric_filter::TestMetricFilter>(),
    writes::<untag_log_group::UntagLogGroup>(),
    writes::<untag_resource::UntagResource>(),
];
