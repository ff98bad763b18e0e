use super::*;
use crate::chain::{Chain, Position};
use crate::described::Described;
use crate::names::FileName;
use proptest::prelude::*;
use serde_json::json;

/// An event in few variants, so that values meet.
#[derive(Clone, Debug)]
struct Event {
    account: u8,
    region: u8,
    name: u8,
    user: Option<u8>,
    secret: Option<u8>,
    read_only: bool,
    time: i64,
}

const ACCOUNTS: [&str; 3] = ["111122223333", "444455556666", ""];
const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];

impl Event {
    fn record(&self, id: usize) -> String {
        let secret = self.secret.map(|secret| format!("s{secret}"));
        let time = 1_768_478_400 + self.time;
        let (minute, second) = (time / 60 % 60, time % 60);
        json!({
            "userIdentity": { "type": "IAMUser", "userName": self.user.map(|user| format!("u{user}")) },
            "eventTime": format!("2026-01-15T12:{minute:02}:{second:02}Z"),
            "eventSource": "secretsmanager.amazonaws.com",
            "eventName": format!("Name{}", self.name),
            "awsRegion": REGIONS[usize::from(self.region)],
            "requestParameters": { "secretId": secret },
            "eventID": format!("id-{id}"),
            "readOnly": self.read_only,
            "recipientAccountId": ACCOUNTS[usize::from(self.account)],
        })
        .to_string()
    }
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = (
        0_u8..3,
        0_u8..2,
        0_u8..3,
        prop::option::of(0_u8..3),
        prop::option::of(0_u8..3),
        any::<bool>(),
        0_i64..300,
    );
    let event = event.prop_map(
        |(account, region, name, user, secret, read_only, time)| Event {
            account,
            region,
            name,
            user,
            secret,
            read_only,
            time,
        },
    );
    prop::collection::vec(event, 0..60)
}

fn sought() -> impl Strategy<Value = Sought> {
    let attribute = prop_oneof![
        (0_u8..3).prop_map(|n| (Attribute::EventName, format!("Name{n}"))),
        (0_u8..3).prop_map(|n| (Attribute::Username, format!("u{n}"))),
        (0_u8..3).prop_map(|n| (Attribute::ResourceName, format!("s{n}"))),
        (0_u8..60).prop_map(|n| (Attribute::EventId, format!("id-{n}"))),
        any::<bool>().prop_map(|b| (Attribute::ReadOnly, b.to_string())),
        Just((
            Attribute::ResourceType,
            String::from("AWS::SecretsManager::Secret")
        )),
        Just((Attribute::AccessKeyId, String::from("AKIA"))),
        Just((
            Attribute::EventSource,
            String::from("secretsmanager.amazonaws.com")
        )),
    ];
    let (accounts, regions) = (0_usize..2, 0_usize..2);
    (accounts, regions, prop::option::of(attribute)).prop_map(|(account, region, attribute)| {
        Sought {
            account: ACCOUNTS[account].to_owned(),
            region: REGIONS[region].to_owned(),
            attribute,
        }
    })
}

fn question() -> impl Strategy<Value = Question> {
    (sought(), -10_i64..310, 0_i64..320, 0_u64..80).prop_map(|(sought, from, width, before)| {
        let from = 1_768_478_400 + from;
        Question {
            sought,
            from,
            to: from + width,
            before: FIRST + before,
        }
    })
}

const FIRST: u64 = 1_000;

fn segment(events: &[Event]) -> Vec<u8> {
    let before = Position {
        sequence: FIRST - 1,
        ..Position::beginning("d", None)
    };
    let mut chain = Chain::after("d", before);
    let mut segment = Vec::new();
    for (id, event) in events.iter().enumerate() {
        chain
            .append(event.record(id).as_bytes(), &mut segment)
            .unwrap();
    }
    segment
}

fn built(segment: &[u8]) -> BuiltIndex {
    let mut index = BuiltIndex::new(FIRST);
    index.extend(segment, u64::MAX).unwrap();
    index
}

fn encoded(segment: &[u8]) -> (Vec<u8>, Mark) {
    let mark = Mark::of(segment, segment.len() as u64).unwrap();
    (built(segment).encode(&mark).unwrap(), mark)
}

/// All events, looked at one by one.
fn scanned(events: &[Event], question: &Question, most: usize) -> Vec<Found> {
    let numbered = (FIRST..).zip(events.iter().enumerate());
    let records = numbered.map(|(sequence, (id, event))| Found {
        sequence,
        record: event.record(id).into_bytes(),
    });
    let mut found: Vec<Found> = records
        .filter(|found| {
            Described::of(&found.record).is_some_and(|described| {
                found.sequence < question.before
                    && (question.from..=question.to).contains(&described.time)
                    && question.sought.matches(&described)
            })
        })
        .collect();
    found.reverse();
    found.truncate(most);
    found
}

fn searched(
    index: &mut impl Index,
    segment: &[u8],
    question: &Question,
    most: usize,
) -> Result<Vec<Found>, IndexError> {
    let mut found = Vec::new();
    search(index, segment, question, most, &mut found)?;
    Ok(found)
}

