use super::*;
use crate::boot::Layout;
use crate::boot::door::Attempt;
use crate::config::{SealConfig, SecretFrom};
use crate::outside::{SystemClock, SystemEntropy};
use crate::process::Taken;
use base::{Entropy, Plaintext};
use seal::EnvelopeFile;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use tempfile::TempDir;

struct Rig(TempDir);

impl Rig {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, content: &str) -> SecretFrom {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        SecretFrom::File(path)
    }

    fn entropy(&self) -> Arc<dyn Entropy> {
        Arc::new(SystemEntropy)
    }

    fn open(&self, config: SealConfig) -> Result<Opening, String> {
        let layout = Layout::of(self.0.path());
        let seals = Seals::new(config, Taken::default(), layout.clone(), self.entropy());
        open(&Place::alone(layout), &seals, &SystemClock).map_err(|error| error.to_string())
    }

    fn opened(&self, config: SealConfig) -> Opened {
        match self.open(config).unwrap() {
            Opening::Open(opened) => *opened,
            Opening::Sealed(door) => panic!("{}", door.why()),
        }
    }

    fn door(&self, config: SealConfig) -> Door {
        match self.open(config).unwrap() {
            Opening::Open(_) => panic!("it is open"),
            Opening::Sealed(door) => *door,
        }
    }

    fn has_store(&self) {
        fs::write(self.path("strongroom.db"), "").unwrap();
    }
}

fn by(kind: SealKind) -> SealConfig {
    SealConfig {
        kind,
        ..SealConfig::default()
    }
}

fn with_passphrase(from: SecretFrom) -> SealConfig {
    SealConfig {
        passphrase: from,
        ..by(SealKind::Passphrase)
    }
}

/// What became of an attempt: the bundle, if it is open.
fn outcome(attempt: Result<Attempt, SealFailure>) -> Result<Option<RootBundle>, String> {
    match attempt {
        Ok(Attempt::Open(opened)) => Ok(Some(opened.bundle)),
        Ok(Attempt::More) => Ok(None),
        Err(failure) => Err(failure.to_string()),
    }
}

#[test]
fn the_first_start_makes_what_the_next_one_opens() {
    let rig = Rig::new();
    let passphrase = rig.file("words", "correct horse battery");
    for config in [by(SealKind::File), with_passphrase(passphrase)] {
        let rig = Rig::new();

        let first = rig.opened(config.clone());
        rig.has_store();
        let second = rig.opened(config);

        assert!(second.bundle.is_same_as(&first.bundle));
    }
}

#[test]
fn a_start_that_died_before_there_was_a_store_is_taken_up() {
    let rig = Rig::new();
    let config = with_passphrase(rig.file("words", "correct horse battery"));

    let first = rig.opened(config.clone());
    let second = rig.opened(config);

    assert!(second.bundle.is_same_as(&first.bundle));
}

#[test]
fn a_file_seal_is_in_force_whatever_the_configuration_names() {
    let rig = Rig::new();
    let first = rig.opened(by(SealKind::File));
    rig.has_store();

    let second = rig.opened(by(SealKind::Passphrase));

    assert!(second.bundle.is_same_as(&first.bundle));
    assert!(!rig.path("seal.json").exists());
}

#[test]
fn a_store_without_what_keeps_its_root_key_is_refused() {
    let rig = Rig::new();
    rig.has_store();
    let path = |name: &str| rig.path(name).display().to_string();
    let (key, envelopes, store) = (path("root.key"), path("seal.json"), path("strongroom.db"));

    for (kind, first, second) in [
        (SealKind::File, &key, &envelopes),
        (SealKind::Passphrase, &envelopes, &key),
        (SealKind::Shamir, &envelopes, &key),
    ] {
        let refused = rig.open(by(kind)).err().unwrap();

        assert_eq!(
            refused,
            format!(
                "neither `{first}` nor `{second}` is there, and without the one that kept its root \
                 key the store `{store}` cannot be read: put back whichever of the two your copy \
                 has"
            )
        );
    }
    assert!(!rig.path("root.key").exists() && !rig.path("seal.json").exists());
}

