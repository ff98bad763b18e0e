//! The keys that sign the log: made here, sealed in the store.
//!
//! A key that is to replace another is stored beside it first. Then the log says that it signs, which makes it
//! so; then it takes the place of the other, whose public half is kept. So a server that dies in between finds
//! in the log which of the two signs.

use super::recovery::names;
use super::signer::SigningKeys;
use crate::files::{self, FileError};
use ::audit::{FileName, PublicKey, Said, SigningKey, Statement};
use base::{Context, Entropy, Plaintext, SealError, Sealer};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
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
    /// A file of the log.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Where the deployment's keys are.
///
/// SECURITY: on disk they are sealed by the key ring, and nowhere else.
pub(crate) struct KeyStore {
    pub(crate) database: Database,
    pub(crate) ring: Arc<dyn Sealer>,
    pub(crate) entropy: Arc<dyn Entropy>,
    /// The directory of the log.
    pub(crate) dir: PathBuf,
}

/// The keys as they were found.
pub(crate) struct Loaded {
    pub(crate) keys: SigningKeys,
    /// Whether the log has it that they sign, and the store not yet: see [`KeyStore::promote`].
    pub(crate) is_replacing: bool,
}

impl KeyStore {
    /// The deployment's keys. One is made now if there is none, or if the log has it that the one there is was
    /// replaced by one that is lost, and an operator `accepts` that.
    pub(crate) async fn load(&self, accepts: bool) -> Result<Loaded, KeyStoreError> {
        let Some(sealed) = self.database.meta(CURRENT).await? else {
            return self.create(None).await;
        };
        let opened = self.ring.open(Context(&[CURRENT.as_bytes()]), &sealed)?;
        let keys = read(&opened)?;
        let change = self.last_change(keys.key.public())?;
        if let Some(next) = self.next().await? {
            let replaces = change.as_ref().is_some_and(|(_, key)| key == next.public());
            if let (Some((first, _)), true) = (&change, replaces) {
                return Ok(Loaded {
                    keys: replaced(keys, next, *first),
                    is_replacing: true,
                });
            }
            self.clear().await?;
        }
        if change.is_some() && accepts {
            return self.create(Some(&sealed)).await;
        }
        if self.ring.needs_reseal(&sealed) {
            let anew = self
                .ring
                .seal(Context(&[CURRENT.as_bytes()]), opened.expose())?;
            self.database
                .put_meta(CURRENT, Some(&sealed), &anew.0)
                .await?;
        }
        Ok(Loaded {
            keys,
            is_replacing: false,
        })
    }

    /// Makes a key that is to replace the present one, and stores it beside that.
    pub(crate) async fn prepare(&self) -> Result<Arc<SigningKey>, KeyStoreError> {
        let before = self.database.meta(NEXT).await?;
        let seed = self.draw();
        let sealed = self
            .ring
            .seal(Context(&[NEXT.as_bytes()]), seed.as_slice())?;
        self.database
            .put_meta(NEXT, before.as_deref(), &sealed.0)
            .await?;
        Ok(Arc::new(SigningKey::from_seed(seed.as_slice())?))
    }

    /// Whether `key` is one that was made to replace another, and has not been put in its place.
    pub(crate) async fn is_prepared(&self, key: &PublicKey) -> Result<bool, KeyStoreError> {
        Ok(self.next().await?.is_some_and(|next| next.public() == key))
    }

    /// Puts the key that was prepared in the place of the present one: it signs from the event `first` on.
    pub(crate) async fn promote(&self, first: u64) -> Result<(), KeyStoreError> {
        let (Some(sealed), Some(next)) = (
            self.database.meta(CURRENT).await?,
            self.database
                .meta(NEXT)
                .await?
                .filter(|next| !next.is_empty()),
        ) else {
            return Ok(());
        };
        let before = self.ring.open(Context(&[CURRENT.as_bytes()]), &sealed)?;
        let seed = self.ring.open(Context(&[NEXT.as_bytes()]), &next)?;
        let keys = read(&before)?;
        if *keys.key.public() != *SigningKey::from_seed(seed.expose())?.public() {
            let mut kept = Zeroizing::new(seed.expose().to_vec());
            kept.extend_from_slice(before.expose().get(SEED_BYTES..).unwrap_or_default());
            kept.extend_from_slice(keys.key.public().as_bytes());
            kept.extend_from_slice(&first.to_be_bytes());
            let anew = self.ring.seal(Context(&[CURRENT.as_bytes()]), &kept)?;
            self.database
                .put_meta(CURRENT, Some(&sealed), &anew.0)
                .await?;
        }
        self.clear().await
    }

