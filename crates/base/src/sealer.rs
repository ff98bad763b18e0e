use crate::Plaintext;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;

/// Seals what is stored. The store holds one, and so depends on no cryptography of its own.
pub trait Sealer: Send + Sync {
    /// Encrypts `plaintext` so that it opens only under an equal `context`.
    fn seal(&self, context: Context<'_>, plaintext: &[u8]) -> Result<Sealed, SealError>;

    /// Opens what [`Sealer::seal`] made. Errors when a bit of it, or the context, differs.
    fn open(&self, context: Context<'_>, sealed: &[u8]) -> Result<Plaintext, SealError>;

    /// Whether `sealed` is under a key that is on its way out, so that opening it and sealing it
    /// again is due. Opens nothing: bytes that are no good to anyone need no new seal.
    fn needs_reseal(&self, _sealed: &[u8]) -> bool {
        false
    }

    /// Takes in the keys that other nodes made meanwhile. `None`: there are no other nodes.
    ///
    /// To be waited for when something that was read does not open for [`SealError::UnknownKey`], and
    /// then to be tried once more: a key is stored before anything is sealed with it, so what names one
    /// that is unknown after that is not authentic. An error says nothing of what was read.
    fn renew(&self) -> Option<Renewal<'_>> {
        None
    }
}

/// The end of [`Sealer::renew`].
pub type Renewal<'a> =
    Pin<Box<dyn Future<Output = Result<(), Box<dyn Error + Send + Sync>>> + Send + 'a>>;

/// What a ciphertext is bound to: the fields of the record that it belongs to, in a fixed order.
///
/// INVARIANT: two different lists of fields never give the same bytes (each is written with its
/// length), so a ciphertext moved to another record, account or revision does not open.
#[derive(Clone, Copy)]
pub struct Context<'a>(pub &'a [&'a [u8]]);

impl Context<'_> {
    /// The fields as one unambiguous run of bytes, for use as additional authenticated data.
    pub fn to_aad(self) -> Vec<u8> {
        let size: usize = self.0.iter().map(|field| field.len() + 8).sum();
        let mut aad = Vec::with_capacity(size);
        for field in self.0 {
            aad.extend_from_slice(&(field.len() as u64).to_be_bytes());
            aad.extend_from_slice(field);
        }
        aad
    }
}

/// Ciphertext with the id of the key that opens it. Safe to store, log or lose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

/// Why something could not be sealed or opened. Says nothing about keys or content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The bytes do not open: changed, moved to another place, or sealed by another ring.
    #[error("the sealed bytes do not open in this place")]
    NotAuthentic,
    /// The bytes name a key that the ring does not hold.
    #[error("the sealed bytes name a key that the ring does not hold")]
    UnknownKey,
    /// The cipher refused to work.
    #[error("the cipher failed")]
    Cipher,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn different_fields_never_share_their_bytes(
            a in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..4), 0..4),
            b in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..4), 0..4),
        ) {
            let aad = |fields: &Vec<Vec<u8>>| {
                let fields: Vec<&[u8]> = fields.iter().map(Vec::as_slice).collect();
                Context(&fields).to_aad()
            };
            prop_assert_eq!(aad(&a) == aad(&b), a == b);
        }
    }
}
