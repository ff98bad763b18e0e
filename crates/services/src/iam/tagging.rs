//! Tags of roles, policies and providers: set, taken away, listed.

use super::error::Error;
use super::listing::{Ask, Page};
use super::tags::Tag;
use crate::cx::Cx;
use crate::tags::Tags;
use wire::xml::Element;

/// A page of tags: keys and values.
pub(crate) type TagPage = Page<(String, String)>;

/// Puts `given` over the tags that are there.
///
/// COMPAT: IAM's tag keys are the same in any case, so a key in another spelling replaces the old
/// one and its value.
///
/// # Errors
/// [`Error::InvalidInput`] for tags that cannot be set; then nothing has changed.
pub(crate) fn set(tags: &mut Tags, given: &[Tag]) -> Result<(), Error> {
    let mut keys: Vec<String> = given.iter().map(|tag| folded(tag.shown().0)).collect();
    keys.sort_unstable();
    if let Some([twice, _]) = keys.array_windows().find(|[one, next]| one == next) {
        return Err(crate::tags::TagError::Duplicate(twice.clone()).into());
    }
    let is_respelled = |key: &str| {
        given
            .iter()
            .any(|tag| tag.shown().0 != key && folded(tag.shown().0) == folded(key))
    };
    let respelled: Vec<String> = tags
        .iter()
        .filter(|(key, _)| is_respelled(key))
        .map(|(key, _)| key.to_owned())
        .collect();
    let mut next = tags.clone();
    next.remove(&respelled);
    next.set(given.iter().map(Tag::pair))?;
    *tags = next;
    Ok(())
}

/// Takes the tags with these keys away, in any case; keys that no tag has are ignored.
pub(crate) fn unset(tags: &mut Tags, keys: &[String]) {
    let meant = |key: &str| keys.iter().any(|one| folded(one) == folded(key));
    let named: Vec<String> = tags
        .iter()
        .filter(|(key, _)| meant(key))
        .map(|(key, _)| key.to_owned())
        .collect();
    tags.remove(&named);
}

/// A page of `tags`.
///
/// # Errors
/// [`Error::Validation`] for a marker that is none of this list's.
pub(crate) fn page(cx: &Cx<'_>, ask: &Ask<'_>, tags: &Tags) -> Result<TagPage, Error> {
    let all: Vec<(String, String)> = tags
        .iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    ask.slice(cx, &all)
}

/// `Tags`, even when there are none, and whether the list goes on.
pub(crate) fn write_page(result: &mut Element<'_>, page: &TagPage) {
    page.write(result, "Tags", |(key, value), tag| {
        tag.text("Key", key);
        tag.text("Value", value);
    });
}

fn folded(key: &str) -> String {
    key.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::Input as _;

    fn given(pairs: &[(&str, &str)]) -> Vec<Tag> {
        let pair = |(key, value): &(&str, &str)| {
            let body = serde_json::json!({ "Key": key, "Value": value }).to_string();
            let parsed = wire::parse(Tag::SHAPE, body.as_bytes()).unwrap();
            parsed.into_input().unwrap()
        };
        pairs.iter().map(pair).collect()
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

        assert!(matches!(refused, Err(Error::InvalidInput(_))));
        assert_eq!(shown(&tags), [("team", "a")]);
    }

    #[test]
    fn what_cannot_be_set_leaves_even_the_respelled_ones() {
        let mut tags = Tags::default();
        set(&mut tags, &given(&[("team", "a")])).unwrap();

        let refused = set(&mut tags, &given(&[("Team", "b"), ("aws:x", "c")]));

        assert!(matches!(refused, Err(Error::InvalidInput(_))));
        assert_eq!(shown(&tags), [("team", "a")]);
    }

    #[test]
    fn keys_are_taken_away_in_any_case() {
        let mut tags = Tags::default();
        set(&mut tags, &given(&[("Team", "a"), ("env", "x")])).unwrap();

        unset(&mut tags, &[String::from("TEAM"), String::from("other")]);

        assert_eq!(shown(&tags), [("env", "x")]);
    }
}