    /// SECURITY: a key of which the log does not know signs nothing, and is not kept.
    async fn clear(&self) -> Result<(), KeyStoreError> {
        let before = self.database.meta(NEXT).await?;
        Ok(self.database.put_meta(NEXT, before.as_deref(), b"").await?)
    }

    async fn create(&self, before: Option<&[u8]>) -> Result<Loaded, KeyStoreError> {
        let seed = self.draw();
        let sealed = self
            .ring
            .seal(Context(&[CURRENT.as_bytes()]), seed.as_slice())?;
        self.database.put_meta(CURRENT, before, &sealed.0).await?;
        Ok(Loaded {
            keys: SigningKey::from_seed(seed.as_slice())?.into(),
            is_replacing: false,
        })
    }

    fn draw(&self) -> Zeroizing<[u8; SEED_BYTES]> {
        let mut seed = Zeroizing::new([0; SEED_BYTES]);
        self.entropy.fill(seed.as_mut_slice());
        seed
    }

    /// The key that was prepared.
    async fn next(&self) -> Result<Option<SigningKey>, KeyStoreError> {
        let sealed = self.database.meta(NEXT).await?;
        let Some(sealed) = sealed.filter(|sealed| !sealed.is_empty()) else {
            return Ok(None);
        };
        let seed = self.ring.open(Context(&[NEXT.as_bytes()]), &sealed)?;
        Ok(Some(SigningKey::from_seed(seed.expose())?))
    }

    /// By which key the log has it that `key` was replaced, and from which event on.
    fn last_change(&self, key: &PublicKey) -> Result<Option<(u64, PublicKey)>, KeyStoreError> {
        let by_key = key.clone().into();
        let names: BTreeSet<String> = names(&self.dir)?.into_iter().collect();
        for name in names.iter().rev() {
            let Some(FileName::Key(first)) = FileName::parse(name) else {
                continue;
            };
            let content = files::read_if_there(&self.dir.join(name))?;
            let opened = Statement::open(&content.unwrap_or_default(), &by_key);
            if let Ok(Said::Key(change)) = opened.map(|opened| opened.statement.said)
                && change.first() == first
                && change.replaced == *key
            {
                return Ok(Some((first, change.next)));
            }
        }
        Ok(None)
    }
}

/// What is kept: the seed, and for each key that was replaced its public half and the first event that it does
/// not stand for.
fn read(kept: &Plaintext) -> Result<SigningKeys, KeyStoreError> {
    let (seed, replaced) = { kept.expose() }
        .split_at_checked(SEED_BYTES)
        .ok_or(::audit::KeyError::Seed)?;
    let one = |bytes: &[u8]| {
        let (key, before) = bytes.split_at_checked(PUBLIC_BYTES)?;
        let before = u64::from_be_bytes(before.try_into().ok()?);
        Some((PublicKey::from_bytes(key)?, before))
    };
    let replaced: Option<Vec<_>> = replaced
        .chunks(PUBLIC_BYTES + NUMBER_BYTES)
        .map(one)
        .collect();
    Ok(SigningKeys {
        key: Arc::new(SigningKey::from_seed(seed)?),
        replaced: replaced.ok_or(::audit::KeyError::Seed)?,
    })
}

fn replaced(mut keys: SigningKeys, next: SigningKey, first: u64) -> SigningKeys {
    keys.replaced.push((keys.key.public().clone(), first));
    keys.key = Arc::new(next);
    keys
}

/// The key that signs.
const CURRENT: &str = "audit_key";
/// The one that is to replace it. Empty: none is.
const NEXT: &str = "audit_key_next";
const SEED_BYTES: usize = 32;
const PUBLIC_BYTES: usize = 32;
const NUMBER_BYTES: usize = 8;

#[cfg(test)]
mod tests;
