//! The tags of topics.

use super::error::Error;
use super::shapes::Tag;
use crate::context::Keys;
use crate::tags::{Tags, same_key};

/// Sets the tags `given`.
///
/// COMPAT: AWS takes keys that differ only in case. Conditions cannot tell them apart, so that which of
/// the two values a policy sees would be for the tagger to choose.
///
/// # Errors
/// As [`Tags::set`]; [`Error::InvalidParameter`] for keys that differ only in case.
pub(super) fn set(tags: &mut Tags, given: &[Tag]) -> Result<(), Error> {
    let pairs = given.iter();
    tags.set(pairs.map(|tag| (Some(tag.key.clone()), tag.value.clone())))?;
    let has_twin = |key: &str| {
        let mut others = tags.iter().filter(|(other, _)| *other != key);
        others.any(|(other, _)| same_key(other, key))
    };
    match given.iter().any(|tag| has_twin(&tag.key)) {
        true => Err(Error::invalid(
            "Tags",
            "Tag keys can't differ only in case.",
        )),
        false => Ok(()),
    }
}

/// What conditions see of them.
pub(super) fn keys(given: &[Tag]) -> Keys<'_> {
    Keys::none().tags(
        given
            .iter()
            .map(|tag| (tag.key.as_str(), tag.value.as_str())),
    )
}
