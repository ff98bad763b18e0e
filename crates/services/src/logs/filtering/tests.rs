use super::*;
use base::{AccountId, RegionName};
use serde_json::json;

fn filter(pattern: &str, transformation: Transformation) -> MetricFilter {
    MetricFilter {
        account: AccountId::parse("123456789012").unwrap(),
        region: RegionName::parse("us-east-1").unwrap(),
        group: String::from("trail"),
        name: String::from("f"),
        pattern: pattern.to_owned(),
        transformation,
        created: Timestamp::from_millis(0),
    }
}

fn counting(value: &str) -> Transformation {
    Transformation {
        namespace: String::from("N"),
        metric: String::from("M"),
        value: value.to_owned(),
        default: None,
        dimensions: Vec::new(),
        unit: None,
    }
}

/// A minute, a value and dimensions.
type Made = (i64, f64, Vec<(String, String)>);

/// The values that a filter makes of messages, one a minute, with their minutes and dimensions.
fn made(filter: &MetricFilter, messages: &[&str]) -> Vec<Made> {
    let at = |minute: i64| Timestamp::from_millis(minute * 60_000 + 7);
    let messages = messages.iter().map(|text| (*text).to_owned());
    let events: Vec<_> = (0..).map(at).zip(messages).collect();
    let event: Vec<_> = events
        .iter()
        .map(|(at, text)| (*at, Event::new(text)))
        .collect();
    let compiled = Compiled::of(filter).unwrap();
    let data = compiled.data(&event).into_iter();
    data.map(|datum| (datum.at.as_millis() / 60_000, datum.value, datum.dimensions))
        .collect()
}

#[test]
fn each_match_counts_and_what_has_no_number_does_not() {
    let messages = [r#"{"a":1,"n":2.5}"#, r#"{"a":2}"#, r#"{"a":1}"#, "text"];

    let ones = made(&filter("{ $.a = 1 }", counting("1")), &messages);
    let taken = made(&filter("{ $.a = 1 }", counting("$.n")), &messages);

    assert_eq!(ones, [(0, 1.0, Vec::new()), (2, 1.0, Vec::new())]);
    assert_eq!(taken, [(0, 2.5, Vec::new())]);
}

#[test]
fn a_minute_without_a_match_has_the_default() {
    let with_default = Transformation {
        default: Some(0.0),
        ..counting("1")
    };
    let made = made(&filter("x", with_default), &["x", "y", "x y"]);

    let expected = [(0, 1.0), (2, 1.0), (1, 0.0)];
    assert_eq!(
        made,
        expected.map(|(minute, value)| (minute, value, Vec::new()))
    );
}

#[test]
fn dimensions_come_from_the_event_and_all_must_be_there() {
    let by_kind = Transformation {
        dimensions: vec![("Kind".into(), "$.kind".into())],
        ..counting("1")
    };
    let long = json!({ "kind": "x".repeat(256) }).to_string();
    let messages = [r#"{"kind":"a"}"#, "{}", r#"{"kind":""}"#, &long];

    let made = made(&filter("", by_kind.clone()), &messages);
    let by_json = filter("{ $.kind NOT EXISTS || $.kind EXISTS }", by_kind);
    let of_json = super::tests::made(&by_json, &messages);

    // Only a pattern for JSON has members to offer.
    assert_eq!(made, []);
    assert_eq!(of_json, [(0, 1.0, vec![("Kind".into(), "a".into())])]);
}
