use crate::{BundledKey, Purpose, RootBundle};
use base::{Context, Plaintext, SealError, Sealed, Sealer};
use parking_lot::RwLock;
use std::sync::Arc;

/// The root keys of a running server. As a [`Sealer`] it seals the material of KMS keys: with the
/// newest key, and it opens with every key of the bundle.
pub struct RootKeys(RwLock<Arc<RootBundle>>);

impl RootKeys {
    /// Begins with `bundle`.
    pub fn new(bundle: RootBundle) -> Self {
        Self(RwLock::new(Arc::new(bundle)))
    }

    /// The bundle in use.
    pub fn bundle(&self) -> Arc<RootBundle> {
        Arc::clone(&self.0.read())
    }

    /// Uses `bundle` from now on. To be called once it is sealed and stored for good.
    pub fn install(&self, bundle: RootBundle) {
        *self.0.write() = Arc::new(bundle);
    }

    /// The keys, oldest first.
    pub fn keys(&self) -> Vec<BundledKey> {
        self.bundle().keys()
    }
}

impl Sealer for RootKeys {
    fn seal(&self, context: Context<'_>, plaintext: &[u8]) -> Result<Sealed, SealError> {
        let bundle = self.bundle();
        bundle
            .newest()?
            .seal_for(Purpose::KmsKeyMaterial, context, plaintext)
    }

    fn open(&self, context: Context<'_>, sealed: &[u8]) -> Result<Plaintext, SealError> {
        self.bundle()
            .open_for(Purpose::KmsKeyMaterial, context, sealed)
    }

    fn needs_reseal(&self, sealed: &[u8]) -> bool {
        self.bundle().needs_reseal(sealed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_entropy::Seeded;
    use base::{Entropy, Timestamp};

    const HERE: Context<'_> = Context(&[b"account", b"key"]);

    fn entropy() -> Arc<dyn Entropy> {
        Arc::new(Seeded::new(1))
    }

    fn roots() -> RootKeys {
        RootKeys::new(RootBundle::generate(entropy(), Timestamp::from_millis(5)).unwrap())
    }

    fn rotate(roots: &RootKeys) {
        let other: Arc<dyn Entropy> = Arc::new(Seeded::new(2));
        let next = roots.bundle().rotated(other, Timestamp::from_millis(6));
        roots.install(next.unwrap());
    }

    #[test]
    fn what_was_sealed_before_a_rotation_opens_and_asks_to_be_sealed_again() {
        let roots = roots();
        let before = roots.seal(HERE, b"material").unwrap().0;
        assert!(!roots.needs_reseal(&before));

        rotate(&roots);

        assert_eq!(roots.open(HERE, &before).unwrap().expose(), b"material");
        assert!(roots.needs_reseal(&before));
        let after = roots.seal(HERE, b"material").unwrap().0;
        assert!(!roots.needs_reseal(&after));
    }

    #[test]
    fn what_they_seal_is_kms_key_material_and_nothing_else() {
        let roots = roots();

        let sealed = roots.seal(HERE, b"material").unwrap().0;

        let opened = |purpose| {
            let opened = roots.bundle().open_for(purpose, HERE, &sealed);
            opened.map(|material| material.expose().to_vec())
        };
        assert_eq!(opened(Purpose::KmsKeyMaterial).unwrap(), b"material");
        assert_eq!(opened(Purpose::KeyRing), Err(SealError::NotAuthentic));
    }

    #[test]
    fn a_dropped_key_opens_nothing_any_more() {
        let roots = roots();
        let before = roots.seal(HERE, b"material").unwrap().0;
        rotate(&roots);
        let after = roots.seal(HERE, b"material").unwrap().0;

        roots.install(roots.bundle().newest_only());

        let refused = roots.open(HERE, &before).err();
        assert_eq!(refused, Some(SealError::UnknownKey));
        assert_eq!(roots.open(HERE, &after).unwrap().expose(), b"material");
    }

    #[test]
    fn bytes_that_are_no_good_need_no_new_seal() {
        let roots = roots();
        rotate(&roots);

        for bytes in [&b""[..], b"\x02", b"\x02\x02short", b"\x03whatever it is"] {
            assert!(!roots.needs_reseal(bytes), "{bytes:?}");
            assert!(roots.open(HERE, bytes).is_err(), "{bytes:?}");
        }
    }
}
