//! When access keys and roles were last used: noted in memory first, stored a moment later.

use crate::authorize::Permit;
use crate::cx::Cx;
use crate::identity::model::LastUsed;
use crate::tx::Tx;
use base::CommonError;

/// When the access key or role with this id was last used, as far as it is known.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn find(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    id: &str,
) -> Result<Option<LastUsed>, CommonError> {
    // What is not stored yet is later than what is.
    if let Some(pending) = cx.app.uses.pending(id) {
        return Ok(Some(pending));
    }
    let found = tx.get::<LastUsed>(&LastUsed::key_of(id)).await?;
    Ok(found.map(|found| LastUsed::clone(&found.record)))
}

/// Forgets when it was.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn forget(tx: &mut Tx<'_>, permit: &Permit, id: &str) -> Result<(), CommonError> {
    let key = LastUsed::key_of(id);
    if let Some(found) = tx.get::<LastUsed>(&key).await? {
        tx.delete::<LastUsed>(permit, &key, found.rev);
    }
    Ok(())
}
