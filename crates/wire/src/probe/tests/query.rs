use super::*;
use crate::query::parse;
use crate::{Parsed, Rejection};

fn everything() -> Vec<Violation> {
    query_violations(Everything::SHAPE)
}

fn read(body: &[u8]) -> Result<Parsed, Rejection> {
    match parse(body) {
        Ok(request) => request.parse_input(Everything::SHAPE),
        Err(rejection) => panic!("{rejection}: {}", String::from_utf8_lossy(body)),
    }
}

#[test]
fn examples_are_valid_as_forms() {
    for document in [minimal(Everything::SHAPE), complete(Everything::SHAPE)] {
        let refused = read(&form(&document, "X", "1")).and_then(|parsed| parsed.validate());

        assert_eq!(refused, Ok(()), "{document}");
    }
}

#[test]
fn every_violation_is_refused_with_the_predicted_text() {
    for violation in everything() {
        let refused = read(&violation.form("X", "1")).and_then(|parsed| parsed.validate());

        let Err(rejection) = refused else {
            panic!("accepted: {violation:?}");
        };
        assert_eq!(
            (rejection.query_code(), rejection.message()),
            (violation.code, violation.message.as_deref()),
            "{}",
            violation.what
        );
    }
}

#[test]
fn every_kind_of_violation_that_a_form_can_say_is_made() {
    let made: BTreeSet<String> = everything().into_iter().map(|v| v.what).collect();

    for what in [
        "secretId: absent",
        "secretId: too short",
        "secretId: too long",
        "secretId: given [\"item\"]",
        "secretId: given {}",
        "note: too long in bytes",
        "duration: against the pattern",
        "sortOrder: outside the set",
        "days: too small",
        "days: given \"text\"",
        "days: given 1.5",
        "force: given 1",
        "names: too short",
        "names: given \"text\"",
        "names: given {}",
        "names.2.member: too long",
        "names.2.member: given {}",
        "tags.2.member: given \"text\"",
        "tags.2.member.key: absent",
        "rotationRules: given true",
        "rotationRules.force: absent",
        "login.password: too short",
        "values.2.member: too short",
        "secretBinary: not base64",
        "secretBinary: given 1",
        "secretBinary: too long",
        "rotationToken: against the pattern",
    ] {
        assert!(made.contains(what), "{what}");
    }
}

#[test]
fn what_a_form_cannot_say_is_not_made() {
    let made: BTreeSet<String> = everything().into_iter().map(|v| v.what).collect();

    for what in [
        "secretId: null",
        "secretId: given 1",
        "secretId: given true",
        "days: given 1",
        "force: given true",
        "names.2.member: null",
        "rotationRules: given [\"item\"]",
        "secretBinary: given \"text\"",
    ] {
        assert!(!made.contains(what), "{what}");
    }
}

#[test]
fn constraints_are_broken_alike_in_both_protocols() {
    let constraints =
        |violations: Vec<Violation>, code: &str| -> BTreeSet<(String, Option<String>)> {
            let broken = violations.into_iter().filter(|v| v.code == code);
            broken
                .filter(|v| !v.what.ends_with(": null"))
                .map(|v| (v.what, v.message))
                .collect()
        };

    let in_json = constraints(violations(Everything::SHAPE), "ValidationException");
    let in_query = constraints(everything(), "ValidationError");

    assert!(in_json.len() > 50);
    assert_eq!(in_query, in_json);
}
