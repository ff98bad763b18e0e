use super::*;
use serde_json::json;

/// A trail of one Region that has logged since noon.
pub(crate) fn a_trail() -> Trail {
    a_trail_with(|_| {})
}

/// The same with other settings.
pub(crate) fn a_trail_with(change: impl FnOnce(&mut Trail)) -> Trail {
    let mut trail = Trail {
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
        started: None,
        stopped: None,
        spans: Vec::new(),
        tags: Tags::default(),
    };
    change(&mut trail);
    trail.start(noon(), None).unwrap();
    trail
}

fn noon() -> Timestamp {
    Timestamp::from_millis(1_768_478_400_000)
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
    let all = a_trail_with(|trail| trail.is_multi_region = true);

    let own = a_record("eu-central-1", "kms.amazonaws.com", 1);
    let other = a_record("eu-west-1", "kms.amazonaws.com", 1);
    assert!(covers(&one, &own) && !covers(&one, &other));
    assert!(covers(&all, &own) && covers(&all, &other));
}

#[test]
fn services_of_no_region_are_a_matter_of_choice() {
    let with = a_trail();
    let without = a_trail_with(|trail| trail.has_global_events = false);

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

/// The seconds after noon of which a trail covers events of another Region.
fn covered(trail: &Trail, region: &str, seconds: std::ops::Range<i64>) -> Vec<i64> {
    let record = |second: &i64| a_record(region, "kms.amazonaws.com", *second);
    seconds
        .filter(|second| covers(trail, &record(second)))
        .collect()
}

#[test]
fn a_trail_covers_what_happened_while_it_logged() {
    let at = |seconds| noon().plus_seconds(seconds);
    let mut trail = a_trail();
    trail.stop(at(10));
    trail.stop(at(15));
    trail.start(at(20), None).unwrap();
    trail.start(at(25), None).unwrap();

    let covered = covered(&trail, "eu-central-1", -2..23);

    let expected: Vec<i64> = (0..=10).chain(20..23).collect();
    assert_eq!(covered, expected);
    assert_eq!((trail.started, trail.stopped), (Some(at(20)), Some(at(10))));
}

#[test]
fn a_change_does_not_reach_back() {
    let at = |seconds| noon().plus_seconds(seconds);
    let mut trail = a_trail_with(|trail| trail.is_multi_region = true);
    trail.is_multi_region = false;
    trail.turn(at(10), None).unwrap();
    trail.turn(at(12), None).unwrap();
    trail.is_multi_region = true;
    trail.turn(at(20), None).unwrap();

    let covered = covered(&trail, "eu-west-1", -2..23);

    let expected: Vec<i64> = (0..=10).chain(20..23).collect();
    assert_eq!((covered, trail.spans.len()), (expected, 3));
    assert_eq!((trail.started, trail.stopped), (Some(noon()), None));
}

#[test]
fn a_trail_that_does_not_log_is_changed_without_a_span() {
    let mut trail = a_trail();
    trail.stop(noon());
    trail.has_global_events = false;

    trail.turn(noon().plus_seconds(9), None).unwrap();

    assert!(!trail.is_logging());
    assert_eq!(trail.spans.len(), 1);
}

/// Stops and starts so often, two seconds apart.
fn toggle(trail: &mut Trail, often: i64, delivered: Option<Timestamp>) -> Result<(), Error> {
    for n in 0..often {
        trail.stop(noon().plus_seconds(2 * n));
        trail.start(noon().plus_seconds(2 * n + 1), delivered)?;
    }
    Ok(())
}

#[test]
fn what_waits_for_delivery_is_never_forgotten() {
    let mut trail = a_trail();
    let last = i64::try_from(MOST_SPANS).unwrap() - 1;

    toggle(&mut trail, last, None).unwrap();
    let full = trail.clone();
    trail.stop(noon().plus_days(1));
    let refused = trail.start(noon().plus_days(2), Some(noon()));

    assert!(matches!(refused, Err(Error::TooManyChanges)), "{refused:?}");
    assert_eq!(trail.spans.len(), MOST_SPANS);
    assert_eq!(trail.spans[..63], full.spans[..63]);
    assert!(!trail.is_logging());
}

#[test]
fn what_is_delivered_is_forgotten_once_nothing_of_it_can_come() {
    let mut trail = a_trail();
    toggle(&mut trail, 10, None).unwrap();
    trail.stop(noon().plus_days(1));

    // Those that stopped at 0, 2, 4 seconds after noon are over.
    let delivered = noon().plus_seconds(4 + AFTERMATH).plus_millis(1);
    trail.start(noon().plus_days(2), Some(delivered)).unwrap();

    assert_eq!(trail.spans.len(), 9);
    assert_eq!(trail.spans[0].started, noon().plus_seconds(5));
}

#[test]
fn heavy_selectors_cannot_be_changed_for_ever() {
    let mut trail = a_trail();
    let heavy = |n: usize| Selectors::of_tests(&"x".repeat((HEAVIEST_SPANS >> 1) + n));

    let outcomes: Vec<bool> = (0..3)
        .map(|n| {
            trail.selectors = heavy(n);
            trail.turn(noon(), None).is_ok()
        })
        .collect();

    assert_eq!(outcomes, [true, true, false]);
}

/// Where a trail delivers an event of so many seconds after noon.
fn bucket_of(trail: &Trail, second: i64) -> Option<&str> {
    let record = a_record("eu-central-1", "kms.amazonaws.com", second);
    let destination = trail.destination_of(&Described::of(&record).unwrap())?;
    Some(&destination.bucket)
}

#[test]
fn an_event_goes_where_the_trail_pointed_when_it_happened() {
    let at = |seconds| noon().plus_seconds(seconds);
    let mut trail = a_trail();
    trail.bucket = String::from("second");
    trail.turn(at(10), None).unwrap();
    trail.stop(at(20));
    trail.bucket = String::from("third");
    trail.turn(at(25), None).unwrap();
    trail.start(at(30), None).unwrap();

    let found = [-1, 0, 10, 11, 20, 21, 29, 30].map(|second| bucket_of(&trail, second));

    let (first, second, third) = (Some("audit-archive"), Some("second"), Some("third"));
    let expected = [None, first, first, second, second, None, None, third];
    assert_eq!(found, expected);
}

#[test]
fn a_slash_behind_a_prefix_makes_no_other_place() {
    let trail = a_trail();
    let mut slashed = trail.clone();
    slashed.prefix = Some(String::from("year/one/"));

    slashed.turn(noon().plus_seconds(10), None).unwrap();

    assert_eq!(slashed.destination(), trail.destination());
    assert_eq!(slashed.spans, trail.spans);
}

#[test]
fn a_trail_is_over_when_nothing_of_it_can_come() {
    let mut trail = a_trail();
    let logging = trail.is_over(Some(noon().plus_days(1)));
    trail.stop(noon());

    let over =
        [AFTERMATH, AFTERMATH + 1].map(|after| trail.is_over(Some(noon().plus_seconds(after))));

    assert_eq!((logging, over), (false, [false, true]));
    assert!(!trail.is_over(None));
}
