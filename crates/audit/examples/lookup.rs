//! How long it takes to look events up over a large log: writes synthetic segments into a temporary
//! directory, indexes them, and looks for a rare and for frequent values, the newest first.
//!
//! `cargo run --release -p strongroom-audit --example lookup -- [events] [bytes of a segment]`
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark measures, prints, and fails by panicking"
)]

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use strongroom_audit::index::{
    Attribute, BuiltIndex, Found, Index as _, IndexFile, Mark, Question, Sought, search,
};
use strongroom_audit::{Chain, FileName, Position};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number = |usual: u64| arguments.next().map_or(usual, |text| text.parse().unwrap());
    let (events, segment_bytes) = (number(10_000_000), number(64 << 20));
    let dir = tempfile::tempdir().unwrap();
    let firsts = write(dir.path(), events, segment_bytes);
    let indexed = index(dir.path(), &firsts);
    println!(
        "{events} events in {} segments; an index takes {} bytes an event and {:?} a segment",
        firsts.len(),
        indexed.bytes / events,
        indexed.took / u32::try_from(firsts.len()).unwrap()
    );
    let rare = (events / 7).to_string();
    for (what, attribute) in [
        (
            "one event by its id",
            Some((Attribute::EventId, rare.as_str())),
        ),
        ("no event", Some((Attribute::ResourceName, "nothing"))),
        ("a page of a user", Some((Attribute::Username, "user-17"))),
        (
            "a page of an operation",
            Some((Attribute::EventName, "GetSecretValue")),
        ),
        ("a page of everything", None),
    ] {
        for round in ["first", "again"] {
            let (found, took) = look(dir.path(), &firsts, attribute);
            println!("{what}, {round}: {found} found in {took:?}");
        }
    }
}

/// Gives the numbers of the segments' first events.
fn write(dir: &Path, events: u64, segment_bytes: u64) -> Vec<u64> {
    let mut chain = Chain::after("d", Position::beginning("d", None));
    let mut firsts = Vec::new();
    let mut open: Option<(BufWriter<File>, u64)> = None;
    let mut line = Vec::new();
    for number in 1..=events {
        let (file, length) = open.get_or_insert_with(|| {
            firsts.push(number);
            let file = File::create(dir.join(FileName::segment(number))).unwrap();
            (BufWriter::new(file), 0)
        });
        line.clear();
        chain.append(record(number).as_bytes(), &mut line).unwrap();
        file.write_all(&line).unwrap();
        *length += line.len() as u64;
        if *length >= segment_bytes {
            let (mut file, _) = open.take().unwrap();
            file.flush().unwrap();
        }
    }
    if let Some((mut file, _)) = open {
        file.flush().unwrap();
    }
    firsts
}

/// About as long as the events of the server are, of a thousand users and a hundred thousand secrets.
fn record(number: u64) -> String {
    let user = number % 1_000;
    let secret = number.wrapping_mul(2_654_435_761) % 100_000;
    let (hour, minute, second) = (
        number / 3_600_000 % 24,
        number / 60_000 % 60,
        number / 1_000 % 60,
    );
    let name = if number.is_multiple_of(10) {
        "PutSecretValue"
    } else {
        "GetSecretValue"
    };
    let arn = format!("arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/{secret}-a1b2c3");
    format!(
        r#"{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","principalId":"AIDAIOSFODNN7EXAMPLE","arn":"arn:aws:iam::123456789012:user/user-{user}","accountId":"123456789012","accessKeyId":"AKIAIOSFODNN7{user:07}","userName":"user-{user}"}},"eventTime":"2026-01-15T{hour:02}:{minute:02}:{second:02}Z","eventSource":"secretsmanager.amazonaws.com","eventName":"{name}","awsRegion":"eu-west-1","sourceIPAddress":"192.168.100.101","userAgent":"aws-sdk-rust/1.3.9 os/linux lang/rust/1.95","requestParameters":{{"secretId":"app/{secret}","versionStage":"AWSCURRENT"}},"responseElements":null,"additionalEventData":{{"decision":{{"outcome":"allowed","action":"secretsmanager:GetSecretValue","policyType":"identity-based","policy":"readers","statement":1,"isOwn":true}}}},"requestID":"5f9d2b1e-0c3a-4c86-9d6e-{number:012}","eventID":"{number}","readOnly":{},"resources":[{{"accountId":"123456789012","ARN":"{arn}"}}],"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"123456789012","eventCategory":"Management"}}"#,
        name == "GetSecretValue"
    )
}

struct Indexed {
    bytes: u64,
    took: Duration,
}

fn index(dir: &Path, firsts: &[u64]) -> Indexed {
    let begun = Instant::now();
    let mut bytes = 0;
    for first in firsts {
        let segment = File::open(dir.join(FileName::segment(*first))).unwrap();
        let mut index = BuiltIndex::new(*first);
        index
            .extend(BufReader::with_capacity(256 << 10, &segment), u64::MAX)
            .unwrap();
        let mark = Mark::of(&segment, index.length()).unwrap();
        let encoded = index.encode(&mark).unwrap();
        bytes += encoded.len() as u64;
        fs::write(dir.join(FileName::index(*first)), encoded).unwrap();
    }
    Indexed {
        bytes,
        took: begun.elapsed(),
    }
}

fn look(dir: &Path, firsts: &[u64], attribute: Option<(Attribute, &str)>) -> (usize, Duration) {
    let begun = Instant::now();
    let question = Question {
        sought: Sought {
            account: String::from("123456789012"),
            region: String::from("eu-west-1"),
            attribute: attribute.map(|(attribute, value)| (attribute, value.to_owned())),
        },
        from: 0,
        to: i64::MAX,
        before: u64::MAX,
    };
    let mut found: Vec<Found> = Vec::new();
    for first in firsts.iter().rev() {
        let path = |name: String| -> PathBuf { dir.join(name) };
        let segment = File::open(path(FileName::segment(*first))).unwrap();
        let mark = Mark::of(&segment, segment.metadata().unwrap().len()).unwrap();
        let index = File::open(path(FileName::index(*first))).unwrap();
        let mut index = IndexFile::open(index, *first, &mark).unwrap();
        search(
            &mut index,
            &segment,
            &question,
            50 - found.len(),
            &mut found,
        )
        .unwrap();
        if found.len() >= 50 {
            break;
        }
    }
    (found.len(), begun.elapsed())
}
