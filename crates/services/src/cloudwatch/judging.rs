//! From an alarm and the data of its metric to a verdict.
//!
//! Periods end with a whole minute. The one that is not over yet counts only where more data cannot take
//! back that it breaches: then the alarm need not wait for its end. So a state that begins so is the state
//! that the whole periods give once they are there.

use super::evaluation::{Datapoint, EXTRA, Rule, Verdict, judge};
use super::reading::{Points, Span, points};
use super::records::{Alarm, Comparison, StateValue, Treatment};
use super::statistics::{Statistic, unit_code};
use crate::tx::Tx;
use base::Timestamp;
use store::StoreError;

/// What came of looking at an alarm.
pub(super) struct Judged {
    /// `None`: it stays as it is.
    pub(super) verdict: Option<Verdict>,
    /// When it has to be looked at again, if no data comes before.
    pub(super) next: Option<Timestamp>,
    /// How many buckets were looked at.
    pub(super) buckets: usize,
}

/// Looks at the data that there is for `alarm` at `now`.
pub(super) async fn look(
    tx: &mut Tx<'_>,
    alarm: &Alarm,
    now: Timestamp,
) -> Result<Judged, StoreError> {
    let rule = rule_of(alarm);
    let periods = i64::try_from(rule.periods + EXTRA).unwrap_or(i64::MAX);
    let minute = now.as_millis().div_euclid(60_000);
    // Seconds: where the minutes that are over end, and where the present one does.
    let (over, present) = (minute * 60, minute * 60 + 60);
    let length = periods.saturating_mul(alarm.period);
    let unit = alarm.unit.as_deref().map(|unit| unit_code(Some(unit)));
    let minutes = Span {
        start: over.saturating_sub(length),
        end: present,
        period: 60,
    };
    let data = points(tx, &alarm.series, unit, minutes).await?;
    let found = data.points;
    let range = |end: i64| windows(alarm, &found, end, periods);
    let early = judge(&rule, &range(present))
        .filter(|verdict| verdict.state == StateValue::Alarm && is_final(alarm));
    let verdict = early.or_else(|| judge(&rule, &range(over)));
    let next = Timestamp::from_millis(present.saturating_mul(1_000));
    Ok(Judged {
        verdict,
        next: (!found.is_empty()).then_some(next),
        buckets: data.buckets,
    })
}

pub(super) fn rule_of(alarm: &Alarm) -> Rule {
    Rule {
        comparison: alarm.comparison,
        threshold: alarm.threshold,
        periods: alarm.evaluation_periods as usize,
        to_alarm: alarm.to_alarm() as usize,
        missing: alarm.missing.unwrap_or(Treatment::Missing),
    }
}

/// Whether a period that breaches goes on to, whatever data comes.
fn is_final(alarm: &Alarm) -> bool {
    match alarm.comparison {
        Comparison::GreaterThan | Comparison::GreaterThanOrEqual => matches!(
            alarm.statistic,
            Statistic::Maximum | Statistic::SampleCount | Statistic::Sum
        ),
        Comparison::LessThan | Comparison::LessThanOrEqual => alarm.statistic == Statistic::Minimum,
    }
}

/// The data of the periods before `end`, the oldest first.
fn windows(alarm: &Alarm, minutes: &Points, end: i64, periods: i64) -> Vec<Option<Datapoint>> {
    (1..=periods)
        .rev()
        .map(|back| {
            let start = end.saturating_sub(back.saturating_mul(alarm.period));
            let of_period = minutes.range((start, 0)..(start + alarm.period, 0));
            let values = of_period
                .map(|(_, values)| *values)
                .reduce(|all, more| all.with(more))?;
            Some(Datapoint {
                at: start,
                value: alarm.statistic.of(&values),
                values,
            })
        })
        .collect()
}
