//! The tags of trails.

use super::error::Error;
use super::shapes::{TAG_KEY, TAG_VALUE};
use crate::tags::{Tags, same_key};
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
/// COMPAT: AWS takes keys that differ only in case. Conditions cannot tell them apart, so that which
/// of the two values a policy sees would be for the tagger to choose.
///
/// # Errors
/// As [`Tags::set`]; [`Error::InvalidTag`] for keys that differ only in case.
pub(super) fn set(tags: &mut Tags, given: &[Tag]) -> Result<(), Error> {
    let pairs = given.iter().map(Tag::shown);
    tags.set(pairs.map(|(key, value)| (Some(key.to_owned()), value.to_owned())))?;
    let has_twin = |key: &str| {
        let mut others = tags.iter().filter(|(other, _)| *other != key);
        others.any(|(other, _)| same_key(other, key))
    };
    match given.iter().find(|tag| has_twin(&tag.key)) {
        Some(tag) => Err(Error::InvalidTag(format!(
            "Tag keys of a trail can't differ only in case. Key: {}",
            tag.key
        ))),
        None => Ok(()),
    }
}

/// Writes tags as answers show them.
pub(super) fn write(object: &mut json::Object<'_>, tags: &Tags) {
    object.objects("TagsList", tags.iter(), |(key, value), tag| {
        tag.text("Key", key);
        tag.text("Value", value);
    });
}
