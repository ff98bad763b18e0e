use crate::Scope;
use crate::credential::TERMINATOR;
use aws_lc_rs::hmac;
use base::Plaintext;

/// The key that signs for one access key in one scope. Worth caching: it is good for a day.
///
/// INVARIANT: no way to read it and no `Debug` or `Clone`. The state that it is kept as is
/// overwritten when it is dropped.
///
/// ```compile_fail
/// let scope = strongroom_sigv4::Scope { date: "20150830", region: "us-east-1", service: "iam" };
/// println!("{:?}", strongroom_sigv4::SigningKey::derive(b"secret", scope));
/// ```
///
/// ```compile_fail
/// let scope = strongroom_sigv4::Scope { date: "20150830", region: "us-east-1", service: "iam" };
/// let copy = strongroom_sigv4::SigningKey::derive(b"secret", scope).clone();
/// ```
pub struct SigningKey(hmac::Key);

impl SigningKey {
    /// Derives the key for `scope` from a secret access key.
    pub fn derive(secret_access_key: &[u8], scope: Scope<'_>) -> Self {
        let secret = Plaintext::new([b"AWS4", secret_access_key].concat());
        let steps = [scope.date, scope.region, scope.service, TERMINATOR];
        Self(steps.iter().fold(key(secret.expose()), |previous, step| {
            key(hmac::sign(&previous, step.as_bytes()).as_ref())
        }))
    }

    /// The signature of `text`.
    pub(crate) fn sign(&self, text: &[u8]) -> hmac::Tag {
        hmac::sign(&self.0, text)
    }

    /// Whether `signature` is that of `text`, in a time that does not tell how nearly.
    pub(crate) fn signed(&self, text: &[u8], signature: &[u8]) -> bool {
        hmac::verify(&self.0, text, signature).is_ok()
    }
}

fn key(bytes: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, bytes)
}
