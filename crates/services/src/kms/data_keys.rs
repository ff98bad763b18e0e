//! The [`DataKeys`] port: generating and unwrapping data keys.

use super::blob::Blob;
use super::crypto::Crypto;
use super::error::Error;
use super::managed_key;
use super::model::KmsKey;
use crate::authorize::Permit;
use crate::ports::{
    DataKey, DataKeyCall, DataKeyError, DataKeys, EncryptionContext, KeyChoice, PortFuture,
};
use base::{CommonError, Entropy, Plaintext, Sealer};
use std::sync::Arc;

/// KMS.
pub(crate) struct Kms {
    crypto: Crypto,
    /// A managed key is KMS's own: whoever is the first to need it has no part in its making.
    own: Permit,
}

impl Kms {
    pub(crate) fn new(entropy: Arc<dyn Entropy>, root: Arc<dyn Sealer>, own: Permit) -> Self {
        Self {
            crypto: Crypto::new(entropy, root),
            own,
        }
    }

    /// The cipher.
    pub(crate) fn crypto(&self) -> &Crypto {
        &self.crypto
    }

    async fn choose_key(
        &self,
        call: DataKeyCall<'_>,
        named: Option<&str>,
    ) -> Result<KeyChoice, DataKeyError> {
        let named = named.unwrap_or_default();
        if !self.means_default(call, named).await? {
            return Err(DataKeyError::NoSuchKey(named.to_owned()));
        }
        of_own_account(call)?;
        Ok(KeyChoice::default())
    }

    /// Whether `named` is the default key: by nothing, its alias, its id, or the ARN of either.
    async fn means_default(
        &self,
        call: DataKeyCall<'_>,
        named: &str,
    ) -> Result<bool, DataKeyError> {
        let alias = call.managed_alias;
        let local = named.strip_prefix(&arn_prefix(call)).unwrap_or(named);
        if local.is_empty() || local == alias {
            return Ok(true);
        }
        let known = managed_key::known(call.cx, call).await?;
        let id = local.strip_prefix("key/").unwrap_or(local);
        Ok(known.is_some_and(|key| key.record.id == id))
    }

    /// COMPAT: the ARN of a key that does not exist stays what it is; nobody gets to use that key.
    async fn arn_of(
        &self,
        call: DataKeyCall<'_>,
        named: &str,
    ) -> Result<Option<String>, DataKeyError> {
        if named.starts_with("arn:") && named.contains(":key/") {
            return Ok(Some(named.to_owned()));
        }
        if !self.means_default(call, named).await? {
            return Ok(None);
        }
        let key = managed_key::known(call.cx, call).await?;
        Ok(key.map(|key| format!("{}key/{}", arn_prefix(call), key.record.id)))
    }

    async fn generate_key(
        &self,
        call: DataKeyCall<'_>,
        choice: &KeyChoice,
        context: EncryptionContext<'_>,
    ) -> Result<DataKey, DataKeyError> {
        of_own_account(call)?;
        if let Some(customer_key) = &choice.customer_key {
            return Err(DataKeyError::NoSuchKey(customer_key.clone()));
        }
        let key = managed_key::obtain(call.cx, &self.own, &self.crypto, call).await?;
        let plaintext = self.crypto.random(32);
        let encrypted = self.crypto.encrypt(&self.own, &key, context, &plaintext)?;
        Ok(DataKey {
            plaintext,
            wrapped: encrypted.blob,
        })
    }

    async fn unwrap_key(
        &self,
        call: DataKeyCall<'_>,
        wrapped: &[u8],
        context: EncryptionContext<'_>,
    ) -> Result<Plaintext, DataKeyError> {
        of_own_account(call)?;
        let blob = Blob::parse(wrapped).ok_or(DataKeyError::NotDecryptable)?;
        // SECURITY: the default key of an account serves that account's resources only.
        if blob.account != *call.account || blob.region != *call.region {
            return Err(DataKeyError::NotDecryptable);
        }
        let key = KmsKey::key_of(&blob.account, &blob.region, &blob.key_id);
        let mut tx = call.cx.begin();
        let found = tx.get::<KmsKey>(&key).await.map_err(CommonError::from)?;
        let Some(key) = found else {
            return Err(DataKeyError::NotDecryptable);
        };
        match self.crypto.decrypt(&self.own, &key, context, &blob) {
            Ok(decrypted) => Ok(decrypted.plaintext),
            Err(Error::Common(error)) => Err(error.into()),
            Err(_) => Err(DataKeyError::NotDecryptable),
        }
    }
}

impl DataKeys for Kms {
    fn choose<'a>(
        &'a self,
        call: DataKeyCall<'a>,
        named: Option<&'a str>,
    ) -> PortFuture<'a, KeyChoice> {
        Box::pin(self.choose_key(call, named))
    }

    fn arn<'a>(&'a self, call: DataKeyCall<'a>, named: &'a str) -> PortFuture<'a, Option<String>> {
        Box::pin(self.arn_of(call, named))
    }

    fn generate<'a>(
        &'a self,
        call: DataKeyCall<'a>,
        key: &'a KeyChoice,
        context: EncryptionContext<'a>,
    ) -> PortFuture<'a, DataKey> {
        Box::pin(self.generate_key(call, key, context))
    }

    fn decrypt<'a>(
        &'a self,
        call: DataKeyCall<'a>,
        wrapped: &'a [u8],
        context: EncryptionContext<'a>,
    ) -> PortFuture<'a, Plaintext> {
        Box::pin(self.unwrap_key(call, wrapped, context))
    }
}

/// What the ARNs of the keys and aliases of the resource's account and Region begin with.
fn arn_prefix(call: DataKeyCall<'_>) -> String {
    let partition = call.region.partition();
    format!("arn:{partition}:kms:{}:{}:", call.region, call.account)
}

/// SECURITY: an AWS managed key serves callers of its own account only.
fn of_own_account(call: DataKeyCall<'_>) -> Result<(), DataKeyError> {
    if call.cx.account() == call.account {
        Ok(())
    } else {
        Err(DataKeyError::ForeignCaller)
    }
}
