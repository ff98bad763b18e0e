//! Deletes keys whose window has ended, with their aliases and grants.
//!
//! What they encrypted can be decrypted by nobody from then on. Idempotent: it reads what is due and
//! removes it; a key whose deletion was taken back is no longer due.

use crate::app::App;
use crate::audit::ServiceEvent;
use crate::authorize::Permit;
use crate::kms::aliases::Alias;
use crate::kms::dues::{self, Due, What};
use crate::kms::error::Error;
use crate::kms::grants::{self, Grant};
use crate::kms::keys_counter;
use crate::kms::model::{KmsKey, State};
use crate::tx::{Lines, Tx};
use base::{CommonError, Timestamp, random_uuid};
use serde_json::json;
use store::Record;

/// Deletes the keys that are due at the present moment, each in its own transaction.
///
/// # Errors
/// The last failure, after all that can be deleted is.
pub(crate) async fn delete_keys(app: &App, permit: &Permit) -> Result<(), Error> {
    let now = app.clock.now();
    let mut due = dues::until(What::Deletion, now, STRIDE);
    let mut failed = Ok(());
    loop {
        let page = app.ledger.begin().query::<Due>(&due).await?;
        for found in &page {
            match delete(app, &found.record, now, permit).await {
                // Somebody else is at it; the next call looks again.
                Ok(()) | Err(Error::Common(CommonError::Conflict)) => {}
                // One bad record keeps no other from being deleted.
                Err(error) => failed = Err(error),
            }
        }
        match page.last() {
            Some(last) if page.len() == STRIDE => {
                let cursor = due.cursor(last.record.as_ref());
                due = due.after(cursor);
            }
            _ => return failed,
        }
    }
}

async fn delete(app: &App, due: &Due, now: Timestamp, permit: &Permit) -> Result<(), Error> {
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
    tx.commit(deletion_event(app, key, now)).await?;
    Ok(())
}

async fn delete_grants(tx: &mut Tx<'_>, key: &KmsKey, permit: &Permit) -> Result<(), Error> {
    if !key.has_grants {
        return Ok(());
    }
    let found = tx
        .query::<Grant>(&grants::on(key, grants::MOST_ON_A_KEY))
        .await?;
    for grant in found {
        grants::remove(tx, permit, &grant);
    }
    Ok(())
}

/// CloudTrail's event of a deletion.
fn deletion_event(app: &App, key: &KmsKey, now: Timestamp) -> Lines {
    let entropy = app.entropy.as_ref();
    let event = ServiceEvent {
        event_source: crate::kms::EVENT_SOURCE,
        event_name: "DeleteKey",
        region: key.region.as_str(),
        account: key.account.as_str(),
        now,
        request_id: &random_uuid(entropy),
        response_elements: None,
        additional: json!({ "keyId": key.arn() }),
    };
    Lines::of(event.to_line(&random_uuid(entropy)))
}

const STRIDE: usize = 100;
