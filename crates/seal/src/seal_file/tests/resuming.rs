//! Migrations that an earlier process began.

use super::*;
use proptest::prelude::*;

/// A migration to shares that its process left behind: the directory, its bundle, the shares.
fn left() -> (Rig, RootBundle, Vec<Plaintext>) {
    let rig = Rig::new();
    let bundle = first_bundle(&rig);
    let (seal, shares) = ShamirSeal::create(4, 3, entropy(5)).unwrap();
    rig.keeper()
        .begin_migration(Arc::new(seal), &bundle)
        .unwrap();
    (rig, bundle, shares)
}

fn edited(rig: &Rig, edit: impl FnOnce(&mut serde_json::Value)) {
    let mut written = serde_json::from_slice(&fs::read(rig.path()).unwrap()).unwrap();
    edit(&mut written);
    fs::write(rig.path(), serde_json::to_vec(&written).unwrap()).unwrap();
}

/// The first error of giving `shares`, or how many were there at the end.
fn give(
    keeper: &mut Keeper,
    shares: &[Plaintext],
    bundle: &RootBundle,
) -> Result<Collected, String> {
    let mut last = Err(String::from("no share"));
    for share in shares {
        let collected = keeper.give_share(share.expose(), bundle);
        last = Ok(collected.map_err(|error| error.to_string())?);
    }
    last
}

#[test]
fn a_migration_that_was_left_lets_nothing_void_its_shares() {
    let rig = Rig::new();
    let bundle = first_bundle(&rig);
    let (seal, shares) = ShamirSeal::create(3, 2, entropy(5)).unwrap();
    rig.keeper()
        .begin_migration(Arc::new(seal), &bundle)
        .unwrap();
    let left = rig.state();
    let mut keeper = rig.keeper();

    let refused = [
        keeper.replace_bundle(&rotated(&bundle)),
        keeper.make_recovery(&bundle, 2, 2).map(|_| ()),
        keeper.remove_recovery(&bundle).map(|_| ()),
        keeper.finish_migration(&bundle),
    ];

    for refused in refused {
        assert_eq!(
            refused.err().unwrap().to_string(),
            "a migration to `shamir` was begun before the server started: end it with `strongroom \
             seal migrate --finish`, which takes what opens the new seal, or give it up with \
             `strongroom seal migrate --abandon`"
        );
    }
    assert_eq!(keeper.inherited(), Some(SealKind::Shamir));
    assert_eq!(rig.state(), left);
    assert!(rig.by_shares(&shares).unwrap().is_same_as(&bundle));
}

#[test]
fn a_migration_is_given_up_by_whoever_asks_for_it() {
    for is_inherited in [false, true] {
        let rig = Rig::new();
        let bundle = first_bundle(&rig);
        let (seal, shares) = ShamirSeal::create(3, 2, entropy(5)).unwrap();
        let mut keeper = rig.keeper();
        keeper.begin_migration(Arc::new(seal), &bundle).unwrap();
        if is_inherited {
            keeper = rig.keeper();
        }

        keeper.abandon_migration(&bundle).unwrap();

        assert!(rig.by_shares(&shares).is_none());
        assert!(rig.by_file().unwrap().is_same_as(&bundle));
        let nothing = [
            keeper.abandon_migration(&bundle),
            keeper.finish_migration(&bundle),
        ];
        for nothing in nothing {
            assert!(matches!(nothing, Err(SealFailure::NoMigration)));
        }
        keeper.replace_bundle(&rotated(&bundle)).unwrap();
        assert_eq!((keeper.inherited(), rig.state().keys.len()), (None, 2));
    }
}

