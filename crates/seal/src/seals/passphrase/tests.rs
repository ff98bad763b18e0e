use super::*;
use crate::test_entropy::Seeded;
use base::{Plaintext, Timestamp};

const PASSPHRASE: &str = "correct horse battery";

fn entropy() -> Arc<dyn Entropy> {
    Arc::new(Seeded::new(1))
}

fn seal(passphrase: &str) -> PassphraseSeal {
    let given = Arc::new(Plaintext::from(passphrase.to_owned()));
    PassphraseSeal::new(SecretSource::Given(given), entropy())
}

fn bundle() -> RootBundle {
    RootBundle::generate(entropy(), Timestamp::from_millis(7)).unwrap()
}

fn refusal(seal: &PassphraseSeal, envelope: &Envelope) -> String {
    seal.unwrap(envelope).err().unwrap().to_string()
}

#[test]
fn a_passphrase_opens_what_it_wrapped_and_wraps_the_next_unasked() {
    let bundle = bundle();
    let envelope = seal(PASSPHRASE).wrap(&bundle).unwrap();
    assert_eq!(
        (
            envelope.number("memory_kib", u32::MAX).unwrap(),
            envelope.number("passes", u32::MAX).unwrap(),
            envelope.number("lanes", u32::MAX).unwrap(),
        ),
        (65_536, 3, 1)
    );

    let again = seal(PASSPHRASE);
    let opened = again.unwrap(&envelope).unwrap();

    assert!(opened.is_same_as(&bundle));
    let next = bundle
        .rotated(Arc::new(Seeded::new(2)), Timestamp::from_millis(8))
        .unwrap();
    let second = again.wrap(&next).unwrap();
    assert_eq!(second.parameters, envelope.parameters);
    assert!(again.unwrap(&second).unwrap().is_same_as(&next));
}

#[test]
fn a_wrong_passphrase_opens_nothing() {
    let envelope = seal(PASSPHRASE).wrap(&bundle()).unwrap();

    let refused = refusal(&seal("incorrect horse battery"), &envelope);

    assert_eq!(
        refused,
        "the passphrase is wrong, or `seal.json` was damaged"
    );
}

#[test]
fn a_short_passphrase_is_not_taken() {
    let refused = seal("elevenchars").wrap(&bundle()).err().unwrap();

    assert_eq!(
        refused.to_string(),
        "the passphrase has fewer than 12 characters; choose a longer one"
    );
}

/// Each of these would cost memory, time, or the strength of the key. None is paid for: the
/// passphrase is not even read.
#[test]
fn a_hostile_envelope_costs_nothing() {
    let made = Parameters::default()
        .with_text("algorithm", "argon2id-v19")
        .with_number("memory_kib", 65_536)
        .with_number("passes", 3)
        .with_number("lanes", 1)
        .with_bytes("salt", &[7; 16]);
    let seal = PassphraseSeal::new(SecretSource::File("/nowhere".into()), entropy());
    for (field, parameters) in [
        (
            "memory_kib",
            made.clone().with_number("memory_kib", u32::MAX),
        ),
        (
            "memory_kib",
            made.clone().with_number("memory_kib", (1 << 20) + 1),
        ),
        ("memory_kib", made.clone().with_number("memory_kib", 8)),
        ("memory_kib", made.clone().with_text("memory_kib", "65536")),
        ("passes", made.clone().with_number("passes", 17)),
        ("passes", made.clone().with_number("passes", 0)),
        ("lanes", made.clone().with_number("lanes", 17)),
        ("lanes", made.clone().with_number("lanes", 0)),
        ("salt", made.clone().with_bytes("salt", &[7; 15])),
        ("salt", made.clone().with_bytes("salt", &[7; 65])),
        ("salt", made.clone().with_text("salt", "~")),
        ("algorithm", made.clone().with_text("algorithm", "argon2i")),
        ("algorithm", Parameters::default()),
    ] {
        let envelope = Envelope::of(SealKind::Passphrase, parameters, &[0; 100]);

        let refused = refusal(&seal, &envelope);

        assert_eq!(
            refused,
            format!(
                "the passphrase seal in `seal.json` is damaged (`{field}`); restore `seal.json` \
                 from your backup, or open it with the recovery shares"
            )
        );
    }
}

#[test]
fn every_parameter_is_bound_to_what_is_wrapped() {
    let envelope = seal(PASSPHRASE).wrap(&bundle()).unwrap();
    for parameters in [
        envelope.parameters.clone().with_text("note", "added"),
        envelope.parameters.clone().with_number("passes", 4),
        envelope.parameters.clone().with_bytes("salt", &[7; 16]),
    ] {
        let body = envelope.body().unwrap();
        let changed = Envelope::of(SealKind::Passphrase, parameters, &body);

        let refused = refusal(&seal(PASSPHRASE), &changed);

        assert_eq!(
            refused,
            "the passphrase is wrong, or `seal.json` was damaged"
        );
    }
}

/// The derivation is part of the stored format. Made with the reference implementation's own
/// program: `argon2 somesaltsomesalt -id -v 13 -m 16 -t 3 -p 1 -l 32 -r`.
#[test]
fn the_key_is_that_of_the_reference_implementation() {
    let cost = Cost {
        memory: MEMORY_KIB,
        passes: PASSES_MADE,
        lanes: LANES_MADE,
    };
    let derive = |salt: &[u8]| derived(b"password", salt, &cost).unwrap();

    let key = derive(b"somesaltsomesalt");

    let reference = data_encoding::HEXLOWER
        .decode(REFERENCE.as_bytes())
        .unwrap();
    assert!(key.is_same_as(&KeyBytes::of(&reference).unwrap()));
    assert!(!key.is_same_as(&derive(b"othersaltothersa")));
}

const REFERENCE: &str = "7664ad4ba1a3c999fcdd0991ffc2270f78302d2383233db5e7befc85d1bb1819";
