use super::*;
use serde_json::json;

/// A trail of one Region that has logged since noon.
pub(crate) fn a_trail() -> Trail {
    Trail {
        account: AccountId::parse("123456789012").unwrap(),
        region: RegionName::parse("eu-central-1").unwrap(),
        name: String::from("all-events"),
        id: String::from("11111111-2222-4333-8444-555555555555"),
        created: Timestamp::from_millis(1_768_478_300_000),
        bucket: String::from("audit-archive"),
        prefix: Some(String::from("year/one")),
        topic: None,
        has_global_events: true,
        is_multi_region: false,
        is_validated: true,
        logs: None,
        selectors: Selectors::default(),
        spans: vec![Span {
            started: Timestamp::from_millis(1_768_478_400_000),
            stopped: None,
        }],
        tags: Tags::default(),
    }
}

/// The record of an event, at so many seconds after noon.
pub(crate) fn a_record(region: &str, source: &str, seconds: i64) -> Vec<u8> {
    let at = Timestamp::from_millis(1_768_478_400_000).plus_seconds(seconds);
    let record = json!({
        "userIdentity": { "type": "Root", "arn": "arn:aws:iam::123456789012:root" },
        "eventTime": at.to_iso(), "eventSource": source, "eventName": "GetSecretValue",
        "awsRegion": region, "requestParameters": { "secretId": "db" }, "readOnly": true,
        "eventType": "AwsApiCall", "recipientAccountId": "123456789012",
    });
    record.to_string().into_bytes()
}

fn covers(trail: &Trail, record: &[u8]) -> bool {
    trail.covers(&Described::of(record).unwrap())
}

#[test]
fn a_trail_is_of_its_region_or_of_all() {
    let one = a_trail();
    let all = Trail {
        is_multi_region: true,
        ..a_trail()
    };

    let own = a_record("eu-central-1", "kms.amazonaws.com", 1);
    let other = a_record("eu-west-1", "kms.amazonaws.com", 1);
    assert!(covers(&one, &own) && !covers(&one, &other));
    assert!(covers(&all, &own) && covers(&all, &other));
}

#[test]
fn services_of_no_region_are_a_matter_of_choice() {
    let with = a_trail();
    let without = Trail {
        has_global_events: false,
        ..a_trail()
    };

    let event = a_record("us-east-1", "iam.amazonaws.com", 1);
    assert!(covers(&with, &event) && !covers(&without, &event));
}

#[test]
fn events_of_other_accounts_are_not_covered() {
    let trail = Trail {
        account: AccountId::parse("444455556666").unwrap(),
        ..a_trail()
    };

    assert!(!covers(
        &trail,
        &a_record("eu-central-1", "kms.amazonaws.com", 1)
    ));
}

#[test]
fn a_trail_covers_what_happened_while_it_logged() {
    let noon = Timestamp::from_millis(1_768_478_400_000);
    let mut trail = a_trail();
    trail.stop(noon.plus_seconds(10));
    trail.stop(noon.plus_seconds(15));
    trail.start(noon.plus_seconds(20));
    trail.start(noon.plus_seconds(25));

    let covered: Vec<i64> = (-2..23)
        .filter(|second| {
            covers(
                &trail,
                &a_record("eu-central-1", "kms.amazonaws.com", *second),
            )
        })
        .collect();

    let expected: Vec<i64> = (0..=10).chain(20..23).collect();
    assert_eq!(covered, expected);
}

#[test]
fn a_trail_remembers_a_few_spans_only() {
    let noon = Timestamp::from_millis(1_768_478_400_000);
    let mut trail = a_trail();

    for n in 0..100 {
        trail.stop(noon.plus_seconds(2 * n));
        trail.start(noon.plus_seconds(2 * n + 1));
    }

    assert_eq!(trail.spans.len(), MOST_SPANS);
    assert!(trail.is_logging());
}
