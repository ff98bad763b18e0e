use super::*;
use crate::test_entropy::Seeded;
use proptest::prelude::*;

const SECRET: &[u8] = b"hunter2 hunter2 hunter2";
const HERE: Context<'_> = Context(&[b"123456789012", b"secret", b"db", b"1"]);

fn entropy(seed: u64) -> Arc<dyn Entropy> {
    Arc::new(Seeded::new(seed))
}

fn root() -> RootKey {
    RootKey::generate(entropy(1)).unwrap()
}

fn day(number: i64) -> Timestamp {
    Timestamp::from_millis(0).plus_days(number)
}

fn ring() -> KeyRing {
    KeyRing::generate(entropy(2), day(1)).unwrap()
}

fn reopened(root: &RootKey, sealed: &Sealed) -> Result<KeyRing, RingError> {
    let twin = KeyBytes::of(root.expose()).unwrap();
    let bundle = RootBundle::of_first(RootKey::of_bytes(twin, entropy(1)).unwrap());
    KeyRing::from_sealed(&bundle, &sealed.0, entropy(3))
}

fn opened(ring: &KeyRing, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
    ring.open(HERE, sealed).map(|plain| plain.expose().to_vec())
}

fn key(id: u32, created: Timestamp, active: bool) -> RingKey {
    RingKey {
        id,
        created,
        active,
    }
}

#[test]
fn what_is_sealed_opens() {
    let ring = ring();

    let sealed = ring.seal(HERE, SECRET).unwrap();

    assert_eq!(opened(&ring, &sealed.0), Ok(SECRET.to_vec()));
    assert_eq!(ring.seal(HERE, b"").unwrap().0.len(), 5 + 12 + 16);
}

#[test]
fn the_plaintext_is_not_in_the_sealed_bytes() {
    let sealed = ring().seal(HERE, SECRET).unwrap();

    assert!(!sealed.0.windows(7).any(|window| window == b"hunter2"));
}

#[test]
fn every_single_bit_counts() {
    let ring = ring();
    let sealed = ring.seal(HERE, SECRET).unwrap().0;
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);

        let refused = opened(&ring, &changed);

        let key_id = 8..40;
        let expected = match key_id.contains(&bit) {
            true => SealError::UnknownKey,
            false => SealError::NotAuthentic,
        };
        assert_eq!(refused, Err(expected), "bit {bit}");
    }
}

#[test]
fn every_truncation_is_refused() {
    let ring = ring();
    let sealed = ring.seal(HERE, SECRET).unwrap().0;
    for length in 0..sealed.len() {
        let refused = opened(&ring, &sealed[..length]);

        assert_eq!(refused, Err(SealError::NotAuthentic), "{length} bytes");
    }
}

#[test]
fn a_ciphertext_moved_to_another_place_is_refused() {
    let ring = ring();
    let sealed = ring.seal(HERE, SECRET).unwrap();
    for elsewhere in [
        [&b"210987654321"[..], b"secret", b"db", b"1"],
        [b"123456789012", b"version", b"db", b"1"],
        [b"123456789012", b"secret", b"web", b"1"],
        [b"123456789012", b"secret", b"db", b"2"],
        [b"123456789012", b"secretd", b"b", b"1"],
    ] {
        let refused = ring.open(Context(&elsewhere), &sealed.0).err();

        assert_eq!(refused, Some(SealError::NotAuthentic));
    }
}

#[test]
fn a_ciphertext_relabelled_with_another_key_is_refused() {
    let (ring, root) = (ring(), root());
    let mut sealed = ring.seal(HERE, SECRET).unwrap().0;
    ring.prepare_rotation(&root, day(2)).unwrap().install();

    sealed[4] = 2;

    assert_eq!(opened(&ring, &sealed), Err(SealError::NotAuthentic));
}

#[test]
fn a_foreign_ring_does_not_open() {
    let sealed = ring().seal(HERE, SECRET).unwrap();

    let foreign = KeyRing::generate(entropy(4), day(1)).unwrap();

    assert_eq!(opened(&foreign, &sealed.0), Err(SealError::NotAuthentic));
}

