use super::*;
use crate::fixtures;
use proptest::prelude::*;

fn account() -> Account {
    Account {
        id: AccountId::parse("123456789012").unwrap(),
        created: Timestamp::from_millis(1_768_478_400_123),
        root_access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
    }
}

fn access_key() -> AccessKey {
    AccessKey {
        id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        account: AccountId::parse("123456789012").unwrap(),
        created: Timestamp::from_millis(1_768_478_400_123),
        sealed_secret: (0..=255).collect(),
    }
}

#[test]
fn version_1_is_read() {
    fixtures::assert_reads(1, &account());
    fixtures::assert_reads(1, &access_key());
}

#[test]
#[ignore = "writes the fixtures of a new version; run once for each"]
fn write_fixtures() {
    fixtures::write(&account());
    fixtures::write(&access_key());
}

#[test]
fn keys_and_columns_are_those_of_the_record() {
    let id = AccountId::parse("123456789012").unwrap();

    assert_eq!(account().key(), Account::key_of(&id));
    assert_eq!(
        access_key().key(),
        AccessKey::key_of("AKIAIOSFODNN7EXAMPLE")
    );
    assert_eq!(access_key().columns(), vec![Value::from(&id)]);
    assert!(access_key().weight() > 256);
}

proptest! {
    #[test]
    fn records_survive_being_stored(
        digits in "[0-9]{12}",
        millis: i64,
        id in ".{0,130}",
        sealed_secret: Vec<u8>,
    ) {
        let account = AccountId::parse(&digits).unwrap();
        let created = Timestamp::from_millis(millis);

        fixtures::assert_survives(&Account {
            id: account.clone(),
            created,
            root_access_key_id: id.clone(),
        });
        fixtures::assert_survives(&AccessKey { id, account, created, sealed_secret });
    }
}
