use super::*;
use crate::test_entropy::Seeded;
use base::Timestamp;

fn entropy(seed: u64) -> Arc<dyn Entropy> {
    Arc::new(Seeded::new(seed))
}

fn bundle() -> RootBundle {
    RootBundle::generate(entropy(1), Timestamp::from_millis(7)).unwrap()
}

/// A seal of three shares, two of which open, what it wrapped, and the shares.
fn sealed(seed: u64) -> (ShamirSeal, Envelope, Vec<Plaintext>) {
    let (seal, shares) = ShamirSeal::create(3, 2, entropy(seed)).unwrap();
    let envelope = seal.wrap(&bundle()).unwrap();
    (seal, envelope, shares)
}

fn collector(envelope: &Envelope) -> Collector {
    Collector::of(envelope, entropy(9)).unwrap()
}

#[test]
fn enough_shares_open_and_can_wrap_again() {
    let (_, envelope, shares) = sealed(2);
    let mut collector = collector(&envelope);

    let first = collector.add(shares[2].expose()).unwrap();
    let second = collector.add(shares[0].expose()).unwrap();
    let (seal, opened) = collector.open().unwrap();

    assert_eq!(
        (first.given, first.threshold, first.is_enough()),
        (1, 2, false)
    );
    assert_eq!((second.given, second.is_enough()), (2, true));
    assert!(opened.is_same_as(&bundle()));
    let next = seal.wrap(&opened).unwrap();
    assert_eq!(next.parameters, envelope.parameters);
    assert!(seal.unwrap(&next).unwrap().is_same_as(&opened));
}

#[test]
fn too_few_shares_say_how_many_are_missing() {
    let (_, envelope, shares) = sealed(2);
    let mut collector = collector(&envelope);
    collector.add(shares[0].expose()).unwrap();

    let refused = collector.open().err().unwrap();

    assert_eq!(
        refused.to_string(),
        "1 of 2 shares were given; 1 more are needed"
    );
}

#[test]
fn a_share_given_twice_counts_once() {
    let (_, envelope, shares) = sealed(2);
    let mut collector = collector(&envelope);
    collector.add(shares[0].expose()).unwrap();

    let again = collector.add(shares[0].expose()).unwrap();

    assert_eq!(again.given, 1);
}

#[test]
fn a_share_of_another_set_is_told_and_does_not_count() {
    let (_, envelope, _) = sealed(2);
    let (_, other, foreign) = sealed(3);
    let mut asked = collector(&envelope);

    let refused = asked.add(foreign[1].expose()).err().unwrap();

    assert_eq!(
        refused.to_string(),
        format!(
            "share 2 belongs to the set `{}`, and shares of the set `{}` are needed",
            collector(&other).set(),
            asked.set(),
        )
    );
    assert_eq!(asked.collected().given, 0);
}

#[test]
fn a_forged_share_is_told_before_it_spoils_the_rest() {
    let (_, envelope, shares) = sealed(2);
    let real = Share::parse(shares[1].expose()).unwrap();
    let body = KeyBytes::of(&[7; 32]).unwrap();
    let forged = shamir::forged(&real, body).to_text();
    let mut collector = collector(&envelope);
    collector.add(shares[0].expose()).unwrap();

    let refused = collector.add(forged.expose()).err().unwrap();

    assert_eq!(
        refused.to_string(),
        "share 2 is not one of those that were handed out"
    );
    collector.add(shares[1].expose()).unwrap();
    assert!(collector.open().is_ok());
}

#[test]
fn forgotten_shares_are_gone() {
    let (_, envelope, shares) = sealed(2);
    let mut collector = collector(&envelope);
    collector.add(shares[0].expose()).unwrap();

    collector.forget();

    assert_eq!(collector.collected().given, 0);
}

#[test]
fn an_envelope_that_was_damaged_is_refused() {
    let (_, envelope, shares) = sealed(2);
    for (field, value) in [("threshold", 0), ("threshold", 256)] {
        let mut damaged = envelope.clone();
        damaged.parameters = damaged.parameters.with_number(field, value);

        let refused = Collector::of(&damaged, entropy(9)).err().unwrap();

        assert!(refused.to_string().contains("is damaged (`threshold`)"));
    }
    let mut lowered = envelope.clone();
    lowered.parameters = lowered.parameters.with_number("shares", 2);
    let mut collector = collector(&lowered);
    collector.add(shares[0].expose()).unwrap();
    collector.add(shares[1].expose()).unwrap();
    assert!(matches!(
        collector.open(),
        Err(SealFailure::WrongKey(SealKind::Shamir))
    ));
}

#[test]
fn recovery_shares_open_this_bundle_and_later_ones() {
    let (with_recovery, envelope, shares) =
        recovery_envelope(&bundle(), 3, 2, &entropy(4)).unwrap();
    let later = with_recovery
        .rotated(entropy(5), Timestamp::from_millis(8))
        .unwrap();

    let next = rewrap_recovery(&envelope, &later, entropy(6).as_ref()).unwrap();

    for (envelope, wanted) in [(envelope, &with_recovery), (next, &later)] {
        let mut collector = collector(&envelope);
        collector.add(shares[1].expose()).unwrap();
        collector.add(shares[2].expose()).unwrap();
        let (_, opened) = collector.open().unwrap();
        assert!(opened.is_same_as(wanted));
    }
}

#[test]
fn a_seal_whose_shares_are_not_there_wraps_and_opens_nothing() {
    let (_, envelope, _) = sealed(2);
    let (other, _, _) = sealed(3);
    let empty = ShamirSeal {
        entropy: entropy(1),
        held: Held::default(),
    };

    assert!(empty.wrap(&bundle()).is_err());
    assert!(matches!(
        empty.unwrap(&envelope),
        Err(SealFailure::WrongKey(_))
    ));
    assert!(matches!(
        other.unwrap(&envelope),
        Err(SealFailure::WrongKey(_))
    ));
    assert!(rewrap_recovery(&envelope, &bundle(), entropy(1).as_ref()).is_err());
}
