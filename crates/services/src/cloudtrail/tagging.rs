//! The tags of trails.

use super::error::Error;
use super::shapes::{TAG_KEY, TAG_VALUE};
use crate::tags::{MAX_TAGS, Tags};
use wire::json;

wire::input! {
    /// A tag as a request gives it. To remove a tag its key is enough.
    pub(super) struct Tag {
        pub(super) key: String = required audited "Key" TAG_KEY,
        value: Option<String> = audited "Value" TAG_VALUE,
    }
}

impl Tag {
    /// Key and value, as conditions see them.
    pub(super) fn shown(&self) -> (&str, &str) {
        (&self.key, self.value.as_deref().unwrap_or_default())
    }
}

/// Sets the tags `given`.
///
/// # Errors
/// As [`Tags::set_distinct`].
pub(super) fn set(tags: &mut Tags, given: &[Tag]) -> Result<(), Error> {
    let pairs = given.iter().map(Tag::shown);
    let pairs = pairs.map(|(key, value)| (Some(key.to_owned()), value.to_owned()));
    Ok(tags.set_distinct(MAX_TAGS, pairs)?)
}

/// Writes tags as answers show them.
pub(super) fn write(object: &mut json::Object<'_>, tags: &Tags) {
    object.objects("TagsList", tags.iter(), |(key, value), tag| {
        tag.text("Key", key);
        tag.text("Value", value);
    });
}
