//! How data decides the state of an alarm, as AWS documents it. Pure.
//!
//! The data of the last periods is looked at, and of [`EXTRA`] before them, since some may be missing:
//!
//! - When there is data of as many periods as the alarm evaluates, the newest of these decide, and nothing
//!   that is missing counts.
//! - Otherwise all data counts, and as many missing periods as are needed count as the alarm says.
//! - When everything is missing, `missing` means that there is not enough data, and `ignore` that the alarm
//!   stays as it is.
//! - With `missing`, data that breaches alone, in fewer periods than would alarm, alarms once the oldest of
//!   it is as many periods old. With `ignore` the alarm stays as it is.

use super::records::{Comparison, StateValue, Treatment};
use super::statistics::Aggregate;

/// What an alarm asks of data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rule {
    pub(super) comparison: Comparison,
    pub(super) threshold: f64,
    /// How many periods are evaluated.
    pub(super) periods: usize,
    /// How many of them have to breach.
    pub(super) to_alarm: usize,
    pub(super) missing: Treatment,
}

/// The data of one period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Datapoint {
    /// The first second of the period.
    pub(super) at: i64,
    pub(super) value: f64,
    pub(super) values: Aggregate,
}

/// A state, and why.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Verdict {
    pub(super) state: StateValue,
    /// The data that decided, the newest first.
    pub(super) points: Vec<Datapoint>,
    /// How many missing periods counted.
    pub(super) filled: usize,
}

/// Judges the data of periods, the oldest first. `None`: the alarm stays as it is.
pub(super) fn judge(rule: &Rule, range: &[Option<Datapoint>]) -> Option<Verdict> {
    let newest_first = range.iter().rev();
    let points: Vec<Datapoint> = newest_first.flatten().copied().collect();
    let verdict = |state: StateValue, points: Vec<Datapoint>, filled: usize| {
        Some(Verdict {
            state,
            points,
            filled,
        })
    };
    let breaching = |points: &[Datapoint]| {
        let breaches = |point: &&Datapoint| rule.comparison.breaches(point.value, rule.threshold);
        points.iter().filter(breaches).count()
    };
    let state_of = |breaching: usize| match breaching >= rule.to_alarm {
        true => StateValue::Alarm,
        false => StateValue::Ok,
    };
    if points.len() >= rule.periods {
        let decide: Vec<Datapoint> = points.into_iter().take(rule.periods).collect();
        return verdict(state_of(breaching(&decide)), decide, 0);
    }
    let lacking = rule.periods - points.len();
    let found = breaching(&points);
    match rule.missing {
        Treatment::Breaching => verdict(state_of(found + lacking), points, lacking),
        Treatment::NotBreaching => verdict(state_of(found), points, lacking),
        Treatment::Missing if points.is_empty() => {
            verdict(StateValue::InsufficientData, points, lacking)
        }
        Treatment::Ignore if points.is_empty() => None,
        Treatment::Missing | Treatment::Ignore => {
            let has_other = found < points.len();
            let age = range.iter().position(Option::is_some);
            let age = age.map_or(0, |first| range.len() - first);
            let is_old = rule.missing == Treatment::Missing && age >= rule.to_alarm;
            if found >= rule.to_alarm || (!has_other && is_old) {
                verdict(StateValue::Alarm, points, 0)
            } else if has_other {
                verdict(StateValue::Ok, points, 0)
            } else {
                None
            }
        }
    }
}

/// How many more periods are looked at than are evaluated.
pub(super) const EXTRA: usize = 2;

#[cfg(test)]
mod tests;
