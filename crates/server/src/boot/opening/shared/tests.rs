use super::*;
use crate::boot::door::Attempt;
use crate::boot::{FirstSeal, Layout};
use crate::config::{SealConfig, SecretFrom};
use crate::outside::{SystemClock, SystemEntropy};
use crate::process::Taken;
use base::Entropy;
use seal::seals::ShamirSeal;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use store::Database;
use tempfile::TempDir;

/// A node of the deployment in a store.
struct Rig {
    dir: TempDir,
    database: Database,
}

impl Rig {
    fn over(database: &Database) -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            database: database.clone(),
        }
    }

    fn layout(&self) -> Layout {
        Layout::of(self.dir.path())
    }

    fn place(&self) -> Place {
        Place::sharing(self.layout(), self.database.clone())
    }

    fn seals(&self, config: SealConfig) -> Seals {
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        Seals::new(config, Taken::default(), self.layout(), entropy)
    }

    fn open(&self, config: SealConfig) -> Result<Opening, String> {
        let opening = super::super::open(&self.place(), &self.seals(config), &SystemClock);
        opening.map_err(|error| error.to_string())
    }

    fn opened(&self, config: SealConfig) -> Opened {
        match self.open(config).unwrap() {
            Opening::Open(opened) => *opened,
            Opening::Sealed(door) => panic!("{}", door.why()),
        }
    }

    /// The names of what is in the data directory.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.dir.path()).unwrap();
        let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
        let mut names: Vec<_> = entries
            .map(|entry| name(entry).into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn key_file(&self) -> PathBuf {
        self.dir.path().join("root.key")
    }

    /// A configuration in which this passphrase is in a file.
    fn passphrase(&self, words: &str) -> SealConfig {
        let path = self.dir.path().join("words");
        fs::write(&path, words).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        SealConfig {
            kind: SealKind::Passphrase,
            passphrase: SecretFrom::File(path),
            ..SealConfig::default()
        }
    }

    async fn put(&self, name: &str, value: &[u8]) {
        self.database.put_meta(name, None, value).await.unwrap();
    }
}

fn by_file() -> SealConfig {
    SealConfig::default()
}

fn not_here(rig: &Rig) -> String {
    let path = rig.key_file();
    format!(
        "the store belongs to a deployment that was made already, and its root key file `{}` is not \
         here: copy it from another node, or name the seal of the deployment in the configuration. \
         Nothing was made",
        path.display()
    )
}

#[test]
fn a_second_node_makes_no_root_key_of_its_own() {
    let database = Database::memory();
    let (a, b) = (Rig::over(&database), Rig::over(&database));
    let first = a.opened(by_file());
    assert_eq!(a.names(), ["root.key"], "the envelopes are in the store");

    let refused = b.open(by_file()).err().unwrap();

    assert_eq!(refused, not_here(&b));
    assert!(b.names().is_empty());
    fs::copy(a.key_file(), b.key_file()).unwrap();
    assert!(b.opened(by_file()).bundle.is_same_as(&first.bundle));
}

#[test]
fn a_node_with_another_root_key_is_refused() {
    let database = Database::memory();
    let (a, b) = (Rig::over(&database), Rig::over(&database));
    a.opened(by_file());
    let stranger = Rig::over(&Database::memory());
    stranger.opened(by_file());
    fs::copy(stranger.key_file(), b.key_file()).unwrap();

    let refused = b.open(by_file()).err().unwrap();

    assert!(
        refused.starts_with("the root key file does not open"),
        "{refused}"
    );
}

#[test]
fn of_two_first_starts_one_makes_the_root_keys() {
    let database = Database::memory();
    let (a, b) = (Rig::over(&database), Rig::over(&database));
    let prepare = |rig: &Rig, config| {
        FirstSeal::prepare(&rig.place(), &rig.seals(config), &SystemClock, None).unwrap()
    };
    let (by_a, by_b) = (prepare(&a, by_file()), prepare(&b, by_file()));

    let made = by_a.install().unwrap().bundle;
    let refused = by_b.install().err().unwrap();

    assert!(matches!(refused, BootError::Unsealed(SealFailure::Changed)));
    assert!(b.names().is_empty(), "its key sealed nothing, and is gone");
    assert!(a.opened(by_file()).bundle.is_same_as(&made));

    let database = Database::memory();
    let (a, b) = (Rig::over(&database), Rig::over(&database));
    let words = "correct horse battery";
    let late = prepare(&b, b.passphrase(words));
    let first = a.opened(a.passphrase(words));
    assert!(late.install().is_err());
    assert!(
        b.opened(b.passphrase(words))
            .bundle
            .is_same_as(&first.bundle)
    );
}

