use super::*;
use crate::fixtures;
use proptest::prelude::*;

fn kms_key() -> KmsKey {
    KmsKey {
        account: AccountId::parse("123456789012").unwrap(),
        region: RegionName::parse("eu-central-1").unwrap(),
        id: "1234abcd-12ab-34cd-56ef-1234567890ab".to_owned(),
        created: Timestamp::from_millis(1_768_478_400_123),
        material: vec![
            Material {
                number: 1,
                sealed: (0..80).collect(),
            },
            Material {
                number: 300,
                sealed: Vec::new(),
            },
        ],
    }
}

fn alias() -> Alias {
    Alias {
        account: AccountId::parse("123456789012").unwrap(),
        region: RegionName::parse("eu-central-1").unwrap(),
        name: "alias/aws/secretsmanager".to_owned(),
        key_id: "1234abcd-12ab-34cd-56ef-1234567890ab".to_owned(),
    }
}

#[test]
fn version_1_is_read() {
    fixtures::assert_reads(1, &kms_key());
    fixtures::assert_reads(1, &alias());
}

#[test]
#[ignore = "writes the fixtures of a new version; run once for each"]
fn write_fixtures() {
    fixtures::write(&kms_key());
    fixtures::write(&alias());
}

#[test]
fn keys_are_those_of_the_record() {
    let (account, region) = (alias().account, alias().region);
    let id = "1234abcd-12ab-34cd-56ef-1234567890ab";

    assert_eq!(kms_key().key(), KmsKey::key_of(&account, &region, id));
    let name = "alias/aws/secretsmanager";
    assert_eq!(alias().key(), Alias::key_of(&account, &region, name));
    assert!(kms_key().weight() > 80 && alias().weight() > 60);
}

proptest! {
    #[test]
    fn records_survive_being_stored(
        digits in "[0-9]{12}",
        millis: i64,
        id in ".{0,80}",
        materials in prop::collection::vec((any::<u32>(), any::<Vec<u8>>()), 0..4),
    ) {
        let account = AccountId::parse(&digits).unwrap();
        let region = RegionName::parse("us-gov-west-1").unwrap();

        fixtures::assert_survives(&KmsKey {
            account: account.clone(),
            region: region.clone(),
            id: id.clone(),
            created: Timestamp::from_millis(millis),
            material: materials
                .into_iter()
                .map(|(number, sealed)| Material { number, sealed })
                .collect(),
        });
        fixtures::assert_survives(&Alias { account, region, name: id.clone(), key_id: id });
    }
}
