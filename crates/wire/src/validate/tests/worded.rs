//! Patterns that are told in words.

use crate::Input;
use crate::fixture::HOURS;
use crate::parse::parse;
use crate::probe;
use crate::shape::Shape;

const WORDED: Shape = Shape::text(2, 3)
    .matching(&HOURS)
    .worded("It must be hours.");
const PLAIN: Shape = Shape::text(2, 3).matching(&HOURS);
const LIST: Shape = Shape::list(&WORDED, 0, 2);

crate::input! {
    /// Hours in words, and hours as an expression.
    struct Hours {
        plain: Option<String> = audited "Plain" PLAIN,
        worded: String = required audited "WordedHours" WORDED,
        list: Option<Vec<String>> = audited "List" LIST,
    }
}

#[test]
fn a_pattern_in_words_is_told_alone_whatever_else_is_wrong() {
    for body in [
        r#"{"WordedHours": "3d"}"#,
        r#"{"WordedHours": ""}"#,
        r#"{"WordedHours": "three"}"#,
        r#"{"WordedHours": "3d", "Plain": "3d", "List": ["a", "b", "c"]}"#,
    ] {
        let text = refusal(body);

        let expected = "The specified value for wordedHours is invalid. It must be hours.";
        assert_eq!(text, expected);
    }
}

#[test]
fn what_matches_is_taken() {
    let body = r#"{"Plain": "1h", "WordedHours": "2h", "List": ["3h"]}"#;
    let parsed = parse(Hours::SHAPE, body.as_bytes()).unwrap();

    let valid = parsed.validate();
    let hours: Hours = parsed.into_input().unwrap();

    assert_eq!(valid, Ok(()));
    assert_eq!(hours.plain.as_deref(), Some("1h"));
    assert_eq!(hours.worded, "2h");
    assert_eq!(hours.list, Some(vec![String::from("3h")]));
}

#[test]
fn an_item_is_named_by_its_path() {
    let text = refusal(r#"{"WordedHours": "3h", "List": ["3h", "3d"]}"#);

    let expected = "The specified value for list.2.member is invalid. It must be hours.";
    assert_eq!(text, expected);
}

#[test]
fn a_length_and_an_absent_member_are_told_as_the_model_has_them() {
    let too_long = refusal(r#"{"WordedHours": "123h"}"#);
    let absent = refusal("{}");

    assert_eq!(
        too_long,
        "1 validation error detected: Value '123h' at 'wordedHours' failed to satisfy constraint: \
         Member must have length less than or equal to 3"
    );
    assert_eq!(
        absent,
        "1 validation error detected: Value null at 'wordedHours' failed to satisfy constraint: \
         Member must not be null"
    );
}

#[test]
fn the_probe_predicts_it() {
    for violation in probe::query_violations(Hours::SHAPE) {
        let is_in_words =
            violation.what.ends_with("against the pattern") && !violation.what.starts_with("plain");
        let text = violation.message.unwrap_or_default();

        if is_in_words {
            assert!(text.starts_with("The specified value for "), "{text}");
        }
        assert!(
            !text.contains("pattern") || text.contains("'plain'"),
            "{text}"
        );
    }
}

fn refusal(body: &str) -> String {
    let parsed = parse(Hours::SHAPE, body.as_bytes()).unwrap();
    parsed.validate().unwrap_err().to_string()
}
