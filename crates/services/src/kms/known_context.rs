//! Encryption contexts of which not everything is known.

use super::grants::Constraints;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of the encryption context of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KnownContext {
    /// Nothing.
    Open,
    /// The names of its pairs, and the values but where they are open.
    Pairs(Vec<(String, Option<String>)>),
}

/// What is known of the encryption context by condition keys that a question gives: a pair that is
/// given is one of a context that is given as a whole, and `kms:EncryptionContextKeys` without a value
/// stands for none.
pub(crate) fn given_context(given: &[(String, String)]) -> KnownContext {
    let prefix = |key: &str| {
        key.get(..PAIR.len())
            .is_some_and(|one| one.eq_ignore_ascii_case(PAIR))
    };
    let pairs = given.iter().filter(|(key, _)| prefix(key));
    let pairs: Vec<(String, Option<String>)> = pairs
        .filter_map(|(key, value)| Some((key.get(PAIR.len()..)?.to_owned(), Some(value.clone()))))
        .collect();
    let is_none = |(key, value): &(String, String)| {
        key.eq_ignore_ascii_case("kms:EncryptionContextKeys") && value.is_empty()
    };
    if pairs.is_empty() && !given.iter().any(is_none) {
        return KnownContext::Open;
    }
    KnownContext::Pairs(pairs)
}

/// Whether a condition key, in lower case, is one of those that [`given_context`] takes.
pub(crate) fn is_of_context(key: &str) -> bool {
    key.starts_with(PAIR) || key == "kms:encryptioncontextkeys"
}

/// Whether constraints admit a context of which not everything is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Admission {
    Never,
    Perhaps,
    Surely,
}

impl Constraints {
    /// [`Constraints::admit`] for what is known of a context.
    pub(super) fn judge(&self, context: &KnownContext) -> Admission {
        let KnownContext::Pairs(pairs) = context else {
            return if self.is_empty() {
                Admission::Surely
            } else {
                Admission::Perhaps
            };
        };
        let has =
            |(name, value): (&String, &String)| match pairs.iter().find(|(one, _)| one == name) {
                Some((_, Some(known))) if known == value => Admission::Surely,
                Some((_, None)) => Admission::Perhaps,
                Some((_, Some(_))) | None => Admission::Never,
            };
        let all = |wanted: &BTreeMap<String, String>| {
            let admissions = wanted.iter().map(has);
            admissions.min().unwrap_or(Admission::Surely)
        };
        let equals = self.equals.as_ref().map_or(Admission::Surely, |wanted| {
            if wanted.len() == pairs.len() {
                all(wanted)
            } else {
                Admission::Never
            }
        });
        let subset = self.subset.as_ref().map_or(Admission::Surely, all);
        equals.min(subset)
    }

    /// The condition keys that tell whether they admit a context.
    pub(super) fn keys(&self) -> Vec<String> {
        let equals = self
            .equals
            .iter()
            .map(|_| String::from("kms:EncryptionContextKeys"));
        let names = self
            .equals
            .iter()
            .chain(&self.subset)
            .flat_map(BTreeMap::keys);
        let names: BTreeSet<&String> = names.collect();
        let pairs = names
            .into_iter()
            .map(|name| format!("kms:EncryptionContext:{name}"));
        equals.chain(pairs).collect()
    }
}

/// What the condition keys of pairs begin with.
pub(super) const PAIR: &str = "kms:encryptioncontext:";

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Pairs = BTreeMap<String, String>;

    fn pairs() -> impl Strategy<Value = Pairs> {
        prop::collection::btree_map("[abc]", "[xy]", 0..3)
    }

    fn constraints() -> impl Strategy<Value = Constraints> {
        let some = || prop::option::of(pairs());
        (some(), some()).prop_map(|(equals, subset)| Constraints { equals, subset })
    }

    /// What is known of a context when the values of some names are not.
    fn known(context: &Pairs, open: &[String]) -> KnownContext {
        let pairs = context.iter().map(|(name, value)| {
            let value = Some(value.clone()).filter(|_| !open.contains(name));
            (name.clone(), value)
        });
        KnownContext::Pairs(pairs.collect())
    }

    fn admits(constraints: &Constraints, context: &Pairs) -> bool {
        let pairs = context.iter();
        let pairs: Vec<(&str, &str)> = pairs
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        constraints.admit(&pairs)
    }

    proptest! {
        /// What is said of a context holds for each that it may turn out to be.
        #[test]
        fn constraints_are_foreseen(
            constraints in constraints(), context in pairs(), open in prop::collection::vec("[abc]", 0..2),
            value in "[xyz]",
        ) {
            let foreseen = constraints.judge(&known(&context, &open));
            let mut turned_out = context.clone();
            for (name, held) in &mut turned_out {
                if open.contains(name) {
                    held.clone_from(&value);
                }
            }
            let admitted = admits(&constraints, &turned_out);

            prop_assert!(foreseen != Admission::Surely || admitted);
            prop_assert!(foreseen != Admission::Never || !admitted);
            let is_open = context.keys().any(|name| open.contains(name));
            prop_assert!(is_open || foreseen != Admission::Perhaps);
        }

        #[test]
        fn nothing_is_certain_of_an_open_context_but_that_no_constraint_holds_it_off(
            constraints in constraints(), context in pairs(),
        ) {
            let foreseen = constraints.judge(&KnownContext::Open);

            prop_assert_ne!(foreseen, Admission::Never);
            prop_assert!(foreseen != Admission::Surely || admits(&constraints, &context));
        }
    }
}
