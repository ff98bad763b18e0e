//! How answers show what IAM keeps.

use super::grants::Grantee;
use crate::identity::model::{Group, User};
use crate::tags::Tags;
use wire::xml::{Element, Output};

/// The answer of operations that have nothing to tell.
pub(crate) struct Done;

impl Output for Done {
    const HAS_RESULT: bool = false;

    fn write(&self, _: &mut Element<'_>) {}
}

/// How much of a user or role is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// In lists, which leave tags and boundary out.
    Listed,
    /// By itself.
    InFull,
}

/// The members of a `User`.
pub(crate) fn write_user(element: &mut Element<'_>, user: &User, shown: Shown) {
    write_identity(element, user);
    if shown == Shown::InFull {
        write_boundary(element, user.boundary.as_deref());
        write_tags(element, &user.tags);
    }
}

/// The members of a `Group`.
pub(crate) fn write_group(element: &mut Element<'_>, group: &Group) {
    write_identity(element, group);
}

/// The members that every identity has.
pub(crate) fn write_identity<R: Grantee>(element: &mut Element<'_>, entity: &R) {
    element.text("Path", entity.path());
    element.text(R::NAME_MEMBER, entity.name());
    element.text(R::ID_MEMBER, entity.id());
    element.text("Arn", &entity.arn());
    element.timestamp("CreateDate", entity.created());
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
        element.list("Tags", tags.iter(), write_tag);
    }
}

/// The members of a `Tag`.
pub(crate) fn write_tag((key, value): (&str, &str), element: &mut Element<'_>) {
    element.text("Key", key);
    element.text("Value", value);
}

/// A policy document as answers show it: percent-encoded, as RFC 3986 has it.
pub(crate) fn encoded_document(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let digits = [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16));
            encoded.push('%');
            encoded.extend(digits.into_iter().flatten().map(|c| c.to_ascii_uppercase()));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_keep_only_unreserved_characters() {
        assert_eq!(encoded_document("aZ09-_.~"), "aZ09-_.~");
        assert_eq!(
            encoded_document("{\"a\": \"*/\u{ff}+\n\"}"),
            "%7B%22a%22%3A%20%22%2A%2F%C3%BF%2B%0A%22%7D"
        );
    }
}
