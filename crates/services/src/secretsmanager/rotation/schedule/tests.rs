use super::*;
use proptest::prelude::*;

fn at(text: &str) -> Timestamp {
    let basic: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    Timestamp::parse_basic(&basic).unwrap()
}

fn rules(days: Option<i64>, expression: Option<&str>, duration: Option<&str>) -> Rules {
    Rules {
        automatically_after_days: days,
        duration: duration.map(str::to_owned),
        schedule_expression: expression.map(str::to_owned),
    }
}

fn schedule(expression: &str, duration: Option<&str>) -> Schedule {
    Schedule::of(&rules(None, Some(expression), duration)).unwrap()
}

fn from(moment: Timestamp) -> Origin {
    Origin {
        set: moment,
        counted_from: moment,
    }
}

fn window(opens: &str, closes: &str) -> Window {
    Window {
        opens: at(opens),
        closes: at(closes),
    }
}

#[test]
fn every_example_of_the_guide_is_read() {
    for expression in [
        "cron(0 /8 * * ? *)",
        "cron(0 8/8 * * ? *)",
        "cron(0 2/10 * * ? *)",
        "cron(0 10 * * ? *)",
        "cron(0 18 ? * SAT *)",
        "cron(0 8 1 * ? *)",
        "cron(0 1 ? 1/3 SUN#1 *)",
        "cron(0 17 L * ? *)",
        "cron(0 8 ? * MON-FRI *)",
        "cron(0 16 1,15 * ? *)",
        "cron(0 0 ? * SUN#1 *)",
        "rate(4 hours)",
        "rate(10 hours)",
        "rate(1 day)",
        "rate(10 days)",
        "rate(1 days)",
    ] {
        assert!(
            Schedule::of(&rules(None, Some(expression), None)).is_ok(),
            "{expression}"
        );
    }
}

#[test]
fn what_cannot_be_is_refused_with_a_reason() {
    for (expression, duration, expected) in [
        ("", None, NO_EXPRESSION),
        ("at(2026-01-01)", None, NO_EXPRESSION),
        ("rate(10 days", None, NO_EXPRESSION),
        ("Rate(10 days)", None, NO_EXPRESSION),
        (" rate(10 days)", None, NO_EXPRESSION),
        ("rate()", None, NO_RATE),
        ("rate(10)", None, NO_RATE),
        ("rate(days)", None, NO_RATE),
        ("rate(0 days)", None, NO_RATE),
        ("rate(-1 days)", None, NO_RATE),
        ("rate(1000 days)", None, NO_RATE),
        ("rate(10 weeks)", None, NO_RATE),
        ("rate(10 minutes)", None, NO_RATE),
        ("rate(10 days 5)", None, NO_RATE),
        ("rate(1 hour)", None, TOO_OFTEN),
        ("rate(3 hours)", None, TOO_OFTEN),
        ("cron(0 /3 * * ? *)", None, TOO_OFTEN),
        ("cron(0 1/22 * * ? *)", None, TOO_OFTEN),
        (
            "cron(0 8 * * * *)",
            None,
            "One of the day-of-month and day-of-week fields must be ?.",
        ),
        (
            "rate(10 days)",
            Some("0h"),
            "The Duration must be at least 1h.",
        ),
        ("rate(10 days)", Some("25h"), TOO_LONG),
        ("rate(4 hours)", Some("5h"), TOO_LONG),
        ("cron(0 8 * * ? *)", Some("17h"), TOO_LONG),
        ("cron(0 /8 * * ? *)", Some("9h"), TOO_LONG),
        ("cron(0 2/10 * * ? *)", Some("5h"), TOO_LONG),
    ] {
        let refused = Schedule::of(&rules(None, Some(expression), duration));
        assert_eq!(
            refused,
            Err(expected.to_owned()),
            "{expression} {duration:?}"
        );
    }
    assert_eq!(
        Schedule::of(&rules(None, None, Some("2h"))),
        Err(NEITHER.to_owned())
    );
}

