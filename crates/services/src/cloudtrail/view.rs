//! Trails as answers show them.

use super::model::Trail;
use std::sync::Arc;
use wire::json;

/// What `CreateTrail` and `UpdateTrail` answer.
pub(crate) struct Settings(pub(super) Arc<Trail>);

impl json::Output for Settings {
    fn write(&self, object: &mut json::Object<'_>) {
        write_settings(&self.0, object);
    }
}

impl Settings {
    /// The same, as the audit record has it.
    pub(super) fn elements(&self) -> serde_json::Value {
        let trail = &self.0;
        serde_json::json!({
            "name": trail.name,
            "s3BucketName": trail.bucket,
            "s3KeyPrefix": trail.prefix,
            "snsTopicARN": trail.topic,
            "includeGlobalServiceEvents": trail.has_global_events,
            "isMultiRegionTrail": trail.is_multi_region,
            "trailARN": trail.arn(),
            "logFileValidationEnabled": trail.is_validated,
            "cloudWatchLogsLogGroupArn": trail.logs.as_ref().map(|logs| &logs.group_arn),
            "cloudWatchLogsRoleArn": trail.logs.as_ref().map(|logs| &logs.role_arn),
            "isOrganizationTrail": false,
        })
    }
}

/// Writes a trail as `DescribeTrails` and `GetTrail` show it.
pub(super) fn write(trail: &Trail, object: &mut json::Object<'_>) {
    write_settings(trail, object);
    object.text("HomeRegion", trail.region.as_str());
    object.boolean("HasCustomEventSelectors", trail.selectors.are_custom());
    object.boolean("HasInsightSelectors", false);
}

fn write_settings(trail: &Trail, object: &mut json::Object<'_>) {
    object.text("Name", &trail.name);
    object.text("S3BucketName", &trail.bucket);
    object.opt_text("S3KeyPrefix", trail.prefix.as_deref());
    if let Some(topic) = &trail.topic {
        // COMPAT: AWS too writes the ARN as the name.
        object.text("SnsTopicName", topic);
        object.text("SnsTopicARN", topic);
    }
    object.boolean("IncludeGlobalServiceEvents", trail.has_global_events);
    object.boolean("IsMultiRegionTrail", trail.is_multi_region);
    object.text("TrailARN", &trail.arn());
    object.boolean("LogFileValidationEnabled", trail.is_validated);
    if let Some(logs) = &trail.logs {
        object.text("CloudWatchLogsLogGroupArn", &logs.group_arn);
        object.text("CloudWatchLogsRoleArn", &logs.role_arn);
    }
    object.boolean("IsOrganizationTrail", false);
}
