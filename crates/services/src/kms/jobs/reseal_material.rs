//! Seals the material of keys anew after the root key was rotated.
//!
//! A page at a time; each is safe to do twice and to miss.

use crate::app::App;
use crate::authorize::Permit;
use crate::kms::model::KmsKey;
use crate::kms::reseal::resealed;
use crate::tx::{CommitError, Lines};
use base::CommonError;
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

/// What became of one key.
enum Outcome {
    Sealed,
    NotDue,
    Left,
}

/// Looks at up to `limit` keys that come after `after`.
///
/// # Errors
/// When the store or the audit log fails.
pub(crate) async fn reseal_material(
    app: &App,
    own: &Permit,
    after: Option<&Key>,
    limit: usize,
) -> Result<ResealedKeys, CommonError> {
    let mut query = Query::primary(limit);
    if let Some(after) = after {
        query = query.after(after.values().to_vec());
    }
    let found = app.ledger.begin().query::<KmsKey>(&query).await?;
    let last = found.last().filter(|_| found.len() == limit);
    let mut page = ResealedKeys {
        next: last.map(|last| last.record.key()),
        ..ResealedKeys::default()
    };
    for key in found {
        match reseal(app, own, &key).await? {
            Outcome::Sealed => page.sealed = page.sealed.saturating_add(1),
            Outcome::NotDue => {}
            Outcome::Left => page.left = page.left.saturating_add(1),
        }
    }
    Ok(page)
}

async fn reseal(app: &App, own: &Permit, key: &Versioned<KmsKey>) -> Result<Outcome, CommonError> {
    let anew = match resealed(app.root.as_ref(), &key.record) {
        Ok(Some(anew)) => anew,
        Ok(None) => return Ok(Outcome::NotDue),
        Err(error) => {
            tracing::error!(key = key.record.id, %error, "the material of a key does not open");
            return Ok(Outcome::Left);
        }
    };
    let details = json!({ "keyId": anew.id });
    let now = app.clock.now();
    let event = anew.service_event("ResealKeyMaterial", app.entropy.as_ref(), now, details);
    let mut tx = app.ledger.begin();
    // Neither its deletion nor its rotation is due at another moment for it.
    tx.update(own, anew, key.rev);
    match tx.commit(Lines::of(event)).await {
        Ok(_) => Ok(Outcome::Sealed),
        // Nothing is counted here, so nothing can be too many.
        Err(CommitError::LimitReached | CommitError::Common(CommonError::Conflict)) => {
            Ok(Outcome::Left)
        }
        Err(CommitError::Common(error)) => Err(error),
    }
}
