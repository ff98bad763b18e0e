//! Sealing anew after the root key was rotated.

use super::App;
use crate::audit::ServiceEvent;
use crate::authorize::Permit;
use crate::kms::anew;
use crate::kms::model::KmsKey;
use crate::tx::{CommitError, Lines};
use base::{CommonError, random_uuid};
use serde_json::json;
use store::{Key, Query, Record as _, Versioned};

/// What became of one page of keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResealedKeys {
    /// Where the next page begins. `None`: this was the last.
    pub next: Option<Key>,
    /// How many are sealed anew.
    pub sealed: u64,
    /// How many have material that is still to be sealed anew: they changed meanwhile, or it does
    /// not open.
    pub left: u64,
}

impl App {
    pub(super) async fn reseal_keys(
        &self,
        own: &Permit,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<ResealedKeys, CommonError> {
        let mut query = Query::primary(limit);
        if let Some(after) = after {
            query = query.after(after.values().to_vec());
        }
        let found = self.ledger.begin().query::<KmsKey>(&query).await?;
        let mut page = ResealedKeys {
            next: found.last().map(|last| last.record.key()),
            ..ResealedKeys::default()
        };
        if found.len() < limit {
            page.next = None;
        }
        for key in found {
            match self.reseal_key(own, &key).await {
                Ok(false) => {}
                Ok(true) => page.sealed = page.sealed.saturating_add(1),
                Err(CommonError::Conflict) => page.left = page.left.saturating_add(1),
                Err(error) => return Err(error),
            }
        }
        Ok(page)
    }

    /// Whether there was anything to do.
    async fn reseal_key(&self, own: &Permit, key: &Versioned<KmsKey>) -> Result<bool, CommonError> {
        let resealed = match anew(self.root.as_ref(), &key.record) {
            Ok(Some(resealed)) => resealed,
            Ok(None) => return Ok(false),
            Err(error) => {
                tracing::error!(key = key.record.id, %error, "the material of a key does not open");
                return Err(CommonError::Conflict);
            }
        };
        let event = ServiceEvent {
            event_source: "kms.amazonaws.com",
            event_name: "ResealKeyMaterial",
            region: resealed.region.as_str(),
            account: resealed.account.as_str(),
            now: self.clock.now(),
            request_id: &random_uuid(self.entropy.as_ref()),
            response_elements: None,
            additional: json!({ "keyId": resealed.id }),
        };
        let event = Lines::of(event.to_line(&random_uuid(self.entropy.as_ref())));
        let mut tx = self.ledger.begin();
        tx.update(own, resealed, key.rev);
        match tx.commit(event).await {
            Ok(_) => Ok(true),
            Err(CommitError::Common(error)) => Err(error),
            Err(CommitError::LimitReached) => Err(CommonError::Conflict),
        }
    }
}
