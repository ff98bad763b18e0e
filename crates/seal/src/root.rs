use crate::AeadKey;
use crate::key_bytes::{BASE64_SIZE, KEY_SIZE, KeyBytes};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use base::{Context, Entropy, Plaintext, SealError, Sealed};
use data_encoding::HEXLOWER;
use std::fmt::{self, Debug, Display, Formatter};
use std::sync::Arc;
use zeroize::Zeroizing;

/// The key that everything else is sealed under. Never stored beside the data, except by the file
/// seal ([`crate::file`]).
///
/// Does not encrypt by itself: each [`Purpose`] has a key of its own, derived from this one. What it
/// seals begins with a format byte, the purpose and the key's fingerprint, so that one of several
/// root keys can be found that opens it.
///
/// INVARIANT: no `Debug`, `Clone` or `Serialize`; the bytes are overwritten when it is dropped.
///
/// ```compile_fail
/// fn shown(root: strongroom_seal::RootKey) {
///     println!("{root:?}");
/// }
/// ```
///
/// ```compile_fail
/// fn copied(root: strongroom_seal::RootKey) -> strongroom_seal::RootKey {
///     root.clone()
/// }
/// ```
pub struct RootKey {
    bytes: KeyBytes,
    entropy: Arc<dyn Entropy>,
    fingerprint: Fingerprint,
}

/// A name for a root key that tells nothing about it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; FINGERPRINT_SIZE]);

/// What a root key seals. Bytes sealed for one purpose do not open for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The keys that seal the stored records.
    KeyRing,
    /// The material of KMS keys.
    KmsKeyMaterial,
}

impl RootKey {
    /// A new key, drawn from `entropy`, which also gives the nonces later on.
    pub fn generate(entropy: Arc<dyn Entropy>) -> Result<Self, SealError> {
        Self::of_bytes(KeyBytes::generate(entropy.as_ref())?, entropy)
    }

    /// Seals `plaintext` so that it opens only for an equal `purpose` and `context`.
    pub fn seal_for(
        &self,
        purpose: Purpose,
        context: Context<'_>,
        plaintext: &[u8],
    ) -> Result<Sealed, SealError> {
        let header = self.header(purpose);
        let aad = [header.as_slice(), &context.to_aad()].concat();
        self.key(purpose)?
            .seal_behind(&header, self.entropy.as_ref(), &aad, plaintext)
            .map(Sealed)
    }

    /// Opens what [`RootKey::seal_for`] made, also in the form from before there could be several
    /// root keys, which names none.
    pub fn open_for(
        &self,
        purpose: Purpose,
        context: Context<'_>,
        sealed: &[u8],
    ) -> Result<Plaintext, SealError> {
        let new = self.header(purpose);
        let old = [UNNAMED_FORMAT, purpose.code()];
        let (header, body) = match sealed.strip_prefix(&new) {
            Some(body) => (new.as_slice(), body),
            None => {
                let body = sealed.strip_prefix(&old).ok_or(SealError::NotAuthentic)?;
                (old.as_slice(), body)
            }
        };
        let aad = [header, &context.to_aad()].concat();
        self.key(purpose)?.open(&aad, body)
    }

