//! The tags of functions.

use super::error::Error;
use crate::tags::{MAX_TAGS, Tags};
use std::collections::BTreeMap;
use wire::json;

/// Sets the tags `given`.
///
/// # Errors
/// As [`Tags::set_distinct`]; [`Error::Validation`] for a key or a value against the model.
pub(super) fn set(tags: &mut Tags, given: &BTreeMap<String, String>) -> Result<(), Error> {
    for key in given.keys() {
        if key.is_empty() || key.chars().count() > LONGEST_KEY || !key.chars().all(is_allowed) {
            return Err(Error::Validation(BAD_KEY.to_owned()));
        }
    }
    let pairs = given.iter();
    let pairs = pairs.map(|(key, value)| (Some(key.clone()), value.clone()));
    Ok(tags.set_distinct(MAX_TAGS, pairs)?)
}

/// Writes tags as answers show them.
pub(super) fn write(object: &mut json::Object<'_>, tags: &Tags) {
    object.object("Tags", |map| {
        for (key, value) in tags.iter() {
            map.text(key, value);
        }
    });
}

/// A character of the model's pattern for keys and values.
pub(super) fn is_allowed(c: char) -> bool {
    c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c)
}

const LONGEST_KEY: usize = 128;
const BAD_KEY: &str = "1 validation error detected: Value at 'tags' failed to satisfy constraint: Map keys must satisfy \
     constraint: [Member must have length less than or equal to 128, Member must have length greater \
     than or equal to 1, Member must satisfy regular expression pattern: \
     ([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)]";
