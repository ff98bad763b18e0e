use super::*;
use crate::Input;
use crate::fixture::{Everything, rejected};
use std::collections::BTreeSet;

fn everything() -> Vec<Violation> {
    violations(Everything::SHAPE)
}

#[test]
fn examples_are_valid() {
    for body in [minimal(Everything::SHAPE), complete(Everything::SHAPE)] {
        assert_eq!(rejected(body.to_string().as_bytes()), None, "{body}");
    }
}

#[test]
fn a_minimal_document_has_what_is_required_and_no_more() {
    assert_eq!(
        minimal(Everything::SHAPE),
        json!({"SecretId": "x", "RequiredNames": ["x"], "SecretString": "xxx", "Days": 1})
    );
}

#[test]
fn every_violation_is_refused_with_the_predicted_text() {
    for violation in everything() {
        let Some(rejection) = rejected(violation.body.to_string().as_bytes()) else {
            panic!("accepted: {violation:?}");
        };

        assert_eq!(
            (rejection.code(), rejection.message()),
            (violation.code, violation.message.as_deref()),
            "{}",
            violation.what
        );
    }
}

#[test]
fn every_kind_of_violation_is_made() {
    let made: BTreeSet<String> = everything().into_iter().map(|v| v.what).collect();

    for what in [
        "secretId: absent",
        "secretId: null",
        "secretId: too short",
        "secretId: too long",
        "secretId: given 1",
        "secretId: given 1.5",
        "secretId: given true",
        "secretId: given false",
        "secretId: given []",
        "secretId: given {}",
        "note: too long in bytes",
        "duration: against the pattern",
        "sortOrder: outside the set",
        "days: too small",
        "days: too large",
        "days: given \"text\"",
        "force: given \"text\"",
        "names: too short",
        "names: too long",
        "names: given {}",
        "names.2.member: too long",
        "names.2.member: null",
        "tags: given \"text\"",
        "tags.2.member: given \"text\"",
        "tags.2.member.key: absent",
        "tags.2.member.key: too long",
        "tags.2.member.hosts.2.member: too short",
        "rotationRules: given []",
        "rotationRules.force: absent",
        "rotationRules.afterDays: too large",
        "login.password: too short",
        "values.2.member: too short",
        "secretBinary: not base64",
        "secretBinary: too short",
        "secretBinary: too long",
        "rotationToken: against the pattern",
    ] {
        assert!(made.contains(what), "{what}");
    }
}

#[test]
fn no_violation_is_made_twice() {
    let all = everything();

    let distinct: BTreeSet<&str> = all.iter().map(|v| v.what.as_str()).collect();

    assert_eq!(distinct.len(), all.len());
}

#[test]
fn an_unbounded_text_cannot_be_too_long() {
    let about_hidden: Vec<String> = everything()
        .into_iter()
        .filter_map(|v| v.what.strip_prefix("hidden: ").map(str::to_owned))
        .collect();

    assert_eq!(
        about_hidden,
        [
            "given 1",
            "given 1.5",
            "given true",
            "given false",
            "given []",
            "given {}"
        ]
    );
}

#[test]
fn several_rules_broken_by_one_value_are_all_predicted() {
    let too_long = everything()
        .into_iter()
        .find(|v| v.what == "duration: too long")
        .unwrap();

    assert_eq!(
        too_long.message.as_deref(),
        Some(
            "2 validation errors detected: \
             Value 'xxxx' at 'duration' failed to satisfy constraint: Member must have length less than or equal to 3; \
             Value 'xxxx' at 'duration' failed to satisfy constraint: Member must satisfy regular expression pattern: [0-9]+h"
        )
    );
}

mod query;
