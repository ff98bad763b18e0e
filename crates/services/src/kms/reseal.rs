//! The material of keys, sealed anew after the root key was rotated.

use super::crypto::material_context;
use super::model::KmsKey;
use base::{Context, SealError, Sealer};

/// `key` with the material sealed anew that needs it. `None` when none does.
pub(crate) fn resealed(root: &dyn Sealer, key: &KmsKey) -> Result<Option<KmsKey>, SealError> {
    if !key
        .material
        .iter()
        .any(|one| root.needs_reseal(&one.sealed))
    {
        return Ok(None);
    }
    let mut anew = key.clone();
    for material in &mut anew.material {
        if !root.needs_reseal(&material.sealed) {
            continue;
        }
        let number = material.number.to_be_bytes();
        let context = material_context(key, &number);
        let opened = root.open(Context(&context), &material.sealed)?;
        material.sealed = root.seal(Context(&context), opened.expose())?.0;
    }
    Ok(Some(anew))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kms::model::{Cause, Material};
    use base::{AccountId, Entropy, RegionName, Timestamp};
    use seal::{RootBundle, RootKeys};
    use std::sync::Arc;
    use testkit::SeededEntropy;

    /// A key of which each generation of material is sealed by `root`.
    fn key(root: &dyn Sealer, generations: u32) -> KmsKey {
        let account = AccountId::parse("123456789012").unwrap();
        let region = RegionName::parse("us-east-1").unwrap();
        let created = Timestamp::from_millis(0);
        let id = String::from("an-id");
        let mut key = KmsKey::managed("secretsmanager", account, region, id, created);
        for number in 1..=generations {
            let name = number.to_be_bytes();
            let context = material_context(&key, &name);
            let sealed = root.seal(Context(&context), &[7; 32]).unwrap().0;
            key.material.push(Material {
                number,
                sealed,
                created,
                cause: Cause::Creation,
            });
        }
        key
    }

    fn roots() -> (RootKeys, Arc<dyn Entropy>) {
        let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(1));
        let bundle = RootBundle::generate(Arc::clone(&entropy), Timestamp::from_millis(0));
        (RootKeys::new(bundle.unwrap()), entropy)
    }

    #[test]
    fn every_generation_is_sealed_anew_and_nothing_else_changes() {
        let (roots, entropy) = roots();
        let old = key(&roots, 3);
        assert_eq!(resealed(&roots, &old), Ok(None));
        let next = roots.bundle().rotated(entropy, Timestamp::from_millis(1));
        roots.install(next.unwrap());

        let new = resealed(&roots, &old).unwrap().unwrap();

        assert_eq!(resealed(&roots, &new), Ok(None));
        roots.install(roots.bundle().newest_only());
        for material in &new.material {
            let name = material.number.to_be_bytes();
            let context = material_context(&new, &name);
            let opened = roots.open(Context(&context), &material.sealed).unwrap();
            assert_eq!(opened.expose(), [7; 32]);
        }
        let without = |key: &KmsKey| KmsKey {
            material: Vec::new(),
            ..key.clone()
        };
        assert_eq!(without(&new), without(&old));
        assert_eq!(resealed(&roots, &old), Err(SealError::UnknownKey));
    }
}
