//! How answers show roles.

use super::view::{Shown, encoded_document, write_boundary, write_identity, write_tags};
use crate::identity::model::{LastUsed, Role};
use wire::xml::Element;

/// The members of a `Role`.
pub(crate) fn write_role(element: &mut Element<'_>, role: &Role, shown: Shown) {
    write_identity(element, role);
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

/// A description as it is kept: an empty one is none.
pub(crate) fn described(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}
