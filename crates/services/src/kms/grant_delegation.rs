//! What the grantee of a grant may pass on.
//!
//! SECURITY: whoever may create grants only by a grant of its own gives no more than it has: none of
//! the operations that it lacks, and in no encryption context that is closed to itself.

use super::grants::{Constraints, Grant};

/// What a grant is to allow.
pub(crate) struct Wish {
    /// In AWS's names.
    pub(crate) operations: Vec<String>,
    pub(crate) constraints: Constraints,
}

impl Grant {
    /// Whether its grantee may create a grant of this kind by it.
    pub(crate) fn delegates(&self, wish: &Wish) -> bool {
        let has = |operation: &String| self.operations.contains(operation);
        self.is_for("kms:CreateGrant", None)
            && wish.operations.iter().all(has)
            && wish.constraints.are_within(&self.constraints)
    }
}

impl Constraints {
    /// Whether every context that they admit is admitted by `outer` too.
    fn are_within(&self, outer: &Self) -> bool {
        let equals = outer.equals.as_ref();
        let same = equals.is_none_or(|wanted| self.equals.as_ref() == Some(wanted));
        let subset = outer.subset.iter().flatten();
        let known = || self.equals.iter().chain(&self.subset);
        let mut kept = subset.map(|(name, value)| {
            let mut maps = known();
            maps.any(|pairs| pairs.get(name) == Some(value))
        });
        same && kept.all(|kept| kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    type Pairs = BTreeMap<String, String>;

    fn pairs() -> impl Strategy<Value = Pairs> {
        prop::collection::btree_map("[ab]", "[xy]", 0..3)
    }

    fn constraints() -> impl Strategy<Value = Constraints> {
        let some = || prop::option::of(pairs());
        (some(), some()).prop_map(|(equals, subset)| Constraints { equals, subset })
    }

    proptest! {
        #[test]
        fn what_is_within_admits_nothing_that_the_outer_refuses(
            inner in constraints(), outer in constraints(), context in pairs(),
        ) {
            let context: Vec<(&str, &str)> =
                context.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();

            if inner.are_within(&outer) && inner.admit(&context) {
                prop_assert!(outer.admit(&context));
            }
        }

        #[test]
        fn constraints_are_within_themselves_and_none(one in constraints()) {
            prop_assert!(one.are_within(&one));
            prop_assert!(one.are_within(&Constraints::default()));
        }
    }

    #[test]
    fn fewer_constraints_are_not_within_more() {
        let pairs = Pairs::from([(String::from("a"), String::from("x"))]);
        let equals = Constraints {
            equals: Some(pairs.clone()),
            subset: None,
        };
        let subset = Constraints {
            equals: None,
            subset: Some(pairs),
        };

        assert!(equals.are_within(&subset));
        assert!(!subset.are_within(&equals));
        assert!(!Constraints::default().are_within(&subset));
        assert!(!Constraints::default().are_within(&equals));
    }
}
