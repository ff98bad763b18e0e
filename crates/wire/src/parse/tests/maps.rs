//! Maps: an operation of its own, since a form cannot say them.

use crate::{Input, Rejection, Shape, UNBOUNDED, parse, probe};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const TEXT: Shape = Shape::text(0, UNBOUNDED);
const CONTEXT: Shape = Shape::map(&TEXT);
const SHORT: Shape = Shape::text(1, 2);
const NAMES: Shape = Shape::list(&SHORT, 1, 2);
const LISTS: Shape = Shape::map(&NAMES);

crate::input! {
    struct Mapped {
        context: Option<BTreeMap<String, String>> = audited "EncryptionContext" CONTEXT,
        lists: Option<BTreeMap<String, Vec<String>>> = audited "Lists" LISTS,
    }
}

fn read(body: &str) -> Result<Mapped, Rejection> {
    let parsed = parse(Mapped::SHAPE, body.as_bytes())?;
    parsed.validate()?;
    Ok(parsed.into_input().unwrap())
}

fn refused(body: &str) -> Rejection {
    read(body).map(drop).unwrap_err()
}

#[test]
fn keys_are_data_and_of_a_key_given_twice_the_last_value_counts() {
    let read = read(r#"{"EncryptionContext":{"Ärn ":"1","ärn ":"2","":"","Ärn ":"3"},"Lists":{}}"#);

    let read = read.unwrap();
    let pairs = [("", ""), ("Ärn ", "3"), ("ärn ", "2")];
    let expected = pairs.map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(read.context, Some(BTreeMap::from(expected)));
    assert_eq!(read.lists, Some(BTreeMap::new()));
}

#[test]
fn an_absent_map_is_none() {
    for body in ["{}", r#"{"EncryptionContext":null}"#] {
        assert_eq!(read(body).unwrap().context, None, "{body}");
    }
}

#[test]
fn what_is_wrong_in_a_map_is_named_by_its_key() {
    assert_eq!(
        refused(r#"{"EncryptionContext":{"a":null}}"#).message(),
        Some(
            "1 validation error detected: Value null at 'encryptionContext.a.member' failed to \
             satisfy constraint: Member must not be null"
        )
    );
    assert_eq!(
        refused(r#"{"Lists":{"k":["x","long"]}}"#).message(),
        Some(
            "1 validation error detected: Value 'long' at 'lists.k.member.2.member' failed to \
             satisfy constraint: Member must have length less than or equal to 2"
        )
    );
}

#[test]
fn a_value_of_another_type_is_refused_as_such() {
    for (body, text) in [
        (
            r#"{"EncryptionContext":{"a":1}}"#,
            "NUMBER_VALUE can not be converted to a String",
        ),
        (
            r#"{"EncryptionContext":["a"]}"#,
            "Start of list found where not expected",
        ),
        (r#"{"EncryptionContext":"a"}"#, "Expected null"),
    ] {
        assert_eq!(
            refused(body),
            Rejection::Serialization(Some(text)),
            "{body}"
        );
    }
}

#[test]
fn the_audit_record_shows_the_keys_as_they_were_sent() {
    let body = r#"{"EncryptionContext":{"SecretARN":"a","B":null},"Lists":{"K":["x"]}}"#;

    let shown = parse(Mapped::SHAPE, body.as_bytes())
        .unwrap()
        .request_parameters();

    let shown: Value = serde_json::from_str(&shown).unwrap();
    let expected = json!({ "encryptionContext": { "SecretARN": "a" }, "lists": { "K": ["x"] } });
    assert_eq!(shown, expected);
}

#[test]
fn the_probe_and_the_parser_agree() {
    let found = probe::violations(Mapped::SHAPE);

    for violation in &found {
        let rejection = refused(&violation.body.to_string());
        assert_eq!(
            (rejection.code(), rejection.message()),
            (violation.code, violation.message.as_deref()),
            "{}",
            violation.what
        );
    }
    assert!(found.len() > 30, "{}", found.len());
    assert!(read(&probe::complete(Mapped::SHAPE).to_string()).is_ok());
}

#[test]
fn a_form_cannot_say_a_map() {
    let form = b"Action=a&EncryptionContext.k=v";

    let parsed = crate::query::parse(form)
        .unwrap()
        .parse_input(Mapped::SHAPE);

    assert!(matches!(parsed, Err(Rejection::Serialization(None))));
}