#[test]
fn a_stored_ring_opens_what_it_sealed() {
    let (ring, root) = (ring(), root());
    let secret = ring.seal(HERE, SECRET).unwrap();

    let stored = ring.to_sealed(&root).unwrap();
    let again = reopened(&root, &stored).unwrap();

    assert_eq!(opened(&again, &secret.0), Ok(SECRET.to_vec()));
    assert_eq!(again.keys(), ring.keys());
}

#[test]
fn a_stored_ring_holds_no_key_in_the_clear() {
    let (ring, root) = (ring(), root());

    let stored = ring.to_sealed(&root).unwrap();

    let keys = ring.keys.read();
    let bytes = keys.all[0].bytes.expose();
    assert!(!stored.0.windows(8).any(|window| bytes.starts_with(window)));
}

#[test]
fn a_ring_sealed_under_another_root_key_is_refused() {
    let stored = ring().to_sealed(&root()).unwrap();
    let other = RootKey::generate(entropy(9)).unwrap();

    let refused = reopened(&other, &stored).err();

    assert_eq!(refused, Some(RingError::Seal(SealError::UnknownKey)));
}

#[test]
fn a_changed_or_cut_ring_is_refused() {
    let root = root();
    let stored = ring().to_sealed(&root).unwrap().0;
    for at in 0..stored.len() {
        let mut changed = stored.clone();
        changed[at] ^= 1;

        let changed = reopened(&root, &Sealed(changed)).err();
        let cut = reopened(&root, &Sealed(stored[..at].to_vec())).err();

        // Behind format and purpose stands the name of the root key.
        let of_changed = match at {
            2..10 => SealError::UnknownKey,
            _ => SealError::NotAuthentic,
        };
        assert_eq!(changed, Some(RingError::Seal(of_changed)), "{at}");
        assert_eq!(cut, Some(RingError::Seal(SealError::NotAuthentic)), "{at}");
    }
}

#[test]
fn a_ring_of_another_form_is_refused() {
    let root = root();
    let whole = ring();
    let key = &whole.keys.read().all[0];
    let entry = |id: u32| {
        let created = key.created.as_millis().to_be_bytes();
        [&id.to_be_bytes()[..], &created, key.bytes.expose()].concat()
    };
    let form = |version: u8, parts: &[Vec<u8>]| {
        let written = [vec![version], parts.concat()].concat();
        let stored = root.seal_for(Purpose::KeyRing, RING_CONTEXT, &written);
        reopened(&root, &stored.unwrap()).map(|ring| ring.active_id())
    };

    assert_eq!(form(1, &[entry(1)]), Ok(1));
    assert_eq!(form(1, &[entry(1), entry(7)]), Ok(7));
    for (version, parts) in [
        (1, vec![]),
        (2, vec![entry(1)]),
        (1, vec![entry(1), vec![0]]),
        (1, vec![entry(1)[..43].to_vec()]),
        (1, vec![entry(2), entry(1)]),
        (1, vec![entry(1), entry(1)]),
    ] {
        assert_eq!(form(version, &parts), Err(RingError::UnknownForm));
    }
    let empty = root.seal_for(Purpose::KeyRing, RING_CONTEXT, b"").unwrap();
    let refused = reopened(&root, &empty).err();
    assert_eq!(refused, Some(RingError::UnknownForm));
}

#[test]
fn after_a_rotation_the_old_key_opens_and_the_new_one_seals() {
    let (ring, root) = (ring(), root());
    let before = ring.seal(HERE, SECRET).unwrap().0;

    ring.prepare_rotation(&root, day(2)).unwrap().install();

    let after = ring.seal(HERE, SECRET).unwrap().0;
    assert_eq!(before[..5], [1, 0, 0, 0, 1]);
    assert_eq!(after[..5], [1, 0, 0, 0, 2]);
    assert_eq!(opened(&ring, &before), Ok(SECRET.to_vec()));
    assert_eq!(opened(&ring, &after), Ok(SECRET.to_vec()));
    assert_eq!(ring.active_id(), 2);
    assert_eq!(ring.keys(), [key(1, day(1), false), key(2, day(2), true)]);
}

#[test]
fn a_prepared_rotation_changes_nothing_until_it_is_installed() {
    let (ring, root) = (ring(), root());

    let rotated = ring.prepare_rotation(&root, day(2)).unwrap();

    assert_eq!(rotated.active_id(), 2);
    assert_eq!(ring.active_id(), 1);
    assert_eq!(ring.seal(HERE, SECRET).unwrap().0[..5], [1, 0, 0, 0, 1]);
}

