use super::*;
use crate::operation::OperationInfo;
use std::path::Path;

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
