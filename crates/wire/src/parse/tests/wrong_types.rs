use super::*;

#[test]
fn every_wrong_type_has_its_text() {
    for (member, value, text) in WRONG_TYPES {
        let body = format!(r#"{{"{member}":{value}}}"#);

        assert_eq!(
            refusal_of(&body),
            Rejection::Serialization(Some(text)),
            "{body}"
        );
    }
}

/// A member, a value of the wrong type for it, and the text that is due.
const WRONG_TYPES: &[(&str, &str, &str)] = &[
    (
        "Limit",
        r#""1""#,
        "STRING_VALUE can not be converted to an Integer",
    ),
    (
        "Limit",
        "true",
        "TRUE_VALUE can not be converted to an Integer",
    ),
    (
        "Limit",
        "false",
        "FALSE_VALUE can not be converted to an Integer",
    ),
    ("Limit", "[1]", LIST),
    ("Limit", "{}", STRUCTURE),
    (
        "Days",
        r#""1""#,
        "STRING_VALUE can not be converted to a Long",
    ),
    ("Days", "true", "TRUE_VALUE can not be converted to a Long"),
    (
        "SecretId",
        "1",
        "NUMBER_VALUE can not be converted to a String",
    ),
    (
        "SecretId",
        "-1",
        "NUMBER_VALUE can not be converted to a String",
    ),
    (
        "SecretId",
        "1.5",
        "NUMBER_VALUE can not be converted to a String",
    ),
    (
        "SecretId",
        "true",
        "TRUE_VALUE can not be converted to a String",
    ),
    (
        "SecretId",
        "false",
        "FALSE_VALUE can not be converted to a String",
    ),
    ("SecretId", r#"["a"]"#, LIST),
    ("SecretId", r#"{"a":1}"#, STRUCTURE),
    (
        "SecretString",
        "1",
        "NUMBER_VALUE can not be converted to a String",
    ),
    (
        "SecretString",
        "-1.5",
        "NUMBER_VALUE can not be converted to a String",
    ),
    (
        "SecretString",
        "true",
        "TRUE_VALUE can not be converted to a String",
    ),
    (
        "SecretString",
        "false",
        "FALSE_VALUE can not be converted to a String",
    ),
    ("SecretString", r#"["a"]"#, LIST),
    ("SecretString", "{}", STRUCTURE),
    (
        "SecretBinary",
        "0",
        "NUMBER_VALUE can not be converted to a Blob",
    ),
    (
        "SecretBinary",
        "false",
        "FALSE_VALUE can not be converted to a Blob",
    ),
    ("SecretBinary", "[]", LIST),
    ("SecretBinary", "{}", STRUCTURE),
    (
        "Force",
        r#""true""#,
        "STRING_VALUE can not be converted to a Boolean",
    ),
    (
        "Force",
        "0",
        "NUMBER_VALUE can not be converted to a Boolean",
    ),
    ("Force", "[]", LIST),
    ("Force", "{}", STRUCTURE),
    ("Names", r#""a""#, "Expected list or null"),
    ("Names", "1", "Expected list or null"),
    ("Names", "true", "Expected list or null"),
    ("Names", "{}", STRUCTURE),
    ("RotationRules", r#""a""#, "Expected null"),
    ("RotationRules", "1", "Expected null"),
    ("RotationRules", "false", "Expected null"),
    ("RotationRules", "[]", LIST),
    (
        "Names",
        r#"["a",1]"#,
        "NUMBER_VALUE can not be converted to a String",
    ),
    (
        "Tags",
        r#"[{"Key":true}]"#,
        "TRUE_VALUE can not be converted to a String",
    ),
    ("Values", "[[]]", LIST),
];
const LIST: &str = "Start of list found where not expected";
const STRUCTURE: &str = "Start of structure or map found where not expected.";
