//! Tags: a map with an order.
//!
//! Behaviour reference §9: setting a key again keeps its place; removing the last tag leaves an
//! empty list, which differs from never having had one.

use serde::{Deserialize, Serialize};

/// Tags that a customer may put on a secret.
pub(crate) const MAX_TAGS: usize = 50;

/// The tags of a secret, in the order in which their keys first came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tags(Vec<(String, String)>);

impl Tags {
    /// The pairs of key and value.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Sets the tags of one request.
    ///
    /// # Errors
    /// For a tag without a key, a key with the reserved prefix `aws:`, a key given twice, or more than [`MAX_TAGS`]
    /// tags in the end. Nothing has changed then.
    pub(crate) fn set(
        &mut self,
        pairs: impl Iterator<Item = (Option<String>, String)>,
    ) -> Result<(), TagError> {
        let mut next = self.clone();
        let mut given: Vec<String> = Vec::new();
        for (key, value) in pairs {
            let key = key.ok_or(TagError::NoKey)?;
            if key.to_ascii_lowercase().starts_with("aws:") {
                return Err(TagError::Reserved);
            }
            if given.contains(&key) {
                return Err(TagError::Duplicate(key));
            }
            given.push(key.clone());
            match next.0.iter_mut().find(|(known, _)| *known == key) {
                Some((_, old)) => *old = value,
                None => next.0.push((key, value)),
            }
            // SECURITY: checked at every step, so that a long list costs no more than a short one.
            if next.0.len() > MAX_TAGS {
                return Err(TagError::TooMany);
            }
        }
        *self = next;
        Ok(())
    }

    /// About how many bytes they take.
    pub(crate) fn weight(&self) -> usize {
        self.iter()
            .map(|(key, value)| key.len() + value.len() + 48)
            .sum()
    }

    /// Removes the tags with these keys; keys that no tag has are ignored.
    pub(crate) fn remove(&mut self, keys: &[String]) {
        self.0.retain(|(key, _)| !keys.contains(key));
    }
}

/// Why tags could not be set. Each service has its own words for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TagError {
    /// A key twice in one request.
    Duplicate(String),
    /// A tag that could never be removed.
    NoKey,
    /// The prefix `aws:` is AWS's.
    Reserved,
    /// More than [`MAX_TAGS`].
    TooMany,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn set(tags: &mut Tags, pairs: &[(&str, &str)]) -> Result<(), TagError> {
        tags.set(
            pairs
                .iter()
                .map(|(k, v)| (Some((*k).to_owned()), (*v).to_owned())),
        )
    }

    fn shape(tags: &Tags) -> Vec<(&str, &str)> {
        tags.iter().collect()
    }

    #[test]
    fn a_key_set_again_keeps_its_place() {
        let mut tags = Tags::default();

        set(&mut tags, &[("a", "1"), ("b", "2")]).unwrap();
        set(&mut tags, &[("a", "3"), ("A", "")]).unwrap();

        assert_eq!(shape(&tags), [("a", "3"), ("b", "2"), ("A", "")]);
    }

    #[test]
    fn reserved_duplicate_and_surplus_keys_change_nothing() {
        let many: Vec<(Option<String>, String)> = (0..51)
            .map(|n| (Some(format!("k{n}")), String::new()))
            .collect();
        let mut tags = Tags::default();
        set(&mut tags, &[("a", "1")]).unwrap();
        let before = tags.clone();

        assert!(matches!(
            set(&mut tags, &[("b", ""), ("aws:x", "")]),
            Err(TagError::Reserved)
        ));
        assert!(matches!(
            set(&mut tags, &[("AWS:x", "")]),
            Err(TagError::Reserved)
        ));
        let twice = set(&mut tags, &[("b", "1"), ("b", "2")]);
        assert!(matches!(twice, Err(TagError::Duplicate(key)) if key == "b"));
        assert!(matches!(tags.set(many.into_iter()), Err(TagError::TooMany)));
        assert_eq!(tags, before);
    }

    #[test]
    fn fifty_tags_fit() {
        let mut tags = Tags::default();

        tags.set((0..50).map(|n| (Some(format!("k{n}")), String::new())))
            .unwrap();

        assert_eq!(tags.iter().count(), 50);
    }

    proptest! {
        #[test]
        fn tags_agree_with_a_map(
            steps in prop::collection::vec(
                (any::<bool>(), prop::collection::btree_map("[a-d]", "[x-z]?", 1..4)), 1..20),
        ) {
            let mut tags = Tags::default();
            let mut map = BTreeMap::new();
            for (add, pairs) in steps {
                if add {
                    let named = pairs.clone().into_iter().map(|(k, v)| (Some(k), v));
                    tags.set(named).unwrap();
                    map.extend(pairs);
                } else {
                    let keys: Vec<String> = pairs.into_keys().collect();
                    tags.remove(&keys);
                    map.retain(|key, _| !keys.contains(key));
                }
                let owned = tags.iter().map(|(k, v)| (k.to_owned(), v.to_owned()));
                prop_assert_eq!(&owned.collect::<BTreeMap<_, _>>(), &map);
            }
        }
    }
}
