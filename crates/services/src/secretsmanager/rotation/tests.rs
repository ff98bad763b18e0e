use super::*;
use crate::secretsmanager::model::tests::a_secret;
use std::collections::HashSet;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

#[test]
fn secrets_that_are_due_together_are_spread_over_the_window() {
    let window = Window {
        opens: at(0),
        closes: at(3_600_000),
    };

    let moments: Vec<Timestamp> = (0..1_000)
        .map(|n| moment(&a_secret(&format!("db-{n}")).arn(), window))
        .collect();

    let minutes: HashSet<i64> = moments.iter().map(|one| one.as_millis() / 60_000).collect();
    assert_eq!(minutes.len(), 53);
    assert!(
        moments
            .iter()
            .all(|one| window.opens <= *one && *one < window.closes)
    );
    assert_eq!(moments[7], moment(&a_secret("db-7").arn(), window));
}

#[test]
fn the_moment_differs_from_window_to_window() {
    let moments: HashSet<i64> = (0..20)
        .map(|n| {
            let opens = at(n * 86_400_000);
            let window = Window {
                opens,
                closes: opens.plus_days(1),
            };
            moment("arn", window).as_millis() - opens.as_millis()
        })
        .collect();

    assert_eq!(moments.len(), 20);
}

pub(crate) fn a_rotation(expression: &str) -> Rotation {
    let mut rotation = Rotation {
        enabled: true,
        function: String::from("arn:aws:lambda:us-east-1:123456789012:function:rotate"),
        rules: Some(Rules {
            automatically_after_days: Some(1),
            duration: Some(String::from("2h")),
            schedule_expression: Some(expression.to_owned()),
        }),
        origin: Origin {
            set: at(1_768_478_400_000),
            counted_from: at(1_768_478_400_000),
        },
        last_rotated: Some(at(1_768_478_400_000)),
        next: None,
    };
    rotation.look_ahead(at(1_768_478_400_000));
    rotation
}

#[test]
fn what_failed_in_a_window_is_due_in_the_next() {
    let rotation = a_rotation("cron(0 8 * * ? *)");
    let next = rotation.next.unwrap();

    assert_eq!(rotation.window_at(next.opens, None), Some(next));
    let after = rotation.window_at(next.opens, Some(next.closes)).unwrap();
    assert_eq!(after.opens, next.opens.plus_days(1));
    assert_eq!(rotation.window_at(next.closes, None), Some(after));
}

#[test]
fn what_is_not_enabled_is_not_due() {
    let mut rotation = a_rotation("rate(10 days)");
    rotation.enabled = false;

    rotation.count_from(at(1_768_478_400_000));

    assert_eq!(rotation.next, None);
    assert_eq!(rotation.window_at(at(0), None), None);
}