#[test]
fn a_first_start_that_died_after_its_key_file_is_taken_up() {
    let rig = Rig::over(&Database::memory());
    let stranger = Rig::over(&Database::memory());
    stranger.opened(by_file());
    fs::copy(stranger.key_file(), rig.key_file()).unwrap();
    let key = fs::read(rig.key_file()).unwrap();

    let first = rig.opened(by_file());
    let second = rig.opened(by_file());

    assert_eq!(fs::read(rig.key_file()).unwrap(), key);
    assert!(second.bundle.is_same_as(&first.bundle));
}

#[tokio::test]
async fn a_store_that_was_in_use_and_has_no_envelopes_gets_no_new_root_key() {
    for trace in ["deployment", "key_ring"] {
        let rig = Rig::over(&Database::memory());
        rig.put(trace, b"something").await;

        let refused = rig.open(by_file()).err().unwrap();

        assert_eq!(refused, not_here(&rig));
        assert!(rig.names().is_empty());
        assert_eq!(rig.database.meta("seal").await.unwrap(), None);
    }
}

/// A data directory whose store was moved to one that nodes share.
#[tokio::test]
async fn a_store_that_was_moved_is_opened_by_what_its_data_directory_has() {
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    for has_envelopes in [false, true] {
        let rig = Rig::over(&Database::memory());
        let alone = Place::alone(rig.layout());
        let opened = super::super::open(&alone, &rig.seals(by_file()), &SystemClock);
        let Ok(Opening::Open(mut opened)) = opened else {
            panic!("it is sealed");
        };
        if has_envelopes {
            opened.bundle = opened
                .bundle
                .rotated(entropy.clone(), SystemClock.now())
                .unwrap();
            opened.keeper.replace_bundle(&opened.bundle).unwrap();
        }
        let ring = KeyRing::generate(entropy.clone(), SystemClock.now()).unwrap();
        let ring = ring.to_sealed(opened.bundle.newest().unwrap()).unwrap();
        rig.put("key_ring", &ring.0).await;

        // Nobody else's data directory opens it, or takes its place.
        let stranger = Rig::over(&rig.database);
        let other = Place::alone(stranger.layout());
        let other = super::super::open(&other, &stranger.seals(by_file()), &SystemClock);
        let Ok(Opening::Open(mut other)) = other else {
            panic!("it is sealed");
        };
        if has_envelopes {
            other.keeper.replace_bundle(&other.bundle).unwrap();
        }
        assert!(stranger.open(by_file()).is_err());
        assert_eq!(rig.database.meta("seal").await.unwrap(), None);

        let moved = rig.opened(by_file());

        assert!(moved.bundle.is_same_as(&opened.bundle));
        assert!(rig.database.meta("seal").await.unwrap().is_some());
        let second = Rig::over(&rig.database);
        fs::copy(rig.key_file(), second.key_file()).unwrap();
        assert!(second.opened(by_file()).bundle.is_same_as(&opened.bundle));
    }
}

#[test]
fn a_deployment_is_made_once() {
    let database = Database::memory();
    let rig = Rig::over(&database);
    let refuse = |rig: &Rig| crate::boot::first::refuse_used(&rig.place(), &rig.seals(by_file()));
    assert!(refuse(&rig).is_ok());

    rig.opened(by_file());

    let refused = refuse(&Rig::over(&database)).err().unwrap().to_string();
    assert_eq!(
        refused,
        "the store has a deployment already, and a deployment is made once"
    );
}

/// Another node rotates the root key and gives the deployment another seal meanwhile.
#[test]
fn a_door_opens_what_the_envelopes_are_then() {
    let database = Database::memory();
    let (a, b) = (Rig::over(&database), Rig::over(&database));
    let words = "correct horse battery";
    let mut opened = a.opened(a.passphrase(words));
    let Ok(Opening::Sealed(door)) = b.open(b.passphrase("incorrect horse battery")) else {
        panic!("it is open");
    };
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);

    let next = opened
        .bundle
        .rotated(entropy.clone(), SystemClock.now())
        .unwrap();
    opened.keeper.replace_bundle(&next).unwrap();
    let Ok(Attempt::Open(found)) = door.passphrase(words.as_bytes()) else {
        panic!("it does not open");
    };
    assert!(found.bundle.is_same_as(&next));

    let (seal, shares) = ShamirSeal::create(3, 2, entropy.clone()).unwrap();
    opened
        .keeper
        .begin_migration(Arc::new(seal), &next)
        .unwrap();
    assert!(matches!(door.share(shares[0].expose()), Ok(Attempt::More)));
    opened.keeper.finish_migration(&next).unwrap();
    assert_eq!(door.collected()[0].1.given, 1);

    let Ok(Attempt::Open(found)) = door.share(shares[2].expose()) else {
        panic!("it does not open");
    };
    assert!(found.bundle.is_same_as(&next));
    assert_eq!(door.state().current.kind, SealKind::Shamir);
    assert!(door.passphrase(words.as_bytes()).is_err());
}
