use super::*;
use crate::test_entropy::Seeded;

const SECRET: &[u8] = b"hunter2 hunter2 hunter2";
const HERE: Context<'_> = Context(&[b"account", b"key"]);
const PURPOSES: [Purpose; 2] = [Purpose::KeyRing, Purpose::KmsKeyMaterial];

fn root(seed: u64) -> RootKey {
    RootKey::generate(Arc::new(Seeded::new(seed))).unwrap()
}

fn opened(root: &RootKey, purpose: Purpose, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
    root.open_for(purpose, HERE, sealed)
        .map(|plain| plain.expose().to_vec())
}

#[test]
fn what_is_sealed_for_a_purpose_opens_for_it() {
    let root = root(1);
    for purpose in PURPOSES {
        let sealed = root.seal_for(purpose, HERE, SECRET).unwrap();

        assert_eq!(opened(&root, purpose, &sealed.0), Ok(SECRET.to_vec()));
        assert!(!sealed.0.windows(7).any(|window| window == b"hunter2"));
    }
}

#[test]
fn one_purpose_does_not_open_for_another() {
    let root = root(1);
    let mut sealed = root.seal_for(Purpose::KeyRing, HERE, SECRET).unwrap();

    let refused = opened(&root, Purpose::KmsKeyMaterial, &sealed.0);
    assert_eq!(refused, Err(SealError::NotAuthentic));

    sealed.0[1] = Purpose::KmsKeyMaterial.code();
    let relabelled = opened(&root, Purpose::KmsKeyMaterial, &sealed.0);
    assert_eq!(relabelled, Err(SealError::NotAuthentic));
}

#[test]
fn each_purpose_has_a_key_of_its_own() {
    let root = root(1);
    let key = |purpose| root.key(purpose).unwrap();
    let sealed = key(Purpose::KeyRing)
        .seal(&Seeded::new(1), b"", SECRET)
        .unwrap();

    assert!(key(Purpose::KeyRing).open(b"", &sealed).is_ok());
    let other = key(Purpose::KmsKeyMaterial).open(b"", &sealed).err();
    assert_eq!(other, Some(SealError::NotAuthentic));
    let itself = AeadKey::new(root.expose())
        .unwrap()
        .open(b"", &sealed)
        .err();
    assert_eq!(itself, Some(SealError::NotAuthentic));
}

#[test]
fn every_single_bit_counts() {
    let root = root(1);
    let sealed = root.seal_for(Purpose::KeyRing, HERE, SECRET).unwrap().0;
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);

        let refused = opened(&root, Purpose::KeyRing, &changed);

        assert_eq!(refused, Err(SealError::NotAuthentic), "bit {bit}");
    }
}

#[test]
fn every_truncation_is_refused() {
    let root = root(1);
    let sealed = root.seal_for(Purpose::KeyRing, HERE, SECRET).unwrap().0;
    for length in 0..sealed.len() {
        let refused = opened(&root, Purpose::KeyRing, &sealed[..length]);

        assert_eq!(refused, Err(SealError::NotAuthentic), "{length} bytes");
    }
}

#[test]
fn a_ciphertext_moved_elsewhere_is_refused() {
    let root = root(1);
    let sealed = root.seal_for(Purpose::KeyRing, HERE, SECRET).unwrap();
    for elsewhere in [
        &[&b"account"[..], b"other"][..],
        &[b"other", b"key"],
        &[b"account"],
        &[b"accountkey"],
        &[b"key", b"account"],
        &[],
    ] {
        let refused = root.open_for(Purpose::KeyRing, Context(elsewhere), &sealed.0);

        assert_eq!(refused.err(), Some(SealError::NotAuthentic));
    }
}

#[test]
fn another_root_key_does_not_open() {
    let sealed = root(1).seal_for(Purpose::KeyRing, HERE, SECRET).unwrap();

    let refused = opened(&root(2), Purpose::KeyRing, &sealed.0);

    assert_eq!(refused, Err(SealError::NotAuthentic));
}

#[test]
fn a_fingerprint_names_the_key_and_tells_nothing_of_it() {
    let (one, again, two) = (root(1), root(1), root(2));
    let bytes = HEXLOWER.encode(one.expose());

    assert_eq!(one.fingerprint().to_string().len(), 16);
    let read = Fingerprint::parse(&one.fingerprint().to_string());
    assert_eq!(read, Some(one.fingerprint()));
    assert_eq!(one.fingerprint(), again.fingerprint());
    assert_ne!(one.fingerprint(), two.fingerprint());
    assert!(!bytes.contains(&one.fingerprint().to_string()));
}

/// The derivation is part of the stored format: were it to change, no data would open again.
#[test]
fn the_derivation_never_changes() {
    let bytes = KeyBytes::of(&(0..32).collect::<Vec<u8>>()).unwrap();
    let root = RootKey::of_bytes(bytes, Arc::new(Seeded::new(1))).unwrap();
    let hex = |text: &str| data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap();

    assert_eq!(root.fingerprint().to_string(), FINGERPRINT);
    for (purpose, sealed) in [
        (Purpose::KeyRing, SEALED_KEY_RING),
        (Purpose::KmsKeyMaterial, SEALED_KMS_KEY_MATERIAL),
    ] {
        let opened = opened(&root, purpose, &hex(sealed));

        assert_eq!(opened, Ok(SECRET.to_vec()), "{purpose:?}");
    }
}

/// Made by an independent implementation of HKDF and AES-GCM, with the nonce `00 01 .. 0b`.
const FINGERPRINT: &str = "91730e41a3d23951";
const SEALED_KEY_RING: &str = "0101000102030405060708090a0b653718b232afce88a06457b486b9b6ab8d487fc59693141f3446f04114f4d35469b134a9f5eaf9";
const SEALED_KMS_KEY_MATERIAL: &str = "0102000102030405060708090a0bbf0cf52afb03458c6372a3eec3bd505b30ea0e75fc92f00aa78b59a15aee53d8c249711c0f82ec";
