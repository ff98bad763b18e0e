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

/// What `filters` make of lines.
async fn data_of(filters: &[MetricFilter], lines: &[(Timestamp, String)]) -> Vec<MetricDatum> {
    let filters: Vec<_> = filters.iter().cloned().map(Arc::new).collect();
    data(&filters, lines).await
}

/// A minute, a value and dimensions.
type Made = (i64, f64, Vec<(String, String)>);

/// The values that a filter makes of messages, one a minute, with their minutes and dimensions.
async fn made(filter: MetricFilter, messages: &[&str]) -> Vec<Made> {
    let at = |minute: i64| Timestamp::from_millis(minute * 60_000 + 7);
    let messages = messages.iter().map(|text| (*text).to_owned());
    let lines: Vec<_> = (0..).map(at).zip(messages).collect();
    let data = data_of(&[filter], &lines).await;
    let each = data.into_iter().flat_map(|datum| {
        let values = datum.values.into_iter();
        values.map(move |(at, values)| {
            (
                at.as_millis() / 60_000,
                values.sum,
                datum.dimensions.clone(),
            )
        })
    });
    each.collect()
}

fn by_kind() -> Transformation {
    Transformation {
        dimensions: vec![("Kind".into(), "$.kind".into())],
        ..counting("1")
    }
}

#[tokio::test]
async fn each_match_counts_and_what_has_no_number_does_not() {
    let messages = [r#"{"a":1,"n":2.5}"#, r#"{"a":2}"#, r#"{"a":1}"#, "text"];

    let ones = made(filter("{ $.a = 1 }", counting("1")), &messages).await;
    let taken = made(filter("{ $.a = 1 }", counting("$.n")), &messages).await;

    assert_eq!(ones, [(0, 1.0, Vec::new()), (2, 1.0, Vec::new())]);
    assert_eq!(taken, [(0, 2.5, Vec::new())]);
}

#[tokio::test]
async fn a_minute_without_a_match_has_the_default() {
    let with_default = Transformation {
        default: Some(0.0),
        ..counting("1")
    };
    let made = made(filter("x", with_default), &["x", "y", "x y"]).await;

    let expected = [(0, 1.0), (2, 1.0), (1, 0.0)];
    assert_eq!(
        made,
        expected.map(|(minute, value)| (minute, value, Vec::new()))
    );
}

#[tokio::test]
async fn dimensions_come_from_the_event_and_all_must_be_there() {
    let long = json!({ "kind": "x".repeat(256) }).to_string();
    let messages = [r#"{"kind":"a"}"#, "{}", r#"{"kind":""}"#, &long];

    let by_text = made(filter("", by_kind()), &messages).await;
    let by_json = filter("{ $.kind NOT EXISTS || $.kind EXISTS }", by_kind());
    let of_json = made(by_json, &messages).await;

    // Only a pattern for JSON has members to offer.
    assert_eq!(by_text, []);
    assert_eq!(of_json, [(0, 1.0, vec![("Kind".into(), "a".into())])]);
}

#[tokio::test]
async fn lines_of_a_minute_are_put_together() {
    let at = |line: i64| Timestamp::from_millis(60_000 + line);
    let lines: Vec<_> = (0..10_000)
        .map(|n| (at(n), format!("ms {}", n % 5)))
        .collect();
    let filters = vec![filter("[word, ms]", counting("$ms")); MOST_FILTERS];

    let data = data_of(&filters, &lines).await;

    assert_eq!(data.len(), MOST_FILTERS);
    let values = Aggregate {
        count: 10_000.0,
        sum: 20_000.0,
        min: 0.0,
        max: 4.0,
    };
    assert!(data.iter().all(|datum| datum.values == [(at(0), values)]));
}

#[tokio::test]
async fn of_one_append_no_more_than_a_thousand_sets_of_dimensions_are_counted() {
    let line = |kind: i64| json!({ "kind": kind.to_string() }).to_string();
    let lines: Vec<_> = (0..3_000)
        // Each kind comes twice.
        .map(|n| (Timestamp::from_millis(n), line(n % 1_500)))
        .collect();
    let by_kind = filter("{ $.kind EXISTS }", by_kind());
    let all = filter("{ $.kind EXISTS }", counting("1"));

    let data = data_of(&[by_kind.clone(), by_kind, all], &lines).await;

    // A thousand of the first filter, none of the second, and what has no dimensions all the same.
    assert_eq!(data.len(), MOST_SETS + 1);
    let counts: Vec<f64> = data.iter().map(|datum| datum.values[0].1.count).collect();
    assert!(counts[..MOST_SETS].iter().all(|count| *count == 2.0));
    assert_eq!(counts[MOST_SETS], 3_000.0);
}

#[tokio::test]
async fn others_have_a_turn_after_each_piece_of_the_work() {
    let at = Timestamp::from_millis(0);
    let line = "x".repeat(64 << 10);
    let lines: Vec<_> = (0..16).map(|_| (at, line.clone())).collect();
    // The first of the words is missing already, but that cannot be known before.
    let words = filter(&"ab ".repeat(100), counting("1"));

    let (_, turns) = testkit::turns(data_of(&[words], &lines)).await;

    let work = 16 * work_of(line.len(), 100);
    assert!(turns > work / (TURN + work_of(line.len(), 100)), "{turns}");
}
