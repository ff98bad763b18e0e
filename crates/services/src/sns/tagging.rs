//! The tags of topics.

use super::error::Error;
use super::shapes::Tag;
use crate::context::Keys;
use crate::tags::{MAX_TAGS, Tags};

/// Sets the tags `given`.
///
/// # Errors
/// As [`Tags::set_distinct`].
pub(super) fn set(tags: &mut Tags, given: &[Tag]) -> Result<(), Error> {
    let pairs = given.iter();
    let pairs = pairs.map(|tag| (Some(tag.key.clone()), tag.value.clone()));
    Ok(tags.set_distinct(MAX_TAGS, pairs)?)
}

/// What conditions see of them.
pub(super) fn keys(given: &[Tag]) -> Keys<'_> {
    Keys::none().tags(
        given
            .iter()
            .map(|tag| (tag.key.as_str(), tag.value.as_str())),
    )
}
