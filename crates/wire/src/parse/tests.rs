mod maps;
mod properties;
mod wrong_types;

use super::*;
use crate::fixture::{Everything, describe_members, parsed, rejected};
use crate::probe::complete;
use serde_json::{Value as Json, json};

fn refusal_of(body: &str) -> Rejection {
    match parse(Everything::SHAPE, body.as_bytes()) {
        Ok(_) => panic!("accepted: {body}"),
        Err(rejection) => rejection,
    }
}

fn members(body: &str) -> Json {
    describe_members(&parsed(body).members)
}

#[test]
fn every_kind_of_member_reaches_its_field() {
    let body = complete(Everything::SHAPE).to_string();

    let Ok(input) = parsed(&body).into_input::<Everything>() else {
        panic!("does not fit");
    };

    assert_eq!(input.secret_id, "x");
    assert_eq!(input.required_names, ["x"]);
    assert_eq!(input.value.expose(), b"xxx");
    assert_eq!(input.days, 1);
    assert_eq!(input.duration.as_deref(), Some("3h"));
    assert_eq!(input.order.as_deref(), Some("asc"));
    assert_eq!(input.note.as_deref(), Some("x"));
    assert_eq!(input.hidden.as_deref(), Some("x"));
    assert_eq!(input.limit, Some(-3));
    assert_eq!(input.any_number, Some(1));
    assert_eq!(input.force, Some(true));
    assert_eq!(input.names, Some(vec!["x".to_owned()]));
    let tag = input.tags.unwrap().pop().unwrap();
    assert_eq!((tag.key.as_str(), tag.value.as_deref()), ("x", Some("x")));
    assert_eq!(tag.hosts, Some(vec!["x".to_owned()]));
    let rules = input.rules.unwrap();
    assert_eq!((rules.after_days, rules.force), (Some(1), true));
    assert_eq!(rules.duration.as_deref(), Some("3h"));
    let login = input.login.unwrap();
    assert_eq!(
        (login.user.as_str(), login.password.expose()),
        ("x", b"xxx".as_slice())
    );
    assert_eq!(input.values.unwrap()[0].expose(), b"xxx");
    assert_eq!(input.bytes.unwrap().expose(), b"xx");
    assert_eq!(input.token.unwrap().expose(), b"3h");
}

#[test]
fn absent_members_are_none() {
    let body = r#"{"SecretId":"a","RequiredNames":[],"SecretString":"","Days":7}"#;

    let Ok(input) = parsed(body).into_input::<Everything>() else {
        panic!("does not fit");
    };

    assert!(input.duration.is_none() && input.force.is_none() && input.limit.is_none());
    assert!(input.tags.is_none() && input.rules.is_none() && input.login.is_none());
    assert!(input.values.is_none() && input.bytes.is_none() && input.names.is_none());
    assert!(input.required_names.is_empty() && input.value.is_empty());
}

