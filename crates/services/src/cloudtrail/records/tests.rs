use super::*;
use crate::cloudtrail::model::LogDestination;
use crate::cloudtrail::model::tests::a_trail;
use crate::fixtures;
use proptest::prelude::*;
use store::Record as _;

fn trail() -> Trail {
    Trail {
        topic: Some(String::from("arn:aws:sns:eu-central-1:123456789012:files")),
        logs: Some(LogDestination {
            group_arn: String::from(
                "arn:aws:logs:eu-central-1:123456789012:log-group:CloudTrail:*",
            ),
            role_arn: String::from("arn:aws:iam::123456789012:role/trail"),
        }),
        ..a_trail()
    }
}

fn told() -> Told {
    Told {
        attempted: Some(Timestamp::from_millis(1_768_478_700_000)),
        succeeded: Some(Timestamp::from_millis(1_768_478_400_000)),
        error: Some(String::from("AccessDenied")),
    }
}

fn delivery() -> Delivery {
    Delivery {
        account: trail().account,
        region: trail().region,
        trail: trail().name,
        trail_id: trail().id,
        after: 4_711,
        due: Some(Timestamp::from_millis(1_768_478_700_000)),
        claims: 3,
        pending: Some(Pending {
            through: 4_713,
            at: Timestamp::from_millis(1_768_478_700_000),
            token: String::from("Dkl3Wq0sPuYz17ab"),
        }),
        delivered: Some(Timestamp::from_millis(1_768_478_400_000)),
        failures: 1,
        files: told(),
        notifications: Told::default(),
        digests: told(),
        chains: vec![DigestChain {
            region: trail().region,
            since: Timestamp::from_millis(1_768_478_400_000),
            files: vec![DigestedFile {
                bucket: String::from("audit-archive"),
                key: String::from("AWSLogs/x.json.gz"),
                sha256: "ab".repeat(32),
                newest: Timestamp::from_millis(1_768_478_401_000),
                oldest: Timestamp::from_millis(1_768_478_400_000),
            }],
            previous: Some(PreviousDigest {
                bucket: String::from("audit-archive"),
                key: String::from("AWSLogs/y.json.gz"),
                sha256: "cd".repeat(32),
                signature: "ef".repeat(256),
            }),
        }],
        refused_before: 2,
        deleted: Some(Box::new(Deleted {
            trail: trail(),
            at: Timestamp::from_millis(1_768_478_500_000),
        })),
    }
}

fn digest_key() -> DigestKey {
    DigestKey {
        account: trail().account,
        created: Timestamp::from_millis(1_768_478_400_000),
        public: vec![48, 130, 1, 10],
        fingerprint: "0f".repeat(16),
        sealed: vec![1, 2, 3],
    }
}

fn log_delivery() -> LogDelivery {
    LogDelivery {
        account: trail().account,
        region: trail().region,
        trail: trail().name,
        told: told(),
    }
}

#[test]
fn what_was_stored_is_read() {
    fixtures::assert_reads(1, &trail());
    fixtures::assert_reads(1, &delivery());
    fixtures::assert_reads(1, &digest_key());
    fixtures::assert_reads(1, &log_delivery());
}

#[test]
#[ignore = "writes the fixtures of a new version; run once for each"]
fn write_fixtures() {
    fixtures::write(&trail());
    fixtures::write(&delivery());
    fixtures::write(&digest_key());
    fixtures::write(&log_delivery());
}

#[test]
fn what_is_not_due_comes_last() {
    let never = Delivery {
        due: None,
        ..delivery()
    };

    assert_eq!(delivery().columns(), [Value::Int(1_768_478_700_000)]);
    assert_eq!(never.columns(), [Value::Int(i64::MAX)]);
}

#[test]
fn a_delivery_of_a_deleted_trail_is_in_nobodys_way() {
    let of_trail = Delivery {
        deleted: None,
        ..delivery()
    };

    assert_eq!(of_trail.key(), trail().key());
    assert_eq!(delivery().key(), of_trail.key_once_deleted());
    assert_ne!(delivery().key(), of_trail.key());
}

proptest! {
    #[test]
    fn every_record_survives(after: u64, claims: u64, name in "[a-z]{3,9}", started: i64) {
        let started = Some(Timestamp::from_millis(started));

        fixtures::assert_survives(&Trail { name: name.clone(), started, ..trail() });
        fixtures::assert_survives(&Delivery { after, claims, trail: name.clone(), ..delivery() });
        fixtures::assert_survives(&LogDelivery { trail: name, ..log_delivery() });
        fixtures::assert_survives(&digest_key());
    }
}
