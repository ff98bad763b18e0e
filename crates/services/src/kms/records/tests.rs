use super::*;
use crate::document::ResourceDocument;
use crate::fixtures;
use crate::kms::aliases::Alias;
use crate::kms::dues::{Due, What};
use crate::kms::grants::{Constraints, Grant, Retiring};
use crate::kms::key_policy;
use crate::kms::model::tests::a_key;
use crate::kms::model::{Cause, Manager, Material, Rotation, State};
use base::Timestamp;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn account() -> AccountId {
    AccountId::parse("123456789012").unwrap()
}

fn region() -> RegionName {
    RegionName::parse("eu-central-1").unwrap()
}

/// What version 1 could say.
fn first_key() -> KmsKey {
    KmsKey {
        rotation: None,
        ..a_key()
    }
}

fn kms_key() -> KmsKey {
    let mut key = KmsKey {
        manager: Manager::Customer,
        description: "of the shop".to_owned(),
        state: State::PendingDeletion {
            due: Timestamp::from_millis(1_768_578_400_000),
        },
        policy: key_policy::delegating(&account()),
        aliases: vec!["alias/shop".to_owned(), "alias/old".to_owned()],
        has_grants: true,
        rotation: Some(Rotation {
            period_days: 90,
            next: Timestamp::from_millis(1_778_478_400_000),
        }),
        ..a_key()
    };
    let team = [(Some("team".to_owned()), "a".to_owned())];
    key.tags.set(team.into_iter()).unwrap();
    key.material[1].cause = Cause::Demand;
    key.material.push(Material {
        number: 301,
        sealed: vec![7],
        created: Timestamp::from_millis(1_768_478_500_000),
        cause: Cause::Schedule,
    });
    key
}

fn first_alias() -> Alias {
    Alias {
        account: account(),
        region: region(),
        name: "alias/aws/secretsmanager".to_owned(),
        key_id: "1234abcd-12ab-34cd-56ef-1234567890ab".to_owned(),
        created: None,
        updated: None,
    }
}

fn alias() -> Alias {
    Alias {
        created: Some(Timestamp::from_millis(1_768_478_400_123)),
        updated: Some(Timestamp::from_millis(1_768_478_400_124)),
        ..first_alias()
    }
}

fn document() -> ResourceDocument {
    let arn = "arn:aws:iam::123456789012:user/alice".to_owned();
    key_policy::delegating(&account()).bound_to(BTreeMap::from([(arn, "AIDA1".to_owned())]))
}

fn grant() -> Grant {
    let pairs = |pairs: &[(&str, &str)]| {
        let owned = pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Some(owned.collect::<BTreeMap<_, _>>())
    };
    Grant {
        account: account(),
        region: region(),
        key_id: a_key().id,
        id: "ab".repeat(32),
        created: Timestamp::from_millis(1_768_478_400_123),
        name: Some("for-the-shop".to_owned()),
        issuing_account: "arn:aws:iam::123456789012:root".to_owned(),
        grantee: "arn:aws:iam::123456789012:user/alice".to_owned(),
        retiring: Some(Retiring {
            arn: "arn:aws:iam::123456789012:user/bob".to_owned(),
            document: document(),
        }),
        operations: vec!["Decrypt".to_owned(), "DescribeKey".to_owned()],
        constraints: Constraints {
            equals: pairs(&[("a", "1")]),
            subset: pairs(&[("b", "2"), ("c", "")]),
        },
        document: document(),
    }
}

fn due() -> Due {
    Due {
        account: account(),
        region: region(),
        key_id: a_key().id,
        what: What::Rotation,
        at: Timestamp::from_millis(1_778_478_400_000),
    }
}

#[test]
fn version_1_is_read() {
    fixtures::assert_reads(1, &first_key());
    fixtures::assert_reads(1, &first_alias());
    fixtures::assert_reads(1, &grant());
    fixtures::assert_reads(1, &due());
}

#[test]
fn version_2_is_read() {
    fixtures::assert_reads(2, &kms_key());
    fixtures::assert_reads(2, &alias());
}

#[test]
#[ignore = "writes the fixtures of a new version; run once for each"]
fn write_fixtures() {
    fixtures::write(&kms_key());
    fixtures::write(&alias());
    fixtures::write(&grant());
    fixtures::write(&due());
}

#[test]
fn keys_are_those_of_the_record() {
    let key = kms_key();
    let name = "alias/aws/secretsmanager";

    assert_eq!(key.key(), KmsKey::key_of(&account(), &region(), &key.id));
    assert_eq!(alias().key(), Alias::key_of(&account(), &region(), name));
    assert_eq!(grant().key(), Grant::key_of(&key, &grant().id));
    assert!(kms_key().weight() > 80 && alias().weight() > 60);
    assert!(grant().weight() > 500 && due().weight() > 60);
}

#[test]
fn a_key_of_version_1_is_what_it_was() {
    let read = first_key();

    assert_eq!(read.manager, Manager::Aws);
    assert_eq!(read.state, State::Enabled);
    assert_eq!(read.aliases, ["alias/aws/secretsmanager"]);
    assert!(read.policy.text().contains("kms:ViaService"));
}

proptest! {
    #[test]
    fn records_survive_being_stored(
        digits in "[0-9]{12}",
        millis: i64,
        text in ".{0,80}",
        materials in prop::collection::vec((any::<u32>(), any::<Vec<u8>>()), 0..4),
    ) {
        let moment = Timestamp::from_millis(millis);
        let account = AccountId::parse(&digits).unwrap();
        let region = RegionName::parse("us-gov-west-1").unwrap();

        fixtures::assert_survives(&KmsKey {
            account: account.clone(),
            region: region.clone(),
            id: text.clone(),
            description: text.clone(),
            created: moment,
            material: materials
                .into_iter()
                .map(|(number, sealed)| Material {
                    number,
                    sealed,
                    created: moment,
                    cause: Cause::Demand,
                })
                .collect(),
            ..kms_key()
        });
        fixtures::assert_survives(&Alias {
            account: account.clone(),
            region: region.clone(),
            name: text.clone(),
            created: Some(moment),
            ..alias()
        });
        fixtures::assert_survives(&Due { account, region, at: moment, ..due() });
        fixtures::assert_survives(&Grant { id: text.clone(), grantee: text, ..grant() });
    }
}
