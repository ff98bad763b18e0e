//! Tags as IAM's requests give them. Their keys are the same whatever their case; the case in which
//! a key first came is kept.

use super::shapes::{TAG_KEY, TAG_VALUE};
use crate::tags::{TagError, Tags};
use wire::{Input as _, Shape};

wire::input! {
    /// A tag.
    pub(crate) struct Tag {
        key: String = required audited "Key" TAG_KEY,
        value: String = required audited "Value" TAG_VALUE,
    }
}

/// A list of tags.
pub(crate) const TAGS: Shape = Shape::list(&TAG, 0, 50);
const TAG: Shape = Shape::structure(Tag::SHAPE);

impl Tag {
    /// Key and value, as conditions see them.
    pub(crate) fn shown(&self) -> (&str, &str) {
        (&self.key, &self.value)
    }

    /// Key and value, to be set.
    pub(crate) fn pair(&self) -> (Option<String>, String) {
        (Some(self.key.clone()), self.value.clone())
    }
}

/// Sets the tags of one request.
///
/// # Errors
/// As [`Tags::set`], with keys that differ in case only counting as the same.
pub(crate) fn set(tags: &mut Tags, given: &[Tag]) -> Result<(), TagError> {
    let mut pairs: Vec<(Option<String>, String)> = Vec::with_capacity(given.len());
    for tag in given {
        let is_same = |key: &str| key.eq_ignore_ascii_case(&tag.key);
        if pairs
            .iter()
            .any(|(key, _)| key.as_deref().is_some_and(is_same))
        {
            return Err(TagError::Duplicate(tag.key.clone()));
        }
        let known = tags.iter().find(|(key, _)| is_same(key));
        let key = known.map_or(tag.key.as_str(), |(key, _)| key);
        pairs.push((Some(key.to_owned()), tag.value.clone()));
    }
    tags.set(pairs.into_iter())
}

/// Removes the tags with these keys; keys that no tag has are ignored.
pub(crate) fn remove(tags: &mut Tags, keys: &[String]) {
    let is_named = |known: &str| keys.iter().any(|key| key.eq_ignore_ascii_case(known));
    let named = tags.iter().map(|(key, _)| key).filter(|key| is_named(key));
    let named: Vec<String> = named.map(str::to_owned).collect();
    tags.remove(&named);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(key: &str, value: &str) -> Tag {
        Tag {
            key: key.to_owned(),
            value: value.to_owned(),
        }
    }

    fn shape(tags: &Tags) -> Vec<(&str, &str)> {
        tags.iter().collect()
    }

    #[test]
    fn a_key_in_another_case_is_the_same_key() {
        let mut tags = Tags::default();
        set(&mut tags, &[tag("Team", "a"), tag("env", "b")]).unwrap();

        set(&mut tags, &[tag("TEAM", "c")]).unwrap();

        assert_eq!(shape(&tags), [("Team", "c"), ("env", "b")]);
        let twice = set(&mut tags, &[tag("x", ""), tag("X", "")]);
        assert_eq!(twice, Err(TagError::Duplicate("X".to_owned())));
        assert_eq!(shape(&tags), [("Team", "c"), ("env", "b")]);
    }

    #[test]
    fn a_key_in_another_case_is_removed() {
        let mut tags = Tags::default();
        set(&mut tags, &[tag("Team", "a"), tag("env", "b")]).unwrap();

        remove(&mut tags, &["tEAM".to_owned(), "none".to_owned()]);

        assert_eq!(shape(&tags), [("env", "b")]);
    }
}
