use crate::AeadKey;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use base::{Context, Entropy, Plaintext, SealError, Sealed, Sealer};
use data_encoding::HEXLOWER;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The key that everything else is sealed under. Never stored beside the data, except by the file
/// seal ([`crate::file`]).
///
/// Does not encrypt by itself: each [`Purpose`] has a key of its own, derived from this one. As a
/// [`Sealer`] it seals the material of KMS keys.
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
    bytes: Plaintext,
    entropy: Arc<dyn Entropy>,
    fingerprint: String,
    key_ring: AeadKey,
    kms_key_material: AeadKey,
}

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
        let mut bytes = vec![0; ROOT_KEY_SIZE];
        entropy.fill(&mut bytes);
        Self::of_bytes(Plaintext::new(bytes), entropy)
    }

    /// Seals `plaintext` so that it opens only for an equal `purpose` and `context`.
    pub fn seal_for(
        &self,
        purpose: Purpose,
        context: Context<'_>,
        plaintext: &[u8],
    ) -> Result<Sealed, SealError> {
        let header = [FORMAT, purpose.code()];
        let aad = [header.as_slice(), &context.to_aad()].concat();
        self.key(purpose)
            .seal_behind(&header, self.entropy.as_ref(), &aad, plaintext)
            .map(Sealed)
    }

    /// Opens what [`RootKey::seal_for`] made.
    pub fn open_for(
        &self,
        purpose: Purpose,
        context: Context<'_>,
        sealed: &[u8],
    ) -> Result<Plaintext, SealError> {
        let header = [FORMAT, purpose.code()];
        let body = sealed
            .strip_prefix(&header)
            .ok_or(SealError::NotAuthentic)?;
        let aad = [header.as_slice(), &context.to_aad()].concat();
        self.key(purpose).open(&aad, body)
    }

    /// A name for this key that tells nothing about it: 16 hexadecimal digits, to see whether two
    /// servers or a backup share one.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    pub(crate) fn of_bytes(bytes: Plaintext, entropy: Arc<dyn Entropy>) -> Result<Self, SealError> {
        if bytes.len() != ROOT_KEY_SIZE {
            return Err(SealError::Cipher);
        }
        let derive = Salt::new(HKDF_SHA256, SALT).extract(bytes.expose());
        let key = |label| AeadKey::new(derived::<ROOT_KEY_SIZE>(&derive, label)?.as_slice());
        Ok(Self {
            fingerprint: HEXLOWER.encode(derived::<8>(&derive, b"fingerprint")?.as_slice()),
            key_ring: key(b"key ring")?,
            kms_key_material: key(b"kms key material")?,
            bytes,
            entropy,
        })
    }

    /// The bytes, for the file seal.
    pub(crate) fn expose(&self) -> &[u8] {
        self.bytes.expose()
    }

    fn key(&self, purpose: Purpose) -> &AeadKey {
        match purpose {
            Purpose::KeyRing => &self.key_ring,
            Purpose::KmsKeyMaterial => &self.kms_key_material,
        }
    }
}

impl Sealer for RootKey {
    fn seal(&self, context: Context<'_>, plaintext: &[u8]) -> Result<Sealed, SealError> {
        self.seal_for(Purpose::KmsKeyMaterial, context, plaintext)
    }

    fn open(&self, context: Context<'_>, sealed: &[u8]) -> Result<Plaintext, SealError> {
        self.open_for(Purpose::KmsKeyMaterial, context, sealed)
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

/// `N` bytes derived for `label` and for nothing else.
fn derived<const N: usize>(from: &Prk, label: &[u8]) -> Result<Zeroizing<[u8; N]>, SealError> {
    let mut bytes = Zeroizing::new([0; N]);
    from.expand(&[label], Size(N))
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

pub(crate) const ROOT_KEY_SIZE: usize = 32;
const FORMAT: u8 = 1;
const SALT: &[u8] = b"strongroom root key v1";

#[cfg(test)]
mod tests;
