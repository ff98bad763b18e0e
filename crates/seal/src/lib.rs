//! The root keys, the seals that keep them, the key ring that seals what is stored, and the envelope
//! that all of them use.
//!
//! Rules kept here: every ciphertext is bound to a context and opens nowhere else; a key serves one
//! purpose only; key bytes are on locked pages, overwritten when dropped and never printed; nothing
//! falls back, a failure is an error. The storage is taken to be hostile: what it gives back is
//! either what was sealed for that place, or refused.
//!
//! ```text
//! Seal                        file | passphrase | command | PKCS#11 | shares
//!  └ RootBundle               the newest RootKey, and older ones while something needs them
//!     ├ Purpose::KeyRing         seals the KeyRing, which seals every stored record
//!     └ Purpose::KmsKeyMaterial  seals the material of KMS keys
//! ```

mod aead;
mod bundle;
mod dated_key;
mod durable;
mod envelope;
mod envelopes;
mod failure;
pub mod file;
mod key_bytes;
mod ring;
mod root;
mod roots;
pub mod seal_file;
pub mod seals;
pub mod shamir;
#[cfg(test)]
mod test_entropy;

pub use aead::AeadKey;
pub use bundle::{BundleError, BundledKey, RootBundle};
pub use envelope::{Envelope, Parameters, SealKind};
pub use envelopes::{EnvelopeFile, Envelopes};
pub use failure::SealFailure;
pub use key_bytes::{KeyBytes, key_pages_are_protected};
pub use ring::{KeyRing, RingError, RingKey, RotatedRing};
pub use root::{Fingerprint, Purpose, RootKey};
pub use roots::RootKeys;
pub use seals::Seal;
