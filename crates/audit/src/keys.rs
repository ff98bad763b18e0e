//! The keys that sign and verify: Ed25519.

use crate::hash::Hash;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use data_encoding::{BASE64, HEXLOWER};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
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

/// Verifies signatures. Written as base64 with padding in statements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey([u8; KEY_BYTES]);

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = BASE64.decode(text.as_bytes()).unwrap_or_default();
        Self::from_bytes(&bytes).ok_or_else(|| D::Error::custom("not a public key"))
    }
}

impl PublicKey {
    /// The key of these 32 bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(bytes.try_into().ok()?))
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

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
pub struct PublicKeys(Vec<Believed>);

#[derive(Clone, Debug)]
struct Believed {
    key: PublicKey,
    /// The first event that another key stands for. `None`: it was not replaced.
    before: Option<u64>,
}

impl PublicKeys {
    /// Believes `key` too.
    pub fn add(&mut self, key: PublicKey) {
        if self.find(&key.id()).is_none() {
            self.0.push(Believed { key, before: None });
        }
    }

    /// Believes `key`, of what is about events before number `before`: then it was replaced.
    ///
    /// SECURITY: whoever has a key that was replaced signs nothing any more with it.
    pub fn add_replaced(&mut self, key: PublicKey, before: u64) {
        let id = key.id();
        match self.0.iter_mut().find(|known| known.key.id() == id) {
            Some(known) => known.before = Some(known.before.map_or(before, |at| at.min(before))),
            None => self.0.push(Believed {
                key,
                before: Some(before),
            }),
        }
    }

    /// The ids of the keys.
    pub fn ids(&self) -> impl Iterator<Item = KeyId> {
        self.0.iter().map(|known| known.key.id())
    }

    /// The key with that id.
    #[must_use]
    pub fn find(&self, id: &KeyId) -> Option<&PublicKey> {
        let known = self.0.iter().find(|known| known.key.id() == *id)?;
        Some(&known.key)
    }

    /// Whether the key with that id stands for event `number`.
    #[must_use]
    pub fn may_sign(&self, id: &KeyId, number: u64) -> bool {
        let known = self.0.iter().find(|known| known.key.id() == *id);
        known.is_some_and(|known| known.before.is_none_or(|before| number < before))
    }
}

impl From<PublicKey> for PublicKeys {
    fn from(key: PublicKey) -> Self {
        let mut keys = Self::default();
        keys.add(key);
        keys
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

    #[test]
    fn a_key_stands_for_what_is_before_it_was_replaced() {
        let [old, new] = [7, 8].map(|n| SigningKey::from_seed(&[n; 32]).unwrap());
        let (old, new) = (old.public().clone(), new.public().clone());
        let mut keys = PublicKeys::from(old.clone());
        keys.add(new.clone());

        keys.add_replaced(old.clone(), 5);
        keys.add_replaced(old.clone(), 9);

        let signs =
            |key: &PublicKey| [4, 5, u64::MAX].map(|number| keys.may_sign(&key.id(), number));
        assert_eq!(signs(&old), [true, false, false]);
        assert_eq!(signs(&new), [true; 3]);
        assert_eq!(keys.ids().count(), 2);
        let unknown = SigningKey::from_seed(&[9; 32]).unwrap();
        assert!(!keys.may_sign(&unknown.public().id(), 1));
    }

    #[test]
    fn a_public_key_in_a_statement_has_one_form() {
        let key = SigningKey::from_seed(&[7; 32]).unwrap().public().clone();

        let text = serde_json::to_string(&key).unwrap();

        assert_eq!(serde_json::from_str::<PublicKey>(&text).unwrap(), key);
        for other in [text.get(..20).unwrap(), "\"\"", "7", &text.replace('=', "")] {
            assert!(serde_json::from_str::<PublicKey>(other).is_err(), "{other}");
        }
    }
}
