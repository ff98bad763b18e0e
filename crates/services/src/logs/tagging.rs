//! The tags of groups.

use super::error::Error;
use crate::tags::{MAX_TAGS, Tags};
use std::collections::BTreeMap;
use wire::json;

/// Sets the tags `given`.
///
/// # Errors
/// As [`Tags::set_distinct`]; [`Error::InvalidParameter`] for a key against the model.
pub(super) fn set(tags: &mut Tags, given: &BTreeMap<String, String>) -> Result<(), Error> {
    let is_allowed = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c);
    let is_key = |key: &String| {
        !key.is_empty() && key.chars().count() <= LONGEST_KEY && key.chars().all(is_allowed)
    };
    if !given.keys().all(is_key) {
        return Err(Error::InvalidParameter(BAD_KEY.to_owned()));
    }
    let pairs = given.iter();
    let pairs = pairs.map(|(key, value)| (Some(key.clone()), value.clone()));
    Ok(tags.set_distinct(MAX_TAGS, pairs)?)
}

/// The pairs, as condition keys see them.
pub(super) fn pairs(given: &BTreeMap<String, String>) -> impl Iterator<Item = (&str, &str)> {
    given
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
}

/// What an operation answers that shows tags.
pub(crate) struct Shown(pub(super) Tags);

impl json::Output for Shown {
    fn write(&self, object: &mut json::Object<'_>) {
        object.object("tags", |map| {
            for (key, value) in self.0.iter() {
                map.text(key, value);
            }
        });
    }
}

const LONGEST_KEY: usize = 128;
const BAD_KEY: &str = "1 validation error detected: Value at 'tags' failed to satisfy constraint: Map keys must satisfy \
     constraint: [Member must have length less than or equal to 128, Member must have length greater \
     than or equal to 1, Member must satisfy regular expression pattern: \
     ^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+)$]";
