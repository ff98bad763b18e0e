//! Tags: a map with an order.
//!
//! Behaviour reference §9: setting a key again keeps its place; removing the last tag leaves an
//! empty list, which differs from never having had one.
//!
//! Whether two keys are the same is one rule, [`same_key`], for conditions, for identities and for
//! sessions. COMPAT: a secret, as on AWS, may have keys that differ in case only: [`Tags`] itself
//! tells them apart, and the services that do not ask `same_key` first.

use serde::{Deserialize, Serialize};

/// Tags that a customer may put on one resource or session, where no quota says otherwise.
pub(crate) const MAX_TAGS: usize = 50;

/// Whether two keys name the same tag: they do in any case.
///
/// COMPAT: AWS compares keys of IAM's tags without case, and they may have letters of any script, so
/// more than ASCII is folded. Names of condition keys come from the engine folded in ASCII, which
/// takes nothing away: what is folded twice is folded the same.
pub(crate) fn same_key(one: &str, other: &str) -> bool {
    if one.is_ascii() && other.is_ascii() {
        return one.eq_ignore_ascii_case(other);
    }
    folded(one).eq(folded(other))
}

fn folded(key: &str) -> impl Iterator<Item = char> {
    key.chars().flat_map(char::to_lowercase)
}

/// The tags of a resource or a session, in the order in which their keys first came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tags(Vec<(String, String)>);

impl Tags {
    /// The pairs of key and value.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The value of the first tag that is called `key` by the rule of [`same_key`].
    pub(crate) fn value_of(&self, key: &str) -> Option<&str> {
        let mut tags = self.iter();
        tags.find(|(known, _)| same_key(known, key))
            .map(|(_, value)| value)
    }

    /// Sets the tags of one request. Keys that differ in case are different ones here.
    ///
    /// # Errors
    /// For a tag without a key, a key with the reserved prefix `aws:`, a key given twice, or more
    /// than [`MAX_TAGS`] tags in the end. Nothing has changed then.
    pub(crate) fn set(
        &mut self,
        pairs: impl Iterator<Item = (Option<String>, String)>,
    ) -> Result<(), TagError> {
        self.set_within(MAX_TAGS, pairs)
    }

    /// The same with another quota.
    ///
    /// # Errors
    /// As [`Tags::set`].
    pub(crate) fn set_within(
        &mut self,
        most: usize,
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
            if next.0.len() > most {
                return Err(TagError::TooMany(most));
            }
        }
        *self = next;
        Ok(())
    }

    /// The same of what may have no two keys that [`same_key`] takes for one.
    ///
    /// COMPAT: AWS takes keys that differ only in case. Conditions cannot tell them apart, so that which
    /// of the two values a policy sees would be for the tagger to choose.
    ///
    /// # Errors
    /// As [`Tags::set`]; [`TagError::Twin`] for the last of the given keys that has one.
    pub(crate) fn set_distinct(
        &mut self,
        most: usize,
        pairs: impl Iterator<Item = (Option<String>, String)>,
    ) -> Result<(), TagError> {
        let mut next = self.clone();
        let mut given = Vec::new();
        next.set_within(
            most,
            pairs.inspect(|(key, _)| given.extend(key.as_ref().cloned())),
        )?;
        let has_twin = |key: &String| {
            let mut others = next.iter().filter(|(other, _)| *other != key);
            others.any(|(other, _)| same_key(other, key))
        };
        match given.into_iter().rev().find(has_twin) {
            Some(key) => Err(TagError::Twin(key)),
            None => {
                *self = next;
                Ok(())
            }
        }
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
    /// More than these.
    TooMany(usize),
    /// A key that differs from another one in case only.
    Twin(String),
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
        assert!(matches!(
            tags.set(many.into_iter()),
            Err(TagError::TooMany(MAX_TAGS))
        ));
        assert_eq!(tags, before);
    }

    #[test]
    fn a_key_in_another_case_is_refused_and_changes_nothing() {
        let mut tags = Tags::default();
        set(&mut tags, &[("a", "1")]).unwrap();
        let before = tags.clone();
        let pair = |key: &str| (Some(key.to_owned()), String::from("2"));

        let stored = tags.set_distinct(MAX_TAGS, [pair("b"), pair("A")].into_iter());
        let given = tags.set_distinct(MAX_TAGS, [pair("b"), pair("B")].into_iter());
        let after = tags.clone();
        tags.set_distinct(MAX_TAGS, [pair("b"), pair("a")].into_iter())
            .unwrap();

        assert_eq!(stored, Err(TagError::Twin(String::from("A"))));
        assert_eq!(given, Err(TagError::Twin(String::from("B"))));
        assert_eq!(after, before);
        assert_eq!(shape(&tags), [("a", "2"), ("b", "2")]);
    }

    #[test]
    fn a_key_is_the_same_in_any_case_of_any_script() {
        for (one, other, same) in [
            ("Team", "tEAM", true),
            ("Größe", "gRÖßE", true),
            ("ΟΔΟΣ", "οδοσ", true),
            ("\u{212a}ey", "key", true),
            ("Team", "team ", false),
            ("a", "ä", false),
            ("Ä", "A\u{308}", false),
            ("", "a", false),
        ] {
            assert_eq!(same_key(one, other), same, "{one} {other}");
            assert_eq!(same_key(other, one), same, "{other} {one}");
        }
    }

    #[test]
    fn the_first_tag_with_the_key_in_any_case_has_the_value() {
        let mut tags = Tags::default();
        set(&mut tags, &[("env", "x"), ("Team", "1"), ("team", "2")]).unwrap();

        assert_eq!(tags.value_of("TEAM"), Some("1"));
        assert_eq!(tags.value_of("team"), Some("1"));
        assert_eq!(tags.value_of("tea"), None);
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
        fn the_same_key_is_an_equivalence(
            one in any::<String>(), other in any::<String>(), third in "[aAäÄσςΣkK\u{212a}]{0,2}",
            fourth in "[aAäÄσςΣkK\u{212a}]{0,2}", fifth in "[aAäÄσςΣkK\u{212a}]{0,2}",
        ) {
            prop_assert!(same_key(&one, &one));
            prop_assert_eq!(same_key(&one, &other), same_key(&other, &one));
            prop_assert_eq!(
                same_key(&third, &fourth) && same_key(&fourth, &fifth),
                same_key(&third, &fourth) && same_key(&third, &fifth)
            );
        }

        #[test]
        fn what_the_engine_folds_stays_the_same_key(
            key in any::<String>(), other in "[aAäÄσςΣkK\u{212a}]{0,2}",
            third in "[aAäÄσςΣkK\u{212a}]{0,2}",
        ) {
            prop_assert!(same_key(&key.to_ascii_lowercase(), &key));
            prop_assert_eq!(
                same_key(&other.to_ascii_lowercase(), &third),
                same_key(&other, &third)
            );
        }

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
