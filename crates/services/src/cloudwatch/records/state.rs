use super::Alarm;
use crate::stored::stored;
use crate::tx::Derived;
use base::{AccountId, RegionName, Timestamp};
use serde::{Deserialize, Serialize};
use std::ops::Bound;
use store::{Column, Index, Key, Kind, Query, Value};

/// The kind of [`AlarmState`].
pub(crate) static ALARM_STATE: Kind = Kind {
    name: "cloudwatch_alarm_state",
    service: "cloudwatch",
    version: 1,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("alarm"),
    ],
    columns: &[Column::int("due")],
    indexes: &[Index {
        name: BY_DUE,
        columns: &["due"],
    }],
    cached: false,
};

/// How an alarm stands.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct AlarmState {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) alarm: String,
    pub(crate) value: StateValue,
    pub(crate) reason: String,
    /// JSON.
    pub(crate) reason_data: Option<String>,
    /// Since when it stands so.
    pub(crate) updated: Timestamp,
    /// When it is judged next. `None`: when data comes.
    pub(crate) due: Option<Timestamp>,
}

/// The state of an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum StateValue {
    Alarm,
    InsufficientData,
    Ok,
}

impl StateValue {
    /// As CloudWatch names it.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let all = [Self::Alarm, Self::InsufficientData, Self::Ok];
        all.into_iter().find(|one| one.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
            Self::Ok => "OK",
        }
    }
}

impl AlarmState {
    /// That of a new alarm, to be judged at once.
    pub(crate) fn of_new(alarm: &Alarm, now: Timestamp) -> Self {
        Self {
            account: alarm.series.account.clone(),
            region: alarm.series.region.clone(),
            alarm: alarm.name.clone(),
            value: StateValue::InsufficientData,
            reason: String::from("Unchecked: Initial alarm creation"),
            reason_data: None,
            updated: now,
            due: Some(now),
        }
    }

    pub(crate) fn key_of(account: &AccountId, region: &RegionName, name: &str) -> Key {
        Alarm::key_of(account, region, name)
    }

    /// Those that are to be judged at `now`.
    pub(crate) fn due(now: Timestamp, limit: usize) -> Query {
        Query::on(BY_DUE, limit).to(Bound::Included(now.as_millis()))
    }
}

/// How an alarm stands follows from the data of its metric; that somebody sets it is stored by that
/// operation's own transaction, with its event.
impl Derived for AlarmState {}

stored!(
    AlarmState as ALARM_STATE,
    key: |state| AlarmState::key_of(&state.account, &state.region, &state.alarm),
    columns: |state| vec![Value::from(state.due)],
    weight: |state| state.reason.len()
);

const BY_DUE: &str = "by_due";
