use super::*;

/// The patterns say the same as the functions that decide them.
#[test]
fn patterns_admit_what_they_say() {
    let account = "123456789012";
    for (pattern, text, expected) in [
        (&ROLES, format!("arn:aws:iam::{account}:role/a/b"), true),
        (&ROLES, format!("arn::iam::{account}:rolex"), true),
        (&ROLES, format!("arn:aws:iam::{account}:role/"), true),
        (&ROLES, format!("arn:aws:iam::{account}:role"), false),
        (&ROLES, format!("arn:aws:iam::{account}:user/x"), false),
        (&ROLES, format!("arn:aws:iam::{account}:role/a b"), false),
        (&ANY_ARN, String::new(), true),
        (&ANY_ARN, String::from("arn:aws:s3:"), true),
        (&ANY_ARN, String::from("arn:aws:S3:"), false),
        (&ANY_ARN, String::from("arn:aws:s3"), false),
        (&QUALIFIERS, String::from("$LATEST.PUBLISHED"), true),
        (&QUALIFIERS, String::from("$x_-1"), true),
        (&QUALIFIERS, String::from("a.b"), false),
        (&ACTIONS, String::from("lambda:*"), true),
        (&ACTIONS, String::from("lambda:"), false),
        (&ACTIONS, String::from("lambda:Invoke*"), false),
        (&SOURCE_ARNS, String::from("arn:aws:s3:::bucket"), true),
        (&SOURCE_ARNS, String::from("arn:aws:s3::bucket"), false),
        (&SOURCE_ARNS, String::from("arn:aws::::x"), false),
        (
            &TAGGABLE,
            format!("arn:aws:lambda:us-east-1:{account}:function:f:$LATEST"),
            true,
        ),
        (
            &TAGGABLE,
            format!("arn:aws:lambda:us-east-1:{account}:function:f:1:2"),
            false,
        ),
        (
            &TAGGABLE,
            format!("arn:aws:lambda:us-east-1:{account}:layer:f"),
            false,
        ),
        (
            &TAGGABLE,
            String::from("arn:aws:lambda:us-east-1::function:f"),
            false,
        ),
        (
            &TAGGABLE,
            format!("arn:aws:lambda:us-east-1:{account}:code-signing-config:csc-abcdefghij1234567"),
            true,
        ),
        (
            &TAGGABLE,
            format!(
                "arn:aws:lambda:us-east-1:{account}:event-source-mapping:\
                 11111111-2222-3333-4444-555555555555"
            ),
            true,
        ),
    ] {
        assert_eq!((pattern.matches)(&text), expected, "{text}");
    }
}

#[test]
fn examples_are_what_they_are_called() {
    for pattern in [
        &NAME,
        &NAMESPACED,
        &QUALIFIERS,
        &ROLES,
        &NO_SPACES,
        &ANY_ARN,
        &STATEMENT,
        &DOTTED_STATEMENT,
        &ACTIONS,
        &SOURCE_ARNS,
        &ACCOUNT,
        &TOKEN,
        &ORGANIZATIONS,
        &TAGGABLE,
        &TAG_PATTERN,
        &REGION_OR_ALL,
    ] {
        assert!((pattern.matches)(pattern.example), "{}", pattern.text);
        assert!(
            !(pattern.matches)(pattern.counterexample),
            "{}",
            pattern.text
        );
    }
}
