use super::*;
use crate::operation::OperationInfo;
use proptest::prelude::*;
use std::path::Path;

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

/// The table says of every operation what its source says.
#[test]
fn every_operation_takes_a_key_as_the_table_has_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/kms/ops");
    let mut looked_at = 0;
    for entry in super::super::SERVICE.operations {
        let info: &OperationInfo = &entry.info;
        let text = std::fs::read_to_string(folder.join(file(info.name))).unwrap();
        let expected = if text.contains("AliasTarget::find") {
            Takes::Alias
        } else if text.contains("permit_use") || text.contains("Source::find") {
            Takes::Use
        } else if text.contains("Target::to_manage") || text.contains("states::switch(") {
            Takes::OwnKey
        } else if text.contains("Target::to_use") {
            Takes::AnyName
        } else if text.contains("Target::by_key") && !info.name.starts_with("ListAliases") {
            Takes::Key
        } else {
            Takes::Nothing
        };
        let actions = match info.name {
            "ReEncrypt" => vec!["ReEncryptFrom", "ReEncryptTo"],
            name => vec![name],
        };
        for action in actions {
            let known = KeyAction::of(&format!("KMS:{}", action.to_lowercase())).unwrap();
            assert_eq!(known.takes(), expected, "{action}");
            assert_eq!(known.name(), format!("kms:{action}"));
            looked_at += 1;
        }
    }

    let listed: usize = TAKEN.iter().map(|(_, names)| names.len()).sum();
    assert_eq!(looked_at, listed);
}

/// And which of them want a key that is enabled, or going to last.
#[test]
fn states_stand_in_the_way_of_the_operations_that_ask_for_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/kms/ops");
    for (takes, names) in TAKEN {
        for name in *names {
            let file = folder.join(file(name.trim_end_matches("From").trim_end_matches("To")));
            let text = std::fs::read_to_string(file).unwrap();
            let asks = |what: &str| text.contains(&format!(".{what}(&permit)"));
            let generates = text.contains("generate(cx, &permit");
            let enabled = asks("enabled") || generates || text.contains("source.enabled(");

            let needs_enabled = *takes == Takes::Use || NEED_ENABLED.contains(name);
            assert_eq!(needs_enabled, enabled, "{name}");
            let changes_state = text.contains("states::switch(");
            let lasting = asks("lasting") || changes_state;
            assert_eq!(NEED_LASTING.contains(name), lasting, "{name}");
        }
    }
}

/// `DescribeKey` to `describe_key.rs`.
fn file(operation: &str) -> String {
    let mut name = String::new();
    for letter in operation.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    format!("{name}.rs")
}
