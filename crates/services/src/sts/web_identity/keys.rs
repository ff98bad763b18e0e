//! JSON Web Key Sets, and what their keys verify.
//!
//! SECURITY: whether a key fits an algorithm is decided by the key: its type, its curve, and what it
//! says of its use and algorithm, where it says so. Keys that we cannot use are left out, as RFC
//! 7517 asks; a token that names one of them finds no key.

use super::json::{self, Json, Object};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents,
    UnparsedPublicKey, VerificationAlgorithm,
};
use data_encoding::BASE64URL_NOPAD;
use std::sync::Arc;

/// The keys of an issuer that we can use.
pub(super) struct KeySet(Vec<Arc<Key>>);

/// The bytes are no key set.
#[derive(Debug, thiserror::Error)]
#[error("the issuer's key set cannot be understood")]
pub(crate) struct UnusableKeySet(#[source] Option<serde_json::Error>);

/// What is to be done about a token.
pub(super) enum Choice {
    /// This key must have signed it.
    Found(Arc<Key>),
    /// No key fits, or more than one does.
    NoneFits,
    /// The key that it names is not in the set.
    UnknownId,
}

/// A key that verifies.
pub(super) struct Key {
    id: Option<String>,
    algorithm: Option<String>,
    public: Public,
}

enum Public {
    Rsa(RsaPublicKeyComponents<Vec<u8>>),
    /// The point, uncompressed.
    P256(Vec<u8>),
    /// The point, uncompressed.
    P384(Vec<u8>),
}

/// How a token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Es256,
    Es384,
    Ps256,
    Ps384,
    Ps512,
    Rs256,
    Rs384,
    Rs512,
}

impl KeySet {
    /// Reads a JSON Web Key Set.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, UnusableKeySet> {
        if bytes.len() > MOST_BYTES {
            return Err(UnusableKeySet(None));
        }
        let set = json::object(bytes).map_err(|error| UnusableKeySet(Some(error)))?;
        let keys = set.get("keys").and_then(Json::list);
        let keys = keys.ok_or(UnusableKeySet(None))?;
        let usable = keys.iter().filter_map(|key| Key::parse(key.members()?));
        Ok(Self(usable.map(Arc::new).collect()))
    }

    /// The key for a token with this algorithm and key id.
    ///
    /// A token without an id is verified when only one key fits: trying one key after the other
    /// would let an issuer's weakest key speak for all.
    pub(super) fn choose(&self, algorithm: Algorithm, id: Option<&str>) -> Choice {
        let is_meant = |key: &Key| id.is_none() || key.id.as_deref() == id;
        let mut meant = self.0.iter().filter(|key| is_meant(key)).peekable();
        if id.is_some() && meant.peek().is_none() {
            return Choice::UnknownId;
        }
        let mut fitting = meant.filter(|key| key.fits(algorithm));
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Choice::Found(Arc::clone(key)),
            _ => Choice::NoneFits,
        }
    }
}

impl Key {
    /// `None` for a key that cannot be used here.
    fn parse(key: &Object) -> Option<Self> {
        let text = |name: &str| key.get(name).map(Json::text);
        let is_for_signatures = matches!(text("use"), None | Some(Some("sig")));
        let verifies = key.get("key_ops").is_none_or(|operations| {
            let operations = operations.list().unwrap_or_default();
            operations.iter().any(|name| name.text() == Some("verify"))
        });
        if !is_for_signatures || !verifies {
            return None;
        }
        Some(Self {
            // A member of the wrong type makes the key unusable, not unnamed.
            id: owned(text("kid"))?,
            algorithm: owned(text("alg"))?,
            public: Public::parse(key)?,
        })
    }

    fn fits(&self, algorithm: Algorithm) -> bool {
        let of_kind = matches!(
            (&self.public, algorithm.verifier()),
            (Public::Rsa(_), Verifier::Rsa(_))
                | (Public::P256(_), Verifier::P256)
                | (Public::P384(_), Verifier::P384)
        );
        let named = self.algorithm.as_deref();
        of_kind && named.is_none_or(|named| Algorithm::named(named) == Some(algorithm))
    }

