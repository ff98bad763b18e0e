use super::*;
use crate::EnvelopeFile;
use crate::seals::{Collector, CommandMode, CommandSeal, FileSeal, ShamirSeal};
use crate::test_entropy::Seeded;
use crate::{Purpose, SealKind};
use base::{Context, Timestamp};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

mod resuming;
mod sharing;

fn entropy(seed: u64) -> Arc<dyn Entropy> {
    Arc::new(Seeded::new(seed))
}

fn load_at(path: &Path) -> Result<Option<SealState>, SealFailure> {
    load(EnvelopeFile::at(path).as_ref())
}

/// A data directory that its root key file seals, as a first start leaves it.
struct Rig(TempDir);

impl Rig {
    fn new() -> Self {
        let rig = Self(tempfile::tempdir().unwrap());
        FileSeal::create(rig.key_file(), entropy(1)).unwrap();
        rig
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("seal.json")
    }

    fn key_file(&self) -> PathBuf {
        self.0.path().join("root.key")
    }

    fn file_seal(&self) -> Arc<FileSeal> {
        Arc::new(FileSeal::new(self.key_file(), entropy(2)))
    }

    fn keeper(&self) -> Keeper {
        let Some(state) = load_at(&self.path()).unwrap() else {
            return Keeper::without_file(
                EnvelopeFile::at(self.path()),
                self.file_seal(),
                entropy(3),
            );
        };
        self.opened_by(state, Slot::Current, self.file_seal(), &first_bundle(self))
    }

    fn opened_by(
        &self,
        state: SealState,
        slot: Slot,
        seal: Arc<dyn Seal>,
        bundle: &RootBundle,
    ) -> Keeper {
        Keeper::opened(
            EnvelopeFile::at(self.path()),
            state,
            slot,
            seal,
            entropy(3),
            bundle,
        )
        .unwrap()
    }

    fn state(&self) -> SealState {
        load_at(&self.path()).unwrap().unwrap()
    }

    /// The directory as a crash at this moment would leave it.
    fn crashed(&self) -> Self {
        let copy = Self(tempfile::tempdir().unwrap());
        for entry in fs::read_dir(self.0.path()).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), copy.0.path().join(entry.file_name())).unwrap();
        }
        copy
    }

    /// What the root key file opens here, if it does.
    fn by_file(&self) -> Option<RootBundle> {
        let seal = self.file_seal();
        match load_at(&self.path()).unwrap() {
            None => seal.own_bundle().ok(),
            Some(state) => [Some(state.current), state.pending]
                .into_iter()
                .flatten()
                .find_map(|envelope| seal.unwrap(&envelope).ok()),
        }
    }

    /// What `shares` open here, if they do.
    fn by_shares(&self, shares: &[Plaintext]) -> Option<RootBundle> {
        let state = load_at(&self.path()).unwrap()?;
        [Some(state.current), state.pending, state.recovery]
            .into_iter()
            .flatten()
            .find_map(|envelope| {
                let mut collector = Collector::of(&envelope, entropy(4)).ok()?;
                shares.iter().for_each(|share| {
                    let _ = collector.add(share.expose());
                });
                Some(collector.open().ok()?.1)
            })
    }
}

fn first_bundle(rig: &Rig) -> RootBundle {
    rig.file_seal().own_bundle().unwrap()
}

fn rotated(bundle: &RootBundle) -> RootBundle {
    bundle
        .rotated(entropy(7), Timestamp::from_millis(8))
        .unwrap()
}

#[test]
fn a_directory_without_the_file_is_sealed_by_its_root_key_file() {
    let rig = Rig::new();

    assert_eq!(load_at(&rig.path()).unwrap(), None);
    assert!(rig.by_file().unwrap().is_same_as(&first_bundle(&rig)));
}

