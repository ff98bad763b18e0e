use super::*;
use crate::fixtures;
use proptest::prelude::*;
use store::Record as _;

fn group() -> LogGroup {
    LogGroup {
        account: AccountId::parse("123456789012").unwrap(),
        region: RegionName::parse("eu-central-1").unwrap(),
        name: String::from("/aws/lambda/rotate"),
        created: Timestamp::from_millis(1_768_478_400_123),
        bytes: 4_711,
    }
}

fn stream() -> LogStream {
    LogStream {
        account: group().account,
        region: group().region,
        group: group().name,
        name: String::from("2026/01/15/[$LATEST]0123456789abcdef0123456789abcdef"),
        written: Timestamp::from_millis(1_768_478_402_000),
        events: vec![
            LogEvent {
                at: Timestamp::from_millis(1_768_478_400_000),
                message: String::from("START"),
            },
            LogEvent {
                at: Timestamp::from_millis(1_768_478_401_000),
                message: String::from("ünd"),
            },
        ],
        bytes: 61,
    }
}

#[test]
fn what_was_stored_is_read() {
    fixtures::assert_reads(1, &group());
    fixtures::assert_reads(1, &stream());
}

#[test]
#[ignore = "writes the fixtures of a new version; run once for each"]
fn write_fixtures() {
    fixtures::write(&group());
    fixtures::write(&stream());
}

#[test]
fn a_stream_is_found_by_when_it_began_and_by_when_it_ends() {
    let ends = stream().written.plus_days(14).as_millis();

    let expected = vec![Value::Int(1_768_478_400_000), Value::Int(ends)];
    assert_eq!(stream().columns(), expected);
}

proptest! {
    #[test]
    fn every_record_survives(messages in prop::collection::vec(".{0,20}", 0..5), bytes: u64, at: i64) {
        let at = Timestamp::from_millis(at);
        let events = messages.into_iter().map(|message| LogEvent { at, message });

        fixtures::assert_survives(&LogStream { events: events.collect(), bytes, ..stream() });
        fixtures::assert_survives(&LogGroup { bytes, created: at, ..group() });
    }
}
