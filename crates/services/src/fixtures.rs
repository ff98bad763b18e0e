//! Stored forms that were written once and must be read for ever.
//!
//! `tests/records/<kind>/v<version>.bin` is a body as some release stored it, and
//! `v<version>.expected.json` beside it what it says. Neither is ever edited. A new version of a
//! kind gets new files, written by the ignored test of its kind; those of the old versions stay
//! and prove that the upgrade reads them.

/// The services over a store in memory, for whom no service may name another.
pub(crate) use crate::secretsmanager::world::World;

use crate::KINDS;
use serde::Serialize;
use serde_json::Value;
use std::fmt::Debug;
use std::fs;
use std::path::PathBuf;
use store::Record;

/// Asserts that the body of `version` on file is read as `record`, and says what it said; and, when
/// no newer version exists, that `record` is still written so.
pub(crate) fn assert_reads<R>(version: u16, record: &R)
where
    R: Record + Serialize + Debug + PartialEq,
{
    let body = fs::read(path::<R>(version, "bin")).unwrap();
    let expected = fs::read_to_string(path::<R>(version, "expected.json")).unwrap();
    let expected: Value = serde_json::from_str(&expected).unwrap();

    let read = R::decode(version, &body).unwrap();

    assert_eq!(read, *record);
    let said = serde_json::to_value(&read).unwrap();
    if version == R::KIND.version {
        assert_eq!(said, expected);
        assert_eq!(read.encode().unwrap(), body);
    } else {
        assert_says(&said, &expected, "");
    }
}

/// Asserts that `said` has all of `expected`, and perhaps members that came later.
fn assert_says(said: &Value, expected: &Value, path: &str) {
    match (said, expected) {
        (Value::Object(_), Value::Object(members)) => {
            for (member, value) in members {
                assert_says(&said[member], value, &format!("{path}.{member}"));
            }
        }
        (Value::Array(said), Value::Array(items)) => {
            assert_eq!(said.len(), items.len(), "{path}");
            for (said, item) in said.iter().zip(items) {
                assert_says(said, item, path);
            }
        }
        _ => assert_eq!(said, expected, "{path}"),
    }
}

/// Writes the files of the present version of a kind, unless they are there.
pub(crate) fn write<R: Record + Serialize>(record: &R) {
    let version = R::KIND.version;
    let body = record.encode().unwrap();
    let mut expected = serde_json::to_string_pretty(record).unwrap();
    expected.push('\n');

    fs::create_dir_all(folder(R::KIND.name)).unwrap();
    for (extension, content) in [("bin", body), ("expected.json", expected.into_bytes())] {
        let path = path::<R>(version, extension);
        if !path.exists() {
            fs::write(path, content).unwrap();
        }
    }
}

/// Asserts that `record` survives being stored, that a body cut short or with bytes left over is
/// refused, and so is a version that no release wrote.
pub(crate) fn assert_survives<R: Record + Debug + PartialEq>(record: &R) {
    let version = R::KIND.version;
    let body = record.encode().unwrap();

    assert_eq!(R::decode(version, &body).unwrap(), *record);
    assert!(R::decode(version, &body[..body.len() - 1]).is_err());
    assert!(R::decode(version, &[body.as_slice(), b"\0"].concat()).is_err());
    assert!(R::decode(version + 1, &body).is_err());
    assert!(R::decode(0, &body).is_err());
}

fn path<R: Record>(version: u16, extension: &str) -> PathBuf {
    folder(R::KIND.name).join(format!("v{version}.{extension}"))
}

fn folder(kind: &str) -> PathBuf {
    let records = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/records");
    records.join(kind)
}

#[test]
fn every_version_of_every_kind_is_on_file() {
    for kind in KINDS {
        for version in 1..=kind.version {
            for extension in ["bin", "expected.json"] {
                let path = folder(kind.name).join(format!("v{version}.{extension}"));
                assert!(path.exists(), "{}", path.display());
            }
        }
    }
}

#[test]
fn every_file_belongs_to_a_kind() {
    let mut found: Vec<String> = fs::read_dir(folder(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort();
    let mut kinds: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
    kinds.sort_unstable();

    assert_eq!(found, kinds);
}
