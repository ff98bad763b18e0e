use super::*;
use crate::test_entropy::Seeded;
use base::Timestamp;
use tempfile::TempDir;

fn entropy() -> Arc<dyn Entropy> {
    Arc::new(Seeded::new(1))
}

fn seal() -> (TempDir, FileSeal) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("root.key");
    let seal = FileSeal::create(path, entropy()).unwrap();
    (directory, seal)
}

#[test]
fn a_file_alone_is_a_bundle_of_its_own_key() {
    let (_directory, seal) = seal();
    let key = file::load(seal.path(), entropy()).unwrap();

    let bundle = seal.own_bundle().unwrap();

    let keys = bundle.keys();
    assert_eq!(keys.len(), 1);
    assert_eq!(
        (keys[0].number, keys[0].fingerprint),
        (1, key.fingerprint())
    );
}

#[test]
fn a_file_wraps_bundles_that_it_opens() {
    let (_directory, seal) = seal();
    let bundle = seal.own_bundle().unwrap();
    let bundle = bundle
        .rotated(Arc::new(Seeded::new(2)), Timestamp::from_millis(9))
        .unwrap();

    let envelope = seal.wrap(&bundle).unwrap();

    let again = FileSeal::new(seal.path().to_owned(), entropy());
    assert!(again.unwrap(&envelope).unwrap().is_same_as(&bundle));
}

#[test]
fn another_file_is_told_and_a_changed_envelope_refused() {
    let (_directory, seal) = seal();
    let envelope = seal.wrap(&seal.own_bundle().unwrap()).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let other =
        FileSeal::create(elsewhere.path().join("root.key"), Arc::new(Seeded::new(2))).unwrap();
    let wrong = "the root key file does not open `seal.json`; put the file back that belongs to \
                 this data directory, or, after a migration to another file, name that one in \
                 `seal.key_file` of the configuration";

    assert_eq!(other.unwrap(&envelope).err().unwrap().to_string(), wrong);
    let body = [envelope.body().unwrap(), vec![0]].concat();
    let changed = Envelope::of(envelope.kind, envelope.parameters.clone(), &body);
    assert_eq!(seal.unwrap(&changed).err().unwrap().to_string(), wrong);
    std::fs::remove_file(seal.path()).unwrap();
    let refused = seal.unwrap(&envelope).err().unwrap();
    assert!(refused.to_string().starts_with("there is no root key file"));
}

#[test]
fn an_envelope_of_another_seal_is_told() {
    let (_directory, seal) = seal();
    let mut envelope = seal.wrap(&seal.own_bundle().unwrap()).unwrap();
    envelope.kind = SealKind::Command;

    let refused = seal.unwrap(&envelope).err().unwrap();

    assert_eq!(
        refused.to_string(),
        "`seal.json` is for the seal `command`, and this is the seal `file`"
    );
    envelope.kind = SealKind::File;
    envelope.parameters = Parameters::default().with_text("key", "not a fingerprint");
    let refused = seal.unwrap(&envelope).err().unwrap().to_string();
    assert!(refused.starts_with("the file seal in `seal.json` is damaged (`key`)"));
}
