use super::*;
use crate::document::ResourceDocument;
use crate::fixtures;
use crate::secretsmanager::model::Deletion;
use crate::secretsmanager::model::tests::a_secret;
use crate::secretsmanager::resource_policy::ResourcePolicy;
use crate::secretsmanager::rotation::tests::a_rotation;
use crate::secretsmanager::versions::AWSCURRENT;
use proptest::prelude::*;

fn labels(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// A secret with every member, and three versions of which one is deprecated.
fn secret() -> Secret {
    let mut secret = a_secret("prod/db");
    secret.description = Some("größe".to_owned());
    secret.set_tags([("team", "a"), ("Env", "")]);
    secret
        .versions
        .add("version-0", &labels(&[AWSCURRENT]), 20)
        .unwrap();
    secret
        .versions
        .add("version-1", &labels(&[AWSCURRENT, "BLUE"]), 20)
        .unwrap();
    secret
        .versions
        .add("version-2", &labels(&[AWSCURRENT]), 20)
        .unwrap();
    secret
        .versions
        .add("version-3", &labels(&[AWSCURRENT]), 20)
        .unwrap();
    secret.changed = Timestamp::from_millis(1_768_478_400_123);
    secret.accessed = Some(Timestamp::from_millis(1_768_435_200_000));
    secret.deletion = Some(Deletion {
        requested: Timestamp::from_millis(1_768_478_401_000),
        due: Timestamp::from_millis(1_771_070_401_000),
    });
    secret
}

/// The same, rotated: the version that is being made has no value yet.
fn secret_with_rotation() -> Secret {
    let mut secret = Secret {
        rotation: Some(a_rotation("cron(0 8 ? * MON-FRI *)")),
        ..secret_with_policy()
    };
    secret.versions.prepare("version-4", 20).unwrap();
    secret
}

fn wrapped(customer_key: Option<&str>, blob: Vec<u8>) -> WrappedKey {
    let customer_key = customer_key.map(str::to_owned);
    WrappedKey {
        key: KeyChoice {
            customer_key,
            ..KeyChoice::default()
        },
        blob,
    }
}

fn secret_value() -> SecretValue {
    SecretValue {
        account: AccountId::parse("123456789012").unwrap(),
        region: RegionName::parse("us-east-1").unwrap(),
        name: "prod/db".to_owned(),
        suffix: "AbCdEf".to_owned(),
        version_id: "01234567-89ab-cdef-0123-456789abcdef".to_owned(),
        created: Timestamp::from_millis(1_768_478_400_123),
        accessed: Some(Timestamp::from_millis(1_768_435_200_000)),
        form: Form::Binary,
        wrapped_keys: vec![
            wrapped(None, (0..120).collect()),
            wrapped(Some("arn:aws:kms:us-east-1:123456789012:key/1"), vec![7; 3]),
        ],
        ciphertext: (0..=255).collect(),
        copy_of: None,
    }
}

fn copied_value() -> SecretValue {
    SecretValue {
        copy_of: Some("version-3".to_owned()),
        ..secret_value()
    }
}

/// A policy that names a user and a role, bound to their unique ids.
fn resource_policy() -> ResourcePolicy {
    let text = r#"{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}"#;
    let ids = [
        (
            "arn:aws:iam::123456789012:role/reader",
            "AROAIOSFODNN7EXAMPLE1",
        ),
        (
            "arn:aws:iam::123456789012:user/größe",
            "AIDAIOSFODNN7EXAMPLE1",
        ),
    ];
    let ids = ids.map(|(arn, id)| (arn.to_owned(), id.to_owned()));
    ResourcePolicy::of(
        &secret(),
        ResourceDocument::stored(text).bound_to(ids.into()),
    )
}

fn secret_with_policy() -> Secret {
    Secret {
        has_resource_policy: true,
        ..secret()
    }
}

#[test]
fn every_version_is_read() {
    fixtures::assert_reads(1, &secret());
    fixtures::assert_reads(2, &secret_with_policy());
    fixtures::assert_reads(3, &secret_with_rotation());
    fixtures::assert_reads(1, &secret_value());
    fixtures::assert_reads(2, &copied_value());
    fixtures::assert_reads(1, &resource_policy());
}

#[test]
#[ignore = "writes the fixtures of a new version; run once for each"]
fn write_fixtures() {
    fixtures::write(&secret_with_rotation());
    fixtures::write(&copied_value());
    fixtures::write(&resource_policy());
}

#[test]
fn a_resource_policy_is_found_by_the_key_that_its_secret_gives() {
    let policy = resource_policy();
    let mut heavy = policy.clone();
    heavy.document = ResourceDocument::stored(&" ".repeat(20_480));

    assert_eq!(policy.key(), ResourcePolicy::key_of(&secret()));
    assert_ne!(policy.key(), ResourcePolicy::key_of(&a_secret("other")));
    assert!(heavy.weight() > policy.weight() + 20_000);
}

#[test]
fn a_value_is_found_by_the_key_that_its_secret_gives() {
    let value = secret_value();

    assert_eq!(value.key(), secret().value_key(&value.version_id));
    assert_ne!(value.key(), secret().value_key("another"));
    let mut other = secret();
    other.suffix = "fEdCbA".to_owned();
    assert_ne!(value.key(), other.value_key(&value.version_id));
}

#[test]
fn the_columns_of_a_secret_are_what_lists_are_ordered_by() {
    let full = secret();
    let plain = a_secret("db");

    assert_eq!(
        full.columns(),
        vec![
            Value::Int(1_000),
            Value::Int(1_768_478_400_123),
            Value::Int(1_768_435_200_000),
            Value::Int(1_771_070_401_000),
        ]
    );
    assert_eq!(
        plain.columns(),
        vec![
            Value::Int(1_000),
            Value::Int(1_000),
            Value::Int(0),
            Value::Null
        ]
    );
    assert_eq!(
        plain.key(),
        Secret::key_of(&plain.account, &plain.region, "db")
    );
}

#[test]
fn the_weight_grows_with_the_content() {
    let mut heavy = secret_value();
    heavy.ciphertext = vec![0; 65_536];

    assert!(heavy.weight() > secret_value().weight() + 65_000);
    assert!(secret().weight() > a_secret("prod/db").weight() + 100);
}

proptest! {
    #[test]
    fn a_secret_survives_being_stored(
        name in "[ -~]{1,40}",
        description in prop::option::of(".{1,40}"),
        tags in prop::option::of(prop::collection::btree_map("[a-z]{1,5}", ".{0,9}", 0..9)),
        versions in prop::collection::vec(prop::collection::vec("[A-Z]{1,9}", 0..3), 0..6),
        times: [i64; 3],
        accessed: Option<i64>,
        is_deleted: bool,
        has_resource_policy: bool,
        is_rotated: bool,
    ) {
        let mut secret = a_secret(&name);
        secret.description = description;
        secret.has_resource_policy = has_resource_policy;
        secret.rotation = is_rotated.then(|| a_rotation("rate(4 hours)"));
        if let Some(tags) = tags {
            let tags = tags.into_iter().map(|(key, value)| (Some(key), value));
            secret.tags.get_or_insert_default().set(tags).unwrap();
        }
        for (n, names) in versions.iter().enumerate() {
            secret.versions.add(&format!("version-{n}"), names, 20).unwrap();
        }
        let [created, changed, due] = times.map(Timestamp::from_millis);
        (secret.created, secret.changed) = (created, changed);
        secret.accessed = accessed.map(Timestamp::from_millis);
        secret.deletion = is_deleted.then_some(Deletion { requested: changed, due });

        fixtures::assert_survives(&secret);
    }

    #[test]
    fn a_resource_policy_survives_being_stored(
        name in ".{0,40}",
        text in ".{0,90}",
        ids in prop::collection::btree_map(".{0,40}", ".{0,20}", 0..4),
    ) {
        fixtures::assert_survives(&ResourcePolicy {
            secret: name,
            document: ResourceDocument::stored(&text).bound_to(ids),
            ..resource_policy()
        });
    }

    #[test]
    fn a_value_survives_being_stored(
        text in "[ -~]{1,40}",
        times: [i64; 2],
        is_text: bool,
        is_copy: bool,
        blobs: Vec<Vec<u8>>,
        ciphertext: Vec<u8>,
    ) {
        fixtures::assert_survives(&SecretValue {
            name: text.clone(),
            suffix: text.clone(),
            copy_of: is_copy.then(|| text.clone()),
            version_id: text,
            created: Timestamp::from_millis(times[0]),
            accessed: (times[1] > 0).then(|| Timestamp::from_millis(times[1])),
            form: if is_text { Form::Text } else { Form::Binary },
            wrapped_keys: blobs.into_iter().map(|blob| wrapped(None, blob)).collect(),
            ciphertext,
            ..secret_value()
        });
    }
}
