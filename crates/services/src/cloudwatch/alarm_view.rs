//! An alarm as answers show it.

use super::records::{Alarm, AlarmState};
use crate::cloudwatch::series::Series;
use crate::tx::Tx;
use std::sync::Arc;
use store::StoreError;
use wire::tree::Fields;

/// An alarm with its state.
pub(super) type Shown = (Arc<Alarm>, Arc<AlarmState>);

/// `alarm` with its state. `None`: it was removed meanwhile.
pub(super) async fn with_state(
    tx: &mut Tx<'_>,
    alarm: Arc<Alarm>,
) -> Result<Option<Shown>, StoreError> {
    let Series {
        account, region, ..
    } = &alarm.series;
    let key = AlarmState::key_of(account, region, &alarm.name);
    let state = tx.get::<AlarmState>(&key).await?;
    Ok(state.map(|state| (alarm, state.record)))
}

/// `MetricAlarm`.
pub(super) fn metric_alarm((alarm, state): &Shown) -> Fields {
    Fields::default()
        .with("AlarmName", &alarm.name)
        .with("AlarmArn", alarm.arn())
        .with_some("AlarmDescription", alarm.description.as_ref())
        .with("AlarmConfigurationUpdatedTimestamp", alarm.updated)
        .with("ActionsEnabled", alarm.actions_enabled)
        .with_list("OKActions", &alarm.ok_actions)
        .with_list("AlarmActions", &alarm.alarm_actions)
        .with_list("InsufficientDataActions", &alarm.insufficient_data_actions)
        .with("StateValue", state.value.name())
        .with("StateReason", &state.reason)
        .with_some("StateReasonData", state.reason_data.as_ref())
        .with("StateUpdatedTimestamp", state.updated)
        .with("MetricName", &alarm.series.name)
        .with("Namespace", &alarm.series.namespace)
        .with("Statistic", alarm.statistic.name())
        .with_list("Dimensions", dimensions(&alarm.series))
        .with("Period", alarm.period)
        .with_some("Unit", alarm.unit.as_ref())
        .with("EvaluationPeriods", alarm.evaluation_periods)
        .with("Threshold", alarm.threshold)
        .with("ComparisonOperator", alarm.comparison.name())
        .with_some(
            "TreatMissingData",
            alarm.missing.map(|missing| missing.name()),
        )
        .with_some("DatapointsToAlarm", alarm.datapoints_to_alarm)
        .with("StateTransitionedTimestamp", state.updated)
}

/// `Dimensions`.
pub(super) fn dimensions(series: &Series) -> impl Iterator<Item = Fields> {
    series
        .dimensions
        .iter()
        .map(|(name, value)| Fields::default().with("Name", name).with("Value", value))
}
