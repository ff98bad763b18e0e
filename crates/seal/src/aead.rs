use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base::{Entropy, Plaintext, SealError};
use zeroize::Zeroizing;

/// An AES-256-GCM key, ready to work: its schedule is computed once.
///
/// Nonces are random, so one key should seal at most 2^32 times: by then the chance that a nonce
/// came twice is 2^-33.
///
/// INVARIANT: no way to read it, and no `Debug` or `Clone`. The schedule is overwritten when it is
/// dropped.
///
/// ```compile_fail
/// let key = strongroom_seal::AeadKey::new(&[0; 32]).unwrap();
/// println!("{key:?}");
/// ```
///
/// ```compile_fail
/// let copy = strongroom_seal::AeadKey::new(&[0; 32]).unwrap().clone();
/// ```
pub struct AeadKey(LessSafeKey);

impl AeadKey {
    /// Makes a key of `bytes`. Errors unless there are 32.
    pub fn new(bytes: &[u8]) -> Result<Self, SealError> {
        let key = UnboundKey::new(&AES_256_GCM, bytes).map_err(|_| SealError::Cipher)?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// Encrypts `plaintext` and binds it to `aad`: nonce, ciphertext, tag.
    pub fn seal(
        &self,
        entropy: &dyn Entropy,
        aad: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        self.seal_behind(&[], entropy, aad, plaintext)
    }

    /// Opens what [`AeadKey::seal`] made with an equal `aad`.
    pub fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Plaintext, SealError> {
        let (nonce, rest) = sealed
            .split_first_chunk::<NONCE_SIZE>()
            .ok_or(SealError::NotAuthentic)?;
        let (ciphertext, tag) = rest
            .split_last_chunk::<TAG_SIZE>()
            .ok_or(SealError::NotAuthentic)?;
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let mut plaintext = Zeroizing::new(vec![0; ciphertext.len()]);
        self.0
            .open_separate_gather(nonce, Aad::from(aad), ciphertext, tag, &mut plaintext)
            .map_err(|_| SealError::NotAuthentic)?;
        Ok(Plaintext::new(std::mem::take(&mut *plaintext)))
    }

    /// Like [`AeadKey::seal`], with `header` in front.
    ///
    /// SECURITY: encrypts from one buffer to another, so that the plaintext is never copied to where
    /// nothing overwrites it.
    pub(crate) fn seal_behind(
        &self,
        header: &[u8],
        entropy: &dyn Entropy,
        aad: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE_SIZE];
        entropy.fill(&mut nonce);
        let start = header.len() + NONCE_SIZE;
        let mut sealed = Vec::with_capacity(start + plaintext.len() + TAG_SIZE);
        sealed.extend_from_slice(header);
        sealed.extend_from_slice(&nonce);
        sealed.resize(start + plaintext.len(), 0);
        let mut tag = [0; TAG_SIZE];
        self.0
            .seal_out_of_place_scatter(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(aad),
                plaintext,
                sealed.get_mut(start..).ok_or(SealError::Cipher)?,
                &[],
                &mut tag,
            )
            .map_err(|_| SealError::Cipher)?;
        sealed.extend_from_slice(&tag);
        Ok(sealed)
    }
}

const NONCE_SIZE: usize = 12;
const TAG_SIZE: usize = 16;

#[cfg(test)]
mod tests;
