//! How answers show what IAM keeps.

use crate::identity::model::User;
use crate::tags::Tags;
use wire::xml::Element;

/// The members of a `User`. Lists leave tags and boundary out.
pub(crate) fn write_user(element: &mut Element<'_>, user: &User, in_full: bool) {
    element.text("Path", &user.path);
    element.text("UserName", &user.name);
    element.text("UserId", &user.id);
    element.text("Arn", &user.arn());
    element.timestamp("CreateDate", user.created);
    if in_full {
        write_boundary(element, user.boundary.as_deref());
        write_tags(element, &user.tags);
    }
}

/// A `PermissionsBoundary`, if there is one.
pub(crate) fn write_boundary(element: &mut Element<'_>, arn: Option<&str>) {
    if let Some(arn) = arn {
        element.element("PermissionsBoundary", |boundary| {
            boundary.text("PermissionsBoundaryType", "Policy");
            boundary.text("PermissionsBoundaryArn", arn);
        });
    }
}

/// `Tags`, unless there are none.
pub(crate) fn write_tags(element: &mut Element<'_>, tags: &Tags) {
    if tags.iter().next().is_some() {
        element.list("Tags", tags.iter(), |(key, value), tag| {
            tag.text("Key", key);
            tag.text("Value", value);
        });
    }
}
