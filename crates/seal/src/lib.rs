//! The root key, the key ring that seals what is stored, and the envelope that both use.
//!
//! Rules kept here: every ciphertext is bound to a context and opens nowhere else; a key serves one
//! purpose only; key bytes are overwritten when dropped and never printed; nothing falls back, a
//! failure is an error. The storage is taken to be hostile: what it gives back is either what was
//! sealed for that place, or refused.
//!
//! ```text
//! RootKey                     from a root key file
//!  ├ Purpose::KeyRing         seals the KeyRing, which seals every stored record
//!  └ Purpose::KmsKeyMaterial  seals the material of KMS keys
//! ```

mod aead;
pub mod file;
mod ring;
mod root;
#[cfg(test)]
mod test_entropy;

pub use aead::AeadKey;
pub use ring::{KeyRing, RingError, RingKey, RotatedRing};
pub use root::{Purpose, RootKey};
