//! How metrics and alarms are stored.

mod alarm;
mod block;
mod history;
mod metric;
mod state;
#[cfg(test)]
mod tests;

pub(crate) use alarm::{ALARM, Alarm, Comparison, Treatment, arn};
pub(crate) use block::{BLOCK, Block, TIERS, Tier};
pub(crate) use history::{HISTORY, HistoryItem, HistoryKind};
pub(crate) use metric::{METRIC, Metric, TALLY, Tally};
pub(crate) use state::{ALARM_STATE, AlarmState, StateValue};
