use super::*;
use crate::document::ResourceDocument;
use crate::fixtures;
use crate::lambda::environment::Environment;
use crate::lambda::queue::QueuedEvent;
use crate::lambda::run_log::RunLog;
use crate::ports::{LogLine, Package};
use crate::tags::Tags;
use base::{Plaintext, Timestamp};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn account() -> AccountId {
    AccountId::parse("123456789012").unwrap()
}

fn region() -> RegionName {
    RegionName::parse("eu-central-1").unwrap()
}

fn function() -> Function {
    let variables = BTreeMap::from([
        (String::from("AA"), Plaintext::from(String::from("1"))),
        (String::from("BB"), Plaintext::from(String::new())),
    ]);
    let mut tags = Tags::default();
    tags.set([(Some(String::from("team")), String::from("a"))].into_iter())
        .unwrap();
    let policy = r#"{"Version":"2012-10-17","Id":"default","Statement":[{"Sid":"s","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/alice"},"Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:eu-central-1:123456789012:function:rotate"}]}"#;
    let alice = String::from("arn:aws:iam::123456789012:user/alice");
    let ids = BTreeMap::from([(alice, String::from("AIDA1"))]);
    Function {
        account: account(),
        region: region(),
        name: String::from("rotate"),
        description: String::from("of the shop"),
        role: String::from("arn:aws:iam::123456789012:role/rotate"),
        handler: Some(String::from("f.handler")),
        timeout_seconds: 30,
        memory_mib: 256,
        environment: Some(Environment::of(&variables).unwrap()),
        form: Package::Zip {
            runtime: String::from("python3.12"),
        },
        architecture: String::from("x86_64"),
        code_size: 22,
        digest: [7; 32],
        revision_id: String::from("11111111-2222-4333-8444-555555555555"),
        modified: Timestamp::from_millis(1_768_478_400_123),
        tags,
        policy: Some(ResourceDocument::stored(policy).bound_to(ids)),
    }
}

fn code() -> FunctionCode {
    FunctionCode {
        account: account(),
        region: region(),
        name: String::from("rotate"),
        zip: Bytes(Arc::from(&b"PK\x05\x06\xff\x00"[..])),
    }
}

fn event() -> QueuedEvent {
    QueuedEvent {
        account: account(),
        region: region(),
        request_id: String::from("11111111-2222-4333-8444-555555555555"),
        function: String::from("rotate"),
        payload: Bytes(Arc::from(&b"{}"[..])),
        queued: Timestamp::from_millis(1_768_478_400_123),
        attempts: 1,
        due: Timestamp::from_millis(1_768_478_460_123),
    }
}

fn run_log() -> RunLog {
    let line = |text: &str| LogLine {
        at: event().queued,
        text: text.to_owned(),
    };
    let ended = Timestamp::from_millis(1_768_478_400_123);
    RunLog::of(&event().request_id, ended, &[line("START"), line("ünd")])
}

#[test]
fn of_a_long_log_the_end_is_kept() {
    let line = |text: String| LogLine {
        at: event().queued,
        text,
    };
    let mut log = vec![line("x".repeat(40_000))];
    log.extend((0..3).map(|n| line(n.to_string())));

    let kept = RunLog::of("r", event().queued, &log);

    assert_eq!(kept.lines, ["0", "1", "2"]);
}

#[test]
fn what_was_stored_is_read() {
    fixtures::assert_reads(1, &run_log());
    fixtures::assert_reads(1, &function());
    fixtures::assert_reads(1, &code());
    fixtures::assert_reads(1, &event());
}

#[test]
fn every_form_is_read_as_earlier_releases_stored_it() {
    #[derive(Serialize)]
    enum CodeForm {
        Zip { runtime: String },
        Builtin { template: String },
        Remote { url: String },
    }
    let text = || String::from("python3.12");

    for (stored, read) in [
        (
            CodeForm::Zip { runtime: text() },
            Package::Zip { runtime: text() },
        ),
        (
            CodeForm::Builtin { template: text() },
            Package::Builtin { template: text() },
        ),
        (
            CodeForm::Remote { url: text() },
            Package::Remote { url: text() },
        ),
    ] {
        let body = store::encode_body(&stored).unwrap();

        assert_eq!(store::decode_body::<Package>(&body).unwrap(), read);
        assert_eq!(store::encode_body(&read).unwrap(), body);
    }
}

#[test]
#[ignore = "writes the fixtures of a new version; run once for each"]
fn write_fixtures() {
    fixtures::write(&run_log());
    fixtures::write(&function());
    fixtures::write(&code());
    fixtures::write(&event());
}

proptest! {
    #[test]
    fn every_record_survives(
        text in ".{0,20}", bytes in prop::collection::vec(any::<u8>(), 0..40), number: u32, has: bool,
    ) {
        let form = match number % 3 {
            0 => Package::Zip { runtime: text.clone() },
            1 => Package::Builtin { template: text.clone() },
            _ => Package::Remote { url: text.clone() },
        };
        fixtures::assert_survives(&Function {
            description: text.clone(),
            form,
            timeout_seconds: number,
            environment: function().environment.filter(|_| has),
            policy: function().policy.filter(|_| !has),
            handler: has.then_some(text.clone()),
            ..function()
        });
        fixtures::assert_survives(&RunLog { lines: vec![text.clone()], ..run_log() });
        let payload = Bytes(bytes.into());
        fixtures::assert_survives(&FunctionCode { zip: payload.clone(), ..code() });
        fixtures::assert_survives(&QueuedEvent { payload, attempts: number, ..event() });
    }
}