#[test]
fn enough_shares_of_the_next_seal_finish_what_an_earlier_process_began() {
    let (rig, bundle, shares) = left();
    let begun = rig.state();
    let mut keeper = rig.keeper();
    assert_eq!(keeper.collected(), None);

    let too_few = give(&mut keeper, &shares[..2], &bundle).unwrap();
    assert_eq!((too_few.given, too_few.is_enough()), (2, false));
    assert_eq!(keeper.inherited(), Some(SealKind::Shamir));
    assert!(keeper.finish_migration(&bundle).is_err());
    let enough = give(&mut keeper, &shares[1..3], &bundle).unwrap();
    assert_eq!((enough.given, enough.is_enough()), (3, true));
    assert_eq!((keeper.inherited(), keeper.collected()), (None, None));
    assert_eq!(rig.state(), begun);
    keeper.finish_migration(&bundle).unwrap();

    assert!(rig.by_file().is_none());
    assert!(rig.by_shares(&shares[1..]).unwrap().is_same_as(&bundle));
    let bundle = rotated(&bundle);
    keeper.replace_bundle(&bundle).unwrap();
    assert!(rig.by_shares(&shares).unwrap().is_same_as(&bundle));
}

/// Nothing is written before the end, so a crash on the way leaves what was there.
#[test]
fn resuming_can_be_killed_after_every_share() {
    let (rig, bundle, shares) = left();
    let begun = rig.state();

    for count in 1..=3 {
        let mut keeper = rig.keeper();
        give(&mut keeper, &shares[..count], &bundle).unwrap();
        let crashed = rig.crashed();
        assert_eq!(crashed.state(), begun);
        assert!(crashed.by_file().unwrap().is_same_as(&bundle));
        assert!(crashed.by_shares(&shares).unwrap().is_same_as(&bundle));

        let mut keeper = crashed.keeper();
        give(&mut keeper, &shares[1..], &bundle).unwrap();
        keeper.finish_migration(&bundle).unwrap();

        assert!(crashed.by_file().is_none());
        assert!(crashed.by_shares(&shares).unwrap().is_same_as(&bundle));
    }
}

#[test]
fn a_resumed_migration_takes_a_new_bundle_along() {
    let (rig, bundle, shares) = left();
    let mut keeper = rig.keeper();
    give(&mut keeper, &shares[..3], &bundle).unwrap();

    let bundle = rotated(&bundle);
    keeper.replace_bundle(&bundle).unwrap();
    assert!(rig.by_file().unwrap().is_same_as(&bundle));
    assert!(rig.by_shares(&shares).unwrap().is_same_as(&bundle));
    keeper.abandon_migration(&bundle).unwrap();

    assert!(rig.by_shares(&shares).is_none());
    assert!(matches!(
        keeper.give_share(shares[0].expose(), &bundle),
        Err(SealFailure::NoMigration)
    ));
}

#[test]
fn shares_of_another_set_are_no_proof() {
    let (rig, bundle, shares) = left();
    let (_, others) = ShamirSeal::create(4, 3, entropy(6)).unwrap();
    let mut keeper = rig.keeper();
    give(&mut keeper, &shares[..1], &bundle).unwrap();

    let refused = give(&mut keeper, &others[..1], &bundle).err().unwrap();
    let again = give(&mut keeper, &shares[..1], &bundle).unwrap();

    assert!(refused.contains("belongs to the set"), "{refused}");
    assert_eq!(again.given, 1);
    assert_eq!(keeper.inherited(), Some(SealKind::Shamir));
}

/// Whoever can write to the directory puts back what an earlier migration left there.
#[test]
fn an_envelope_of_an_earlier_migration_ends_none() {
    let (rig, bundle, shares) = left();
    let earlier = fs::read(rig.path()).unwrap();
    let earlier: serde_json::Value = serde_json::from_slice(&earlier).unwrap();
    let mut keeper = rig.keeper();
    keeper.abandon_migration(&bundle).unwrap();
    let newer = rotated(&bundle);
    keeper.replace_bundle(&newer).unwrap();
    edited(&rig, |written| {
        written["pending"] = earlier["pending"].clone();
    });
    let before = rig.state();

    let mut keeper = rig.keeper();
    let refused = give(&mut keeper, &shares[..3], &newer).err().unwrap();

    assert_eq!(
        refused,
        "what `seal.json` has for the new seal `shamir` holds other keys than the ones in force: \
         give the migration up with `strongroom seal migrate --abandon`"
    );
    assert_eq!(keeper.inherited(), Some(SealKind::Shamir));
    assert!(keeper.finish_migration(&newer).is_err());
    assert_eq!(rig.state(), before);
}

