//! The cipher: making material, and encrypting and decrypting with it.
//!
//! SECURITY: material is in the clear only here, while a key schedule is built from it; what is kept
//! is the schedule, which cannot be read. What a key encrypts is bound to account, Region, key,
//! material and encryption context ([`Blob::aad`]).

use super::blob::Blob;
use super::error::Error;
use super::model::{Cause, KmsKey, Material};
use crate::authorize::Permit;
use crate::ports::EncryptionContext;
use base::{CommonError, Context, Entropy, Plaintext, Sealed, Sealer, Timestamp};
use quick_cache::sync::Cache;
use seal::AeadKey;
use std::sync::Arc;
use store::{Rev, Versioned};

/// Works with the material of keys.
pub(crate) struct Crypto {
    entropy: Arc<dyn Entropy>,
    root: Arc<dyn Sealer>,
    schedules: Cache<ScheduleName, Arc<AeadKey>>,
}

/// INVARIANT: the revision is part of the name, so the schedule of a key that has changed since
/// is never found.
type ScheduleName = (String, Rev, u32);

/// A ciphertext, and the number of the material that made it.
pub(crate) struct Encrypted {
    pub(crate) blob: Vec<u8>,
    pub(crate) material: u32,
}

/// A plaintext, and the number of the material that its ciphertext was made with.
pub(crate) struct Decrypted {
    pub(crate) plaintext: Plaintext,
    pub(crate) material: u32,
}

impl Crypto {
    pub(crate) fn new(entropy: Arc<dyn Entropy>, root: Arc<dyn Sealer>) -> Self {
        Self {
            entropy,
            root,
            schedules: Cache::new(SCHEDULES),
        }
    }

    /// Gives `key` one more generation of material, with which it encrypts from then on.
    ///
    /// # Errors
    /// When the root key does not work.
    pub(crate) fn renew(
        &self,
        key: &mut KmsKey,
        created: Timestamp,
        cause: Cause,
    ) -> Result<(), CommonError> {
        let last = key.material.last().map_or(0, |last| last.number);
        let number = last.checked_add(1);
        let number = number.ok_or_else(|| CommonError::internal("too much key material"))?;
        let bytes = self.random(MATERIAL_BYTES);
        let name = number.to_be_bytes();
        let Sealed(sealed) = self
            .root
            .seal(Context(&material_context(key, &name)), bytes.expose())
            .map_err(CommonError::internal)?;
        key.material.push(Material {
            number,
            sealed,
            created,
            cause,
        });
        Ok(())
    }

    /// Random bytes, to be a key or whatever the caller likes.
    pub(crate) fn random(&self, length: usize) -> Plaintext {
        let mut bytes = vec![0_u8; length];
        self.entropy.fill(&mut bytes);
        Plaintext::new(bytes)
    }

    /// Encrypts with the newest material.
    ///
    /// # Errors
    /// A failure of ours.
    pub(crate) fn encrypt(
        &self,
        _: &Permit,
        key: &Versioned<KmsKey>,
        context: EncryptionContext<'_>,
        plaintext: &Plaintext,
    ) -> Result<Encrypted, CommonError> {
        let record = &key.record;
        let material = record.material.last();
        let material =
            material.ok_or_else(|| CommonError::internal("a KMS key without material"))?;
        let aad = Blob::aad(
            &record.account,
            &record.region,
            &record.id,
            material.number,
            context,
        );
        let sealed = self
            .schedule(key, material)?
            .seal(self.entropy.as_ref(), &aad, plaintext.expose())
            .map_err(CommonError::internal)?;
        let blob = Blob {
            account: record.account.clone(),
            region: record.region.clone(),
            key_id: record.id.clone(),
            material: material.number,
            sealed,
        };
        Ok(Encrypted {
            blob: blob.to_bytes().map_err(CommonError::internal)?,
            material: material.number,
        })
    }

    /// Decrypts with the material that the ciphertext names.
    ///
    /// # Errors
    /// [`Error::InvalidCiphertext`] for what `key` did not encrypt in this context.
    pub(crate) fn decrypt(
        &self,
        _: &Permit,
        key: &Versioned<KmsKey>,
        context: EncryptionContext<'_>,
        blob: &Blob,
    ) -> Result<Decrypted, Error> {
        let record = &key.record;
        let mut materials = record.material.iter();
        let material = materials
            .find(|one| one.number == blob.material)
            .filter(|_| blob.is_of(record))
            .ok_or(Error::InvalidCiphertext)?;
        let aad = Blob::aad(
            &blob.account,
            &blob.region,
            &blob.key_id,
            blob.material,
            context,
        );
        let plaintext = self
            .schedule(key, material)?
            .open(&aad, &blob.sealed)
            .map_err(|_| Error::InvalidCiphertext)?;
        Ok(Decrypted {
            plaintext,
            material: material.number,
        })
    }

    /// The AES key schedule of one generation of material, built at most once.
    fn schedule(
        &self,
        key: &Versioned<KmsKey>,
        material: &Material,
    ) -> Result<Arc<AeadKey>, CommonError> {
        let name = (key.record.id.clone(), key.rev, material.number);
        if let Some(known) = self.schedules.get(&name) {
            return Ok(known);
        }
        let number = material.number.to_be_bytes();
        let bytes = self
            .root
            .open(
                Context(&material_context(&key.record, &number)),
                &material.sealed,
            )
            .map_err(CommonError::internal)?;
        let schedule = Arc::new(AeadKey::new(bytes.expose()).map_err(CommonError::internal)?);
        self.schedules.insert(name, schedule.clone());
        Ok(schedule)
    }
}

pub(super) fn material_context<'a>(key: &'a KmsKey, number: &'a [u8]) -> [&'a [u8]; 6] {
    [
        b"kms",
        b"key-material",
        key.account.as_str().as_bytes(),
        key.region.as_str().as_bytes(),
        key.id.as_bytes(),
        number,
    ]
}

const SCHEDULES: usize = 10_000;
const MATERIAL_BYTES: usize = 32;