    /// Whether `signature` is this key's, by `algorithm`, over `message`.
    pub(super) fn has_signed(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        if !self.fits(algorithm) {
            return false;
        }
        let by_point = |verifier: &'static dyn VerificationAlgorithm, point: &[u8]| {
            UnparsedPublicKey::new(verifier, point).verify(message, signature)
        };
        let verified = match (&self.public, algorithm.verifier()) {
            (Public::Rsa(key), Verifier::Rsa(verifier)) => key.verify(verifier, message, signature),
            (Public::P256(point), Verifier::P256) => by_point(&ECDSA_P256_SHA256_FIXED, point),
            (Public::P384(point), Verifier::P384) => by_point(&ECDSA_P384_SHA384_FIXED, point),
            _ => return false,
        };
        verified.is_ok()
    }
}

impl Public {
    fn parse(key: &Object) -> Option<Self> {
        let text = |name: &str| key.get(name).and_then(Json::text);
        let bytes = |name: &str| BASE64URL_NOPAD.decode(text(name)?.as_bytes()).ok();
        match (text("kty")?, text("crv")) {
            ("RSA", _) => {
                let (n, e) = (number(bytes("n")?), number(bytes("e")?));
                RSA_BITS
                    .contains(&bits(&n))
                    .then_some(Self::Rsa(RsaPublicKeyComponents { n, e }))
            }
            ("EC", Some("P-256")) => point(&bytes("x")?, &bytes("y")?, 32).map(Self::P256),
            ("EC", Some("P-384")) => point(&bytes("x")?, &bytes("y")?, 48).map(Self::P384),
            _ => None,
        }
    }
}

enum Verifier {
    Rsa(&'static RsaParameters),
    P256,
    P384,
}

impl Algorithm {
    /// The algorithm that RFC 7518 calls `name`.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "ES256" => Some(Self::Es256),
            "ES384" => Some(Self::Es384),
            "PS256" => Some(Self::Ps256),
            "PS384" => Some(Self::Ps384),
            "PS512" => Some(Self::Ps512),
            "RS256" => Some(Self::Rs256),
            "RS384" => Some(Self::Rs384),
            "RS512" => Some(Self::Rs512),
            _ => None,
        }
    }

    fn verifier(self) -> Verifier {
        match self {
            Self::Es256 => Verifier::P256,
            Self::Es384 => Verifier::P384,
            Self::Ps256 => Verifier::Rsa(&RSA_PSS_2048_8192_SHA256),
            Self::Ps384 => Verifier::Rsa(&RSA_PSS_2048_8192_SHA384),
            Self::Ps512 => Verifier::Rsa(&RSA_PSS_2048_8192_SHA512),
            Self::Rs256 => Verifier::Rsa(&RSA_PKCS1_2048_8192_SHA256),
            Self::Rs384 => Verifier::Rsa(&RSA_PKCS1_2048_8192_SHA384),
            Self::Rs512 => Verifier::Rsa(&RSA_PKCS1_2048_8192_SHA512),
        }
    }
}

/// `Some(None)` for a member that is not there, `None` for one of the wrong type.
fn owned(member: Option<Option<&str>>) -> Option<Option<String>> {
    match member {
        None => Some(None),
        Some(text) => text.map(|text| Some(text.to_owned())),
    }
}

/// Without the zeroes in front that some issuers write.
fn number(bytes: Vec<u8>) -> Vec<u8> {
    bytes.into_iter().skip_while(|byte| *byte == 0).collect()
}

/// How many bits a number without leading zeroes has.
fn bits(number: &[u8]) -> usize {
    let spare = number.first().map_or(0, |first| first.leading_zeros());
    (number.len() * 8).saturating_sub(spare as usize)
}

fn point(x: &[u8], y: &[u8], size: usize) -> Option<Vec<u8>> {
    (x.len() == size && y.len() == size).then(|| [UNCOMPRESSED, x, y].concat())
}

/// The byte before the coordinates of a point (SEC 1, section 2.3.3).
const UNCOMPRESSED: &[u8] = &[4];
const RSA_BITS: std::ops::RangeInclusive<usize> = 2_048..=8_192;
/// More is no key set.
const MOST_BYTES: usize = 512 << 10;

#[cfg(test)]
mod tests;
