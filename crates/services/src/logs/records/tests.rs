use super::stream::Seen;
use super::*;
use crate::fixtures;
use crate::tags::Tags;
use base::{AccountId, RegionName, Timestamp};
use proptest::prelude::*;
use store::{Record as _, Value};

fn group() -> LogGroup {
    let mut tags = Tags::default();
    let tag = (Some(String::from("team")), String::from("blue"));
    tags.set([tag].into_iter()).unwrap();
    LogGroup {
        retention_days: None,
        tags,
        most_bytes: 64 << 20,
        bytes: 0,
        ..old_group()
    }
}

/// As version 1 had it.
fn old_group() -> LogGroup {
    LogGroup {
        account: AccountId::parse("123456789012").unwrap(),
        region: RegionName::parse("eu-central-1").unwrap(),
        name: String::from("/aws/lambda/rotate"),
        created: Timestamp::from_millis(1_768_478_400_123),
        bytes: 4_711,
        retention_days: Some(14),
        tags: Tags::default(),
        most_bytes: 10 << 20,
    }
}

fn usage() -> LogUsage {
    LogUsage {
        account: group().account,
        region: group().region,
        group: group().name,
        bytes: 99,
    }
}

fn stream() -> LogStream {
    LogStream {
        events: Vec::new(),
        lines: 7,
        chunks: 2,
        ..old_stream()
    }
}

/// As version 1 had it.
fn old_stream() -> LogStream {
    let (first, last) = (1_768_478_400_000, 1_768_478_401_000);
    let [first, last] = [first, last].map(Timestamp::from_millis);
    let written = Timestamp::from_millis(1_768_478_402_000);
    LogStream {
        account: group().account,
        region: group().region,
        group: group().name,
        name: String::from("2026/01/15/[$LATEST]0123456789abcdef0123456789abcdef"),
        written,
        events: vec![
            LogEvent {
                at: first,
                message: String::from("START"),
            },
            LogEvent {
                at: last,
                message: String::from("ünd"),
            },
        ],
        bytes: 61,
        seen: Some(Seen {
            first,
            last,
            ingested: written,
        }),
        lines: 2,
        chunks: 0,
    }
}

fn chunk() -> LogChunk {
    let at = Timestamp::from_millis(1_768_478_400_000);
    LogChunk {
        lines: vec![Line {
            at,
            ingested: at.plus_millis(5),
            message: String::from("ünd"),
        }],
        bytes: 30,
        ..LogChunk::new(&stream(), 6, at.plus_millis(5))
    }
}

fn filter() -> MetricFilter {
    MetricFilter {
        account: group().account,
        region: group().region,
        group: group().name,
        name: String::from("attempts"),
        pattern: String::from("{ $.eventName = \"GetSecretValue\" }"),
        transformation: Transformation {
            namespace: String::from("CloudTrailLogMetrics"),
            metric: String::from("Attempts"),
            value: String::from("1"),
            default: Some(0.5),
            dimensions: vec![(String::from("Kind"), String::from("$.kind"))],
            unit: Some(String::from("Count")),
        },
        created: Timestamp::from_millis(1_768_478_400_123),
    }
}

#[test]
fn what_was_stored_is_read() {
    fixtures::assert_reads(1, &old_group());
    fixtures::assert_reads(1, &old_stream());
    fixtures::assert_reads(2, &group());
    fixtures::assert_reads(2, &stream());
    fixtures::assert_reads(1, &chunk());
    fixtures::assert_reads(1, &filter());
    fixtures::assert_reads(1, &usage());
}

#[test]
#[ignore = "writes the fixtures of a new version; run once for each"]
fn write_fixtures() {
    fixtures::write(&group());
    fixtures::write(&stream());
    fixtures::write(&chunk());
    fixtures::write(&filter());
    fixtures::write(&usage());
}

#[test]
fn a_stream_is_found_by_when_it_began_and_an_old_one_by_when_it_ends() {
    let began = Value::Int(1_768_478_400_000);
    let ends = old_stream().written.plus_days(14).as_millis();

    assert_eq!(old_stream().columns(), [began.clone(), Value::Int(ends)]);
    assert_eq!(stream().columns(), [began, Value::Null]);
}

#[test]
fn a_stream_knows_from_when_to_when_its_lines_are() {
    let at = Timestamp::from_millis;
    let mut stream = LogStream::new(&group(), "x", at(5));
    let before = stream.began();

    stream.see(at(30), at(40), at(50));
    stream.see(at(20), at(35), at(60));

    assert_eq!(before, at(5));
    let expected = Seen {
        first: at(20),
        last: at(40),
        ingested: at(60),
    };
    assert_eq!(stream.seen, Some(expected));
    assert_eq!(stream.began(), at(20));
}

proptest! {
    #[test]
    fn every_record_survives(messages in prop::collection::vec(".{0,20}", 0..5), bytes: u64, at: i64) {
        let at = Timestamp::from_millis(at);
        let events = messages.iter().cloned().map(|message| LogEvent { at, message });
        let lines = messages.iter().cloned().map(|message| Line { at, ingested: at, message });

        fixtures::assert_survives(&LogStream { events: events.collect(), bytes, ..stream() });
        fixtures::assert_survives(&LogChunk { lines: lines.collect(), bytes, ..chunk() });
        fixtures::assert_survives(&LogGroup { bytes, created: at, ..group() });
        fixtures::assert_survives(&LogUsage { bytes, ..usage() });
    }
}
