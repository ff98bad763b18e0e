use super::*;
use crate::boot::Layout;
use crate::boot::opening::{self, Opening};
use crate::config::SealConfig;
use crate::outside::{SystemClock, SystemEntropy};
use crate::process::Taken;
use std::fs;
use tempfile::TempDir;

/// A data directory before its first start.
struct Rig(TempDir);

impl Rig {
    fn new() -> Self {
        let rig = Self(tempfile::tempdir().unwrap());
        fs::create_dir(rig.0.path().join("aws")).unwrap();
        rig
    }

    fn place(&self) -> Place {
        Place::alone(self.layout())
    }

    fn layout(&self) -> Layout {
        Layout::of(self.0.path())
    }

    fn seals(&self, kind: SealKind) -> Seals {
        let config = SealConfig {
            kind,
            ..SealConfig::default()
        };
        let entropy = Arc::new(SystemEntropy);
        Seals::new(config, Taken::default(), self.layout(), entropy)
    }

    fn prepare(&self, kind: SealKind, shares: Option<(u8, u8)>) -> Result<FirstSeal, String> {
        let seals = self.seals(kind);
        refuse_used(&self.place(), &seals)
            .and_then(|()| FirstSeal::prepare(&self.place(), &seals, &SystemClock, shares))
            .map_err(|error| error.to_string())
    }

    fn open(&self, kind: SealKind) -> Result<Opening, String> {
        opening::open(&self.place(), &self.seals(kind), &SystemClock)
            .map_err(|error| error.to_string())
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name != "aws").collect()
    }
}

/// What a crash leaves between the showing of the shares and the seal.
#[test]
fn shares_are_there_before_anything_is_on_disk() {
    let rig = Rig::new();

    let first = rig.prepare(SealKind::Shamir, Some((3, 2))).unwrap();

    assert_eq!(first.shares().len(), 3);
    assert!(rig.names().is_empty());
    drop(first);
    let refused = rig.open(SealKind::Shamir).err().unwrap();
    assert!(refused.contains("strongroom init"), "{refused}");
    assert!(rig.prepare(SealKind::Shamir, Some((3, 2))).is_ok());
}

#[test]
fn a_directory_in_shares_starts_sealed_before_it_has_a_store() {
    let rig = Rig::new();
    let first = rig.prepare(SealKind::Shamir, Some((3, 2))).unwrap();
    let name = first.root_key();
    let shares: Vec<_> = first
        .shares()
        .iter()
        .map(|one| one.expose().to_vec())
        .collect();

    let made = first.install().unwrap().bundle;

    assert_eq!(rig.names(), ["seal.json"]);
    let Opening::Sealed(door) = rig.open(SealKind::Shamir).unwrap() else {
        panic!("it is open");
    };
    door.share(&shares[2]).ok().unwrap();
    let crate::boot::Attempt::Open(opened) = door.share(&shares[0]).ok().unwrap() else {
        panic!("it is sealed");
    };
    assert!(opened.bundle.is_same_as(&made));
    assert_eq!(name, Some(made.keys()[0].fingerprint));
}

#[test]
fn a_key_file_is_what_the_first_start_would_have_made() {
    let rig = Rig::new();

    let first = rig.prepare(SealKind::File, None).unwrap();
    assert!(rig.names().is_empty());
    let made = first.install().unwrap().bundle;

    assert_eq!(rig.names(), ["root.key"]);
    let Opening::Open(opened) = rig.open(SealKind::File).unwrap() else {
        panic!("it is sealed");
    };
    assert!(opened.bundle.is_same_as(&made));
}

#[test]
fn a_directory_is_made_once() {
    for trace in ["seal.json", "root.key", "strongroom.db", "aws/credentials"] {
        let rig = Rig::new();
        let path = rig.0.path().join(trace);
        fs::write(&path, "").unwrap();

        let refused = rig.prepare(SealKind::Shamir, Some((3, 2))).err().unwrap();

        let path = path.display();
        assert_eq!(
            refused,
            format!("`{path}` is there already, and a data directory is made once")
        );
    }
}

#[test]
fn shares_are_for_the_seal_that_has_them() {
    let rig = Rig::new();
    let refused = |kind, shares| rig.prepare(kind, shares).err().unwrap();

    assert_eq!(
        refused(SealKind::Shamir, None),
        "say how many shares to make and how many open the seal: `--shares N --threshold K`"
    );
    assert_eq!(
        refused(SealKind::File, Some((3, 2))),
        "the seal `file` has no shares: `--shares` and `--threshold` are for `shamir`"
    );
    assert_eq!(
        refused(SealKind::Command, None),
        "there is no `[seal.command]` in the configuration file"
    );
    let impossible = refused(SealKind::Shamir, Some((2, 3)));
    assert!(impossible.contains("shares"), "{impossible}");
    assert!(rig.names().is_empty());
}
