//! The tags of keys.

use super::error::Error;
use super::shapes::{TAG_KEY, TAG_VALUE};
use crate::tags::{Tags, same_key};
use wire::{Input as _, Shape, UNBOUNDED, json};

wire::input! {
    /// A tag as a request gives it.
    pub(crate) struct Tag {
        key: String = required audited "TagKey" TAG_KEY,
        value: String = required audited "TagValue" TAG_VALUE,
    }
}

/// A list of tags; how many a key may have is the service's to check.
pub(super) const TAGS: Shape = Shape::list(&TAG, 0, UNBOUNDED);
const TAG: Shape = Shape::structure(Tag::SHAPE);

impl Tag {
    /// Key and value, as conditions see them.
    pub(super) fn shown(&self) -> (&str, &str) {
        (&self.key, &self.value)
    }
}

/// Sets the tags `given`.
///
/// COMPAT: AWS takes keys that differ only in case. Conditions cannot tell them apart, so that which
/// of the two values a policy sees would be for the tagger to choose.
///
/// # Errors
/// As [`Tags::set`]; [`Error::TagKeysDifferInCase`].
pub(super) fn set(tags: &mut Tags, given: &[Tag]) -> Result<(), Error> {
    let pairs = given.iter();
    tags.set(pairs.map(|tag| (Some(tag.key.clone()), tag.value.clone())))?;
    let has_twin = |key: &str| {
        let mut others = tags.iter().filter(|(other, _)| *other != key);
        others.any(|(other, _)| same_key(other, key))
    };
    match given.iter().rev().find(|tag| has_twin(&tag.key)) {
        Some(tag) => Err(Error::TagKeysDifferInCase(tag.key.clone())),
        None => Ok(()),
    }
}

/// Writes tags as KMS's answers show them.
pub(super) fn write<'a>(
    object: &mut json::Object<'_>,
    tags: impl Iterator<Item = (&'a str, &'a str)>,
) {
    object.objects("Tags", tags, |(key, value), tag| {
        tag.text("TagKey", key);
        tag.text("TagValue", value);
    });
}
