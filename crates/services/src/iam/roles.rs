//! How answers show roles.

use super::error::Error;
use super::view::{encoded_document, write_boundary, write_tags};
use crate::authorize::Permit;
use crate::cx::Cx;
use crate::identity::model::{LastUsed, Role};
use crate::tx::Tx;
use base::CommonError;
use wire::xml::Element;

/// How much of a role is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// In lists, which leave tags and boundary out.
    Listed,
    /// By itself.
    InFull,
}

/// The members of a `Role`.
pub(crate) fn write_role(element: &mut Element<'_>, role: &Role, shown: Shown) {
    element.text("Path", &role.path);
    element.text("RoleName", &role.name);
    element.text("RoleId", &role.id);
    element.text("Arn", &role.arn());
    element.timestamp("CreateDate", role.created);
    element.text(
        "AssumeRolePolicyDocument",
        &encoded_document(role.trust.text()),
    );
    element.opt_text("Description", role.description.as_deref());
    element.integer("MaxSessionDuration", i64::from(role.max_session_seconds));
    if shown == Shown::InFull {
        write_boundary(element, role.boundary.as_deref());
        write_tags(element, &role.tags);
    }
}

/// `RoleLastUsed`, which is empty for a role that was never used.
pub(crate) fn write_last_used(element: &mut Element<'_>, used: Option<&LastUsed>) {
    element.element("RoleLastUsed", |element| {
        if let Some(used) = used {
            element.timestamp("LastUsedDate", used.at);
            element.text("Region", &used.region);
        }
    });
}

/// When the role was last used: as noted in memory, else as stored.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn last_used(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    role: &Role,
) -> Result<Option<LastUsed>, Error> {
    if let Some(pending) = cx.app.uses.pending(&role.id) {
        return Ok(Some(pending));
    }
    let found = tx.get::<LastUsed>(&LastUsed::key_of(&role.id)).await;
    Ok(found
        .map_err(CommonError::from)?
        .map(|found| found.record.as_ref().clone()))
}

/// Forgets when the role was last used.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn forget_use(tx: &mut Tx<'_>, permit: &Permit, role: &Role) -> Result<(), Error> {
    let key = LastUsed::key_of(&role.id);
    let found = tx.get::<LastUsed>(&key).await.map_err(CommonError::from)?;
    if let Some(found) = found {
        tx.delete::<LastUsed>(permit, &key, found.rev);
    }
    Ok(())
}

/// A description as it is kept: an empty one is none.
pub(crate) fn described(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}
