//! An alarm changes its state: the state, its history, and what it tells topics, in one transaction.

use super::notification;
use super::records::{Alarm, AlarmState, HistoryItem, HistoryKind, StateValue};
use crate::app::App;
use crate::authorize::Permit;
use crate::ports::TopicMessage;
use crate::tx::Deriving;
use base::{CommonError, Timestamp};
use serde_json::{Value, json};

/// The state that an alarm comes into, and why.
pub(super) struct Change {
    pub(super) value: StateValue,
    pub(super) reason: String,
    /// JSON.
    pub(super) reason_data: Option<String>,
}

/// Changes `state`, which is for the caller to store, and tells of it.
///
/// # Errors
/// When the store fails.
pub(super) async fn change(
    app: &App,
    own: &Permit,
    tx: &mut Deriving<'_>,
    alarm: &Alarm,
    state: &mut AlarmState,
    change: Change,
) -> Result<(), CommonError> {
    let now = app.clock.now();
    let before = state.clone();
    state.value = change.value;
    state.reason = change.reason;
    state.reason_data = change.reason_data;
    state.updated = now;
    let mut number = next_number(tx, alarm, now).await?;
    let summary = format!(
        "Alarm updated from {} to {}",
        before.value.name(),
        state.value.name()
    );
    let data = json!({
        "version": "1.0",
        "oldState": shown(&before),
        "newState": shown(state),
    });
    let item = HistoryItem::of(alarm, now, number, HistoryKind::StateUpdate, summary, &data);
    tx.insert(own, item);
    for action in actions(alarm, state.value) {
        number += 1;
        let is_done = publish(app, own, tx, alarm, (&before, state), action).await?;
        let (summary, outcome) = match is_done {
            true => ("Successfully executed action", "Succeeded"),
            false => ("Failed to execute action", "Failed"),
        };
        let summary: String = format!("{summary} {action}")
            .chars()
            .take(LONGEST_SUMMARY)
            .collect();
        let data = json!({
            "actionState": outcome,
            "stateUpdateTimestamp": now.as_millis(),
            "notificationResource": action,
            "publishedMessage": Value::Null,
            "error": if is_done { Value::Null } else { json!(NOT_PUBLISHED) },
        });
        let item = HistoryItem::of(alarm, now, number, HistoryKind::Action, summary, &data);
        tx.insert(own, item);
    }
    Ok(())
}

/// What is to be done when `alarm` comes into a state.
fn actions(alarm: &Alarm, value: StateValue) -> &[String] {
    if !alarm.actions_enabled {
        return &[];
    }
    match value {
        StateValue::Alarm => &alarm.alarm_actions,
        StateValue::InsufficientData => &alarm.insufficient_data_actions,
        StateValue::Ok => &alarm.ok_actions,
    }
}

async fn publish(
    app: &App,
    own: &Permit,
    tx: &mut Deriving<'_>,
    alarm: &Alarm,
    (before, after): (&AlarmState, &AlarmState),
    topic_arn: &str,
) -> Result<bool, CommonError> {
    let message = notification::message(alarm, before, after);
    let subject = notification::subject(alarm, after);
    let message = TopicMessage {
        topic_arn,
        by: "cloudwatch.amazonaws.com",
        source_arn: &alarm.arn(),
        source_account: &alarm.series.account,
        subject: Some(&subject),
        message: &message,
    };
    app.topics.publish(app, own, tx, message).await
}

/// The place of the next item of an alarm's history at `now`.
pub(super) async fn next_number(
    tx: &mut Deriving<'_>,
    alarm: &Alarm,
    now: Timestamp,
) -> Result<i64, CommonError> {
    let (account, region) = (&alarm.series.account, &alarm.series.region);
    let query = HistoryItem::of_alarms(account, region, Some(&alarm.name), 1).descending();
    let last = tx.query::<HistoryItem>(&query).await?.pop();
    let last = last.filter(|last| last.record.at == now);
    Ok(last.map_or(0, |last| last.record.number + 1))
}

fn shown(state: &AlarmState) -> Value {
    let mut shown = json!({
        "stateValue": state.value.name(),
        "stateReason": state.reason,
    });
    let data = state.reason_data.as_deref();
    let data = data.and_then(|data| serde_json::from_str::<Value>(data).ok());
    if let (Some(members), Some(data)) = (shown.as_object_mut(), data) {
        members.insert(String::from("stateReasonData"), data);
    }
    shown
}

const LONGEST_SUMMARY: usize = 255;
const NOT_PUBLISHED: &str = "the topic is not there, or its policy does not allow it";
