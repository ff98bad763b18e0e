use super::*;
use crate::boot::keys::resealing::CLEAN;
use crate::boot::opening::{self, Opening};
use crate::boot::place::{RING, put};
use crate::boot::{Layout, Place, Seals};
use crate::config::SealConfig;
use crate::outside::SystemEntropy;
use crate::process::Taken;
use base::{Context, Timestamp};
use seal::seals::{FileSeal, ShamirSeal};
use std::fs;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tempfile::TempDir;

const HERE: Context<'_> = Context(&[b"place"]);

/// A clock that stands where it is put.
#[derive(Default)]
struct Standing(AtomicI64);

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// A data directory whose store is in memory, so that a crash is a copy of the one and the other.
struct Rig {
    directory: TempDir,
    database: Database,
    clock: Arc<Standing>,
}

impl Rig {
    fn new() -> Self {
        let rig = Self {
            directory: tempfile::tempdir().unwrap(),
            database: Database::memory(),
            clock: Arc::default(),
        };
        rig.clock.0.store(1_000_000, Ordering::Relaxed);
        rig
    }

    fn layout(&self) -> Layout {
        Layout::of(self.directory.path())
    }

    fn entropy(&self) -> Arc<dyn Entropy> {
        Arc::new(SystemEntropy)
    }

    fn opening(&self) -> Result<Opening, BootError> {
        let config = SealConfig::default();
        let seals = Seals::new(config, Taken::default(), self.layout(), self.entropy());
        let opening = opening::open(&Place::alone(self.layout()), &seals, self.clock.as_ref());
        // From now on there is a store, which nothing here looks into.
        fs::write(self.layout().store(), "").unwrap();
        opening
    }

    fn opened(&self) -> Opened {
        match self.opening().unwrap() {
            Opening::Open(opened) => *opened,
            Opening::Sealed(door) => panic!("{}", door.why()),
        }
    }

    async fn keys_of(&self, opened: Opened) -> Keys {
        let (clock, entropy) = (self.clock.clone(), self.entropy());
        Keys::open(opened, self.database.clone(), clock, entropy)
            .await
            .unwrap()
    }

    async fn keys(&self) -> Keys {
        self.keys_of(self.opened()).await
    }

    /// What a crash at this moment would leave.
    async fn crashed(&self) -> Self {
        let copy = Self::new();
        for entry in fs::read_dir(self.directory.path()).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), copy.directory.path().join(entry.file_name())).unwrap();
        }
        for name in [RING, CLEAN] {
            if let Some(value) = self.database.meta(name).await.unwrap() {
                copy.database.put_meta(name, None, &value).await.unwrap();
            }
        }
        copy
    }
}

/// What must open after whatever happened: a record and the material of a KMS key.
struct Kept {
    record: Vec<u8>,
    material: Vec<u8>,
}

impl Kept {
    fn by(keys: &Keys) -> Self {
        Self {
            record: keys.ring().seal(HERE, b"record").unwrap().0,
            material: keys.roots().seal(HERE, b"material").unwrap().0,
        }
    }

    fn opens(&self, keys: &Keys) -> bool {
        let record = keys.ring().open(HERE, &self.record);
        let material = keys.roots().open(HERE, &self.material);
        record.is_ok_and(|plain| plain.expose() == b"record")
            && material.is_ok_and(|plain| plain.expose() == b"material")
    }
}

#[tokio::test]
async fn a_rotated_ring_is_stored_and_opens_what_the_old_key_sealed() {
    let rig = Rig::new();
    let keys = rig.keys().await;
    let old = Kept::by(&keys);

    keys.rotate().await.unwrap();
    let new = Kept::by(&keys);
    let reopened = rig.crashed().await.keys().await;

    assert_eq!(reopened.list(), keys.list());
    assert_eq!(reopened.list().len(), 2);
    assert!(old.opens(&reopened) && new.opens(&reopened));
    assert!(reopened.ring().needs_reseal(&old.record));
    assert!(!reopened.ring().needs_reseal(&new.record));
}

#[tokio::test]
async fn a_ring_rotation_that_was_killed_before_it_was_used_does_no_harm() {
    let rig = Rig::new();
    let keys = rig.keys().await;
    let old = Kept::by(&keys);
    let bundle = keys.roots().bundle();
    let ring = keys.ring();
    let rotated = ring
        .prepare_rotation(bundle.newest().unwrap(), Timestamp::from_millis(1))
        .unwrap();

    let before = rig.crashed().await.keys().await;
    let loaded = rig.database.meta(RING).await.unwrap();
    let stored = put(&rig.database, RING, loaded.as_deref(), &rotated.sealed().0);
    stored.await.unwrap();
    let after = rig.crashed().await.keys().await;

    assert_eq!((before.list().len(), after.list().len()), (1, 2));
    assert!(old.opens(&before) && old.opens(&after));
}

