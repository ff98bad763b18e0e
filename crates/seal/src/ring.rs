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
///
/// Where other nodes open what this one seals there is a step between: [`RotatedRing::hold`] has the
/// new key open and not seal, until every node is known to have it and [`KeyRing::activate`] is
/// called. Which key seals is of this process and is not stored: who does not know what the others
/// have begins with the oldest ([`KeyRing::held_back`]).
pub struct KeyRing {
    entropy: Arc<dyn Entropy>,
    keys: RwLock<Keys>,
    rotating: AtomicBool,
}

/// The keys of a ring, and the one that seals.
///
/// INVARIANT: never empty; ids ascend; none is ever taken out; `active` is the id of one of them and
/// never becomes smaller.
#[derive(Clone)]
struct Keys {
    all: Vec<Arc<Key>>,
    active: u32,
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
    /// Two keys have one id.
    #[error(
        "the stored key ring has another key {0} than the one in use: it is not the ring of this \
         deployment, or it was put together from two copies"
    )]
    OtherKey(u32),
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
        sealed_keys(&self.keys.read().all, root)
    }

    /// The same ring, sealing with its oldest key until [`KeyRing::activate`].
    #[must_use]
    pub fn held_back(self) -> Self {
        {
            let mut keys = self.keys.write();
            keys.active = keys.all.first().map_or(0, |oldest| oldest.id);
        }
        self
    }

    /// Takes in the keys of a stored ring that are not here yet. They open and do not seal before
    /// [`KeyRing::activate`]. Whether the stored ring lacks none of the keys that are here.
    ///
    /// SECURITY: keys are only ever added, so a ring of before, played back, takes none away. A key in
    /// the place of another is refused, with everything that was stored with it.
    pub fn merge(&self, bundle: &RootBundle, sealed: &[u8]) -> Result<bool, RingError> {
        let opened = bundle.open_for(Purpose::KeyRing, RING_CONTEXT, sealed)?;
        let stored = read_keys(opened.expose())?;
        let mut keys = self.keys.write();
        keys.add(&stored)?;
        Ok(keys.all.len() == stored.len())
    }

    /// Seals with the newest key that is not newer than `newest` from now on. Whether that is another
    /// than before; it never is an older one.
    pub fn activate(&self, newest: u32) -> bool {
        let mut keys = self.keys.write();
        let known = keys.all.iter().rfind(|key| key.id <= newest);
        let Some(id) = known.map(|key| key.id).filter(|id| *id > keys.active) else {
            return false;
        };
        keys.active = id;
        true
    }

    /// Makes a ring with one more key, which this one becomes on [`RotatedRing::install`]. Until
    /// then nothing changes, and no other rotation can be prepared.
    pub fn prepare_rotation(
        &self,
        root: &RootKey,
        now: Timestamp,
    ) -> Result<RotatedRing<'_>, RingError> {
        let turn = Turn::take(self)?;
        let mut keys = self.keys.read().all.clone();
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
        self.keys.read().active
    }

    /// The id of the newest key, whether or not it seals yet.
    pub fn newest_id(&self) -> u32 {
        self.keys.read().all.last().map_or(0, |key| key.id)
    }

    /// The keys, oldest first.
    pub fn keys(&self) -> Vec<RingKey> {
        let keys = self.keys.read();
        keys.all
            .iter()
            .map(|key| RingKey {
                id: key.id,
                created: key.created,
                active: key.id == keys.active,
            })
            .collect()
    }

    fn of_keys(all: Vec<Arc<Key>>, entropy: Arc<dyn Entropy>) -> Self {
        let active = all.last().map_or(0, |newest| newest.id);
        Self {
            entropy,
            keys: RwLock::new(Keys { all, active }),
            rotating: AtomicBool::new(false),
        }
    }
}

impl Sealer for KeyRing {
    fn seal(&self, context: Context<'_>, plaintext: &[u8]) -> Result<Sealed, SealError> {
        let keys = self.keys.read();
        let key = keys.with_id(keys.active)?;
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
        let key = keys.with_id(id)?;
        let aad = [header.as_slice(), &context.to_aad()].concat();
        key.aead.open(&aad, body)
    }

    /// Whether the key is older than the one that seals. Of two nodes the one that is behind must not
    /// seal anew what the other sealed.
    fn needs_reseal(&self, sealed: &[u8]) -> bool {
        match sealed.first_chunk::<HEADER_SIZE>() {
            Some(&[RECORD_FORMAT, id @ ..]) => u32::from_be_bytes(id) < self.active_id(),
            _ => false,
        }
    }
}

impl Keys {
    fn with_id(&self, id: u32) -> Result<&Key, SealError> {
        let position = self.all.binary_search_by_key(&id, |key| key.id);
        let key = position.ok().and_then(|position| self.all.get(position));
        key.map(Arc::as_ref).ok_or(SealError::UnknownKey)
    }

    /// Adds those of `others` that are not here yet: all of them, or none when one is another key.
    fn add(&mut self, others: &[Arc<Key>]) -> Result<(), RingError> {
        let mut all = self.all.clone();
        for other in others {
            match all.binary_search_by_key(&other.id, |key| key.id) {
                Ok(position) => {
                    let is_same = all
                        .get(position)
                        .is_some_and(|own| own.bytes.is_same_as(&other.bytes));
                    if !is_same {
                        return Err(RingError::OtherKey(other.id));
                    }
                }
                Err(position) => all.insert(position, Arc::clone(other)),
            }
        }
        self.all = all;
        Ok(())
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

    /// Begins to use the new key, where no other node opens what this one seals. To be called once
    /// [`RotatedRing::sealed`] is stored for good.
    pub fn install(self) {
        let (ring, id) = (self.turn.0, self.active_id());
        // Nobody merges into a ring that is one process's own, so no key has the id of the new one.
        if self.hold().is_ok() {
            ring.activate(id);
        }
    }

    /// Opens with the new key from now on, and does not seal with it before [`KeyRing::activate`]. To
    /// be called once [`RotatedRing::sealed`] is stored for good.
    pub fn hold(self) -> Result<(), RingError> {
        let Self { keys, turn, .. } = self;
        turn.0.keys.write().add(&keys)
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
