//! How answers show roles.

use super::view::{Shown, encoded_document, write_boundary, write_identity, write_tags};
use crate::identity::model::{LastUsed, Role};
use crate::identity::shown;
use crate::tx::Tx;
use base::CommonError;
use std::sync::Arc;
use wire::xml::Element;

/// A role, and its trust policy as answers show it.
pub(crate) struct ShownRole {
    pub(crate) role: Arc<Role>,
    trust: String,
}

impl ShownRole {
    /// # Errors
    /// A failure of the store.
    pub(crate) async fn of(tx: &mut Tx<'_>, role: Arc<Role>) -> Result<Self, CommonError> {
        let trust = shown(tx, &role.trust).await?;
        Ok(Self { role, trust })
    }

    /// `AssumeRolePolicyDocument`.
    pub(crate) fn write_trust(&self, element: &mut Element<'_>) {
        element.text("AssumeRolePolicyDocument", &encoded_document(&self.trust));
    }
}

/// The members of a `Role`.
pub(crate) fn write_role(element: &mut Element<'_>, shown_role: &ShownRole, shown: Shown) {
    let role = &*shown_role.role;
    write_identity(element, role);
    shown_role.write_trust(element);
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

/// A description as it is kept: an empty one is none.
pub(crate) fn described(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}