#[test]
fn a_window_may_be_as_long_as_the_room_there_is() {
    for (expression, duration) in [
        ("rate(10 days)", "24h"),
        ("rate(4 hours)", "4h"),
        ("cron(0 8 * * ? *)", "16h"),
        ("cron(0 /8 * * ? *)", "8h"),
        ("cron(0 2/10 * * ? *)", "4h"),
    ] {
        assert!(Schedule::of(&rules(None, Some(expression), Some(duration))).is_ok());
    }
}

#[test]
fn days_count_from_the_last_change_and_end_with_the_day() {
    let schedule = Schedule::of(&rules(Some(30), None, None)).unwrap();

    let next = schedule.window(from(at("2026-02-03T10:11:12Z")), at("2026-02-03T10:11:12Z"));

    // As seen on AWS.
    let next = next.unwrap();
    assert_eq!(next.last_second(), at("2026-03-05T23:59:59Z"));
    assert_eq!(next.opens, at("2026-03-05T00:00:00Z"));
}

#[test]
fn days_with_a_duration_begin_at_midnight() {
    let schedule = Schedule::of(&rules(Some(1), None, Some("3h"))).unwrap();
    let origin = from(at("2026-02-27T23:00:00Z"));

    let next = schedule.window(origin, at("2026-02-27T23:00:00Z"));
    let late = schedule.window(origin, at("2026-02-28T03:00:00Z"));

    assert_eq!(
        next,
        Some(window("2026-02-28T00:00:00Z", "2026-02-28T03:00:00Z"))
    );
    assert_eq!(
        late,
        Some(window("2026-03-01T00:00:00Z", "2026-03-01T03:00:00Z"))
    );
}

#[test]
fn what_is_overdue_by_days_is_due_today() {
    let schedule = schedule("rate(10 days)", None);
    let origin = from(at("2025-01-01T12:00:00Z"));

    let next = schedule.window(origin, at("2026-03-01T10:00:00Z"));

    assert_eq!(
        next,
        Some(window("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"))
    );
}

#[test]
fn hours_open_at_multiples_from_midnight_for_one_hour() {
    let schedule = schedule("rate(10 hours)", None);
    let set = at("2026-01-01T12:34:00Z");
    let mut opened = Vec::new();
    let mut now = set;
    for _ in 0..4 {
        let origin = Origin {
            set,
            counted_from: now,
        };
        let next = schedule.window(origin, now).unwrap();
        assert_eq!(next.closes, next.opens.plus_seconds(3_600));
        opened.push(next.opens.to_iso());
        now = next.opens.plus_seconds(1_800);
    }

    assert_eq!(
        opened,
        [
            "2026-01-01T20:00:00Z",
            "2026-01-02T06:00:00Z",
            "2026-01-02T16:00:00Z",
            "2026-01-03T02:00:00Z"
        ]
    );
}

#[test]
fn cron_opens_to_the_end_of_the_day_or_for_an_hour_with_steps() {
    let daily = schedule("cron(0 16 1,15 * ? *)", None);
    let steps = schedule("cron(0 /8 * * ? *)", None);
    let now = at("2026-01-20T09:00:00Z");

    assert_eq!(
        daily.window(from(now), now),
        Some(window("2026-02-01T16:00:00Z", "2026-02-02T00:00:00Z"))
    );
    assert_eq!(
        steps.window(from(now), now),
        Some(window("2026-01-20T16:00:00Z", "2026-01-20T17:00:00Z"))
    );
}

#[test]
fn a_window_that_was_missed_gives_way_to_the_next_that_has_not_ended() {
    let schedule = schedule("cron(0 8 1 * ? *)", Some("2h"));
    let origin = from(at("2026-01-15T00:00:00Z"));

    let open = schedule.window(origin, at("2026-03-01T09:59:59Z"));
    let missed = schedule.window(origin, at("2026-03-01T10:00:00Z"));

    assert_eq!(
        open,
        Some(window("2026-03-01T08:00:00Z", "2026-03-01T10:00:00Z"))
    );
    assert_eq!(
        missed,
        Some(window("2026-04-01T08:00:00Z", "2026-04-01T10:00:00Z"))
    );
}

