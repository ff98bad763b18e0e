use super::*;

/// A key with two generations of material.
pub(crate) fn a_key() -> KmsKey {
    let account = AccountId::parse("123456789012").unwrap();
    let region = RegionName::parse("eu-central-1").unwrap();
    let id = "1234abcd-12ab-34cd-56ef-1234567890ab".to_owned();
    let created = Timestamp::from_millis(1_768_478_400_123);
    let mut key = KmsKey::managed("secretsmanager", account, region, id, created);
    let material = |number, sealed| Material {
        number,
        sealed,
        created,
        cause: Cause::Creation,
    };
    key.material = vec![material(1, (0..80).collect()), material(300, Vec::new())];
    key
}

#[test]
fn the_arn_has_the_partition_of_its_region() {
    let mut key = a_key();

    assert_eq!(
        key.arn(),
        "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    );
    key.region = RegionName::parse("cn-north-1").unwrap();
    assert_eq!(
        key.arn(),
        "arn:aws-cn:kms:cn-north-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    );
}

#[test]
fn every_generation_of_every_key_has_an_id_of_its_own() {
    let key = a_key();
    let other = KmsKey {
        id: "other".to_owned(),
        ..a_key()
    };

    let ids = [key.material_id(1), key.material_id(2), other.material_id(1)];

    for id in &ids {
        assert!(id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit()));
    }
    assert_ne!(ids[0], ids[1]);
    assert_ne!(ids[0], ids[2]);
    assert_eq!(ids[0], key.material_id(1));
}

#[test]
fn the_policy_of_a_managed_key_is_one() {
    let key = a_key();

    assert_eq!(key.policy.policy().unwrap().statements().count(), 2);
    assert_eq!(key.aliases, ["alias/aws/secretsmanager"]);
}