proptest! {
    #[test]
    fn an_index_finds_what_a_scan_finds(events in events(), question in question(), most in 0_usize..8) {
        let segment = segment(&events);
        let (file, mark) = encoded(&segment);
        let mut on_file = IndexFile::open(file.as_slice(), FIRST, &mark).unwrap();

        let in_memory = searched(&mut built(&segment), &segment, &question, most).unwrap();
        let on_file = searched(&mut on_file, &segment, &question, most).unwrap();

        let expected = scanned(&events, &question, most);
        prop_assert_eq!(&in_memory, &expected);
        prop_assert_eq!(&on_file, &expected);
    }

    #[test]
    fn a_damaged_index_is_refused_or_finds_the_same(
        events in events(), question in question(), at in any::<prop::sample::Index>(), bit in 0..8,
    ) {
        let segment = segment(&events);
        let (mut file, mark) = encoded(&segment);
        let at = at.index(file.len());
        file[at] ^= 1_u8 << bit;

        let outcome = IndexFile::open(file.as_slice(), FIRST, &mark)
            .and_then(|mut index| searched(&mut index, &segment, &question, 9));

        match outcome {
            Ok(found) => prop_assert_eq!(found, scanned(&events, &question, 9)),
            Err(error) => prop_assert!(matches!(error, IndexError::Damaged), "{}", error),
        }
    }

    #[test]
    fn an_index_with_another_segments_postings_shows_nothing_wrong(
        one in events(), other in events(), question in question(),
    ) {
        let (one, other) = (segment(&one), other);
        let mut index = built(&one);

        let found = searched(&mut index, &segment(&other), &question, 9);

        if let Ok(found) = found {
            for found in found {
                let described = Described::of(&found.record).unwrap();
                prop_assert!(question.sought.matches(&described));
                prop_assert!((question.from..=question.to).contains(&described.time));
            }
        }
    }

    #[test]
    fn an_index_that_grew_is_the_one_that_was_made_at_once(
        events in events(), cut in any::<prop::sample::Index>(), question in question(),
    ) {
        let segment = segment(&events);
        let cut = cut.index(segment.len() + 1);
        let mut grown = BuiltIndex::new(FIRST);
        let taken = grown.extend(&segment[..cut], u64::MAX).unwrap();
        grown.extend(&segment[usize::try_from(taken).unwrap()..], u64::MAX).unwrap();

        let found = searched(&mut grown, &segment, &question, 9).unwrap();

        prop_assert_eq!(grown.length(), segment.len() as u64);
        prop_assert_eq!(found, scanned(&events, &question, 9));
    }
}

fn one_event() -> Vec<Event> {
    vec![Event {
        account: 0,
        region: 0,
        name: 0,
        user: None,
        secret: None,
        read_only: false,
        time: 0,
    }]
}

#[test]
fn an_index_of_another_segment_or_cut_short_is_not_opened() {
    let segment = segment(&one_event());
    let (file, mark) = encoded(&segment);
    let longer = [segment.as_slice(), b"\n"].concat();
    let other = Mark::of(longer.as_slice(), longer.len() as u64).unwrap();

    let opened = |bytes: &[u8], first, mark: &Mark| IndexFile::open(bytes, first, mark).is_ok();

    assert!(opened(&file, FIRST, &mark));
    assert!(!opened(&file, FIRST + 1, &mark));
    assert!(!opened(&file, FIRST, &other));
    assert!(!opened(&file[..40], FIRST, &mark));
    assert!(!opened(b"", FIRST, &mark));
}

#[test]
fn an_index_goes_no_further_than_it_may() {
    let events = [one_event(), one_event(), one_event()].concat();
    let mut index = BuiltIndex::new(FIRST);

    index
        .extend(segment(&events).as_slice(), FIRST + 1)
        .unwrap();

    assert_eq!(index.next_sequence(), FIRST + 2);
}

#[test]
fn an_index_of_nothing_can_be_written() {
    let (file, mark) = encoded(b"");

    let index = IndexFile::open(file.as_slice(), FIRST, &mark).unwrap();

    assert_eq!((index.times(), index.length()), (None, 0));
}

#[test]
fn what_is_no_event_counts_and_is_not_found() {
    let mut segment = b"{}\n".to_vec();
    segment.extend(segment_of_one());
    let mut index = built(&segment);
    let sought = Sought {
        account: ACCOUNTS[0].to_owned(),
        region: REGIONS[0].to_owned(),
        attribute: None,
    };
    let question = Question {
        sought,
        from: 0,
        to: i64::MAX,
        before: u64::MAX,
    };

    let found = searched(&mut index, &segment, &question, 9).unwrap();

    let sequences: Vec<u64> = found.iter().map(|found| found.sequence).collect();
    assert_eq!(sequences, [FIRST + 1]);
}

fn segment_of_one() -> Vec<u8> {
    segment(&one_event())
}

#[test]
fn an_index_takes_less_than_a_hundred_bytes_an_event() {
    let events: Vec<Event> = std::iter::repeat_with(one_event)
        .take(2_000)
        .flatten()
        .collect();

    let (file, _) = encoded(&segment(&events));

    assert!(file.len() < 2_000 * 100, "{}", file.len());
}

#[test]
fn the_index_of_a_segment_has_its_name() {
    assert_eq!(FileName::index(17), "00000000000000000017.index");
    assert_eq!(
        FileName::parse("00000000000000000017.index"),
        Some(FileName::Index(17))
    );
}