#[test]
fn the_window_of_the_last_rotation_is_over() {
    let schedule = schedule("cron(0 8 * * ? *)", None);
    let inside = at("2026-01-15T09:00:00Z");

    let after = schedule.window(from(inside), inside);
    let first = schedule.first_window(inside);

    assert_eq!(
        after,
        Some(window("2026-01-16T08:00:00Z", "2026-01-17T00:00:00Z"))
    );
    // Rules that were set with no rotation may use it.
    assert_eq!(
        first,
        Some(window("2026-01-15T08:00:00Z", "2026-01-16T00:00:00Z"))
    );
}

#[test]
fn rules_without_a_rotation_begin_with_the_window_that_is_open_or_the_next() {
    let now = at("2026-01-15T09:30:00Z");

    let hours = schedule("rate(4 hours)", Some("2h")).first_window(now);
    let days = Schedule::of(&rules(Some(7), None, None))
        .unwrap()
        .first_window(now);
    let cron = schedule("cron(0 8 15 * ? *)", Some("1h")).first_window(now);

    assert_eq!(
        hours,
        Some(window("2026-01-15T08:00:00Z", "2026-01-15T10:00:00Z"))
    );
    assert_eq!(
        days,
        Some(window("2026-01-22T00:00:00Z", "2026-01-23T00:00:00Z"))
    );
    assert_eq!(
        cron,
        Some(window("2026-02-15T08:00:00Z", "2026-02-15T09:00:00Z"))
    );
}

#[test]
fn the_days_are_derived_from_the_shortest_gap() {
    for (expression, days) in [
        ("rate(10 hours)", 1),
        ("rate(36 hours)", 1),
        ("rate(48 hours)", 2),
        ("rate(10 days)", 10),
        ("cron(0 16 1,15 * ? *)", 14),
        ("cron(0 /8 * * ? *)", 1),
        ("cron(0 8 1 * ? *)", 28),
        ("cron(0 18 ? * SAT *)", 7),
        ("cron(0 17 L * ? *)", 28),
        ("cron(0 1 ? 1/3 SUN#1 *)", 84),
        ("cron(0 1 29 2 ? *)", 1_000),
    ] {
        assert_eq!(
            schedule(expression, None).derived_days(),
            days,
            "{expression}"
        );
    }
}

/// Years of a schedule, driven by a clock of its own: it rotates when it is due, and the next window
/// is asked for as the engine does.
fn years(schedule: &Schedule, count: i64) -> Vec<Window> {
    let set = at("2027-12-30T11:00:00Z");
    let end = set.plus_days(366 * count);
    let mut origin = from(set);
    let mut now = set;
    let mut windows = Vec::new();
    loop {
        let next = schedule.window(origin, now).unwrap();
        now = next.moment(windows.len() as u64 * 7_919_000);
        if now > end {
            return windows;
        }
        assert!(next.opens <= now && now < next.closes);
        origin.counted_from = now;
        windows.push(next);
    }
}

fn opened(expression: &str, count: usize) -> Vec<String> {
    let windows = years(&schedule(expression, None), 30);
    windows
        .iter()
        .take(count)
        .map(|window| window.opens.to_iso())
        .collect()
}

#[test]
fn the_end_of_the_month_is_found_over_years() {
    let ends = opened("cron(0 17 L * ? *)", 40);

    assert_eq!(ends[0], "2027-12-31T17:00:00Z");
    // 2028 is a leap year, 2029 is none.
    assert!(ends.contains(&String::from("2028-02-29T17:00:00Z")));
    assert!(ends.contains(&String::from("2029-02-28T17:00:00Z")));
    assert_eq!(years(&schedule("cron(0 17 L * ? *)", None), 10).len(), 121);
}

#[test]
fn weekdays_of_the_month_are_found_over_years() {
    let first = opened("cron(0 0 ? * SUN#1 *)", 3);
    let last = opened("cron(0 0 SUNL * ? *)", 3);

    assert_eq!(
        first,
        ["2028-01-02", "2028-02-06", "2028-03-05"].map(midnight)
    );
    assert_eq!(
        last,
        ["2028-01-30", "2028-02-27", "2028-03-26"].map(midnight)
    );
}

