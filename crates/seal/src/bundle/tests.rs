use super::*;
use crate::test_entropy::Seeded;
use proptest::prelude::*;

const HERE: Context<'_> = Context(&[b"here"]);

fn entropy() -> Arc<dyn Entropy> {
    Arc::new(Seeded::new(1))
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn first() -> RootBundle {
    RootBundle::generate(entropy(), at(5)).unwrap()
}

fn rotated(times: usize) -> RootBundle {
    let entropy = entropy();
    let start = RootBundle::generate(Arc::clone(&entropy), at(5)).unwrap();
    (0..times).fold(start, |bundle, _| {
        bundle.rotated(Arc::clone(&entropy), at(6)).unwrap()
    })
}

fn sealed_by(bundle: &RootBundle) -> Vec<u8> {
    let newest = bundle.newest().unwrap();
    newest.seal_for(Purpose::KeyRing, HERE, b"ring").unwrap().0
}

fn opened(bundle: &RootBundle, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
    let opened = bundle.open_for(Purpose::KeyRing, HERE, sealed);
    opened.map(|plain| plain.expose().to_vec())
}

#[test]
fn a_bundle_comes_back_from_its_bytes() {
    for bundle in [
        first(),
        rotated(3),
        rotated(1).with_recovery(Some(Arc::new(KeyBytes::of(&[9; 32]).unwrap()))),
    ] {
        let read = RootBundle::read(&bundle.expose(), &entropy()).unwrap();

        assert!(read.is_same_as(&bundle));
        assert_eq!(*read.expose(), *bundle.expose());
        assert_eq!(opened(&read, &sealed_by(&bundle)), Ok(b"ring".to_vec()));
    }
}

#[test]
fn every_key_opens_what_it_sealed_and_the_newest_seals() {
    let entropy = entropy();
    let one = RootBundle::generate(Arc::clone(&entropy), at(5)).unwrap();
    let two = one.rotated(Arc::clone(&entropy), at(6)).unwrap();
    let (by_one, by_two) = (sealed_by(&one), sealed_by(&two));

    assert_eq!(opened(&two, &by_one), Ok(b"ring".to_vec()));
    assert_eq!(opened(&two, &by_two), Ok(b"ring".to_vec()));
    assert_eq!(opened(&one, &by_two), Err(SealError::UnknownKey));
    assert_eq!(
        (two.needs_reseal(&by_one), two.needs_reseal(&by_two)),
        (true, false)
    );
    let keys = two.keys();
    let told: Vec<_> = keys
        .iter()
        .map(|key| (key.number, key.created, key.newest))
        .collect();
    assert_eq!(told, [(1, at(5), false), (2, at(6), true)]);
}

#[test]
fn without_its_older_keys_a_bundle_opens_only_what_is_new() {
    let two = rotated(1);
    let only = two.newest_only();

    assert_eq!(
        opened(&only, &sealed_by(&first())),
        Err(SealError::UnknownKey)
    );
    assert_eq!(opened(&only, &sealed_by(&two)), Ok(b"ring".to_vec()));
    assert_eq!(only.keys()[0].number, 2);
    let next = only.rotated(entropy(), at(7)).unwrap();
    assert_eq!(next.keys()[1].number, 3);
}

/// Sealed by the release before there was a bundle: format 1, no fingerprint. Such bytes belong to
/// the first root key for ever.
#[test]
fn what_names_no_root_key_is_opened_by_the_first() {
    let old = |root: &RootKey| {
        let aad = [[1, 1].as_slice(), &HERE.to_aad()].concat();
        root.old_form(&aad, b"ring")
    };
    let bundle = rotated(2);
    let one = RootBundle::of_first(RootKey::generate(entropy()).unwrap());
    let by_one = old(one.newest().unwrap());

    assert_eq!(opened(&one, &by_one), Ok(b"ring".to_vec()));
    assert!(!one.needs_reseal(&by_one));
    let two = one.rotated(Arc::new(Seeded::new(2)), at(6)).unwrap();
    assert_eq!(opened(&two, &by_one), Ok(b"ring".to_vec()));
    assert!(two.needs_reseal(&by_one));
    assert_eq!(
        opened(&two.newest_only(), &by_one),
        Err(SealError::UnknownKey)
    );
    assert!(bundle.newest_only().needs_reseal(&by_one));
}

/// Of two nodes the one that is behind cannot seal anew what the other sealed, and is told why.
#[test]
fn what_is_under_a_root_key_that_is_not_here_is_not_passed_over() {
    let two = rotated(1);
    let three = two.rotated(Arc::new(Seeded::new(30)), at(8)).unwrap();
    let by_three = sealed_by(&three);

    assert!(two.needs_reseal(&by_three));
    assert!(matches!(
        two.open_for(Purpose::KeyRing, HERE, &by_three),
        Err(SealError::UnknownKey)
    ));
    assert!(two.is_older(&sealed_by(&first()), 2));
    assert!(!two.is_older(&sealed_by(&first()), 1));
    assert!(three.needs_reseal(&sealed_by(&two)));
}

#[test]
fn a_later_bundle_keeps_what_an_earlier_one_had_and_no_other_passes_for_it() {
    let one = first();
    let two = one.rotated(Arc::new(Seeded::new(30)), at(8)).unwrap();
    let other_two = one.rotated(Arc::new(Seeded::new(31)), at(8)).unwrap();

    let both = two.newest_only().with_those_of(&one).unwrap();

    assert_eq!(both.keys(), two.keys());
    assert_eq!(opened(&both, &sealed_by(&one)), Ok(b"ring".to_vec()));
    assert_eq!(two.with_those_of(&two).unwrap().keys(), two.keys());
    for (later, earlier) in [(&one, &two), (&two, &other_two)] {
        let refused = later.with_those_of(earlier).err();
        assert_eq!(refused, Some(BundleError::NotLater));
    }
}

#[test]
fn a_bundle_has_a_bound() {
    let full = rotated(MOST_KEYS - 1);

    let refused = full.rotated(entropy(), at(7)).err();

    assert_eq!(refused, Some(BundleError::Full));
    assert_eq!(
        BundleError::Full.to_string(),
        "there are 64 root keys already: let re-sealing finish before the next rotation"
    );
    assert!(RootBundle::read(&full.expose(), &entropy()).is_ok());
}

#[test]
fn bytes_that_are_no_bundle_are_refused() {
    let good = rotated(1).expose().to_vec();
    let mut cases = vec![vec![], vec![1], vec![1, 0], vec![2, 1]];
    cases.extend((0..good.len()).map(|length| good[..length].to_vec()));
    cases.push([good.as_slice(), &[0]].concat());
    let mut unordered = good.clone();
    unordered[2..6].copy_from_slice(&9_u32.to_be_bytes());
    cases.push(unordered);
    for bytes in cases {
        let refused = RootBundle::read(&bytes, &entropy()).err();

        assert_eq!(
            refused,
            Some(BundleError::UnknownForm),
            "{} bytes",
            bytes.len()
        );
    }
}

proptest! {
    #[test]
    fn reading_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = RootBundle::read(&bytes, &entropy());
        let bundle = first();
        let _ = bundle.needs_reseal(&bytes);
        prop_assert!(bundle.open_for(Purpose::KeyRing, HERE, &bytes).is_err());
    }
}
