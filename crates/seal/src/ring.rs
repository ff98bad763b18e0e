use crate::dated_key::{DATED_KEY_SIZE, DatedKey, write_dated};
use crate::{AeadKey, KeyBytes, Purpose, RootBundle, RootKey};
use base::{Context, Entropy, Plaintext, SealError, Sealed, Sealer, Timestamp};
use parking_lot::RwLock;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use zeroize::Zeroizing;

/// The keys that seal what is stored. The newest seals; every one opens what it sealed.
///
/// Sealed bytes are a format byte, the key's id, a nonce, the ciphertext and its tag; format, id
/// and the caller's context are bound as associated data.
///
/// A key should seal at most 2^32 times (see [`AeadKey`]), which is one rotation in four years at
/// 34 writes a second. The ring does not count: rotate on a schedule.
///
/// Rotation has two steps, so that a crash between them loses nothing: [`KeyRing::prepare_rotation`]
/// gives the new ring's sealed bytes, and once they are stored, [`RotatedRing::install`] begins to
/// use them.
pub struct KeyRing {
    entropy: Arc<dyn Entropy>,
    /// INVARIANT: never empty; ids ascend.
    keys: RwLock<Vec<Arc<Key>>>,
    rotating: AtomicBool,
}

/// What may be told about one key of a ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RingKey {
    /// Its id, as it stands in sealed bytes.
    pub id: u32,
    /// When it was made.
    pub created: Timestamp,
    /// Whether it is the one that seals.
    pub active: bool,
}

/// Why a ring could not be read or rotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RingError {
    /// The ring has used up its key ids.
    #[error("the key ring has no key id left")]
    Full,
    /// The bytes are authentic, and yet no ring that this version can read.
    #[error("the key ring is written in a form that this version cannot read")]
    UnknownForm,
    /// The bytes do not open, or could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Another rotation was prepared and is neither installed nor dropped.
    #[error("the key ring is being rotated already")]
    Rotating,
}

impl KeyRing {
    /// A ring of one new key.
    pub fn generate(entropy: Arc<dyn Entropy>, now: Timestamp) -> Result<Self, SealError> {
        let first = Key::generate(entropy.as_ref(), FIRST_ID, now)?;
        Ok(Self::of_keys(vec![Arc::new(first)], entropy))
    }

    /// Opens what [`KeyRing::to_sealed`] or [`RotatedRing::sealed`] gave, with whichever root key of
    /// `bundle` it is sealed under.
    pub fn from_sealed(
        bundle: &RootBundle,
        sealed: &[u8],
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, RingError> {
        let opened = bundle.open_for(Purpose::KeyRing, RING_CONTEXT, sealed)?;
        Ok(Self::of_keys(read_keys(opened.expose())?, entropy))
    }

    /// The ring as it is to be stored: sealed under the root key.
    pub fn to_sealed(&self, root: &RootKey) -> Result<Sealed, SealError> {
        sealed_keys(&self.keys.read(), root)
    }

    /// Makes a ring with one more key, which this one becomes on [`RotatedRing::install`]. Until
    /// then nothing changes, and no other rotation can be prepared.
    pub fn prepare_rotation(
        &self,
        root: &RootKey,
        now: Timestamp,
    ) -> Result<RotatedRing<'_>, RingError> {
        let turn = Turn::take(self)?;
        let mut keys = self.keys.read().clone();
        let newest = keys.last().map_or(0, |key| key.id);
        let id = newest.checked_add(1).ok_or(RingError::Full)?;
        keys.push(Arc::new(Key::generate(self.entropy.as_ref(), id, now)?));
        Ok(RotatedRing {
            sealed: sealed_keys(&keys, root)?,
            keys,
            turn,
        })
    }

    /// The id of the key that seals.
    pub fn active_id(&self) -> u32 {
        self.keys.read().last().map_or(0, |key| key.id)
    }

    /// The keys, oldest first.
    pub fn keys(&self) -> Vec<RingKey> {
        let keys = self.keys.read();
        let active = keys.last().map(|key| key.id);
        keys.iter()
            .map(|key| RingKey {
                id: key.id,
                created: key.created,
                active: Some(key.id) == active,
            })
            .collect()
    }

    fn of_keys(keys: Vec<Arc<Key>>, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            entropy,
            keys: RwLock::new(keys),
            rotating: AtomicBool::new(false),
        }
    }
}

impl Sealer for KeyRing {
    fn seal(&self, context: Context<'_>, plaintext: &[u8]) -> Result<Sealed, SealError> {
        let keys = self.keys.read();
        let key = keys.last().ok_or(SealError::UnknownKey)?;
        let header = header(key.id);
        let aad = [header.as_slice(), &context.to_aad()].concat();
        key.aead
            .seal_behind(&header, self.entropy.as_ref(), &aad, plaintext)
            .map(Sealed)
    }

