use super::*;
use crate::kms::key_policy;
use crate::kms::model::tests::a_key;
use proptest::prelude::*;

type Pairs = BTreeMap<String, String>;

fn owned(pairs: &[(&str, &str)]) -> Pairs {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn a_grant(operations: &[&str], constraints: Constraints) -> Grant {
    let key = a_key();
    Grant {
        document: key_policy::delegating(&key.account),
        account: key.account,
        region: key.region,
        key_id: key.id,
        id: "g".to_owned(),
        created: key.created,
        name: None,
        issuing_account: "arn:aws:iam::123456789012:root".to_owned(),
        grantee: "arn:aws:iam::123456789012:user/alice".to_owned(),
        retiring: None,
        operations: operations.iter().map(|name| (*name).to_owned()).collect(),
        constraints,
    }
}

#[test]
fn a_grant_is_for_its_operations() {
    let grant = a_grant(&["Decrypt", "DescribeKey"], Constraints::default());

    for (action, expected) in [
        ("kms:Decrypt", true),
        ("kms:DescribeKey", true),
        ("kms:Encrypt", false),
        ("kms:ReEncryptFrom", false),
        ("kms:decrypt", false),
    ] {
        assert_eq!(grant.is_for(action, Some(&[])), expected, "{action}");
    }
}

#[test]
fn constraints_are_about_uses_with_a_context() {
    let equals = Some(owned(&[("a", "1")]));
    let constraints = Constraints {
        equals,
        subset: None,
    };
    let grant = a_grant(&["Decrypt", "DescribeKey"], constraints);

    assert!(grant.is_for("kms:DescribeKey", None));
    assert!(grant.is_for("kms:Decrypt", Some(&[("a", "1")])));
    for context in [
        &[][..],
        &[("a", "2")],
        &[("A", "1")],
        &[("a", "1"), ("b", "")],
    ] {
        assert!(!grant.is_for("kms:Decrypt", Some(context)), "{context:?}");
    }
}

#[test]
fn a_subset_may_have_more_around_it() {
    let constraints = Constraints {
        equals: None,
        subset: Some(owned(&[("a", "1"), ("b", "2")])),
    };

    assert!(constraints.admit(&[("b", "2"), ("c", "3"), ("a", "1")]));
    assert!(!constraints.admit(&[("a", "1"), ("c", "3")]));
    assert!(!constraints.admit(&[("a", "1"), ("b", "3")]));
    assert!(!constraints.is_empty() && Constraints::default().is_empty());
}

proptest! {
    #[test]
    fn constraints_agree_with_maps(
        equals in prop::option::of(prop::collection::btree_map("[ab]", "[xy]", 0..3)),
        subset in prop::option::of(prop::collection::btree_map("[ab]", "[xy]", 0..3)),
        context in prop::collection::btree_map("[abA]", "[xyX]", 0..4),
    ) {
        let pairs: Vec<(&str, &str)> =
            context.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let is_equal = equals.as_ref().is_none_or(|wanted| *wanted == context);
        let has_all = |wanted: &Pairs| wanted.iter().all(|(name, value)| context.get(name) == Some(value));
        let has_subset = subset.as_ref().is_none_or(has_all);

        let constraints = Constraints { equals, subset };

        prop_assert_eq!(constraints.admit(&pairs), is_equal && has_subset);
    }
}