/// A bundle with another recovery key would leave recovery shares that open nothing.
#[test]
fn an_envelope_with_another_recovery_key_ends_none() {
    let rig = Rig::new();
    let mut keeper = rig.keeper();
    let (bundle, _) = keeper.make_recovery(&first_bundle(&rig), 2, 2).unwrap();
    let (seal, shares) = ShamirSeal::create(2, 2, entropy(5)).unwrap();
    keeper.begin_migration(Arc::new(seal), &bundle).unwrap();
    let earlier: serde_json::Value =
        serde_json::from_slice(&fs::read(rig.path()).unwrap()).unwrap();
    keeper.abandon_migration(&bundle).unwrap();
    let (bundle, _) = keeper.make_recovery(&bundle, 2, 2).unwrap();
    edited(&rig, |written| {
        written["pending"] = earlier["pending"].clone();
    });

    let refused = give(&mut rig.keeper(), &shares, &bundle).err().unwrap();

    assert!(
        refused.contains("other keys than the ones in force"),
        "{refused}"
    );
}

#[test]
fn a_changed_envelope_opens_with_no_shares() {
    for (name, value) in [
        ("threshold", serde_json::json!(2)),
        ("threshold", serde_json::json!(4)),
        ("shares", serde_json::json!(5)),
        ("added", serde_json::json!("x")),
    ] {
        let (rig, bundle, shares) = left();
        edited(&rig, |written| {
            written["pending"]["parameters"][name] = value.clone();
        });
        let before = rig.state();
        let mut keeper = rig.keeper();

        let refused = give(&mut keeper, &shares, &bundle).err().unwrap();

        assert!(
            refused.starts_with("the shares do not") || refused.contains("fit"),
            "{name}: {refused}"
        );
        assert_eq!(keeper.collected(), None);
        assert_eq!(keeper.inherited(), Some(SealKind::Shamir));
        assert_eq!(rig.state(), before);
    }
}

/// With a seal that needs nobody, a kill between the two replacements leaves the same.
#[test]
fn a_next_seal_that_is_no_share_resumes_by_opening() {
    let rig = Rig::new();
    let bundle = first_bundle(&rig);
    let file = |name: &str, seed| {
        let path = rig.0.path().join(name);
        Arc::new(FileSeal::create(path, entropy(seed)).unwrap())
    };
    let (next, other) = (file("new.key", 11), file("other.key", 12));
    let mut keeper = rig.keeper();
    keeper.begin_migration(next, &bundle).unwrap();

    let mut keeper = rig.keeper();
    let wrong = keeper.resume_migration(other, &bundle);
    assert!(matches!(wrong, Err(SealFailure::WrongKey(SealKind::File))));
    assert!(matches!(
        keeper.finish_migration(&bundle),
        Err(SealFailure::Inherited(SealKind::File))
    ));
    let next = FileSeal::new(rig.0.path().join("new.key"), entropy(13));
    keeper.resume_migration(Arc::new(next), &bundle).unwrap();
    keeper.finish_migration(&bundle).unwrap();

    assert_eq!(rig.state().pending, None);
    assert!(rig.by_file().is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// In whatever order they come and however often, only different ones count.
    #[test]
    fn shares_count_once(order in prop::collection::vec(0_usize..4, 1..8)) {
        let (rig, bundle, shares) = left();
        let mut keeper = rig.keeper();
        let mut seen = std::collections::BTreeSet::new();

        for index in order {
            if seen.len() == 3 {
                break;
            }
            let collected = keeper.give_share(shares[index].expose(), &bundle).unwrap();
            seen.insert(index);
            prop_assert_eq!(usize::from(collected.given), seen.len());
        }

        prop_assert_eq!(keeper.inherited().is_none(), seen.len() == 3);
    }
}