/// Stored but not installed, installed but not used, and used: after a restart from what was
/// stored, everything opens.
#[test]
fn a_crash_at_any_point_of_a_rotation_loses_nothing() {
    let (ring, root) = (ring(), root());
    let before = ring.seal(HERE, b"before").unwrap();
    let rotated = ring.prepare_rotation(&root, day(2)).unwrap();
    let stored = rotated.sealed().clone();

    let meanwhile = ring.seal(HERE, b"meanwhile").unwrap();
    rotated.install();
    let after = ring.seal(HERE, b"after").unwrap();

    let restarted = reopened(&root, &stored).unwrap();
    assert_eq!(opened(&restarted, &before.0), Ok(b"before".to_vec()));
    assert_eq!(opened(&restarted, &meanwhile.0), Ok(b"meanwhile".to_vec()));
    assert_eq!(opened(&restarted, &after.0), Ok(b"after".to_vec()));
    assert_eq!(restarted.keys(), ring.keys());
}

#[test]
fn one_rotation_at_a_time() {
    let (ring, root) = (ring(), root());

    let first = ring.prepare_rotation(&root, day(2)).unwrap();
    let second = ring.prepare_rotation(&root, day(3)).err();
    drop(first);
    let third = ring.prepare_rotation(&root, day(4)).unwrap();
    third.install();
    let fourth = ring.prepare_rotation(&root, day(5)).map(|r| r.active_id());

    assert_eq!(second, Some(RingError::Rotating));
    assert_eq!(fourth, Ok(3));
    assert_eq!(ring.keys(), [key(1, day(1), false), key(2, day(4), true)]);
}

#[test]
fn a_ring_without_ids_left_is_not_rotated() {
    let root = root();
    let last = Key::generate(&Seeded::new(5), u32::MAX, day(1)).unwrap();
    let ring = KeyRing::of_keys(vec![Arc::new(last)], entropy(6));

    let refused = ring.prepare_rotation(&root, day(2)).map(|r| r.active_id());

    assert_eq!(refused, Err(RingError::Full));
    let again = ring.prepare_rotation(&root, day(2)).map(|r| r.active_id());
    assert_eq!(again, Err(RingError::Full), "the turn was given back");
}

#[test]
fn a_rotation_may_run_beside_readers_and_writers() {
    let (ring, root) = (ring(), root());
    let sealed = ring.seal(HERE, SECRET).unwrap();

    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..200 {
                    let fresh = ring.seal(HERE, SECRET).unwrap();
                    assert_eq!(opened(&ring, &fresh.0), Ok(SECRET.to_vec()));
                    assert_eq!(opened(&ring, &sealed.0), Ok(SECRET.to_vec()));
                }
            });
        }
        for number in 2..12 {
            ring.prepare_rotation(&root, day(number)).unwrap().install();
        }
    });

    assert_eq!(ring.active_id(), 11);
}

proptest! {
    #[test]
    fn everything_ever_sealed_opens_after_any_rotations_and_restarts(
        steps in prop::collection::vec(0_u8..3, 1..12),
    ) {
        let root = root();
        let mut ring = ring();
        let mut written = Vec::new();
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                0 => {
                    let text = format!("value {number}").into_bytes();
                    written.push((ring.seal(HERE, &text).unwrap(), text));
                }
                1 => ring.prepare_rotation(&root, day(2)).unwrap().install(),
                _ => ring = reopened(&root, &ring.to_sealed(&root).unwrap()).unwrap(),
            }
        }

        for (sealed, text) in written {
            prop_assert_eq!(opened(&ring, &sealed.0), Ok(text));
        }
    }

    #[test]
    fn arbitrary_bytes_do_not_open(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        prop_assert!(opened(&ring(), &bytes).is_err());
    }
}

/// Two nodes of one deployment, with the root key that both have.
fn two_nodes() -> (KeyRing, KeyRing, RootBundle) {
    let bundle = RootBundle::of_first(root());
    let stored = ring().to_sealed(bundle.newest().unwrap()).unwrap().0;
    let node = |seed| KeyRing::from_sealed(&bundle, &stored, entropy(seed)).unwrap();
    (node(3), node(4), bundle)
}

