//! AWS managed keys: one per service, account and Region, made at the first use.

use super::records::{Alias, KmsKey, Material};
use crate::audit::ServiceEvent;
use crate::authorize::Permit;
use crate::ports::DataKeyCall;
use crate::tx::{Ledger, Lines};
use base::{Clock, CommonError, Context, Entropy, Plaintext, Sealed, Sealer, random_uuid};
use serde_json::json;
use std::sync::Arc;
use store::Versioned;

/// Finds and makes keys.
pub(crate) struct Keys {
    pub(crate) ledger: Ledger,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) root: Arc<dyn Sealer>,
    /// A managed key is KMS's own: whoever is the first to need it has no part in its making.
    pub(super) own: Permit,
}

impl Keys {
    /// The key that `alias` names in the caller's account and Region, if it was made already.
    pub(crate) async fn known(
        &self,
        call: DataKeyCall<'_>,
        alias: &str,
    ) -> Result<Option<Versioned<KmsKey>>, CommonError> {
        let mut tx = self.ledger.begin();
        let alias_key = Alias::key_of(call.account, call.region, alias);
        let Some(alias) = tx.get::<Alias>(&alias_key).await? else {
            return Ok(None);
        };
        let key = KmsKey::key_of(call.account, call.region, &alias.record.key_id);
        Ok(tx.get::<KmsKey>(&key).await?)
    }

    /// The key that `alias` names, made now if it was not before.
    pub(crate) async fn obtain(
        &self,
        call: DataKeyCall<'_>,
        alias: &str,
    ) -> Result<Versioned<KmsKey>, CommonError> {
        // When two requests make it at once, one of them conflicts and finds the other's.
        for _ in 0..ATTEMPTS {
            if let Some(found) = self.known(call, alias).await? {
                return Ok(found);
            }
            match self.create(call, alias).await {
                Ok(()) | Err(CommonError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Err(CommonError::Conflict)
    }

    /// The material number `number` of `key` in the clear.
    pub(crate) fn open_material(
        &self,
        key: &KmsKey,
        material: &Material,
    ) -> Result<Plaintext, CommonError> {
        let number = material.number.to_be_bytes();
        self.root
            .open(Context(&material_context(key, &number)), &material.sealed)
            .map_err(CommonError::internal)
    }

    async fn create(&self, call: DataKeyCall<'_>, alias: &str) -> Result<(), CommonError> {
        let mut tx = self.ledger.begin();
        let alias_key = Alias::key_of(call.account, call.region, alias);
        if tx.get::<Alias>(&alias_key).await?.is_some() {
            return Ok(());
        }
        let key = self.draw(call)?;
        tx.insert(
            &self.own,
            Alias {
                account: call.account.clone(),
                region: call.region.clone(),
                name: alias.to_owned(),
                key_id: key.id.clone(),
            },
        );
        let event = self.creation_event(call, alias, &key);
        tx.insert(&self.own, key);
        tx.commit(event).await?;
        Ok(())
    }

    fn draw(&self, call: DataKeyCall<'_>) -> Result<KmsKey, CommonError> {
        let mut key = KmsKey {
            account: call.account.clone(),
            region: call.region.clone(),
            id: random_uuid(self.entropy.as_ref()),
            created: self.clock.now(),
            material: Vec::new(),
        };
        let mut bytes = vec![0_u8; 32];
        self.entropy.fill(&mut bytes);
        let bytes = Plaintext::new(bytes);
        let number = 1_u32;
        let Sealed(sealed) = self
            .root
            .seal(
                Context(&material_context(&key, &number.to_be_bytes())),
                bytes.expose(),
            )
            .map_err(CommonError::internal)?;
        key.material.push(Material { number, sealed });
        Ok(key)
    }

    fn creation_event(&self, call: DataKeyCall<'_>, alias: &str, key: &KmsKey) -> Lines {
        let event = ServiceEvent {
            event_source: "kms.amazonaws.com",
            event_name: "CreateKey",
            region: call.region.as_str(),
            account: call.account.as_str(),
            now: key.created,
            request_id: &random_uuid(self.entropy.as_ref()),
            additional: json!({ "alias": alias, "keyId": key.id }),
        };
        Lines::of(event.to_line(&random_uuid(self.entropy.as_ref())))
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

const ATTEMPTS: usize = 5;
