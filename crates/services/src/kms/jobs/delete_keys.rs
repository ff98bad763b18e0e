//! Deletes keys whose window has ended, with their aliases and grants.
//!
//! What they encrypted can be decrypted by nobody from then on. Idempotent: it reads what is due and
//! removes it; a key whose deletion was taken back is no longer due.

use crate::app::App;
use crate::authorize::Permit;
use crate::kms::aliases::Alias;
use crate::kms::dues::{self, Due, What};
use crate::kms::error::Error;
use crate::kms::grants::{self, Grant};
use crate::kms::keys_counter;
use crate::kms::model::{KmsKey, State};
use crate::tx::{Lines, Tx};
use base::Timestamp;
use serde_json::json;
use std::sync::Arc;
use store::Record;

/// Deletes the keys that are due at the present moment, each in its own transaction.
///
/// # Errors
/// The last failure, after all that can be deleted is.
pub(crate) async fn delete_keys(app: &App, permit: &Permit) -> Result<(), Error> {
    let now = app.clock.now();
    let due = dues::until(What::Deletion, now);
    let delete = |due| delete(app, due, now, permit);
    app.ledger.sweep(due, delete).await
}

async fn delete(app: &App, due: Arc<Due>, now: Timestamp, permit: &Permit) -> Result<(), Error> {
    let mut tx = app.ledger.begin();
    let key = KmsKey::key_of(&due.account, &due.region, &due.key_id);
    let Some(found) = tx.get::<KmsKey>(&key).await? else {
        return Ok(());
    };
    let key = &found.record;
    if !matches!(key.state, State::PendingDeletion { due } if due <= now) {
        return Ok(());
    }
    for name in &key.aliases {
        let alias = Alias::key_of(&key.account, &key.region, name);
        if let Some(alias) = tx.get::<Alias>(&alias).await? {
            tx.delete::<Alias>(permit, &alias.record.key(), alias.rev);
        }
    }
    delete_grants(&mut tx, key, permit).await?;
    tx.count(permit, &keys_counter(&key.account, &key.region), -1, None);
    dues::remove(&mut tx, permit, key, found.rev).await?;
    let details = json!({ "keyId": key.arn() });
    let event = key.service_event("DeleteKey", app.entropy.as_ref(), now, details);
    tx.commit(Lines::of(event)).await?;
    Ok(())
}

async fn delete_grants(tx: &mut Tx<'_>, key: &KmsKey, permit: &Permit) -> Result<(), Error> {
    if !key.has_grants {
        return Ok(());
    }
    // INVARIANT: there are never more than these.
    let most = usize::try_from(grants::MOST_ON_A_KEY).unwrap_or(usize::MAX);
    let found = tx.query::<Grant>(&grants::on(key, most)).await?;
    for grant in found {
        grants::remove(tx, permit, &grant);
    }
    Ok(())
}
