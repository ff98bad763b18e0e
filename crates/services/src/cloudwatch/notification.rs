//! What an alarm tells a topic: CloudWatch's message and subject.

use super::reason::zoned;
use super::records::{Alarm, AlarmState};
use base::RegionName;
use serde_json::{Value, json};

/// The message: JSON on one line, whatever texts of users are in it.
pub(super) fn message(alarm: &Alarm, before: &AlarmState, after: &AlarmState) -> String {
    let series = &alarm.series;
    let dimensions: Vec<Value> = series
        .dimensions
        .iter()
        .map(|(name, value)| json!({ "value": value, "name": name }))
        .collect();
    json!({
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": series.account.as_str(),
        "AlarmConfigurationUpdatedTimestamp": zoned(alarm.updated),
        "NewStateValue": after.value.name(),
        "NewStateReason": after.reason,
        "StateChangeTime": zoned(after.updated),
        "Region": long_name(&series.region),
        "AlarmArn": alarm.arn(),
        "OldStateValue": before.value.name(),
        "OKActions": alarm.ok_actions,
        "AlarmActions": alarm.alarm_actions,
        "InsufficientDataActions": alarm.insufficient_data_actions,
        "Trigger": {
            "MetricName": series.name,
            "Namespace": series.namespace,
            "StatisticType": "Statistic",
            "Statistic": statistic(alarm),
            "Unit": alarm.unit,
            "Dimensions": dimensions,
            "Period": alarm.period,
            "EvaluationPeriods": alarm.evaluation_periods,
            "DatapointsToAlarm": alarm.to_alarm(),
            "ComparisonOperator": alarm.comparison.name(),
            "Threshold": alarm.threshold,
            "TreatMissingData": alarm.missing.map_or("missing", super::records::Treatment::name),
            "EvaluateLowSampleCountPercentile": "",
        },
    })
    .to_string()
}

/// The subject, without control characters, no longer than SNS takes.
pub(super) fn subject(alarm: &Alarm, after: &AlarmState) -> String {
    let text = format!(
        "{}: \"{}\" in {}",
        after.value.name(),
        alarm.name,
        long_name(&alarm.series.region)
    );
    let printable = |c: &char| !c.is_control();
    text.chars()
        .filter(printable)
        .take(LONGEST_SUBJECT)
        .collect()
}

/// COMPAT: messages have the older names of statistics.
fn statistic(alarm: &Alarm) -> &'static str {
    use super::statistics::Statistic;
    match alarm.statistic {
        Statistic::Average => "AVERAGE",
        Statistic::Maximum => "MAXIMUM",
        Statistic::Minimum => "MINIMUM",
        Statistic::SampleCount => "SAMPLE_COUNT",
        Statistic::Sum => "SUM",
    }
}

/// The name of a Region for people; its short one where there is none.
fn long_name(region: &RegionName) -> &str {
    let mut names = LONG_NAMES.iter();
    let found = names.find(|(name, _)| *name == region.as_str());
    found.map_or(region.as_str(), |(_, long)| long)
}

const LONG_NAMES: &[(&str, &str)] = &[
    ("af-south-1", "Africa (Cape Town)"),
    ("ap-east-1", "Asia Pacific (Hong Kong)"),
    ("ap-east-2", "Asia Pacific (Taipei)"),
    ("ap-northeast-1", "Asia Pacific (Tokyo)"),
    ("ap-northeast-2", "Asia Pacific (Seoul)"),
    ("ap-northeast-3", "Asia Pacific (Osaka)"),
    ("ap-south-1", "Asia Pacific (Mumbai)"),
    ("ap-south-2", "Asia Pacific (Hyderabad)"),
    ("ap-southeast-1", "Asia Pacific (Singapore)"),
    ("ap-southeast-2", "Asia Pacific (Sydney)"),
    ("ap-southeast-3", "Asia Pacific (Jakarta)"),
    ("ap-southeast-4", "Asia Pacific (Melbourne)"),
    ("ap-southeast-5", "Asia Pacific (Malaysia)"),
    ("ap-southeast-6", "Asia Pacific (New Zealand)"),
    ("ap-southeast-7", "Asia Pacific (Thailand)"),
    ("ca-central-1", "Canada (Central)"),
    ("ca-west-1", "Canada West (Calgary)"),
    ("cn-north-1", "China (Beijing)"),
    ("cn-northwest-1", "China (Ningxia)"),
    ("eu-central-1", "EU (Frankfurt)"),
    ("eu-central-2", "Europe (Zurich)"),
    ("eu-north-1", "EU (Stockholm)"),
    ("eu-south-1", "Europe (Milan)"),
    ("eu-south-2", "Europe (Spain)"),
    ("eu-west-1", "EU (Ireland)"),
    ("eu-west-2", "EU (London)"),
    ("eu-west-3", "EU (Paris)"),
    ("il-central-1", "Israel (Tel Aviv)"),
    ("me-central-1", "Middle East (UAE)"),
    ("me-south-1", "Middle East (Bahrain)"),
    ("mx-central-1", "Mexico (Central)"),
    ("sa-east-1", "South America (Sao Paulo)"),
    ("us-east-1", "US East (N. Virginia)"),
    ("us-east-2", "US East (Ohio)"),
    ("us-gov-east-1", "AWS GovCloud (US-East)"),
    ("us-gov-west-1", "AWS GovCloud (US-West)"),
    ("us-west-1", "US West (N. California)"),
    ("us-west-2", "US West (Oregon)"),
];
const LONGEST_SUBJECT: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regions::PUBLIC;

    #[test]
    fn every_region_has_a_name_for_people() {
        let names: Vec<&str> = LONG_NAMES.iter().map(|(name, _)| *name).collect();

        assert_eq!(names, PUBLIC);
    }
}