#[test]
fn a_request_that_was_not_validated_does_not_fit() {
    let mismatch = parsed(r#"{"SecretId":"a"}"#)
        .into_input::<Everything>()
        .err();

    let expected = Mismatch {
        member: "RequiredNames",
    };
    assert_eq!(mismatch, Some(expected));
    assert_eq!(
        expected.to_string(),
        "member `RequiredNames` does not fit the field that it is to be read into"
    );
}

#[test]
fn what_is_no_json_object_is_refused_without_a_text() {
    let bodies: [&[u8]; 22] = [
        b"",
        b" ",
        b"null",
        b"true",
        b"\"SecretId\"",
        b"17",
        b"{",
        b"[",
        b"{]",
        b"{\"SecretId\":\"a\",}",
        b"{\"SecretId\":\"a\"} x",
        b"{\"SecretId\":\"a\"}{}",
        b"{'SecretId':'a'}",
        b"{SecretId:1}",
        b"{\"SecretId\"}",
        b"{\"SecretId\":\"a\"",
        b"{\"SecretId\":\"\n\"}",
        b"{\"SecretId\":\"\\ud800\"}",
        b"{\"SecretId\":\"\xff\"}",
        b"{\"Unknown\":\"\xff\"}",
        b"\xef\xbb\xbf{}",
        b"\x00{}",
    ];
    for body in bodies {
        assert_eq!(
            parse(Everything::SHAPE, body).err(),
            Some(Rejection::Serialization(None)),
            "{}",
            String::from_utf8_lossy(body)
        );
    }
}

#[test]
fn a_broken_secret_or_blob_is_refused_without_a_text() {
    for body in [
        r#"{"SecretString":"\ud800"}"#,
        r#"{"SecretString":"\x"}"#,
        r#"{"SecretString":"a}"#,
        r#"{"SecretString":nul}"#,
        r#"{"SecretBinary":"YQ"}"#,
        r#"{"SecretBinary":"YR=="}"#,
        r#"{"SecretBinary":"Y*=="}"#,
        r#"{"SecretBinary":"YQ==\n"}"#,
    ] {
        assert_eq!(refusal_of(body), Rejection::Serialization(None), "{body}");
    }
}

#[test]
fn an_array_is_refused_as_a_list() {
    for body in ["[]", " [1,2]", "[{}]"] {
        assert_eq!(
            refusal_of(body),
            Rejection::Serialization(Some("Start of list found where not expected")),
            "{body}"
        );
    }
}

#[test]
fn the_first_wrong_type_is_the_one_that_is_told() {
    let rejection = refusal_of(r#"{"Force":1,"SecretId":[]}"#);

    assert_eq!(
        rejection.message(),
        Some("NUMBER_VALUE can not be converted to a Boolean")
    );
}

#[test]
fn malformed_json_wins_over_a_wrong_type() {
    for body in [
        r#"{"Force":1,}"#,
        r#"{"Force":1} x"#,
        "[1,]",
        "[",
        r#"{"SecretString":1"#,
    ] {
        assert_eq!(refusal_of(body), Rejection::Serialization(None), "{body}");
    }
}

#[test]
fn a_wrong_type_wins_over_a_missing_member() {
    let rejection = rejected(br#"{"Force":"x"}"#).unwrap();

    assert_eq!(rejection.code(), "SerializationException");
}

#[test]
fn numbers_are_truncated_and_saturate() {
    let rows = [
        ("1.5", 1),
        ("-1.5", -1),
        ("1.0", 1),
        ("5e2", 500),
        ("-0.0", 0),
        ("9223372036854775807", i64::MAX),
        ("9223372036854775808", i64::MAX),
        ("18446744073709551616", i64::MAX),
        ("1e300", i64::MAX),
        ("-9223372036854775809", i64::MIN),
        ("-1e300", i64::MIN),
    ];
    for (given, read) in rows {
        assert_eq!(
            members(&format!(r#"{{"AnyNumber":{given}}}"#)),
            json!({"AnyNumber": read}),
            "{given}"
        );
    }
    assert_eq!(
        refusal_of(r#"{"AnyNumber":1e999}"#),
        Rejection::Serialization(None)
    );
}

#[test]
fn null_is_absent() {
    let read = members(
        r#"{"SecretId":null,"SecretString":null,"SecretBinary":null,"Tags":null,"Force":null,
            "Limit":null,"RotationRules":{"AfterDays":null}}"#,
    );

    assert_eq!(read, json!({"RotationRules": {}}));
}

#[test]
fn the_last_of_a_member_given_twice_counts() {
    let read = members(
        r#"{"SecretId":"a","SecretId":"b","SecretString":"x","SecretString":"y","Limit":1,"Limit":null}"#,
    );

    assert_eq!(read, json!({"SecretId": "b", "SecretString": "y"}));
}

#[test]
fn unknown_members_are_skipped() {
    let read = members(
        r#"{"Unknown":{"SecretId":["x",1.5e999,null]},"secretid":"x","SecretId":"a","":0,
            "RotationRules":{"Nope":[],"Force":true}}"#,
    );

    assert_eq!(
        read,
        json!({"SecretId": "a", "RotationRules": {"Force": true}})
    );
}

#[test]
fn escaped_names_and_base64_are_understood() {
    let read = members(
        r#"{"\u0053ecretId":"a","SecretString":"{\"k\":\"\u00e9\"}","SecretBinary":"\/\/\/+"}"#,
    );

    assert_eq!(
        read,
        json!({"SecretId": "a", "SecretString": "{\"k\":\"é\"}", "SecretBinary": "///+"})
    );
}

#[test]
fn depth_costs_nothing_where_it_is_unknown_and_is_refused_where_it_is_not() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));

    assert_eq!(members(&format!(r#"{{"Unknown":{deep}}}"#)), json!({}));
    for member in ["SecretId", "SecretString", "Limit"] {
        let rejection = refusal_of(&format!(r#"{{"{member}":{deep}}}"#));

        assert_eq!(
            rejection.message(),
            Some("Start of list found where not expected")
        );
    }
    assert_eq!(
        refusal_of(&format!("{{\"Unknown\":{}", "[".repeat(200_000))),
        Rejection::Serialization(None)
    );
}

#[test]
fn a_rejection_prints_its_text() {
    let texts = [
        Rejection::Serialization(None),
        Rejection::Serialization(Some("Expected null")),
        Rejection::Validation("1 validation error detected: x".into()),
    ]
    .map(|rejection| rejection.to_string());

    assert_eq!(
        texts,
        [
            "the request cannot be read",
            "Expected null",
            "1 validation error detected: x"
        ]
    );
}
