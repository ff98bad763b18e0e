//! Why an alarm is in a state, in AWS's words.

use super::evaluation::{Datapoint, Rule, Verdict};
use super::records::{Alarm, Comparison, StateValue, Treatment};
use base::Timestamp;
use serde_json::{Value, json};

/// The text for people.
pub(super) fn text(rule: &Rule, verdict: &Verdict, before: StateValue) -> String {
    if verdict.state == StateValue::InsufficientData {
        let unknown = count(rule.periods, "datapoint was", "datapoints were");
        return format!("Insufficient Data: {unknown} unknown.");
    }
    let filled = verdict.filled;
    let treated = match rule.missing {
        Treatment::Breaching => "Breaching",
        Treatment::Ignore | Treatment::Missing | Treatment::NotBreaching => "NonBreaching",
    };
    let missing = count(filled, "missing datapoint was", "missing datapoints were");
    if verdict.points.is_empty() {
        let periods = count(filled, "period", "periods");
        return format!(
            "Threshold Crossed: no datapoints were received for {periods} and {missing} treated as \
             [{treated}]."
        );
    }
    let alarms = verdict.state == StateValue::Alarm;
    let decided = verdict
        .points
        .iter()
        .filter(|point| rule.comparison.breaches(point.value, rule.threshold) == alarms);
    let decided: Vec<&Datapoint> = decided.collect();
    let listed = decided.iter().take(MOST_LISTED);
    let listed: Vec<String> = listed.map(|point| shown(point)).collect();
    let was = match (decided.len(), alarms) {
        (1, true) => "was",
        (1, false) => "was not",
        (_, true) => "were",
        (_, false) => "were not",
    };
    let needed = match alarms {
        true => rule.to_alarm,
        false => (rule.periods + 1).saturating_sub(rule.to_alarm),
    };
    let and_missing = match filled {
        0 => String::new(),
        _ => format!(" and {missing} treated as [{treated}]"),
    };
    format!(
        "Threshold Crossed: {} out of the last {} datapoints [{}] {was} {} the threshold ({:?}) \
         (minimum {} for {} -> {} transition){and_missing}.",
        decided.len(),
        rule.periods,
        listed.join(", "),
        in_words(rule.comparison),
        rule.threshold,
        count(needed, "datapoint", "datapoints"),
        if alarms { "OK" } else { before.name() },
        verdict.state.name(),
    )
}

/// The same for programs.
pub(super) fn data(alarm: &Alarm, verdict: &Verdict, now: Timestamp) -> String {
    let oldest_first = verdict.points.iter().rev();
    let points: Vec<&Datapoint> = oldest_first.collect();
    let moment = |second: i64| zoned(Timestamp::from_millis(second.saturating_mul(1_000)));
    let mut data = json!({
        "version": "1.0",
        "queryDate": zoned(now),
        "statistic": alarm.statistic.name(),
        "period": alarm.period,
        "recentDatapoints": points.iter().map(|point| point.value).collect::<Vec<f64>>(),
        "threshold": alarm.threshold,
        "evaluatedDatapoints": verdict.points.iter().take(MOST_LISTED).map(|point| json!({
            "timestamp": moment(point.at),
            "sampleCount": point.values.count,
            "value": point.value,
        })).collect::<Vec<Value>>(),
    });
    if let Some(members) = data.as_object_mut() {
        if let Some(first) = points.first() {
            members.insert(String::from("startDate"), json!(moment(first.at)));
        }
        if let Some(unit) = &alarm.unit {
            members.insert(String::from("unit"), json!(unit));
        }
    }
    data.to_string()
}

/// `2026-01-15T12:00:00.000+0000`.
pub(super) fn zoned(moment: Timestamp) -> String {
    format!("{}+0000", moment.to_iso_millis())
}

/// `1.0 (15/01/26 12:00:00)`.
fn shown(point: &Datapoint) -> String {
    let basic = Timestamp::from_millis(point.at.saturating_mul(1_000)).to_iso();
    let part = |range: std::ops::Range<usize>| basic.get(range).unwrap_or_default();
    let (year, month, day, time) = (part(2..4), part(5..7), part(8..10), part(11..19));
    format!("{:?} ({day}/{month}/{year} {time})", point.value)
}

fn in_words(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::GreaterThan => "greater than",
        Comparison::GreaterThanOrEqual => "greater than or equal to",
        Comparison::LessThan => "less than",
        Comparison::LessThanOrEqual => "less than or equal to",
    }
}

fn count(number: usize, one: &str, more: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        _ => format!("{number} {more}"),
    }
}

/// How many data points a text lists.
const MOST_LISTED: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudwatch::statistics::Aggregate;

    fn rule(periods: usize, missing: Treatment) -> Rule {
        Rule {
            comparison: Comparison::GreaterThanOrEqual,
            threshold: 1.0,
            periods,
            to_alarm: periods,
            missing,
        }
    }

    fn verdict(state: StateValue, values: &[f64], filled: usize) -> Verdict {
        let point = |value: &f64| Datapoint {
            at: 1_768_478_400,
            value: *value,
            values: Aggregate::of(*value, 1.0),
        };
        Verdict {
            state,
            points: values.iter().map(point).collect(),
            filled,
        }
    }

    #[test]
    fn reasons_are_told_in_aws_words() {
        let (one, two) = (rule(1, Treatment::Missing), rule(2, Treatment::Breaching));
        let shown = |rule: &Rule, state, values: &[f64], filled, before| {
            text(rule, &verdict(state, values, filled), before)
        };
        use StateValue::{Alarm, InsufficientData, Ok};

        assert_eq!(
            shown(&one, Alarm, &[1.0], 0, Ok),
            "Threshold Crossed: 1 out of the last 1 datapoints [1.0 (15/01/26 12:00:00)] was greater \
             than or equal to the threshold (1.0) (minimum 1 datapoint for OK -> ALARM transition)."
        );
        assert_eq!(
            shown(&one, Ok, &[0.0], 0, Alarm),
            "Threshold Crossed: 1 out of the last 1 datapoints [0.0 (15/01/26 12:00:00)] was not \
             greater than or equal to the threshold (1.0) (minimum 1 datapoint for ALARM -> OK \
             transition)."
        );
        assert_eq!(
            shown(&two, Alarm, &[2.0, 1.5], 0, Ok),
            "Threshold Crossed: 2 out of the last 2 datapoints [2.0 (15/01/26 12:00:00), 1.5 (15/01/26 \
             12:00:00)] were greater than or equal to the threshold (1.0) (minimum 2 datapoints for OK \
             -> ALARM transition)."
        );
        assert_eq!(
            shown(&two, Alarm, &[], 2, Ok),
            "Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were \
             treated as [Breaching]."
        );
        assert_eq!(
            shown(&two, InsufficientData, &[], 2, Ok),
            "Insufficient Data: 2 datapoints were unknown."
        );
        assert_eq!(
            shown(&one, InsufficientData, &[], 1, Ok),
            "Insufficient Data: 1 datapoint was unknown."
        );
    }
}
