//! The keys that sign and verify: Ed25519.

use crate::hash::Hash;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use data_encoding::{BASE64, HEXLOWER};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A text or seed that is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Not a seed.
    #[error("the seed of the signing key is damaged")]
    Seed,
    /// Not a public key in PEM.
    #[error("it is not an Ed25519 public key in PEM form")]
    Pem,
    /// The cipher failed.
    #[error("cannot sign")]
    Sign,
}

/// Tells keys apart: the beginning of the public key's SHA-256, in hex.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct KeyId(String);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The key that signs statements.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

impl SigningKey {
    /// The key of `seed`, which is 32 secret bytes.
    pub fn from_seed(seed: &[u8]) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| KeyError::Seed)?;
        let public = pair.public_key().as_ref();
        let public = PublicKey(public.try_into().map_err(|_| KeyError::Seed)?);
        Ok(Self { pair, public })
    }

    /// What verifies its signatures.
    #[must_use]
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs `message`.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let signature = self.pair.try_sign(message).map_err(|_| KeyError::Sign)?;
        Ok(signature.as_ref().to_vec())
    }
}

/// Verifies signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey([u8; KEY_BYTES]);

impl PublicKey {
    /// Reads what [`PublicKey::to_pem`] wrote, or `openssl` would.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let body = text
            .trim()
            .strip_prefix(PEM_BEGIN)
            .and_then(|rest| rest.strip_suffix(PEM_END))
            .ok_or(KeyError::Pem)?;
        let body: Vec<u8> = body.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
        let der = BASE64.decode(&body).map_err(|_| KeyError::Pem)?;
        let key = der.strip_prefix(&DER_PREFIX).ok_or(KeyError::Pem)?;
        Ok(Self(key.try_into().map_err(|_| KeyError::Pem)?))
    }

    /// The key in PEM form.
    #[must_use]
    pub fn to_pem(&self) -> String {
        let der = [DER_PREFIX.as_slice(), self.0.as_slice()].concat();
        format!("{PEM_BEGIN}\n{}\n{PEM_END}\n", BASE64.encode(&der))
    }

    /// Tells it apart from others.
    #[must_use]
    pub fn id(&self) -> KeyId {
        let hash = Hash::of(&self.0);
        let shown = hash.as_bytes().get(..ID_BYTES).unwrap_or_default();
        KeyId(HEXLOWER.encode(shown))
    }

    /// Whether `signature` is this key's, of `message`.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, &self.0);
        key.verify(message, signature).is_ok()
    }
}

/// The keys whose statements are believed.
#[derive(Clone, Debug, Default)]
pub struct PublicKeys(Vec<PublicKey>);

impl PublicKeys {
    /// Believes `key` too.
    pub fn add(&mut self, key: PublicKey) {
        if !self.0.contains(&key) {
            self.0.push(key);
        }
    }

    /// The ids of the keys.
    pub fn ids(&self) -> impl Iterator<Item = KeyId> {
        self.0.iter().map(PublicKey::id)
    }

    /// The key with that id.
    #[must_use]
    pub fn find(&self, id: &KeyId) -> Option<&PublicKey> {
        self.0.iter().find(|key| key.id() == *id)
    }
}

impl From<PublicKey> for PublicKeys {
    fn from(key: PublicKey) -> Self {
        Self(vec![key])
    }
}

const KEY_BYTES: usize = 32;
const ID_BYTES: usize = 16;
/// What stands before the key in its DER form (RFC 8410).
const DER_PREFIX: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];
const PEM_BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const PEM_END: &str = "-----END PUBLIC KEY-----";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_key_is_read_as_it_was_written() {
        let key = SigningKey::from_seed(&[7; 32]).unwrap();

        let pem = key.public().to_pem();

        assert_eq!(PublicKey::from_pem(&pem).unwrap(), *key.public());
        assert!(PublicKey::from_pem(&pem.replace('M', "N")).is_err());
        assert!(PublicKey::from_pem("").is_err());
        assert!(SigningKey::from_seed(&[7; 31]).is_err());
    }

    #[test]
    fn a_signature_is_of_one_key_and_one_message() {
        let key = SigningKey::from_seed(&[7; 32]).unwrap();
        let other = SigningKey::from_seed(&[8; 32]).unwrap();

        let signature = key.sign(b"message").unwrap();

        assert!(key.public().verifies(b"message", &signature));
        assert!(!key.public().verifies(b"massage", &signature));
        assert!(!other.public().verifies(b"message", &signature));
        assert_ne!(key.public().id(), other.public().id());
    }
}
