//! Ciphertext blobs: what KMS gives out names the key that opens it.

use super::model::KmsKey;
use base::{AccountId, Context, RegionName};
use serde::{Deserialize, Serialize};

/// A ciphertext and the key that made it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Blob {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) key_id: String,
    /// The number of the key's material.
    pub(crate) material: u32,
    pub(crate) sealed: Vec<u8>,
}

impl Blob {
    /// Reads a blob. `None` when it is none, or of a form that is not known.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        match bytes.split_first() {
            Some((&FORMAT, rest)) => store::decode_body(rest).ok(),
            _ => None,
        }
    }

    /// Whether `key` made it.
    pub(crate) fn is_of(&self, key: &KmsKey) -> bool {
        (&self.account, &self.region, &self.key_id) == (&key.account, &key.region, &key.id)
    }

    /// The bytes that are stored.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, store::CodecError> {
        let mut bytes = vec![FORMAT];
        bytes.extend(store::encode_body(self)?);
        Ok(bytes)
    }

    /// What the ciphertext is bound to: key, material and the caller's encryption context.
    ///
    /// SECURITY: the names and values of the context are sorted, as KMS does, so that their order
    /// does not matter; each is written with its length, so that they cannot run together.
    pub(crate) fn aad(
        account: &AccountId,
        region: &RegionName,
        key_id: &str,
        material: u32,
        context: &[(&str, &str)],
    ) -> Vec<u8> {
        let mut pairs = context.to_vec();
        pairs.sort_unstable();
        let number = material.to_be_bytes();
        let mut fields: Vec<&[u8]> = vec![
            b"kms",
            account.as_str().as_bytes(),
            region.as_str().as_bytes(),
            key_id.as_bytes(),
            &number,
        ];
        for (name, value) in pairs {
            fields.extend([name.as_bytes(), value.as_bytes()]);
        }
        Context(&fields).to_aad()
    }
}

const FORMAT: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_blob_reads_back() {
        let blob = Blob {
            account: AccountId::parse("123456789012").unwrap(),
            region: RegionName::parse("us-east-1").unwrap(),
            key_id: "key".into(),
            material: 3,
            sealed: vec![1, 2, 3],
        };

        assert_eq!(Blob::parse(&blob.to_bytes().unwrap()), Some(blob));
    }

    #[test]
    fn the_order_of_the_context_does_not_matter_and_its_content_does() {
        let account = AccountId::parse("123456789012").unwrap();
        let region = RegionName::parse("us-east-1").unwrap();
        let aad = |context: &[(&str, &str)]| Blob::aad(&account, &region, "key", 1, context);

        assert_eq!(
            aad(&[("a", "1"), ("b", "2")]),
            aad(&[("b", "2"), ("a", "1")])
        );
        assert_ne!(aad(&[("a", "1")]), aad(&[("a", "2")]));
        assert_ne!(aad(&[("ab", "c")]), aad(&[("a", "bc")]));
        assert_ne!(aad(&[]), Blob::aad(&account, &region, "key", 2, &[]));
    }

    proptest! {
        #[test]
        fn other_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = Blob::parse(&bytes);
        }
    }
}