    fn open(&self, context: Context<'_>, sealed: &[u8]) -> Result<Plaintext, SealError> {
        let (header, body) = sealed
            .split_first_chunk::<HEADER_SIZE>()
            .ok_or(SealError::NotAuthentic)?;
        let [RECORD_FORMAT, id @ ..] = *header else {
            return Err(SealError::NotAuthentic);
        };
        let id = u32::from_be_bytes(id);
        let keys = self.keys.read();
        let position = keys
            .binary_search_by_key(&id, |key| key.id)
            .map_err(|_| SealError::UnknownKey)?;
        let key = keys.get(position).ok_or(SealError::UnknownKey)?;
        let aad = [header.as_slice(), &context.to_aad()].concat();
        key.aead.open(&aad, body)
    }

    fn needs_reseal(&self, sealed: &[u8]) -> bool {
        match sealed.first_chunk::<HEADER_SIZE>() {
            Some(&[RECORD_FORMAT, ref id @ ..]) => *id != self.active_id().to_be_bytes(),
            _ => false,
        }
    }
}

/// A ring with a new key, not yet in use. Dropping it gives the rotation up, which is safe also when
/// its bytes were stored: its key has sealed nothing.
#[must_use = "a rotation takes effect when it is installed"]
pub struct RotatedRing<'a> {
    keys: Vec<Arc<Key>>,
    sealed: Sealed,
    turn: Turn<'a>,
}

impl RotatedRing<'_> {
    /// The new ring as it is to be stored, before it is installed.
    pub fn sealed(&self) -> &Sealed {
        &self.sealed
    }

    /// The id of the key that will seal.
    pub fn active_id(&self) -> u32 {
        self.keys.last().map_or(0, |key| key.id)
    }

    /// Begins to use the new key. To be called once [`RotatedRing::sealed`] is stored for good.
    pub fn install(self) {
        let Self { keys, turn, .. } = self;
        *turn.0.keys.write() = keys;
    }
}

/// The right to rotate a ring, held by one at a time.
///
/// SECURITY: two rotations prepared from one ring would give two keys the same id, and what one of
/// them sealed could be lost.
struct Turn<'a>(&'a KeyRing);

impl<'a> Turn<'a> {
    fn take(ring: &'a KeyRing) -> Result<Self, RingError> {
        if ring.rotating.swap(true, Ordering::AcqRel) {
            return Err(RingError::Rotating);
        }
        Ok(Self(ring))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.rotating.store(false, Ordering::Release);
    }
}

struct Key {
    id: u32,
    created: Timestamp,
    bytes: KeyBytes,
    aead: AeadKey,
}

impl Key {
    fn generate(entropy: &dyn Entropy, id: u32, created: Timestamp) -> Result<Self, SealError> {
        Self::of(DatedKey {
            number: id,
            created,
            bytes: KeyBytes::generate(entropy)?,
        })
    }

    fn of(key: DatedKey) -> Result<Self, SealError> {
        Ok(Self {
            aead: AeadKey::new(key.bytes.expose())?,
            bytes: key.bytes,
            created: key.created,
            id: key.number,
        })
    }
}

/// What stands before the nonce: the format and the key's id.
fn header(id: u32) -> [u8; HEADER_SIZE] {
    let [a, b, c, d] = id.to_be_bytes();
    [RECORD_FORMAT, a, b, c, d]
}

/// Seals a format byte and then the keys.
fn sealed_keys(keys: &[Arc<Key>], root: &RootKey) -> Result<Sealed, SealError> {
    let mut written = Zeroizing::new(Vec::with_capacity(1 + keys.len() * DATED_KEY_SIZE));
    written.push(RING_FORMAT);
    for key in keys {
        write_dated(&mut written, key.id, key.created, key.bytes.expose());
    }
    root.seal_for(Purpose::KeyRing, RING_CONTEXT, &written)
}

fn read_keys(written: &[u8]) -> Result<Vec<Arc<Key>>, RingError> {
    let Some((&RING_FORMAT, stored)) = written.split_first() else {
        return Err(RingError::UnknownForm);
    };
    let keys = DatedKey::read_all(stored)?.ok_or(RingError::UnknownForm)?;
    let ready = keys.into_iter().map(|key| Ok(Arc::new(Key::of(key)?)));
    ready.collect()
}

const FIRST_ID: u32 = 1;
const HEADER_SIZE: usize = 5;
const RECORD_FORMAT: u8 = 1;
const RING_FORMAT: u8 = 1;
const RING_CONTEXT: Context<'static> = Context(&[b"key ring"]);

#[cfg(test)]
mod tests;
