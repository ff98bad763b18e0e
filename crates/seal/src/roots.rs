use crate::{BundledKey, Purpose, RootBundle};
use base::{Context, Plaintext, SealError, Sealed, Sealer};
use parking_lot::RwLock;
use std::sync::Arc;

/// The root keys of a running server. As a [`Sealer`] it seals the material of KMS keys with one of
/// them, and opens with every one.
///
/// It is the newest that seals, unless other nodes may not know that yet: then it is held
/// ([`RootKeys::hold`]) until [`RootKeys::activate`]. Which one seals is of this process and is not
/// stored.
pub struct RootKeys(RwLock<InUse>);

/// INVARIANT: `sealing` is the number of a key of `bundle`.
#[derive(Clone)]
struct InUse {
    bundle: Arc<RootBundle>,
    sealing: u32,
}

impl RootKeys {
    /// Begins with `bundle`, whose newest key seals.
    pub fn new(bundle: RootBundle) -> Self {
        Self(RwLock::new(InUse {
            sealing: bundle.newest_number(),
            bundle: Arc::new(bundle),
        }))
    }

    /// Begins with `bundle`, whose oldest key seals until [`RootKeys::activate`].
    pub fn held_back(bundle: RootBundle) -> Self {
        Self(RwLock::new(InUse {
            sealing: bundle.oldest_number(),
            bundle: Arc::new(bundle),
        }))
    }

    /// The bundle in use.
    pub fn bundle(&self) -> Arc<RootBundle> {
        Arc::clone(&self.0.read().bundle)
    }

    /// The number of the key that seals.
    pub fn sealing(&self) -> u32 {
        self.0.read().sealing
    }

    /// Uses `bundle` from now on, and seals with its newest key. To be called once it is sealed and
    /// stored for good.
    pub fn install(&self, bundle: RootBundle) {
        *self.0.write() = InUse {
            sealing: bundle.newest_number(),
            bundle: Arc::new(bundle),
        };
    }

    /// Opens with the keys of `bundle` from now on, and goes on to seal with the same one as before, or
    /// if that is gone with the oldest. To be called once it is sealed and stored for good.
    pub fn hold(&self, bundle: RootBundle) {
        let mut in_use = self.0.write();
        *in_use = InUse {
            sealing: in_use.sealing.max(bundle.oldest_number()),
            bundle: Arc::new(bundle),
        };
    }

    /// Seals with the newest key that is not newer than `newest` from now on. Whether that is another
    /// than before; it never is an older one.
    pub fn activate(&self, newest: u32) -> bool {
        let mut in_use = self.0.write();
        let keys = in_use.bundle.keys();
        let known = keys.iter().rfind(|key| key.number <= newest);
        let number = known
            .map(|key| key.number)
            .filter(|one| *one > in_use.sealing);
        let Some(number) = number else { return false };
        in_use.sealing = number;
        true
    }

    /// The keys, oldest first.
    pub fn keys(&self) -> Vec<BundledKey> {
        self.bundle().keys()
    }

    fn in_use(&self) -> InUse {
        self.0.read().clone()
    }
}

impl Sealer for RootKeys {
    fn seal(&self, context: Context<'_>, plaintext: &[u8]) -> Result<Sealed, SealError> {
        let InUse { bundle, sealing } = self.in_use();
        bundle
            .key(sealing)?
            .seal_for(Purpose::KmsKeyMaterial, context, plaintext)
    }

    fn open(&self, context: Context<'_>, sealed: &[u8]) -> Result<Plaintext, SealError> {
        self.bundle()
            .open_for(Purpose::KmsKeyMaterial, context, sealed)
    }

    fn needs_reseal(&self, sealed: &[u8]) -> bool {
        let InUse { bundle, sealing } = self.in_use();
        bundle.is_older(sealed, sealing)
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
    fn a_held_root_key_opens_and_does_not_seal_before_it_is_activated() {
        let (roots, ahead) = (roots(), roots());
        rotate(&ahead);
        let by_old = roots.seal(HERE, b"material").unwrap().0;
        let by_new = ahead.seal(HERE, b"material").unwrap().0;

        roots.hold(RootBundle::clone(&ahead.bundle()));

        assert_eq!((roots.sealing(), roots.keys().len()), (1, 2));
        assert_eq!(roots.open(HERE, &by_new).unwrap().expose(), b"material");
        assert!(!roots.needs_reseal(&by_new) && !roots.needs_reseal(&by_old));
        let meanwhile = roots.seal(HERE, b"material").unwrap().0;
        assert!(!roots.activate(1) && roots.activate(2) && !roots.activate(2));
        assert!(roots.needs_reseal(&meanwhile) && !roots.needs_reseal(&by_new));
        roots.hold(roots.bundle().newest_only());
        assert_eq!(roots.sealing(), 2);
        assert_eq!(
            RootKeys::held_back(RootBundle::clone(&ahead.bundle())).sealing(),
            1
        );
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