#[test]
fn the_file_is_its_owners_alone_and_says_what_it_is() {
    let rig = Rig::new();

    rig.keeper()
        .replace_bundle(&rotated(&first_bundle(&rig)))
        .unwrap();

    let mode = fs::metadata(rig.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
    let state = rig.state();
    assert_eq!(
        (state.current.kind, state.pending, state.recovery),
        (SealKind::File, None, None)
    );
    assert_eq!(state.keys.len(), 2);
    assert!(!rig.0.path().join("seal.json.part").exists());
}

#[test]
fn what_a_rotation_wrote_opens_what_was_sealed_before_it() {
    let rig = Rig::new();
    let before = first_bundle(&rig);
    let here = Context(&[b"here"]);
    let newest = before.newest().unwrap();
    let sealed = newest.seal_for(Purpose::KeyRing, here, b"ring").unwrap();

    rig.keeper().replace_bundle(&rotated(&before)).unwrap();

    let opened = rig.by_file().unwrap();
    assert_eq!(opened.keys().len(), 2);
    let ring = opened.open_for(Purpose::KeyRing, here, &sealed.0).unwrap();
    assert_eq!(ring.expose(), b"ring");
}

/// Each step is one replacement, so that the directory between two steps is what a crash leaves.
#[test]
fn a_migration_can_be_killed_anywhere() {
    let rig = Rig::new();
    let bundle = first_bundle(&rig);
    let (seal, shares) = ShamirSeal::create(3, 2, entropy(5)).unwrap();
    let mut keeper = rig.keeper();
    let opens = |rig: &Rig| {
        let (file, shares) = (rig.by_file(), rig.by_shares(&shares));
        let same =
            |opened: Option<RootBundle>| opened.is_some_and(|opened| opened.is_same_as(&bundle));
        (same(file), same(shares))
    };

    assert_eq!(opens(&rig.crashed()), (true, false));
    keeper.begin_migration(Arc::new(seal), &bundle).unwrap();
    assert_eq!(opens(&rig.crashed()), (true, true));
    let reported = rig.state();
    assert_eq!(reported.current.kind, SealKind::File);
    assert_eq!(reported.pending.unwrap().kind, SealKind::Shamir);
    keeper.finish_migration(&bundle).unwrap();
    assert_eq!(opens(&rig.crashed()), (false, true));
    let reported = rig.state();
    assert_eq!(
        (reported.current.kind, reported.pending),
        (SealKind::Shamir, None)
    );
}

#[test]
fn a_migration_that_was_killed_can_be_finished_with_either_seal() {
    let rig = Rig::new();
    let bundle = first_bundle(&rig);
    let (seal, shares) = ShamirSeal::create(3, 2, entropy(5)).unwrap();
    rig.keeper()
        .begin_migration(Arc::new(seal), &bundle)
        .unwrap();

    let by_old = rig.crashed();
    let (again, other_shares) = ShamirSeal::create(2, 2, entropy(6)).unwrap();
    let mut keeper = by_old.keeper();
    keeper.begin_migration(Arc::new(again), &bundle).unwrap();
    keeper.finish_migration(&bundle).unwrap();
    assert!(by_old.by_shares(&other_shares).is_some());
    assert!(by_old.by_shares(&shares).is_none());

    let by_new = rig.crashed();
    let state = by_new.state();
    let mut collector = Collector::of(state.pending.as_ref().unwrap(), entropy(4)).unwrap();
    shares.iter().for_each(|share| {
        collector.add(share.expose()).unwrap();
    });
    let (seal, opened) = collector.open().unwrap();
    let keeper = by_new.opened_by(state, Slot::Pending, Arc::new(seal), &opened);
    assert_eq!(
        (keeper.kind(), keeper.inherited()),
        (SealKind::Shamir, None)
    );
    assert_eq!(keeper.state(), Some(&by_new.state()));
    assert!(by_new.by_shares(&shares).is_some());
    assert!(by_new.by_file().is_none());
}

#[test]
fn a_migration_goes_on_with_a_new_bundle_and_with_recovery_shares() {
    let rig = Rig::new();
    let bundle = first_bundle(&rig);
    let (seal, shares) = ShamirSeal::create(3, 2, entropy(5)).unwrap();
    let mut keeper = rig.keeper();
    keeper.begin_migration(Arc::new(seal), &bundle).unwrap();

    let bundle = rotated(&bundle);
    keeper.replace_bundle(&bundle).unwrap();
    assert!(rig.by_shares(&shares).unwrap().is_same_as(&bundle));
    let (bundle, _) = keeper.make_recovery(&bundle, 2, 2).unwrap();
    assert!(rig.by_shares(&shares).unwrap().is_same_as(&bundle));

    keeper.finish_migration(&bundle).unwrap();
    assert!(rig.by_shares(&shares).unwrap().is_same_as(&bundle));
    assert!(rig.by_file().is_none());
}

#[test]
fn recovery_shares_open_whatever_comes_later() {
    let rig = Rig::new();
    let mut keeper = rig.keeper();
    let (bundle, shares) = keeper.make_recovery(&first_bundle(&rig), 3, 2).unwrap();
    assert!(rig.by_shares(&shares).unwrap().is_same_as(&bundle));

    let bundle = rotated(&bundle);
    keeper.replace_bundle(&bundle).unwrap();
    assert!(rig.by_shares(&shares[1..]).unwrap().is_same_as(&bundle));

    let (seal, _) = ShamirSeal::create(2, 2, entropy(5)).unwrap();
    keeper.begin_migration(Arc::new(seal), &bundle).unwrap();
    keeper.finish_migration(&bundle).unwrap();
    assert!(rig.by_shares(&shares).unwrap().is_same_as(&bundle));

    let (_, newer) = keeper.make_recovery(&bundle, 2, 2).unwrap();
    assert!(rig.by_shares(&shares).is_none());
    assert!(rig.by_shares(&newer).is_some());

    keeper.remove_recovery(&bundle).unwrap();
    assert!(rig.by_shares(&newer).is_none());
}

/// The seal in force is lost; the shares give the directory another one.
#[test]
fn recovery_shares_migrate_and_do_nothing_else() {
    let rig = Rig::new();
    let mut keeper = rig.keeper();
    let (_, shares) = keeper.make_recovery(&first_bundle(&rig), 2, 2).unwrap();
    fs::remove_file(rig.key_file()).unwrap();
    let state = rig.state();
    let mut collector = Collector::of(state.recovery.as_ref().unwrap(), entropy(4)).unwrap();
    shares.iter().for_each(|share| {
        collector.add(share.expose()).unwrap();
    });
    let (opener, bundle) = collector.open().unwrap();
    let opener = Arc::new(opener);
    let mut keeper = rig.opened_by(state.clone(), Slot::Recovery, opener, &bundle);

    let refused = keeper.replace_bundle(&rotated(&bundle)).err().unwrap();
    assert!(matches!(refused, SealFailure::Recovered));
    assert_eq!(rig.state(), state);

    let next = FileSeal::create(rig.0.path().join("new.key"), entropy(8)).unwrap();
    keeper.begin_migration(Arc::new(next), &bundle).unwrap();
    keeper.finish_migration(&bundle).unwrap();
    assert!(!keeper.is_recovered());
    keeper.replace_bundle(&rotated(&bundle)).unwrap();
    assert_eq!(rig.state().keys.len(), 2);
    assert!(rig.by_shares(&shares).is_some());
}

/// A program that gives another key every time, or a token that lies.
struct Forgetful(Arc<dyn Seal>);

impl Seal for Forgetful {
    fn kind(&self) -> SealKind {
        self.0.kind()
    }

    fn wrap(&self, bundle: &RootBundle) -> Result<Envelope, SealFailure> {
        self.0.wrap(bundle)
    }

    fn unwrap(&self, envelope: &Envelope) -> Result<RootBundle, SealFailure> {
        Ok(rotated(&self.0.unwrap(envelope)?))
    }
}

#[test]
fn a_seal_that_does_not_give_back_what_it_took_changes_nothing() {
    let rig = Rig::new();
    let bundle = first_bundle(&rig);
    let mut keeper = rig.keeper();
    let liar: Arc<dyn Seal> = Arc::new(Forgetful(rig.file_seal()));

    let refused = keeper.begin_migration(liar, &bundle);

    assert!(matches!(
        refused,
        Err(SealFailure::WrongKey(SealKind::File))
    ));
    assert_eq!(load_at(&rig.path()).unwrap(), None);
}

#[test]
fn a_program_that_does_not_give_its_key_again_seals_nothing() {
    for (mode, line) in [
        (
            CommandMode::Print,
            "/usr/bin/head -c 32 /dev/urandom | /usr/bin/base64",
        ),
        (CommandMode::Wrap, "echo x"),
    ] {
        let rig = Rig::new();
        let bundle = first_bundle(&rig);
        let argv = ["/bin/sh", "-c", line].map(str::to_owned).to_vec();
        let program = || CommandSeal::new(argv.clone(), mode, Duration::from_secs(30), entropy(4));

        let migrated = rig.keeper().begin_migration(Arc::new(program()), &bundle);
        let fresh = rig.0.path().join("fresh.json");
        let program = Arc::new(program());
        let mut first = Keeper::without_file(EnvelopeFile::at(fresh.clone()), program, entropy(3));
        let started = first.replace_bundle(&bundle);

        assert!(migrated.is_err(), "{mode:?}");
        assert!(started.is_err(), "{mode:?}");
        assert_eq!(load_at(&rig.path()).unwrap(), None);
        assert_eq!(load_at(&fresh).unwrap(), None);
    }
}

#[test]
fn what_a_crash_left_beside_the_file_is_no_obstacle() {
    let rig = Rig::new();
    fs::write(rig.0.path().join("seal.json.part"), "{\"ver").unwrap();

    rig.keeper()
        .replace_bundle(&rotated(&first_bundle(&rig)))
        .unwrap();

    assert_eq!(rig.by_file().unwrap().keys().len(), 2);
    assert!(!rig.0.path().join("seal.json.part").exists());
}

#[test]
fn a_file_that_is_none_of_ours_is_told() {
    let rig = Rig::new();
    let long = " ".repeat(1 << 21);
    for (content, said) in [
        ("", "(EOF while parsing a value at line 1 column 0)"),
        ("{}", "(missing field `version` at line 1 column 2)"),
        ("{\"version\":2}", "(it has the form 2)"),
        (
            "{\"version\":1}",
            "(missing field `keys` at line 1 column 13)",
        ),
        (&long, "(it is too long)"),
    ] {
        fs::write(rig.path(), content).unwrap();

        let refused = load_at(&rig.path()).err().unwrap().to_string();

        let path = rig.path().display().to_string();
        assert_eq!(
            refused,
            format!("`{path}` cannot be read by this version {said}; restore it from your backup")
        );
    }
}

/// The form is a promise to later versions.
#[test]
fn the_file_has_a_fixed_form() {
    let rig = Rig::new();
    let (seal, _) = ShamirSeal::create(2, 2, entropy(5)).unwrap();
    let mut keeper = rig.keeper();
    let (bundle, _) = keeper.make_recovery(&first_bundle(&rig), 2, 2).unwrap();
    keeper.begin_migration(Arc::new(seal), &bundle).unwrap();

    let written: serde_json::Value =
        serde_json::from_slice(&fs::read(rig.path()).unwrap()).unwrap();

    let names = |value: &serde_json::Value| -> Vec<String> {
        value.as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(
        names(&written),
        ["current", "keys", "pending", "recovery", "version"]
    );
    assert_eq!(names(&written["current"]), ["kind", "parameters", "sealed"]);
    assert_eq!(names(&written["current"]["parameters"]), ["key"]);
    let shares = ["digests", "set", "shares", "threshold"];
    assert_eq!(names(&written["pending"]["parameters"]), shares);
    assert_eq!(names(&written["recovery"]["parameters"]), shares);
}
