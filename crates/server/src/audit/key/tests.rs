use super::*;
use crate::audit::log::Directory;
use crate::audit::signer::Signer;
use crate::outside::{SystemClock, SystemEntropy};
use ::audit::{Hash, Position};
use seal::{KeyRing, RootKey};

struct Rig {
    keys: KeyStore,
    ring: Arc<KeyRing>,
    dir: tempfile::TempDir,
}

impl Rig {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let ring = Arc::new(ring());
        let keys = KeyStore {
            database: Database::memory(),
            ring: ring.clone(),
            entropy: Arc::new(SystemEntropy),
            dir: dir.path().to_owned(),
        };
        Self { keys, ring, dir }
    }

    async fn loaded(&self) -> Loaded {
        self.keys.load(false).await.unwrap()
    }

    /// The public half of the key that a start finds.
    async fn key(&self) -> PublicKey {
        self.loaded().await.keys.key.public().clone()
    }

    /// Prepares a key, and has the log say that it signs from event `first` on.
    async fn replace(&self, first: u64) -> Arc<SigningKey> {
        let keys = self.loaded().await.keys;
        let next = self.keys.prepare().await.unwrap();
        let signer = Signer::new(keys, "111122223333", Arc::new(SystemClock));
        let after = Position {
            sequence: first - 1,
            hash: Hash::of(b"line"),
        };
        let shelf = Directory(self.dir.path().to_owned());
        let replaced = signer.replace(&shelf, (Hash::of(b"before"), after), &next);
        replaced.unwrap();
        next
    }
}

fn ring() -> KeyRing {
    KeyRing::generate(Arc::new(SystemEntropy), base::Timestamp::from_millis(0)).unwrap()
}

#[tokio::test]
async fn the_key_is_made_once_and_only_sealed_on_disk() {
    let rig = Rig::new();

    let first = rig.key().await;
    let second = rig.key().await;
    let by_another = KeyStore {
        ring: Arc::new(ring()),
        ..rig.keys
    };
    let by_another = by_another.load(false).await.err();

    assert_eq!(first, second);
    assert!(matches!(by_another, Some(KeyStoreError::Seal(_))));
}

#[tokio::test]
async fn the_key_is_sealed_anew_after_a_rotation_of_the_ring() {
    let rig = Rig::new();
    let root = RootKey::generate(Arc::new(SystemEntropy)).unwrap();
    let first = rig.key().await;
    let before = rig.keys.database.meta(CURRENT).await.unwrap().unwrap();
    let rotated = rig
        .ring
        .prepare_rotation(&root, base::Timestamp::from_millis(1));
    rotated.unwrap().install();

    let second = rig.key().await;

    assert_eq!(first, second);
    let after = rig.keys.database.meta(CURRENT).await.unwrap().unwrap();
    assert!(rig.ring.needs_reseal(&before) && !rig.ring.needs_reseal(&after));
}

#[tokio::test]
async fn a_key_that_the_log_does_not_know_of_is_dropped() {
    let rig = Rig::new();
    let old = rig.key().await;
    let next = rig.keys.prepare().await.unwrap();

    let found = rig.loaded().await;

    assert!(rig.keys.next().await.unwrap().is_none());
    assert_eq!((found.keys.key.public(), found.is_replacing), (&old, false));
    assert_ne!(*next.public(), old);
}

#[tokio::test]
async fn a_key_that_the_log_names_signs_after_a_crash_too() {
    let rig = Rig::new();
    let old = rig.key().await;
    let next = rig.replace(5).await;

    let crashed = rig.loaded().await;
    rig.keys.promote(5).await.unwrap();
    let promoted = rig.loaded().await;
    rig.keys.promote(5).await.unwrap();
    let again = rig.loaded().await;

    let states = [crashed, promoted, again].map(|found| {
        assert_eq!(found.keys.key.public(), next.public());
        assert_eq!(found.keys.replaced, [(old.clone(), 5)]);
        found.is_replacing
    });
    assert_eq!(states, [true, false, false]);
    assert!(rig.keys.next().await.unwrap().is_none());
}

#[tokio::test]
async fn keys_that_were_replaced_stay_known() {
    let rig = Rig::new();
    let mut expected = Vec::new();
    for first in [5, 9, 12] {
        expected.push((rig.key().await, first));
        rig.replace(first).await;
        rig.keys.promote(first).await.unwrap();
    }

    let found = rig.loaded().await.keys;

    assert_eq!(found.replaced, expected);
    let believed = found.believed();
    assert!(believed.may_sign(&expected[0].0.id(), 4));
    assert!(!believed.may_sign(&expected[0].0.id(), 5));
    assert!(believed.may_sign(&found.key.public().id(), u64::MAX));
}

#[tokio::test]
async fn a_key_that_was_replaced_by_a_lost_one_signs_no_more_once_somebody_takes_note() {
    let rig = Rig::new();
    let old = rig.key().await;
    let next = rig.replace(5).await;
    // As if the store were one from before.
    rig.keys.clear().await.unwrap();

    let refused = rig.key().await;
    let accepted = rig.keys.load(true).await.unwrap().keys;

    assert_eq!(refused, old);
    let new = accepted.key.public();
    assert!(*new != old && new != next.public());
    assert_eq!(rig.key().await, *new);
}
