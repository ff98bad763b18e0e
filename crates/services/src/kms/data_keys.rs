//! The [`DataKeys`] port: generating and unwrapping data keys.

use super::blob::Blob;
use super::managed_key::Keys;
use super::records::{KmsKey, Material};
use crate::authorize::Permit;
use crate::ports::{
    DataKey, DataKeyCall, DataKeyError, DataKeys, EncryptionContext, KeyChoice, PortFuture,
};
use crate::tx::Ledger;
use base::{Clock, CommonError, Entropy, Plaintext, Sealer};
use quick_cache::sync::Cache;
use seal::AeadKey;
use std::sync::Arc;
use store::{Rev, Versioned};

/// KMS.
pub(crate) struct Kms {
    keys: Keys,
    schedules: Cache<ScheduleName, Arc<AeadKey>>,
}

/// INVARIANT: the revision is part of the name, so the schedule of a key that has changed since
/// is never found.
type ScheduleName = (String, Rev, u32);

impl Kms {
    pub(crate) fn new(
        ledger: Ledger,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        root: Arc<dyn Sealer>,
        own: Permit,
    ) -> Self {
        let keys = Keys {
            ledger,
            clock,
            entropy,
            root,
            own,
        };
        Self {
            keys,
            schedules: Cache::new(SCHEDULES),
        }
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
        let known = self.keys.known(call, alias).await?;
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
        let key = self.keys.known(call, call.managed_alias).await?;
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
        let key = self.keys.obtain(call, call.managed_alias).await?;
        let Some(material) = key.record.material.last() else {
            return Err(CommonError::internal("a KMS key without material").into());
        };
        let schedule = self.schedule(&key, material)?;
        let record = &key.record;
        let aad = Blob::aad(
            &record.account,
            &record.region,
            &record.id,
            material.number,
            context,
        );
        let entropy = self.keys.entropy.as_ref();
        let mut bytes = vec![0_u8; 32];
        entropy.fill(&mut bytes);
        let plaintext = Plaintext::new(bytes);
        let sealed = schedule
            .seal(entropy, &aad, plaintext.expose())
            .map_err(CommonError::internal)?;
        let blob = Blob {
            account: record.account.clone(),
            region: record.region.clone(),
            key_id: record.id.clone(),
            material: material.number,
            sealed,
        };
        Ok(DataKey {
            plaintext,
            wrapped: blob.to_bytes().map_err(CommonError::internal)?,
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
        let found = self
            .keys
            .ledger
            .begin()
            .get::<KmsKey>(&key)
            .await
            .map_err(CommonError::from)?;
        let Some(key) = found else {
            return Err(DataKeyError::NotDecryptable);
        };
        let material = key
            .record
            .material
            .iter()
            .find(|one| one.number == blob.material);
        let Some(material) = material else {
            return Err(DataKeyError::NotDecryptable);
        };
        let schedule = self.schedule(&key, material)?;
        let aad = Blob::aad(
            &blob.account,
            &blob.region,
            &blob.key_id,
            blob.material,
            context,
        );
        schedule
            .open(&aad, &blob.sealed)
            .map_err(|_| DataKeyError::NotDecryptable)
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
        let bytes = self.keys.open_material(&key.record, material)?;
        let schedule = Arc::new(AeadKey::new(bytes.expose()).map_err(CommonError::internal)?);
        self.schedules.insert(name, schedule.clone());
        Ok(schedule)
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
    if call.principal.account() == call.account {
        Ok(())
    } else {
        Err(DataKeyError::ForeignCaller)
    }
}

const SCHEDULES: usize = 10_000;