    /// A name for this key that tells nothing about it, to see whether two servers or a backup
    /// share one.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    pub(crate) fn of_bytes(bytes: KeyBytes, entropy: Arc<dyn Entropy>) -> Result<Self, SealError> {
        let fingerprint = Fingerprint(*derived(&bytes, b"fingerprint")?);
        Ok(Self {
            bytes,
            entropy,
            fingerprint,
        })
    }

    /// The key under which the file seal wraps a bundle.
    pub(crate) fn bundle_key(&self) -> Result<AeadKey, SealError> {
        self.key_for(b"root bundle")
    }

    /// The bytes, for the root bundle.
    pub(crate) fn expose(&self) -> &[u8] {
        self.bytes.expose()
    }

    /// The bytes in base64, for the file seal.
    pub(crate) fn to_base64(&self) -> Zeroizing<[u8; BASE64_SIZE]> {
        self.bytes.to_base64()
    }

    /// What stands before the nonce.
    fn header(&self, purpose: Purpose) -> [u8; NAMED_HEADER_SIZE] {
        let mut header = [0; NAMED_HEADER_SIZE];
        let start = [FORMAT, purpose.code()];
        let bytes = start.iter().chain(&self.fingerprint.0);
        header
            .iter_mut()
            .zip(bytes)
            .for_each(|(to, from)| *to = *from);
        header
    }

    fn key(&self, purpose: Purpose) -> Result<AeadKey, SealError> {
        self.key_for(match purpose {
            Purpose::KeyRing => b"key ring",
            Purpose::KmsKeyMaterial => b"kms key material",
        })
    }

    /// SECURITY: made each time and not kept, since its schedule is in memory that cannot be locked.
    /// It is needed when a key of KMS is used for the first time, and not with every request.
    fn key_for(&self, label: &[u8]) -> Result<AeadKey, SealError> {
        AeadKey::new(derived::<KEY_SIZE>(&self.bytes, label)?.as_slice())
    }
}

impl Fingerprint {
    /// The name of the root key that `sealed` is under. `None` for what is not sealed by one, or from
    /// before there could be several.
    pub fn of_sealed(sealed: &[u8]) -> Option<Self> {
        named_in(sealed).ok().flatten()
    }

    /// Reads what `Display` writes.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = HEXLOWER.decode(text.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }
}

/// 16 hexadecimal digits.
impl Display for Fingerprint {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl Debug for Fingerprint {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

/// The root key that `sealed` names. `None` for the older form, which names none.
pub(crate) fn named_in(sealed: &[u8]) -> Result<Option<Fingerprint>, SealError> {
    match sealed {
        [UNNAMED_FORMAT, ..] => Ok(None),
        [FORMAT, _, rest @ ..] => match rest.first_chunk() {
            Some(fingerprint) => Ok(Some(Fingerprint(*fingerprint))),
            None => Err(SealError::NotAuthentic),
        },
        _ => Err(SealError::NotAuthentic),
    }
}

impl Purpose {
    /// As it stands in sealed bytes. Never reused for something else.
    fn code(self) -> u8 {
        match self {
            Self::KeyRing => 1,
            Self::KmsKeyMaterial => 2,
        }
    }
}

/// `N` bytes derived of `key` for `label` and for nothing else.
fn derived<const N: usize>(key: &KeyBytes, label: &[u8]) -> Result<Zeroizing<[u8; N]>, SealError> {
    let mut bytes = Zeroizing::new([0; N]);
    Salt::new(HKDF_SHA256, SALT)
        .extract(key.expose())
        .expand(&[label], Size(N))
        .and_then(|okm| okm.fill(bytes.as_mut_slice()))
        .map_err(|_| SealError::Cipher)?;
    Ok(bytes)
}

struct Size(usize);

impl KeyType for Size {
    fn len(&self) -> usize {
        self.0
    }
}

const FINGERPRINT_SIZE: usize = 8;
const NAMED_HEADER_SIZE: usize = 2 + FINGERPRINT_SIZE;
/// Format, purpose, ciphertext: written while there was one root key only.
const UNNAMED_FORMAT: u8 = 1;
/// Format, purpose, fingerprint of the root key, ciphertext.
const FORMAT: u8 = 2;
const SALT: &[u8] = b"strongroom root key v1";

#[cfg(test)]
impl RootKey {
    /// As the release sealed the key ring that knew one root key only.
    pub(crate) fn old_form(&self, aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
        let header = [UNNAMED_FORMAT, Purpose::KeyRing.code()];
        let key = self.key(Purpose::KeyRing).unwrap();
        key.seal_behind(&header, self.entropy.as_ref(), aad, plaintext)
            .unwrap()
    }
}

#[cfg(test)]
mod tests;
