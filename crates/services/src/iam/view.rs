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

/// A policy document as answers carry it: percent-encoded as RFC 3986 says.
pub(crate) fn encoded_document(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => {
                encoded.push('%');
                for digit in [byte >> 4, byte & 15] {
                    let digit = char::from_digit(u32::from(digit), 16).unwrap_or_default();
                    encoded.push(digit.to_ascii_uppercase());
                }
            }
        }
    }
    encoded
}
