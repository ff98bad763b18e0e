use crate::dated_key::{DATED_KEY_SIZE, DatedKey, write_dated};
use crate::key_bytes::{KEY_SIZE, KeyBytes};
use crate::root::named_in;
use crate::{Fingerprint, Purpose, RootKey};
use base::{Context, Entropy, Plaintext, SealError, Timestamp};
use std::sync::Arc;
use zeroize::Zeroizing;

/// What a seal keeps: the newest root key, older ones while something is still sealed under them,
/// and the key of the recovery shares, so that these open every later bundle too.
///
/// A bundle does not change; a rotation makes another one.
///
/// INVARIANT: never empty; numbers ascend; no `Debug` or `Serialize`.
///
/// ```compile_fail
/// fn shown(bundle: strongroom_seal::RootBundle) {
///     println!("{bundle:?}");
/// }
/// ```
#[derive(Clone)]
pub struct RootBundle {
    keys: Vec<Entry>,
    recovery: Option<Arc<KeyBytes>>,
}

#[derive(Clone)]
struct Entry {
    number: u32,
    created: Timestamp,
    key: Arc<RootKey>,
}

/// What may be told about one root key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BundledKey {
    /// Its number: one more than that of the key before it.
    pub number: u32,
    /// Its name.
    pub fingerprint: Fingerprint,
    /// When it was made. The epoch for a key from before this was noted.
    pub created: Timestamp,
    /// Whether it is the one that seals.
    pub newest: bool,
}

/// Why a bundle cannot be read or made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// There are as many root keys as a bundle may hold.
    #[error(
        "there are {MOST_KEYS} root keys already: let re-sealing finish before the next rotation"
    )]
    Full,
    /// The content is authentic and yet not a bundle that this version can read.
    #[error("the root keys are written in a form that this version cannot read")]
    UnknownForm,
    /// The cipher failed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// It is not what the keys in use became.
    #[error(
        "what is stored of the root keys is older than the keys in use, or of another deployment: \
         put back what was there"
    )]
    NotLater,
}

impl RootBundle {
    /// A bundle of one new key.
    pub fn generate(entropy: Arc<dyn Entropy>, now: Timestamp) -> Result<Self, SealError> {
        Ok(Self::of_entries(vec![Entry {
            number: FIRST_NUMBER,
            created: now,
            key: Arc::new(RootKey::generate(entropy)?),
        }]))
    }

    /// The bundle of a data directory whose only root key is `key`.
    pub fn of_first(key: RootKey) -> Self {
        Self::of_entries(vec![Entry {
            number: FIRST_NUMBER,
            created: Timestamp::from_millis(0),
            key: Arc::new(key),
        }])
    }

    /// This bundle with a new root key, which seals from now on.
    pub fn rotated(&self, entropy: Arc<dyn Entropy>, now: Timestamp) -> Result<Self, BundleError> {
        if self.keys.len() >= MOST_KEYS {
            return Err(BundleError::Full);
        }
        let number = self
            .newest_number()
            .checked_add(1)
            .ok_or(BundleError::Full)?;
        let mut next = self.clone();
        next.keys.push(Entry {
            number,
            created: now,
            key: Arc::new(RootKey::generate(entropy)?),
        });
        Ok(next)
    }

    /// This bundle without its older keys. To be used once nothing is sealed under them.
    pub fn newest_only(&self) -> Self {
        let mut next = self.clone();
        let older = next.keys.len().saturating_sub(1);
        next.keys.drain(..older);
        next
    }

    /// This bundle with `recovery` as the key of the recovery shares, or without any.
    pub fn with_recovery(&self, recovery: Option<Arc<KeyBytes>>) -> Self {
        Self {
            keys: self.keys.clone(),
            recovery,
        }
    }

    /// This bundle, of which `earlier` is an earlier one, with the keys of that one that were dropped
    /// since.
    ///
    /// SECURITY: errors unless the newest key of `earlier` is here or older than what is here, and no
    /// number stands for two keys. So a bundle of before, played back, is not taken for a new one.
    pub fn with_those_of(&self, earlier: &Self) -> Result<Self, BundleError> {
        if self.newest_number() < earlier.newest_number() {
            return Err(BundleError::NotLater);
        }
        let mut both = self.clone();
        for old in &earlier.keys {
            match both
                .keys
                .binary_search_by_key(&old.number, |one| one.number)
            {
                Ok(position) => {
                    let same = both.keys.get(position).map(|one| one.key.fingerprint());
                    if same != Some(old.key.fingerprint()) {
                        return Err(BundleError::NotLater);
                    }
                }
                Err(position) => both.keys.insert(position, old.clone()),
            }
        }
        Ok(both)
    }

    /// The root key that seals.
    pub fn newest(&self) -> Result<&RootKey, SealError> {
        let newest = self.keys.last().ok_or(SealError::UnknownKey)?;
        Ok(&newest.key)
    }

    /// The number of the newest root key.
    pub fn newest_number(&self) -> u32 {
        self.keys.last().map_or(0, |entry| entry.number)
    }

    /// The number of the oldest root key.
    pub fn oldest_number(&self) -> u32 {
        self.keys.first().map_or(0, |entry| entry.number)
    }

