//! Tags as IAM's requests give them. Their keys are the same whatever their case; a key in another
//! spelling replaces the old one and its value.

use super::shapes::{TAG_KEY, TAG_VALUE};
use crate::tags::{TagError, Tags, same_key};
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
}

/// The tags that a request gives to what it creates.
///
/// # Errors
/// As [`set`].
pub(crate) fn of(given: Option<&[Tag]>) -> Result<Tags, TagError> {
    let mut tags = Tags::default();
    set(&mut tags, given.unwrap_or_default())?;
    Ok(tags)
}

/// Sets the tags of one request; when they cannot be set, nothing changes.
///
/// # Errors
/// As [`Tags::set`], with keys that differ in case only counting as the same.
pub(crate) fn set(tags: &mut Tags, given: &[Tag]) -> Result<(), TagError> {
    for (index, tag) in given.iter().enumerate() {
        let mut earlier = given.iter().take(index);
        if earlier.any(|other| same_key(&other.key, &tag.key)) {
            return Err(TagError::Duplicate(tag.key.clone()));
        }
    }
    let is_respelled = |key: &str| {
        given
            .iter()
            .any(|tag| tag.key != key && same_key(&tag.key, key))
    };
    let respelled = tags
        .iter()
        .map(|(key, _)| key)
        .filter(|key| is_respelled(key));
    let respelled: Vec<String> = respelled.map(str::to_owned).collect();
    let mut next = tags.clone();
    next.remove(&respelled);
    let pair = |tag: &Tag| (Some(tag.key.clone()), tag.value.clone());
    next.set(given.iter().map(pair))?;
    *tags = next;
    Ok(())
}

/// Removes the tags with these keys, in any case; keys that no tag has are ignored.
pub(crate) fn remove(tags: &mut Tags, keys: &[String]) {
    let is_named = |known: &str| keys.iter().any(|key| same_key(key, known));
    let named = tags.iter().map(|(key, _)| key).filter(|key| is_named(key));
    let named: Vec<String> = named.map(str::to_owned).collect();
    tags.remove(&named);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(pairs: &[(&str, &str)]) -> Vec<Tag> {
        let tag = |(key, value): &(&str, &str)| Tag {
            key: (*key).to_owned(),
            value: (*value).to_owned(),
        };
        pairs.iter().map(tag).collect()
    }

    fn shown(tags: &Tags) -> Vec<(&str, &str)> {
        tags.iter().collect()
    }

    #[test]
    fn a_key_in_another_case_replaces_the_old_one() {
        let mut tags = Tags::default();
        set(&mut tags, &given(&[("Team", "a"), ("env", "x")])).unwrap();

        set(&mut tags, &given(&[("team", "b"), ("env", "y")])).unwrap();

        assert_eq!(shown(&tags), [("env", "y"), ("team", "b")]);
    }

    #[test]
    fn a_key_given_twice_in_any_case_changes_nothing() {
        let mut tags = Tags::default();
        set(&mut tags, &given(&[("team", "a")])).unwrap();

        let refused = set(&mut tags, &given(&[("Team", "b"), ("TEAM", "c")]));

        assert_eq!(refused, Err(TagError::Duplicate("TEAM".to_owned())));
        assert_eq!(shown(&tags), [("team", "a")]);
    }

    #[test]
    fn what_cannot_be_set_leaves_even_the_respelled_ones() {
        let mut tags = Tags::default();
        set(&mut tags, &given(&[("team", "a")])).unwrap();

        let refused = set(&mut tags, &given(&[("Team", "b"), ("aws:x", "c")]));

        assert_eq!(refused, Err(TagError::Reserved));
        assert_eq!(shown(&tags), [("team", "a")]);
    }

    #[test]
    fn keys_are_removed_in_any_case() {
        let mut tags = Tags::default();
        set(&mut tags, &given(&[("Team", "a"), ("env", "x")])).unwrap();

        remove(&mut tags, &[String::from("TEAM"), String::from("other")]);

        assert_eq!(shown(&tags), [("env", "x")]);
    }
}
