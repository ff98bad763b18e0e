//! RSA keys that the server signs with in its own name: SHA-256 with PKCS #1 v1.5, which is what AWS's tools
//! verify.
//!
//! SECURITY: the private half leaves this module sealed, under a context that its service gives.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base::{CommonError, Context, Sealed, Sealer};
use data_encoding::HEXLOWER;

/// A key, ready to sign.
///
/// INVARIANT: no `Debug`.
pub(crate) struct RsaKey(KeyPair);

impl RsaKey {
    /// A new one of 2,048 bits. Its chance is that of the library, which takes no other.
    ///
    /// # Errors
    /// When the library refuses.
    pub(crate) fn generate() -> Result<Self, CommonError> {
        let made = KeyPair::generate(KeySize::Rsa2048);
        Ok(Self(made.map_err(|_| failed())?))
    }

    /// The one that [`RsaKey::seal`] sealed under `context`.
    ///
    /// # Errors
    /// When it is not that one, or the sealer cannot open anything.
    pub(crate) fn open(
        sealer: &dyn Sealer,
        context: &[&[u8]],
        sealed: &[u8],
    ) -> Result<Self, CommonError> {
        let private = sealer.open(Context(context), sealed);
        let private = private.map_err(CommonError::internal)?;
        let key = KeyPair::from_pkcs8(private.expose());
        Ok(Self(key.map_err(|_| failed())?))
    }

    /// The private half (PKCS #8), sealed.
    ///
    /// # Errors
    /// When the sealer refuses.
    pub(crate) fn seal(
        &self,
        sealer: &dyn Sealer,
        context: &[&[u8]],
    ) -> Result<Vec<u8>, CommonError> {
        let private: Pkcs8V1Der<'_> = self.0.as_der().map_err(|_| failed())?;
        let sealed = sealer.seal(Context(context), private.as_ref());
        let Sealed(sealed) = sealed.map_err(CommonError::internal)?;
        Ok(sealed)
    }

    /// The public half, as PKCS #1 has it (DER).
    pub(crate) fn public(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    /// The signature over `text`.
    ///
    /// # Errors
    /// When the library refuses.
    pub(crate) fn sign(&self, text: &[u8]) -> Result<Vec<u8>, CommonError> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        let random = SystemRandom::new();
        let done = self
            .0
            .sign(&RSA_PKCS1_SHA256, &random, text, &mut signature);
        done.map_err(|_| failed())?;
        Ok(signature)
    }
}

/// What names a key or a certificate: the beginning of the hash of `text`, in hexadecimal digits.
pub(crate) fn fingerprint(text: &[u8]) -> String {
    let hash = digest(&SHA256, text);
    HEXLOWER.encode(hash.as_ref().get(..FINGERPRINT).unwrap_or_default())
}

fn failed() -> CommonError {
    CommonError::internal("an RSA key cannot be made or used")
}

/// Bytes of a hash that name a key, as many as the fingerprints of CloudTrail's have.
const FINGERPRINT: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
    use base::Timestamp;
    use seal::KeyRing;
    use std::sync::Arc;
    use testkit::SeededEntropy;

    fn sealer() -> KeyRing {
        KeyRing::generate(Arc::new(SeededEntropy::new(1)), Timestamp::from_millis(0)).unwrap()
    }

    #[test]
    fn a_key_that_was_sealed_signs_as_before() {
        let sealer = sealer();
        let key = RsaKey::generate().unwrap();
        let sealed = key.seal(&sealer, &[b"a", b"b"]).unwrap();

        let opened = RsaKey::open(&sealer, &[b"a", b"b"], &sealed).unwrap();
        let signature = opened.sign(b"text").unwrap();

        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public());
        assert!(public.verify(b"text", &signature).is_ok());
        assert!(public.verify(b"texts", &signature).is_err());
    }

    #[test]
    fn a_key_of_another_context_is_not_opened() {
        let sealer = sealer();
        let key = RsaKey::generate().unwrap();
        let sealed = key.seal(&sealer, &[b"a", b"b"]).unwrap();

        assert!(RsaKey::open(&sealer, &[b"a", b"c"], &sealed).is_err());
        assert!(RsaKey::open(&sealer, &[b"ab"], &sealed).is_err());
        assert!(RsaKey::open(&sealer, &[b"a", b"b"], b"").is_err());
    }
}
