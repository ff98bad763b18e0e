use super::*;
use crate::test_entropy::Seeded;
use proptest::prelude::*;

const SECRET: &[u8] = b"hunter2 hunter2 hunter2";

fn key() -> AeadKey {
    AeadKey::new(&[7; 32]).unwrap()
}

fn sealed(aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
    key().seal(&Seeded::new(1), aad, plaintext).unwrap()
}

fn opened(aad: &[u8], bytes: &[u8]) -> Result<Vec<u8>, SealError> {
    key().open(aad, bytes).map(|plain| plain.expose().to_vec())
}

#[test]
fn a_key_has_32_bytes() {
    for size in [0, 16, 31, 33, 64] {
        let refused = AeadKey::new(&vec![7; size]).err();

        assert_eq!(refused, Some(SealError::Cipher), "{size}");
    }
}

/// NIST's GCM specification, test case 16, with the tag behind the ciphertext.
#[test]
fn the_published_example_opens() {
    let hex = |text: &str| data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap();
    let key = AeadKey::new(&hex(
        "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
    ))
    .unwrap();
    let sealed = hex(concat!(
        "cafebabefacedbaddecaf888",
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa",
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
        "76fc6ece0f4e1768cddf8853bb2d551b",
    ));

    let opened = key
        .open(&hex("feedfacedeadbeeffeedfacedeadbeefabaddad2"), &sealed)
        .unwrap();

    assert_eq!(
        opened.expose(),
        hex(concat!(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72",
            "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        ))
    );
}

#[test]
fn the_plaintext_is_not_in_the_sealed_bytes() {
    let sealed = sealed(b"here", SECRET);

    assert!(!sealed.windows(7).any(|window| window == b"hunter2"));
    assert_eq!(sealed.len(), 12 + SECRET.len() + 16);
}

#[test]
fn sealing_twice_gives_different_bytes() {
    let entropy = Seeded::new(1);

    let first = key().seal(&entropy, b"here", SECRET).unwrap();
    let second = key().seal(&entropy, b"here", SECRET).unwrap();

    assert_ne!(first[..12], second[..12]);
    assert_ne!(first[12..], second[12..]);
}

#[test]
fn every_single_bit_counts() {
    let sealed = sealed(b"here", SECRET);
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);

        assert_eq!(opened(b"here", &changed), Err(SealError::NotAuthentic));
    }
}

#[test]
fn every_truncation_is_refused() {
    let sealed = sealed(b"here", SECRET);
    for length in 0..sealed.len() {
        assert_eq!(
            opened(b"here", &sealed[..length]),
            Err(SealError::NotAuthentic)
        );
    }
}

#[test]
fn another_key_does_not_open() {
    let other = AeadKey::new(&[8; 32]).unwrap();

    let refused = other.open(b"here", &sealed(b"here", SECRET)).err();

    assert_eq!(refused, Some(SealError::NotAuthentic));
}

proptest! {
    #[test]
    fn what_is_sealed_opens_in_its_place_only(
        aad in prop::collection::vec(any::<u8>(), 0..20),
        elsewhere in prop::collection::vec(any::<u8>(), 0..20),
        plaintext in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let sealed = sealed(&aad, &plaintext);

        prop_assert_eq!(opened(&aad, &sealed), Ok(plaintext));
        prop_assert_eq!(opened(&elsewhere, &sealed).is_ok(), elsewhere == aad);
    }

    #[test]
    fn arbitrary_bytes_do_not_open(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        prop_assert_eq!(opened(b"here", &bytes), Err(SealError::NotAuthentic));
    }
}
