use super::*;
use crate::fixtures;
use proptest::prelude::*;
use store::Record as _;

fn account() -> AccountId {
    AccountId::parse("123456789012").unwrap()
}

fn region() -> RegionName {
    RegionName::parse("eu-central-1").unwrap()
}

fn at() -> Timestamp {
    Timestamp::from_millis(1_768_478_400_123)
}

fn topic() -> Topic {
    let mut tags = Tags::default();
    let tag = (Some(String::from("team")), String::from("blue"));
    tags.set([tag].into_iter()).unwrap();
    let policy = r#"{"Version":"2012-10-17","Statement":[]}"#;
    Topic {
        account: account(),
        region: region(),
        name: String::from("alarms"),
        display_name: String::from("Alarms"),
        policy: Some(ResourceDocument::stored(policy)),
        tags,
        created: at(),
    }
}

/// One that waits for its confirmation.
fn subscription() -> Subscription {
    Subscription {
        account: account(),
        region: region(),
        topic: String::from("alarms"),
        id: String::from("11111111-2222-4333-8444-555555555555"),
        owner: AccountId::parse("210987654321").unwrap(),
        principal: String::from("arn:aws:iam::210987654321:user/ann"),
        protocol: Protocol::Lambda,
        endpoint: String::from("arn:aws:lambda:eu-central-1:210987654321:function:told"),
        state: State::Pending {
            digest: [7; 32],
            asked: at(),
            expires: at().plus_days(2),
        },
        is_raw: true,
        filter_policy: Some(String::from(r#"{"team":["blue"]}"#)),
        filters_body: true,
        created: at(),
    }
}

fn signing_key() -> SigningKey {
    SigningKey {
        id: "ab".repeat(16),
        certificate: String::from("-----BEGIN CERTIFICATE-----\n"),
        sealed: vec![1, 2, 3],
        expires: at(),
    }
}

fn asked() -> Asked {
    Asked {
        account: account(),
        of: "cd".repeat(32),
        times: 3,
        expires: at(),
    }
}

#[test]
fn what_was_stored_is_read() {
    fixtures::assert_reads(1, &asked());
    fixtures::assert_reads(1, &topic());
    fixtures::assert_reads(1, &subscription());
    fixtures::assert_reads(1, &signing_key());
}

#[test]
fn records_are_filed_under_what_names_them() {
    let (topic, waiting) = (topic(), subscription());
    let agreed = Subscription {
        state: State::Confirmed {
            authenticated: true,
            authenticate_on_unsubscribe: false,
        },
        ..subscription()
    };

    assert_eq!(topic.key(), Topic::key_of(&topic.id()));
    assert_eq!(waiting.key(), Subscription::key_of(&waiting.id()));
    let owner = Value::from(&waiting.owner);
    let expires = Value::Int(at().plus_days(2).as_millis());
    assert_eq!(waiting.columns(), [owner.clone(), expires]);
    assert_eq!(agreed.columns(), [owner, Value::Int(i64::MAX)]);
    assert_eq!(signing_key().key(), SigningKey::current());
}

#[test]
fn a_protocol_is_read_by_the_name_that_it_is_shown_by() {
    for protocol in PROTOCOLS {
        assert_eq!(Protocol::parse(protocol.name()), Some(protocol));
    }
    assert_eq!(Protocol::parse("sms"), None);
}

#[test]
#[ignore = "writes the fixtures of a new version; run once for each"]
fn write_fixtures() {
    fixtures::write(&asked());
    fixtures::write(&topic());
    fixtures::write(&subscription());
    fixtures::write(&signing_key());
}

proptest! {
    #[test]
    fn records_survive_being_stored(
        text in ".{0,40}",
        bytes in prop::collection::vec(any::<u8>(), 0..40),
        protocol in prop::sample::select(&PROTOCOLS[..]),
        millis: i64,
        has: bool,
    ) {
        let moment = Timestamp::from_millis(millis);
        fixtures::assert_survives(&Topic {
            display_name: text.clone(),
            policy: topic().policy.filter(|_| has),
            created: moment,
            ..topic()
        });
        fixtures::assert_survives(&Subscription {
            endpoint: text.clone(),
            protocol,
            state: State::Confirmed {
                authenticated: has,
                authenticate_on_unsubscribe: !has,
            },
            filter_policy: has.then(|| text.clone()),
            ..subscription()
        });
        fixtures::assert_survives(&Asked {
            of: text.clone(),
            times: u32::from(has),
            expires: moment,
            ..asked()
        });
        fixtures::assert_survives(&SigningKey {
            certificate: text,
            sealed: bytes,
            expires: moment,
            ..signing_key()
        });
    }
}

const PROTOCOLS: [Protocol; 5] = [
    Protocol::Email,
    Protocol::EmailJson,
    Protocol::Http,
    Protocol::Https,
    Protocol::Lambda,
];
