mod properties;
mod quotas;
mod worded;

use crate::Input;
use crate::fixture::{Everything, rejected};
use crate::probe::minimal;
use crate::rejection::Rejection;
use serde_json::{Value, json};

/// The refusal of a minimal request in which `changes` were made.
fn refusal_with(changes: Value) -> String {
    let mut body = minimal(Everything::SHAPE);
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    match rejected(body.to_string().as_bytes()) {
        Some(Rejection::Validation(text)) => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_minimal_request_is_valid() {
    let body = minimal(Everything::SHAPE).to_string();

    assert_eq!(rejected(body.as_bytes()), None);
}

#[test]
fn every_rule_has_its_text() {
    for (changes, violation) in BROKEN_RULES {
        assert_eq!(
            refusal_with(serde_json::from_str(changes).unwrap()),
            format!("1 validation error detected: {violation}")
        );
    }
}

#[test]
fn all_violations_are_named_in_member_order() {
    let body = br#"{"Limit":9,"SecretId":"","Duration":"four","RotationRules":{"AfterDays":0}}"#;

    let rejection = rejected(body).unwrap();

    assert_eq!(rejection.code(), "ValidationException");
    assert_eq!(
        rejection.message(),
        Some(
            "9 validation errors detected: \
             Value '' at 'secretId' failed to satisfy constraint: Member must have length greater than or equal to 1; \
             Value null at 'requiredNames' failed to satisfy constraint: Member must not be null; \
             Value null at 'secretString' failed to satisfy constraint: Member must not be null; \
             Value null at 'days' failed to satisfy constraint: Member must not be null; \
             Value 'four' at 'duration' failed to satisfy constraint: Member must have length less than or equal to 3; \
             Value 'four' at 'duration' failed to satisfy constraint: Member must satisfy regular expression pattern: [0-9]+h; \
             Value '9' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 5; \
             Value '0' at 'rotationRules.afterDays' failed to satisfy constraint: Member must have value greater than or equal to 1; \
             Value null at 'rotationRules.force' failed to satisfy constraint: Member must not be null"
        )
    );
}

#[test]
fn a_length_counts_characters_unless_the_shape_says_bytes() {
    let mut body = minimal(Everything::SHAPE);
    body["SecretId"] = json!("ééééé");
    body["Note"] = json!("éééé");

    assert_eq!(rejected(body.to_string().as_bytes()), None);
    assert_eq!(
        refusal_with(json!({"Note": "ééééé"})),
        "1 validation error detected: Value 'ééééé' at 'note' failed to satisfy constraint: \
         Member must have length less than or equal to 8"
    );
}

#[test]
fn a_long_value_is_cut_short() {
    let shown = "é".repeat(1_024);

    let whole = refusal_with(json!({"SecretId": shown}));
    let cut = refusal_with(json!({"SecretId": format!("{shown}z")}));
    let list = refusal_with(json!({"Names": vec!["a"; 10_000]}));

    let rest = "at 'secretId' failed to satisfy constraint: Member must have length less than or equal to 5";
    assert_eq!(
        whole,
        format!("1 validation error detected: Value '{shown}' {rest}")
    );
    assert_eq!(
        cut,
        format!("1 validation error detected: Value '{shown}...' {rest}")
    );
    assert!(list.len() < 1_300, "{}", list.len());
    assert!(list.contains("Value '[a, a, a, "), "{list}");
}

#[test]
fn very_many_violations_are_counted_but_not_all_written() {
    let text = refusal_with(json!({"Tags": vec![json!({}); 50_000]}));

    assert!(text.starts_with("50001 validation errors detected: Value '[{}, {}, "));
    assert_eq!(text.matches("Member must").count(), 100);
    assert!(text.ends_with(
        "; Value null at 'tags.99.member.key' failed to satisfy constraint: Member must not be null"
    ));
}

#[test]
fn a_sensitive_value_is_in_no_refusal() {
    let canary = "CANARYCANARYCANARY";
    let encoded = data_encoding::BASE64.encode(canary.as_bytes());
    let bodies = [
        json!({"SecretString": canary}),
        json!({"RotationToken": canary}),
        json!({"SecretBinary": encoded}),
        json!({"SecretBinary": canary}),
        json!({"Values": [canary, canary, canary]}),
        json!({"Login": {"User": "too long a name", "Password": canary}}),
        json!({"SecretString": [canary]}),
        json!({"SecretString": {"a": canary}}),
        json!({"Login": canary}),
        json!({"Login": [{"Password": canary}]}),
        json!({"Values": canary}),
        json!({canary: canary}),
    ];
    for body in bodies {
        let rejection = rejected(body.to_string().as_bytes()).unwrap();

        let text = format!("{rejection:?} {rejection}");
        assert!(
            !text.contains("CANARY") && !text.contains(&encoded),
            "{text}"
        );
    }
}

/// What is changed in a minimal request, and the violation that is due.
const BROKEN_RULES: &[(&str, &str)] = &[
    (
        r#"{"SecretId": null}"#,
        "Value null at 'secretId' failed to satisfy constraint: Member must not be null",
    ),
    (
        r#"{"SecretId": ""}"#,
        "Value '' at 'secretId' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ),
    (
        r#"{"SecretId": "abcdef"}"#,
        "Value 'abcdef' at 'secretId' failed to satisfy constraint: Member must have length less than or equal to 5",
    ),
    (
        r#"{"Duration": "3d"}"#,
        "Value '3d' at 'duration' failed to satisfy constraint: Member must satisfy regular expression pattern: [0-9]+h",
    ),
    (
        r#"{"Days": 0}"#,
        "Value '0' at 'days' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ),
    (
        r#"{"Days": 5555}"#,
        "Value '5555' at 'days' failed to satisfy constraint: Member must have value less than or equal to 1000",
    ),
    (
        r#"{"SortOrder": "up"}"#,
        "Value 'up' at 'sortOrder' failed to satisfy constraint: Member must satisfy enum value set: [asc, desc]",
    ),
    (
        r#"{"Names": []}"#,
        "Value '[]' at 'names' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ),
    (
        r#"{"Names": ["a", "b", "c"]}"#,
        "Value '[a, b, c]' at 'names' failed to satisfy constraint: Member must have length less than or equal to 2",
    ),
    (
        r#"{"Names": ["a", ""]}"#,
        "Value '' at 'names.2.member' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ),
    (
        r#"{"Names": [null]}"#,
        "Value null at 'names.1.member' failed to satisfy constraint: Member must not be null",
    ),
    (
        r#"{"Tags": [{"Key": "a"}, {"Key": "abcdef"}]}"#,
        "Value 'abcdef' at 'tags.2.member.key' failed to satisfy constraint: Member must have length less than or equal to 5",
    ),
    (
        r#"{"Tags": [{}]}"#,
        "Value null at 'tags.1.member.key' failed to satisfy constraint: Member must not be null",
    ),
    (
        r#"{"Tags": [{"Key": "a", "Hosts": ["b", "abcdef"]}]}"#,
        "Value 'abcdef' at 'tags.1.member.hosts.2.member' failed to satisfy constraint: Member must have length less than or equal to 5",
    ),
    (
        r#"{"RotationRules": {}}"#,
        "Value null at 'rotationRules.force' failed to satisfy constraint: Member must not be null",
    ),
    (
        r#"{"SecretString": null}"#,
        "Value null at 'secretString' failed to satisfy constraint: Member must not be null",
    ),
    (
        r#"{"SecretString": "ab"}"#,
        "Value at 'secretString' failed to satisfy constraint: Member must have length greater than or equal to 3",
    ),
    (
        r#"{"RotationToken": "3d"}"#,
        "Value at 'rotationToken' failed to satisfy constraint: Member must satisfy regular expression pattern: [0-9]+h",
    ),
    (
        r#"{"SecretBinary": "YQ=="}"#,
        "Value at 'secretBinary' failed to satisfy constraint: Member must have length greater than or equal to 2",
    ),
    (
        r#"{"SecretBinary": "YWFhYWFhYQ=="}"#,
        "Value at 'secretBinary' failed to satisfy constraint: Member must have length less than or equal to 6",
    ),
    (
        r#"{"Values": ["abc", "abc", "abc"]}"#,
        "Value at 'values' failed to satisfy constraint: Member must have length less than or equal to 2",
    ),
    (
        r#"{"Values": ["abc", "ab"]}"#,
        "Value at 'values.2.member' failed to satisfy constraint: Member must have length greater than or equal to 3",
    ),
    (
        r#"{"Tags": [{"Key": "a", "Value": "b"}, {"Key": "c"}, {"Key": "d"}, {"Key": "e", "Hosts": ["f"]}]}"#,
        "Value '[{key=a, value=b}, {key=c}, {key=d}, {key=e, hosts=[f]}]' at 'tags' failed to satisfy constraint: Member must have length less than or equal to 3",
    ),
];
