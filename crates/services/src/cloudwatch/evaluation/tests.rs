use super::*;
use proptest::prelude::*;

const ORDER: [Treatment; 4] = [
    Treatment::Missing,
    Treatment::Ignore,
    Treatment::Breaching,
    Treatment::NotBreaching,
];

fn rule(to_alarm: usize, missing: Treatment) -> Rule {
    Rule {
        comparison: Comparison::GreaterThan,
        threshold: 10.0,
        periods: 3,
        to_alarm,
        missing,
    }
}

/// `X` breaches, `0` does not, `-` is missing.
fn range(text: &str) -> Vec<Option<Datapoint>> {
    let point = |(at, c): (i64, char)| {
        let value = match c {
            'X' => 11.0,
            '0' => 10.0,
            _ => return None,
        };
        Some(Datapoint {
            at,
            value,
            values: Aggregate::of(value, 1.0),
        })
    };
    (0..).zip(text.chars()).map(point).collect()
}

/// The states for each way to treat what is missing, as the tables of the documentation list them.
fn states(to_alarm: usize, text: &str) -> [Option<StateValue>; 4] {
    ORDER.map(|missing| {
        let verdict = judge(&rule(to_alarm, missing), &range(text));
        verdict.map(|verdict| verdict.state)
    })
}

#[test]
fn three_of_three_are_judged_as_the_documentation_says() {
    let (alarm, ok) = (Some(StateValue::Alarm), Some(StateValue::Ok));
    let insufficient = Some(StateValue::InsufficientData);
    for (text, expected) in [
        ("0-X-X", [ok, ok, ok, ok]),
        ("0----", [ok, ok, ok, ok]),
        ("-----", [insufficient, None, alarm, ok]),
        ("0XX-X", [alarm, alarm, alarm, alarm]),
        ("--X--", [alarm, None, alarm, ok]),
    ] {
        assert_eq!(states(3, text), expected, "{text}");
    }
}

#[test]
fn two_of_three_are_judged_as_the_documentation_says() {
    let (alarm, ok) = (Some(StateValue::Alarm), Some(StateValue::Ok));
    for (text, expected) in [
        ("0-X-X", [alarm, alarm, alarm, alarm]),
        ("00X0X", [alarm, alarm, alarm, alarm]),
        ("0-X--", [ok, ok, alarm, ok]),
        ("----0", [ok, ok, alarm, ok]),
        ("---X-", [alarm, None, alarm, ok]),
    ] {
        assert_eq!(states(2, text), expected, "{text}");
    }
}

#[test]
fn one_breach_that_is_new_does_not_alarm_before_its_time() {
    assert_eq!(states(3, "----X")[0], None);
    assert_eq!(states(3, "---X-")[0], None);
    assert_eq!(states(3, "--X--")[0], Some(StateValue::Alarm));
}

#[test]
fn what_decided_is_told_with_how_much_was_missing() {
    let verdict = judge(&rule(3, Treatment::Breaching), &range("-X-0-")).unwrap();

    assert_eq!(verdict.state, StateValue::Ok);
    let at: Vec<i64> = verdict.points.iter().map(|point| point.at).collect();
    assert_eq!((at, verdict.filled), (vec![3, 1], 1));
}

proptest! {
    #[test]
    fn with_all_data_nothing_missing_counts(text in "[X0]{5}", to_alarm in 1_usize..4) {
        let newest = text.chars().rev().take(3);
        let breaching = newest.filter(|c| *c == 'X').count();
        let expected = if breaching >= to_alarm { StateValue::Alarm } else { StateValue::Ok };

        prop_assert_eq!(states(to_alarm, &text), [Some(expected); 4]);
    }

    #[test]
    fn what_is_missing_tells_no_more_than_the_ends_do(text in "[X0-]{5}", to_alarm in 1_usize..4) {
        let [missing, ignore, breaching, not_breaching] = states(to_alarm, &text);

        if breaching == not_breaching {
            prop_assert!(ignore.is_none() || ignore == breaching);
            prop_assert!(missing.is_none() || missing == breaching);
        }
    }
}