    /// The root key with this number.
    pub fn key(&self, number: u32) -> Result<&RootKey, SealError> {
        let found = self.keys.iter().find(|entry| entry.number == number);
        Ok(&found.ok_or(SealError::UnknownKey)?.key)
    }

    /// The keys, oldest first.
    pub fn keys(&self) -> Vec<BundledKey> {
        let newest = self.newest_number();
        self.keys
            .iter()
            .map(|entry| BundledKey {
                number: entry.number,
                fingerprint: entry.key.fingerprint(),
                created: entry.created,
                newest: entry.number == newest,
            })
            .collect()
    }

    /// Whether it is the same keys, to compare what was sealed with what opens.
    pub fn is_same_as(&self, other: &Self) -> bool {
        let has_same_recovery = match (&self.recovery, &other.recovery) {
            (Some(own), Some(other)) => own.is_same_as(other),
            (None, None) => true,
            _ => false,
        };
        self.keys() == other.keys() && has_same_recovery
    }

    /// Opens with the root key that `sealed` names.
    pub fn open_for(
        &self,
        purpose: Purpose,
        context: Context<'_>,
        sealed: &[u8],
    ) -> Result<Plaintext, SealError> {
        let number = self.number_of(sealed)?.ok_or(SealError::UnknownKey)?;
        self.key(number)?.open_for(purpose, context, sealed)
    }

    /// Whether `sealed` is under a root key that is older than number `than`.
    ///
    /// A name that is not here is taken for older: it is that of a key that was dropped too early, or of a
    /// newer one that another node made a moment ago. Whoever then opens what is under it is told that the
    /// key is not known, so that neither is passed over in silence.
    pub fn is_older(&self, sealed: &[u8], than: u32) -> bool {
        match self.number_of(sealed) {
            Ok(Some(number)) => number < than,
            Ok(None) => true,
            Err(_) => false,
        }
    }

    /// Whether `sealed` is under an older root key than the newest.
    pub fn needs_reseal(&self, sealed: &[u8]) -> bool {
        self.is_older(sealed, self.newest_number())
    }

    /// The number of the root key that `sealed` is under. `None`: it is not here.
    fn number_of(&self, sealed: &[u8]) -> Result<Option<u32>, SealError> {
        // What names no key is older than the second root key of any data directory.
        Ok(match named_in(sealed)? {
            Some(name) => {
                let named = |entry: &&Entry| entry.key.fingerprint() == name;
                self.keys.iter().find(named).map(|entry| entry.number)
            }
            None => Some(FIRST_NUMBER),
        })
    }

    /// The key of the recovery shares.
    pub fn recovery(&self) -> Option<&Arc<KeyBytes>> {
        self.recovery.as_ref()
    }

    /// The bundle as a seal wraps it: a format byte; how many keys; number, moment in milliseconds
    /// and bytes of each; and the key of the recovery shares, if there is one.
    ///
    /// SECURITY: these are the keys to everything. For seals only.
    pub fn expose(&self) -> Zeroizing<Vec<u8>> {
        let room = 2 + (self.keys.len() * DATED_KEY_SIZE) + KEY_SIZE;
        let mut written = Zeroizing::new(Vec::with_capacity(room));
        written.push(BUNDLE_FORMAT);
        written.push(u8::try_from(self.keys.len()).unwrap_or(u8::MAX));
        for entry in &self.keys {
            write_dated(
                &mut written,
                entry.number,
                entry.created,
                entry.key.expose(),
            );
        }
        if let Some(recovery) = &self.recovery {
            written.extend_from_slice(recovery.expose());
        }
        written
    }

    /// Reads what [`RootBundle::expose`] gives.
    pub fn read(written: &[u8], entropy: &Arc<dyn Entropy>) -> Result<Self, BundleError> {
        let Some((&[BUNDLE_FORMAT, count], rest)) = written.split_first_chunk() else {
            return Err(BundleError::UnknownForm);
        };
        let count = usize::from(count);
        let (stored, recovery) = rest
            .split_at_checked(count * DATED_KEY_SIZE)
            .ok_or(BundleError::UnknownForm)?;
        let keys = DatedKey::read_all(stored)?.ok_or(BundleError::UnknownForm)?;
        if keys.len() > MOST_KEYS {
            return Err(BundleError::UnknownForm);
        }
        let keys = keys.into_iter().map(|key| Entry::of(key, entropy));
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        let recovery = match recovery.len() {
            0 => None,
            KEY_SIZE => Some(Arc::new(KeyBytes::of(recovery)?)),
            _ => return Err(BundleError::UnknownForm),
        };
        Ok(Self { keys, recovery })
    }

    fn of_entries(keys: Vec<Entry>) -> Self {
        Self {
            keys,
            recovery: None,
        }
    }
}

impl Entry {
    fn of(key: DatedKey, entropy: &Arc<dyn Entropy>) -> Result<Self, SealError> {
        Ok(Self {
            number: key.number,
            created: key.created,
            key: Arc::new(RootKey::of_bytes(key.bytes, Arc::clone(entropy))?),
        })
    }
}

/// INVARIANT: what names no root key was sealed under this one.
const FIRST_NUMBER: u32 = 1;
const MOST_KEYS: usize = 64;
const BUNDLE_FORMAT: u8 = 1;

#[cfg(test)]
mod tests;
