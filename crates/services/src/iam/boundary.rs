//! Permissions boundaries: a managed policy that bounds what the others may grant.

use super::error::Error;
use crate::authorize::Permit;
use crate::cx::Cx;
use crate::identity::model::{Attachment, EntityKind};
use crate::identity::resolve_managed;
use crate::tx::Tx;
use base::CommonError;

/// Notes that the policy `arn` bounds an identity. The identity's own record says so too.
///
/// # Errors
/// [`Error::BoundaryNotAttachable`] when there is no such policy.
pub(crate) async fn set(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    permit: &Permit,
    arn: &str,
    entity: EntityKind,
    name: &str,
    entity_id: &str,
) -> Result<(), Error> {
    if resolve_managed(tx, cx.account(), arn).await?.is_none() {
        return Err(Error::BoundaryNotAttachable(arn.to_owned()));
    }
    tx.insert(
        permit,
        Attachment {
            account: cx.account().clone(),
            policy_arn: arn.to_owned(),
            is_boundary: true,
            entity,
            name: name.to_owned(),
            entity_id: entity_id.to_owned(),
        },
    );
    Ok(())
}

/// Takes the note back that the policy `arn` bounds an identity.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn unset(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    permit: &Permit,
    arn: &str,
    entity: EntityKind,
    name: &str,
) -> Result<(), Error> {
    let key = Attachment::key_of(cx.account(), arn, true, entity, name);
    let found = tx
        .get::<Attachment>(&key)
        .await
        .map_err(CommonError::from)?;
    if let Some(found) = found {
        tx.delete::<Attachment>(permit, &key, found.rev);
    }
    Ok(())
}
