//! The tags of keys.

use super::error::Error;
use super::shapes::{TAG_KEY, TAG_VALUE};
use crate::tags::{MAX_TAGS, Tags};
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
/// # Errors
/// As [`Tags::set_distinct`].
pub(super) fn set(tags: &mut Tags, given: &[Tag]) -> Result<(), Error> {
    let pairs = given.iter();
    let pairs = pairs.map(|tag| (Some(tag.key.clone()), tag.value.clone()));
    Ok(tags.set_distinct(MAX_TAGS, pairs)?)
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