/// The steps of `rotate_root`, each followed by a crash.
#[tokio::test]
async fn a_rotation_of_the_root_key_can_be_killed_anywhere() {
    let rig = Rig::new();
    let keys = rig.keys().await;
    let old = Kept::by(&keys);
    let next = keys
        .roots()
        .bundle()
        .rotated(rig.entropy(), Timestamp::from_millis(1))
        .unwrap();

    keys.keeper.lock().replace_bundle(&next).unwrap();
    let killed = rig.crashed().await;
    let reopened = killed.keys().await;
    assert_eq!(reopened.list_roots(), next.keys());
    assert!(old.opens(&reopened));
    let stored = killed.database.meta(RING).await.unwrap().unwrap();
    assert!(!next.needs_reseal(&stored), "the start seals the ring anew");

    keys.roots.install(next.clone());
    let new = Kept::by(&keys);
    let reopened = rig.crashed().await.keys().await;
    assert!(old.opens(&reopened) && new.opens(&reopened));

    keys.ring.reseal(&keys.roots).await.unwrap();
    let reopened = rig.crashed().await.keys().await;
    assert!(old.opens(&reopened) && new.opens(&reopened));
}

/// A periodic pass that found nothing to do under the root key `newest`.
fn clean(newest: u32) -> KmsPass {
    KmsPass {
        newest,
        sealed: 0,
        left: 0,
        is_periodic: true,
    }
}

async fn note(keys: &Keys, pass: KmsPass, times: u32) {
    for _ in 0..times {
        keys.note_kms_keys(pass).await.unwrap();
    }
}

#[tokio::test]
async fn older_root_keys_go_when_nothing_needs_them_and_not_before() {
    let rig = Rig::new();
    let keys = rig.keys().await;
    let old = Kept::by(&keys);
    keys.rotate_root().await.unwrap();
    let new = Kept::by(&keys);
    let unasked = KmsPass {
        is_periodic: false,
        ..clean(2)
    };
    let found = KmsPass {
        sealed: 1,
        ..clean(2)
    };
    let failed = KmsPass {
        left: 1,
        ..clean(2)
    };

    // Whatever breaks the row begins it anew.
    for (pass, times) in [(unasked, 20), (clean(2), 4), (found, 1), (clean(2), 4)] {
        note(&keys, pass, times).await;
        assert_eq!(keys.list_roots().len(), 2, "{pass:?}");
    }
    note(&keys, failed, 20).await;
    assert_eq!(keys.progress().kms_keys, Some(1));
    note(&keys, clean(2), 4).await;
    note(&keys, unasked, 1).await;
    assert_eq!(keys.list_roots().len(), 2);
    assert!(old.opens(&keys));

    note(&keys, clean(2), 1).await;

    let reopened = rig.crashed().await.keys().await;
    for keys in [&keys, &reopened] {
        let left = keys.list_roots();
        assert_eq!((left.len(), left[0].number), (1, 2));
        assert!(new.opens(keys) && !old.opens(keys));
        assert!(!keys.kms_keys_are_due());
    }
}

/// A `CreateKey` sealed under the first root key, and the machine slept before it committed.
#[tokio::test]
async fn a_clock_that_jumps_drops_no_root_key() {
    let rig = Rig::new();
    let keys = rig.keys().await;
    let uncommitted = Kept::by(&keys);
    keys.rotate_root().await.unwrap();

    rig.clock.0.store(i64::MAX / 2, Ordering::Relaxed);
    note(&keys, clean(2), 4).await;

    assert_eq!(keys.list_roots().len(), 2);
    assert!(uncommitted.opens(&keys));
    assert!(uncommitted.opens(&rig.crashed().await.keys().await));
}

#[tokio::test]
async fn a_pass_tells_nothing_of_a_root_key_that_is_newer() {
    let rig = Rig::new();
    let keys = rig.keys().await;
    keys.rotate_root().await.unwrap();
    note(&keys, clean(2), 4).await;
    let before = Kept::by(&keys);
    keys.rotate_root().await.unwrap();

    note(&keys, clean(2), 20).await;

    assert_eq!(keys.sealing_root(), 3);
    assert_eq!(keys.list_roots().len(), 3);
    assert_eq!(keys.progress().kms_keys, None, "not looked at since");
    note(&keys, clean(3), 4).await;
    assert!(before.opens(&keys), "counted anew since the rotation");
    note(&keys, clean(3), 1).await;
    assert_eq!(keys.list_roots().len(), 1);
}

#[tokio::test]
async fn sealing_anew_is_due_at_once_after_a_rotation_and_else_when_the_period_is_over() {
    let rig = Rig::new();
    let keys = rig.keys().await;
    assert!(!keys.is_due_within(Duration::ZERO).await);

    keys.rotate_root().await.unwrap();

    assert!(keys.is_due_within(Duration::from_secs(600)).await);
    assert!(!keys.is_due_within(Duration::ZERO).await);
}

