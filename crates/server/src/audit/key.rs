//! The key that signs the log: made once, sealed in the store.

use ::audit::SigningKey;
use base::{Context, Entropy, SealError, Sealer};
use store::{Database, StoreError};
use zeroize::Zeroizing;

/// Why the log cannot be signed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyStoreError {
    /// The store.
    #[error("cannot read or store the key of the audit log")]
    Store(#[from] StoreError),
    /// The ring.
    #[error("cannot open or seal the key of the audit log")]
    Seal(#[from] SealError),
    /// What was sealed.
    #[error(transparent)]
    Key(#[from] ::audit::KeyError),
}

/// The deployment's key, which is made now if there is none.
///
/// SECURITY: on disk it is sealed by the key ring, and nowhere else.
pub(crate) async fn signing_key(
    database: &Database,
    ring: &dyn Sealer,
    entropy: &dyn Entropy,
) -> Result<SigningKey, KeyStoreError> {
    let context = Context(&[NAME.as_bytes()]);
    if let Some(sealed) = database.meta(NAME).await? {
        let seed = ring.open(context, &sealed)?;
        if ring.needs_reseal(&sealed) {
            let anew = ring.seal(context, seed.expose())?;
            database.put_meta(NAME, Some(&sealed), &anew.0).await?;
        }
        return Ok(SigningKey::from_seed(seed.expose())?);
    }
    let mut seed = Zeroizing::new([0; SEED_BYTES]);
    entropy.fill(seed.as_mut_slice());
    let sealed = ring.seal(context, seed.as_slice())?;
    database.put_meta(NAME, None, &sealed.0).await?;
    Ok(SigningKey::from_seed(seed.as_slice())?)
}

const NAME: &str = "audit_key";
const SEED_BYTES: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outside::SystemEntropy;
    use seal::{KeyRing, RootKey};
    use std::sync::Arc;

    fn ring() -> KeyRing {
        KeyRing::generate(Arc::new(SystemEntropy), base::Timestamp::from_millis(0)).unwrap()
    }

    async fn key_id(database: &Database, ring: &KeyRing) -> Result<String, KeyStoreError> {
        let key = signing_key(database, ring, &SystemEntropy).await?;
        Ok(key.public().id().to_string())
    }

    #[tokio::test]
    async fn the_key_is_made_once_and_only_sealed_on_disk() {
        let (database, ring) = (Database::memory(), ring());

        let first = key_id(&database, &ring).await.unwrap();
        let second = key_id(&database, &ring).await.unwrap();
        let by_another = key_id(&database, &self::ring()).await;

        assert_eq!(first, second);
        assert!(matches!(by_another, Err(KeyStoreError::Seal(_))));
        let stored = database.meta(NAME).await.unwrap().unwrap();
        assert!(stored.len() > SEED_BYTES);
    }

    #[tokio::test]
    async fn the_key_is_sealed_anew_after_a_rotation_of_the_ring() {
        let (database, ring) = (Database::memory(), ring());
        let root = RootKey::generate(Arc::new(SystemEntropy)).unwrap();
        let first = key_id(&database, &ring).await.unwrap();
        let before = database.meta(NAME).await.unwrap().unwrap();
        let rotated = ring.prepare_rotation(&root, base::Timestamp::from_millis(1));
        rotated.unwrap().install();

        let second = key_id(&database, &ring).await.unwrap();

        assert_eq!(first, second);
        let after = database.meta(NAME).await.unwrap().unwrap();
        assert!(ring.needs_reseal(&before) && !ring.needs_reseal(&after));
    }
}