#[test]
fn a_held_key_opens_and_does_not_seal_before_it_is_activated() {
    let (a, b, bundle) = two_nodes();
    let rotated = a
        .prepare_rotation(bundle.newest().unwrap(), day(2))
        .unwrap();
    let stored = rotated.sealed().0.clone();

    rotated.hold().unwrap();

    assert_eq!((a.active_id(), a.newest_id()), (1, 2));
    assert_eq!(a.keys(), [key(1, day(1), true), key(2, day(2), false)]);
    let by_old = a.seal(HERE, SECRET).unwrap().0;
    assert_eq!(by_old[..5], [1, 0, 0, 0, 1]);
    assert!(!a.needs_reseal(&by_old));
    assert!(b.merge(&bundle, &stored).unwrap());
    assert!(!b.activate(1));
    assert!(b.activate(9), "the newest there is");
    let by_new = b.seal(HERE, SECRET).unwrap().0;
    assert_eq!(opened(&a, &by_new), Ok(SECRET.to_vec()));
    assert!(!a.needs_reseal(&by_new), "a node that is behind leaves it");
    assert!(b.needs_reseal(&by_old));
    assert!(!b.activate(1), "never back");
    assert_eq!(b.active_id(), 2);
}

#[test]
fn a_ring_that_is_held_back_seals_with_its_oldest_key() {
    let (ring, root) = (ring(), root());
    ring.prepare_rotation(&root, day(2)).unwrap().install();

    let held = ring.held_back();

    assert_eq!((held.active_id(), held.newest_id()), (1, 2));
    assert!(held.activate(2));
    assert_eq!(held.active_id(), 2);
}

#[test]
fn a_ring_of_before_takes_no_key_away() {
    let (a, _, bundle) = two_nodes();
    let root = bundle.newest().unwrap();
    let before = a.to_sealed(root).unwrap().0;
    a.prepare_rotation(root, day(2)).unwrap().install();

    let is_whole = a.merge(&bundle, &before).unwrap();

    assert!(!is_whole, "the stored ring lacks a key");
    assert_eq!((a.keys().len(), a.active_id()), (2, 2));
}

#[test]
fn another_key_of_the_same_id_is_refused_with_all_that_came_with_it() {
    let (a, b, bundle) = two_nodes();
    let root = bundle.newest().unwrap();
    a.prepare_rotation(root, day(2)).unwrap().install();
    let first = b.prepare_rotation(root, day(2)).unwrap();
    first.install();
    b.prepare_rotation(root, day(3)).unwrap().install();
    let forked = b.to_sealed(root).unwrap().0;
    let keys = a.keys();

    let refused = a.merge(&bundle, &forked);

    assert_eq!(refused, Err(RingError::OtherKey(2)));
    assert_eq!(a.keys(), keys);
}

proptest! {
    /// Nodes rotate and merge in any order, each writing only in the place of what it last saw.
    #[test]
    fn no_key_is_lost_and_no_id_given_twice(steps in prop::collection::vec((0..3_usize, any::<bool>()), 1..40)) {
        let (a, b, bundle) = two_nodes();
        let root = bundle.newest().unwrap();
        let mut stored = a.to_sealed(root).unwrap().0;
        let c = KeyRing::from_sealed(&bundle, &stored, entropy(9)).unwrap();
        let nodes = [a, b, c];
        let mut seen = [stored.clone(), stored.clone(), stored.clone()];
        let mut sealed = Vec::new();
        for (who, rotates) in steps {
            let node = &nodes[who];
            if !rotates {
                prop_assert!(node.merge(&bundle, &stored).unwrap());
                seen[who].clone_from(&stored);
                continue;
            }
            let rotated = node.prepare_rotation(root, day(5)).unwrap();
            if seen[who] == stored {
                stored = rotated.sealed().0.clone();
                seen[who].clone_from(&stored);
                rotated.install();
                sealed.push(node.seal(HERE, SECRET).unwrap().0);
            }
        }
        let last = KeyRing::from_sealed(&bundle, &stored, entropy(10)).unwrap();
        for bytes in &sealed {
            prop_assert_eq!(opened(&last, bytes), Ok(SECRET.to_vec()));
        }
        prop_assert_eq!(last.keys().len(), sealed.len() + 1);
    }
}
