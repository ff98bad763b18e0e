use super::*;
use chrono::{DateTime, Datelike as _, Timelike as _, Utc};
use croner::parser::{CronParser, Seconds, Year};
use proptest::prelude::*;

fn date(year: i32, month: u8, day: u8) -> Date {
    Date::from_calendar_date(year, Month::try_from(month).unwrap(), day).unwrap()
}

fn date_of(moment: &DateTime<Utc>) -> Date {
    let (month, day) = (moment.month().try_into(), moment.day().try_into());
    date(moment.year(), month.unwrap(), day.unwrap())
}

/// The first days after 2026-01-31 on which windows open, as `month/day`, and the hours.
fn days(text: &str, count: usize) -> Vec<String> {
    let cron = Cron::parse(text).unwrap();
    let mut day = date(2026, 1, 31);
    let mut days = Vec::new();
    while days.len() < count {
        day = cron.day_after(day).unwrap();
        days.push(format!("{}/{}", u8::from(day.month()), day.day()));
    }
    days
}

fn problem(text: &str) -> String {
    match Cron::parse(text) {
        Ok(_) => panic!("`{text}` was read"),
        Err(problem) => problem,
    }
}

#[test]
fn the_days_are_those_that_the_fields_say() {
    assert_eq!(days("0 8 1 * ? *", 3), ["2/1", "3/1", "4/1"]);
    assert_eq!(days("0 17 L * ? *", 3), ["2/28", "3/31", "4/30"]);
    assert_eq!(days("0 16 1,15 * ? *", 3), ["2/1", "2/15", "3/1"]);
    assert_eq!(days("0 18 ? * SAT *", 2), ["2/7", "2/14"]);
    assert_eq!(days("0 8 ? * MON-FRI *", 3), ["2/2", "2/3", "2/4"]);
    assert_eq!(days("0 0 ? * SUN#1 *", 3), ["2/1", "3/1", "4/5"]);
    assert_eq!(days("0 1 ? 1/3 SUN#1 *", 3), ["4/5", "7/5", "10/4"]);
    assert_eq!(days("0 1 SUNL * ? *", 2), ["2/22", "3/29"]);
    assert_eq!(days("0 1 ? * 6L *", 2), ["2/27", "3/27"]);
    assert_eq!(days("0 1 ? * L *", 2), ["2/7", "2/14"]);
    assert_eq!(days("0 1 31 * ? *", 3), ["3/31", "5/31", "7/31"]);
    assert_eq!(days("0 1 29 feb ? *", 2), ["2/29", "2/29"]);
    assert_eq!(days("0 1 ? FEB SUN#5 *", 1), ["2/29"]);
    assert_eq!(days("0 1 */10 * ? *", 4), ["2/1", "2/11", "2/21", "3/1"]);
    assert_eq!(days("0 10 * * ? *", 2), ["2/1", "2/2"]);
    assert_eq!(days("0 10 ? * * *", 2), ["2/1", "2/2"]);
}

#[test]
fn a_leap_day_comes_in_leap_years_only() {
    let cron = Cron::parse("0 0 29 2 ? *").unwrap();
    let mut day = date(2026, 1, 1);
    let mut years = Vec::new();
    for _ in 0..3 {
        day = cron.day_after(day).unwrap();
        years.push(day.year());
    }
    let after_1896 = cron.day_after(date(1896, 3, 1)).unwrap();

    assert_eq!(years, [2028, 2032, 2036]);
    // 1900 was none.
    assert_eq!(after_1896, date(1904, 2, 29));
    assert_eq!(cron.fewest_days(), Some(1_461));
}

#[test]
fn hours_in_steps_begin_anew_each_day() {
    let hours = |text: &str| Cron::parse(text).unwrap().hours().to_vec();

    assert_eq!(hours("0 /8 * * ? *"), [0, 8, 16]);
    assert_eq!(hours("0 8/8 * * ? *"), [8, 16]);
    assert_eq!(hours("0 2/10 * * ? *"), [2, 12, 22]);
    assert_eq!(hours("0 4/12 * * ? *"), [4, 16]);
    assert_eq!(hours("0 0/8 * * ? *"), [0, 8, 16]);
    assert_eq!(hours("0 */6 * * ? *"), [0, 6, 12, 18]);
    assert_eq!(hours("0 23 * * ? *"), [23]);
}