#[tokio::test]
async fn a_ring_is_clean_until_it_is_rotated_again() {
    let rig = Rig::new();
    let keys = rig.keys().await;
    assert!(!keys.records_are_due().await.unwrap());
    assert_eq!(keys.progress().records, Some(0));

    keys.rotate().await.unwrap();
    assert_eq!(keys.progress().records, None);
    assert!(keys.records_are_due().await.unwrap());
    keys.note_records(2, 3).await.unwrap();
    assert!(keys.records_are_due().await.unwrap());
    assert_eq!(keys.progress().records, Some(3));
    keys.note_records(1, 0).await.unwrap();
    assert!(
        keys.records_are_due().await.unwrap(),
        "a pass of the key before"
    );
    keys.note_records(2, 0).await.unwrap();
    assert!(!keys.records_are_due().await.unwrap());

    let reopened = rig.crashed().await.keys().await;
    assert!(!reopened.records_are_due().await.unwrap());
    reopened.rotate().await.unwrap();
    assert!(reopened.records_are_due().await.unwrap());
}

#[tokio::test]
async fn a_migration_can_be_killed_anywhere() {
    let rig = Rig::new();
    let keys = rig.keys().await;
    let old = Kept::by(&keys);
    let next = FileSeal::create(rig.directory.path().join("next.key"), rig.entropy()).unwrap();
    let by_next = |rig: &Rig| {
        fs::rename(
            rig.directory.path().join("next.key"),
            rig.directory.path().join("root.key"),
        )
        .unwrap();
    };

    keys.begin_migration(Arc::new(next)).await.unwrap();
    let by_old = rig.crashed().await;
    assert!(old.opens(&by_old.keys().await));
    let by_new = rig.crashed().await;
    by_next(&by_new);
    assert!(old.opens(&by_new.keys().await));
    assert!(by_new.keys().await.seal().state.unwrap().pending.is_none());

    keys.finish_migration().await.unwrap();
    let finished = rig.crashed().await;
    let refused = finished.opening().err().unwrap().to_string();
    assert!(
        refused.starts_with("the root key file does not open"),
        "{refused}"
    );
    by_next(&finished);
    assert!(old.opens(&finished.keys().await));
}

#[tokio::test]
async fn nothing_is_finished_that_was_not_begun() {
    let keys = Rig::new().keys().await;

    let finished = keys.finish_migration().await.err().unwrap().to_string();
    let abandoned = keys.abandon_migration().await.err().unwrap().to_string();

    let text = "no migration was begun; run `strongroom seal migrate --to …`";
    assert_eq!((finished.as_str(), abandoned.as_str()), (text, text));
}

/// Its shares are in people's hands, and nothing here could wrap for them.
#[tokio::test]
async fn a_migration_of_before_the_start_is_not_dropped_unasked() {
    let rig = Rig::new();
    let keys = rig.keys().await;
    keys.rotate_root().await.unwrap();
    let (seal, _) = ShamirSeal::create(2, 2, rig.entropy()).unwrap();
    keys.begin_migration(Arc::new(seal)).await.unwrap();
    let later = rig.crashed().await;
    let restarted = later.keys().await;
    let left = restarted.seal().state;

    let refused = [
        restarted.rotate_root().await,
        restarted.make_recovery(2, 2).await.map(|_| ()),
        restarted.remove_recovery().await,
        restarted.finish_migration().await,
    ];
    note(&restarted, clean(2), 5).await;

    for refused in refused {
        let text = refused.err().unwrap().to_string();
        assert!(text.starts_with("a migration to `shamir` was begun before the server started"));
    }
    assert_eq!(restarted.seal().inherited, Some(SealKind::Shamir));
    assert_eq!(restarted.seal().state, left);
    assert_eq!(restarted.list_roots().len(), 2);

    restarted.abandon_migration().await.unwrap();
    note(&restarted, clean(2), 1).await;
    assert_eq!(restarted.list_roots().len(), 1);
    assert_eq!(restarted.seal().inherited, None);
}

#[tokio::test]
async fn shares_finish_a_migration_of_before_the_start() {
    let rig = Rig::new();
    let keys = rig.keys().await;
    let old = Kept::by(&keys);
    let (seal, shares) = ShamirSeal::create(3, 2, rig.entropy()).unwrap();
    keys.begin_migration(Arc::new(seal)).await.unwrap();
    let later = rig.crashed().await;
    let restarted = later.keys().await;
    let give =
        |number: usize| restarted.give_share(Plaintext::new(shares[number].expose().to_vec()));

    assert_eq!(give(0).await.unwrap().given, 1);
    let collected = restarted.seal().collected.unwrap().1;
    assert_eq!((collected.given, collected.threshold), (1, 2));
    assert!(give(2).await.unwrap().is_enough());
    restarted.rotate_root().await.unwrap();
    restarted.finish_migration().await.unwrap();

    let facts = restarted.seal();
    assert_eq!((facts.kind, facts.inherited), (SealKind::Shamir, None));
    assert!(old.opens(&restarted));
    let state = facts.state.unwrap();
    assert_eq!((state.pending, state.keys.len()), (None, 2));
    let sealed = later.crashed().await;
    assert!(matches!(sealed.opening(), Err(_) | Ok(Opening::Sealed(_))));
}

mod sharing;