#[test]
fn without_its_envelopes_a_directory_in_a_passphrase_names_them() {
    let rig = Rig::new();
    let config = with_passphrase(rig.file("words", "correct horse battery"));
    rig.opened(config.clone());
    rig.has_store();
    fs::rename(rig.path("seal.json"), rig.path("elsewhere")).unwrap();

    let refused = rig.open(config.clone()).err().unwrap();

    let start = format!("neither `{}` nor", rig.path("seal.json").display());
    assert!(refused.starts_with(&start), "{refused}");
    fs::rename(rig.path("elsewhere"), rig.path("seal.json")).unwrap();
    rig.opened(config);
}

#[test]
fn a_wrong_passphrase_leaves_it_sealed_until_the_right_one_comes() {
    let rig = Rig::new();
    let first = rig.opened(with_passphrase(rig.file("words", "correct horse battery")));
    rig.has_store();

    let door = rig.door(with_passphrase(
        rig.file("words", "incorrect horse battery"),
    ));

    let wrong = "the passphrase is wrong, or `seal.json` was damaged";
    assert_eq!(door.why(), wrong);
    let refused = outcome(door.passphrase(b"another wrong one"))
        .err()
        .unwrap();
    assert_eq!(refused, wrong);
    let again = outcome(door.again()).err().unwrap();
    assert_eq!(again, "give the passphrase with `strongroom seal unseal`");
    let share = door.share(b"srs1-x").err().unwrap().to_string();
    assert!(share.contains("share"), "{share}");
    let opened = outcome(door.passphrase(b"correct horse battery")).unwrap();
    assert!(opened.unwrap().is_same_as(&first.bundle));
}

#[test]
fn shares_of_recovery_and_of_a_migration_open_a_door_each() {
    let rig = Rig::new();
    let Opened {
        mut keeper, bundle, ..
    } = rig.opened(by(SealKind::File));
    rig.has_store();
    let (bundle, recovery) = keeper.make_recovery(&bundle, 3, 2).unwrap();
    let (next, shares) = seal::seals::ShamirSeal::create(2, 2, rig.entropy()).unwrap();
    keeper.begin_migration(Arc::new(next), &bundle).unwrap();
    fs::remove_file(rig.path("root.key")).unwrap();
    let give = |door: &Door, shares: &[Plaintext]| {
        let mut last = Ok(None);
        for share in shares {
            last = outcome(door.share(share.expose()));
        }
        last
    };

    let door = rig.door(by(SealKind::File));
    let missing = format!(
        "there is no root key file `{}`",
        rig.path("root.key").display()
    );
    assert_eq!(door.why(), missing, "and something else opens it");
    assert_eq!(outcome(door.again()).err().unwrap(), missing);
    assert_eq!(door.collected().len(), 2);
    let opened = give(&door, &recovery[1..]).unwrap().unwrap();
    assert!(opened.is_same_as(&bundle));
    assert!(door.state().pending.is_some());

    let mixed = rig.door(by(SealKind::File));
    let none = give(&mixed, &[recovery.into_iter().next().unwrap()]).unwrap();
    assert!(none.is_none());
    let opened = give(&mixed, &shares).unwrap().unwrap();
    assert!(opened.is_same_as(&bundle));
    let state = seal_file::load(EnvelopeFile::at(rig.path("seal.json")).as_ref())
        .unwrap()
        .unwrap();
    assert_eq!(
        (state.current.kind, state.pending),
        (SealKind::Shamir, None)
    );
}

#[test]
fn a_seal_that_is_not_set_up_is_told() {
    let rig = Rig::new();
    let program = rig.path("program");
    fs::write(
        &program,
        "#!/bin/sh\necho AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
    )
    .unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    let config = SealConfig {
        command: Some(crate::config::SealCommand {
            argv: vec![program.display().to_string()],
            mode: seal::seals::CommandMode::Print,
            timeout: std::time::Duration::from_secs(30),
        }),
        ..by(SealKind::Command)
    };
    rig.opened(config);
    rig.has_store();

    let door = rig.door(by(SealKind::File));

    assert_eq!(
        door.why(),
        "there is no `[seal.command]` in the configuration file"
    );
}