fn midnight(date: &str) -> String {
    format!("{date}T00:00:00Z")
}

#[test]
fn a_leap_day_comes_every_four_years() {
    assert_eq!(
        opened("cron(0 0 29 2 ? *)", 3),
        ["2028-02-29", "2032-02-29", "2036-02-29"].map(midnight)
    );
}

#[test]
fn days_go_on_over_years_without_drifting() {
    let windows = years(&Schedule::of(&rules(Some(30), None, None)).unwrap(), 20);

    for pair in windows.windows(2) {
        assert_eq!(pair[1].opens, pair[0].opens.plus_days(30));
    }
    assert_eq!(windows.len(), 366 * 20 / 30);
}

fn any_schedule() -> impl Strategy<Value = Schedule> {
    let expression = prop_oneof![
        (4_i64..2_000).prop_map(|hours| format!("rate({hours} hours)")),
        (1_i64..400).prop_map(|days| format!("rate({days} days)")),
        (0_u8..24, 1_u8..29).prop_map(|(hour, day)| format!("cron(0 {hour} {day} * ? *)")),
        (0_u8..24, 1_u8..8).prop_map(|(hour, day)| format!("cron(0 {hour} ? * {day} *)")),
        (0_u8..4, 4_u8..24).prop_map(|(hour, step)| format!("cron(0 {hour}/{step} * * ? *)")),
        (0_u8..24).prop_map(|hour| format!("cron(0 {hour} L * ? *)")),
    ];
    (expression, prop::option::of(1_u8..25)).prop_filter_map("not a schedule", |(text, hours)| {
        let duration = hours.map(|hours| format!("{hours}h"));
        Schedule::of(&rules(None, Some(&text), duration.as_deref())).ok()
    })
}

proptest! {
    #[test]
    fn the_next_window_has_not_ended_and_is_no_earlier_than_the_last_rotation(
        schedule in any_schedule(),
        counted in 0_i64..3_000_000_000,
        later in 0_i64..300_000_000,
    ) {
        let counted = Timestamp::from_millis(counted * 1_000);
        let now = counted.plus_seconds(later);

        let next = schedule.window(from(counted), now).unwrap();

        prop_assert!(next.closes > now);
        prop_assert!(next.opens > counted);
        prop_assert!(next.closes > next.opens);
    }

    #[test]
    fn windows_follow_one_another_without_overlap(schedule in any_schedule()) {
        let windows = years(&schedule, 6);
        for pair in windows.windows(2) {
            prop_assert!(pair[0].closes <= pair[1].opens);
            let gap = pair[1].opens.as_millis() - pair[0].opens.as_millis();
            prop_assert!(gap >= LEAST_HOURS * MILLIS_PER_HOUR);
        }
    }

    #[test]
    fn windows_that_are_shown_are_those_that_come(schedule in any_schedule()) {
        let set = at("2026-05-05T05:05:05Z");
        let mut shown = schedule.window(from(set), set).unwrap();
        let mut origin = from(set);
        for _ in 0..10 {
            let next = schedule.window_after(shown, set).unwrap();
            origin.counted_from = shown.opens;
            prop_assert_eq!(Some(next), schedule.window(origin, shown.opens));
            shown = next;
        }
    }

    #[test]
    fn the_moment_lies_in_the_window_with_time_to_spare(
        opens in 0_i64..3_000_000_000,
        hours in 1_i64..25,
        chance: u64,
    ) {
        let opens = Timestamp::from_millis(opens * 1_000);
        let window = Window { opens, closes: opens.plus_seconds(hours * 3_600) };

        let moment = window.moment(chance);

        prop_assert!(window.opens <= moment);
        prop_assert!(moment.plus_seconds(hours * 3_600 / 8) <= window.closes);
    }

    #[test]
    fn no_text_panics(text in "(rate|cron)\\([0-9A-Za-z#?*/, -]{0,40}\\)", duration in "[0-9]{1,2}h") {
        let _ = Schedule::of(&rules(None, Some(&text), Some(&duration)));
    }
}
