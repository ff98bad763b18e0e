use super::*;
use crate::fixtures;
use base::Timestamp;
use proptest::prelude::*;
use store::Record as _;

const SECRET: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-AbCdEf";
const ROLE: &str = "arn:aws:iam::123456789012:role/app";

fn access() -> LastAccess {
    LastAccess {
        secret: String::from(SECRET),
        principal: String::from(ROLE),
        tally: Tally {
            first: Timestamp::from_millis(1_768_478_400_000),
            last: Timestamp::from_millis(1_768_482_000_000),
            reads: 17,
            session: Some(String::from(
                "arn:aws:sts::123456789012:assumed-role/app/pod-7",
            )),
            source_ip: String::from("10.0.0.7"),
            user_agent: String::from("aws-cli/2.31.0"),
            event_id: String::from("11111111-2222-4333-8444-555555555555"),
        },
    }
}

#[test]
fn what_was_stored_is_read() {
    fixtures::assert_reads(1, &access());
}

#[test]
fn reads_are_filed_under_their_secret_and_who_read() {
    assert_eq!(access().key(), LastAccess::key_of(SECRET, ROLE));
}

#[test]
#[ignore = "writes the fixtures of a new version; run once for each"]
fn write_fixtures() {
    fixtures::write(&access());
}

proptest! {
    #[test]
    fn reads_survive_being_stored(text in ".{0,40}", millis: i64, reads: u64, has: bool) {
        fixtures::assert_survives(&LastAccess {
            secret: text.clone(),
            principal: text.clone(),
            tally: Tally {
                last: Timestamp::from_millis(millis),
                reads,
                session: has.then_some(text),
                ..access().tally
            },
        });
    }
}