#[test]
fn what_aws_does_not_take_is_refused_with_a_reason() {
    let one = "One of the day-of-month and day-of-week fields must be ?.";
    let hours = "The hours field takes one hour, or steps such as 0/8.";
    for (text, expected) in [
        ("", "A cron expression has six fields."),
        ("0 8 * * ?", "A cron expression has six fields."),
        ("0 0 8 * * ? *", "A cron expression has six fields."),
        ("5 8 * * ? *", "The minutes field must be 0."),
        ("* 8 * * ? *", "The minutes field must be 0."),
        ("0 8 * * ? 2026", "The year field must be *."),
        ("0 8 ? * ? *", one),
        ("0 8 * * * *", one),
        ("0 8 1 * MON *", one),
        ("0 * * * ? *", hours),
        ("0 8,20 * * ? *", hours),
        ("0 8-20 * * ? *", hours),
        ("0 24 * * ? *", "The hours field isn't valid."),
        ("0 8/0 * * ? *", "The hours field isn't valid."),
        ("0 ? * * ? *", "The hours field isn't valid."),
        ("0 8 0 * ? *", "The day-of-month field isn't valid."),
        ("0 8 32 * ? *", "The day-of-month field isn't valid."),
        ("0 8 15W * ? *", "The day-of-month field isn't valid."),
        ("0 8 20-10 * ? *", "The day-of-month field isn't valid."),
        ("0 8 1 13 ? *", "The month field isn't valid."),
        ("0 8 1 FOO ? *", "The month field isn't valid."),
        ("0 8 1 ? ? *", "The month field isn't valid."),
        ("0 8 ? * 0 *", "The day-of-week field isn't valid."),
        ("0 8 ? * 8 *", "The day-of-week field isn't valid."),
        ("0 8 ? * SUN#6 *", "The day-of-week field isn't valid."),
        ("0 8 ? * SUN#0 *", "The day-of-week field isn't valid."),
        ("0 8 ? * FRI-MON *", "The day-of-week field isn't valid."),
        (
            "0 8 31 2 ? *",
            "The expression names a day that never comes.",
        ),
        (
            "0 8 31 4,6 ? *",
            "The expression names a day that never comes.",
        ),
    ] {
        assert_eq!(problem(text), expected, "{text}");
    }
}

/// Expressions that AWS and the oracle read alike.
fn expression() -> impl Strategy<Value = String> {
    let hours = prop_oneof![
        (0_u8..24).prop_map(|hour| hour.to_string()),
        (0_u8..24, 1_u8..24).prop_map(|(first, step)| format!("{first}/{step}")),
        (1_u8..24).prop_map(|step| format!("*/{step}")),
    ];
    let day = prop_oneof![
        Just(String::from("*")),
        Just(String::from("L")),
        (1_u8..=28).prop_map(|day| day.to_string()),
        (1_u8..=28, 1_u8..10).prop_map(|(first, step)| format!("{first}/{step}")),
        (1_u8..=15, 0_u8..16).prop_map(|(a, b)| format!("{a}-{}", a + b)),
        prop::collection::vec(1_u8..=28, 1..4)
            .prop_map(|days| { days.iter().map(u8::to_string).collect::<Vec<_>>().join(",") }),
    ];
    let names = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
    let weekday = prop_oneof![
        (1_u8..=7).prop_map(|day| day.to_string()),
        (0_usize..7).prop_map(move |day| String::from(names[day])),
        (0_usize..7, 1_u8..=4).prop_map(move |(day, nth)| format!("{}#{nth}", names[day])),
        (0_usize..7).prop_map(move |day| format!("{}L", names[day])),
        (1_u8..=3, 0_u8..=4).prop_map(|(a, b)| format!("{a}-{}", a + b)),
    ];
    let days = prop_oneof![
        day.prop_map(|day| (day, String::from("?"))),
        weekday.prop_map(|weekday| (String::from("?"), weekday)),
    ];
    let months = prop_oneof![
        Just(String::from("*")),
        (1_u8..=12).prop_map(|month| month.to_string()),
        (1_u8..=12, 1_u8..6).prop_map(|(first, step)| format!("{first}/{step}")),
    ];
    (hours, days, months)
        .prop_map(|(hours, (day, weekday), month)| format!("0 {hours} {day} {month} {weekday} *"))
}

fn oracle(text: &str) -> croner::Cron {
    let parser = CronParser::builder()
        .seconds(Seconds::Required)
        .year(Year::Required)
        .alternative_weekdays(true)
        .sloppy_ranges(true)
        .build();
    parser.parse(&format!("0 {text}")).unwrap()
}

proptest! {
    #[test]
    fn the_next_openings_are_those_of_another_implementation(
        text in expression(),
        start in 1_600_000_000_i64..4_000_000_000,
    ) {
        let Ok(cron) = Cron::parse(&text) else {
            // What never comes there is nothing to compare of.
            return Ok(());
        };
        let begin = DateTime::<Utc>::from_timestamp(start, 0).unwrap();
        let first = date_of(&begin);

        let mut own = Vec::new();
        let mut day = first;
        while own.len() < 30 {
            if cron.is_on(day) {
                own.extend(cron.hours().iter().map(|hour| (day, u32::from(*hour))));
            }
            day = cron.day_after(day).unwrap();
        }
        own.retain(|(day, hour)| {
            *day > first || (*hour, 0, 0) > (begin.hour(), begin.minute(), begin.second())
                || (begin.minute() + begin.second() == 0 && *hour > begin.hour())
        });
        let theirs: Vec<_> = oracle(&text)
            .iter_after(begin)
            .take(20)
            .map(|next| (date_of(&next), next.hour()))
            .collect();

        prop_assert_eq!(&own[..20.min(own.len())], &theirs[..20.min(own.len())]);
    }

    #[test]
    fn no_text_panics(text in "[0-9A-Za-z()#?*/, -]{0,60}") {
        let _ = Cron::parse(&text);
    }

    #[test]
    fn the_fewest_days_are_a_lower_bound(text in expression(), start in 0_i32..300) {
        let Ok(cron) = Cron::parse(&text) else { return Ok(()) };
        let Some(fewest) = cron.fewest_days() else { return Ok(()) };
        let mut day = date(1950 + start, 1, 1);
        for _ in 0..20 {
            let Some(next) = cron.day_after(day) else { break };
            let is_first = day.month() == Month::January && day.day() == 1;
            prop_assert!(is_first || (next - day).whole_days() >= fewest);
            day = next;
        }
    }
}
