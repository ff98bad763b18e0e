//! What is no policy, with the place and the words.

use strongroom_policy::{Form, Policy, Problem};

use Form::{Endpoint, Identity, Resource, Trust};

/// `(line, column, path, message)` of every problem.
pub(crate) fn problems(text: &str, form: Form) -> Vec<(usize, usize, String, String)> {
    let Err(problems) = Policy::parse(text, form) else {
        return Vec::new();
    };
    let parts = |p: Problem| (p.line, p.column, p.path, p.message);
    problems.0.into_iter().map(parts).collect()
}

/// Refused with exactly one problem.
fn refused(text: &str, form: Form, line: usize, column: usize, path: &str, message: &str) {
    let expected = vec![(line, column, path.to_owned(), message.to_owned())];

    assert_eq!(problems(text, form), expected, "{form:?} {text}");
}

/// A statement with `element` beside what it must have, and the column at which `element` begins.
pub(crate) fn with(element: &str, form: Form) -> (String, usize) {
    let rest = match form {
        Identity => r#", "Effect": "Allow", "Action": "*", "Resource": "*""#,
        Resource | Endpoint => {
            r#", "Effect": "Deny", "Action": "*", "Resource": "*", "Principal": "*""#
        }
        Trust => r#", "Effect": "Deny", "Action": "sts:*", "Principal": "*""#,
    };
    let name = element.split('"').nth(1).unwrap();
    // What is under test stands in for the usual element.
    let kept: Vec<&str> = rest
        .split(", ")
        .filter(|usual| {
            let usual = usual.split('"').nth(1).unwrap_or_default();
            !usual.is_empty() && name != usual && name != format!("Not{usual}")
        })
        .collect();
    let head = r#"{"Version": "2012-10-17", "Statement": [{"#;
    (
        format!("{head}{element}, {}}}]}}", kept.join(", ")),
        head.len() + 1,
    )
}

#[test]
fn what_is_no_json_is_refused_where_it_stops_being_json() {
    for (text, line, column, message) in NOT_JSON.iter().copied() {
        refused(text, Identity, line, column, "", message);
    }
}

#[test]
fn a_name_given_twice_is_refused_at_any_depth() {
    let text = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:username": "a", "aws:username": "b"}}}}"#;

    refused(text, Identity, 2, 61, "", "`aws:username` is given twice");
}

#[test]
fn nesting_and_length_are_bounded() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let long = format!("{{\"Id\": \"{}\"}}", "x".repeat(131_072));

    refused(
        &deep[..60_000],
        Identity,
        1,
        18,
        "",
        "nested deeper than 16 levels",
    );
    refused(&long, Identity, 1, 1, "", "longer than 131072 characters");
}

#[test]
fn a_document_has_the_elements_of_a_document() {
    let statement = r#""Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}"#;
    for (text, column, path, message) in [
        ("[]".to_owned(), 1, "", "a policy is not an object"),
        ("{}".to_owned(), 1, "", "`Statement` is missing"),
        (
            r#"{"Statement": []}"#.to_owned(),
            15,
            "Statement",
            "`Statement` is empty",
        ),
        (
            r#"{"Statement": "x"}"#.to_owned(),
            15,
            "Statement",
            "a statement is not an object",
        ),
        (
            r#"{"Statement": [1]}"#.to_owned(),
            16,
            "Statement[0]",
            "a statement is not an object",
        ),
        (
            format!(r#"{{"version": "2012-10-17", {statement}}}"#),
            2,
            "",
            "unknown element `version`; write `Version`",
        ),
        (
            format!(r#"{{"Comment": "", {statement}}}"#),
            2,
            "",
            "unknown element `Comment`",
        ),
        (
            format!(r#"{{"Version": "2012-10-18", {statement}}}"#),
            13,
            "Version",
            "`2012-10-18` is no version of the policy language; write `2012-10-17`",
        ),
        (
            format!(r#"{{"Version": 2012, {statement}}}"#),
            13,
            "Version",
            "is not a string",
        ),
        (
            format!(r#"{{"Id": 7, {statement}}}"#),
            8,
            "Id",
            "is not a string",
        ),
    ] {
        refused(&text, Identity, 1, column, path, message);
    }
}

#[test]
fn a_resource_is_an_arn_or_a_star() {
    for resource in [
        "",
        "db",
        "arn",
        "arn:",
        "arn:aws",
        "arn:aws:s3:::",
        "*:s3",
        "a*",
        "arn:aws:s3",
        "＊",
        "ARN:aws:s3:::x",
        "a?n:aws:s3:::x",
        "${aws:username}",
        "arn:aws:iam:123456789012:root",
    ] {
        let (text, _) = with(&format!(r#""Resource": "{resource}""#), Identity);
        let found = problems(&text, Identity);
        let six = resource == "arn:aws:s3:::";

        let message = format!(
            "`{resource}` is neither `*` nor an ARN of the form \
             `arn:partition:service:region:account:resource`"
        );
        let expected: Vec<String> = if six { vec![] } else { vec![message] };
        assert_eq!(
            found.into_iter().map(|p| p.3).collect::<Vec<_>>(),
            expected,
            "{resource}"
        );
    }
}

#[test]
fn an_aws_principal_is_somebody() {
    for name in [
        "",
        "12345678901",
        "1234567890123",
        "１23456789012",
        "ana",
        "AIDA",
        "AIDAexampleexample01",
        "AGPAEXAMPLEEXAMPLE01",
        "arn:aws:iam::123456789012:group/admins",
        "arn:aws:iam::123456789012:user",
        "arn:aws:iam::123456789012:user/",
        "arn:aws:iam::1234:root",
        "arn:aws:iam:us-east-1:123456789012:root",
        "arn:aws:sts::123456789012:assumed-role/app",
        "arn:aws:s3:::box",
        "arn:gcp:iam::123456789012:root",
        "arn:aws:iam:123456789012:root",
        "arn:aws:iam::123456789012:Root",
    ] {
        let (text, column) = with(&format!(r#""Principal": {{"AWS": "{name}"}}"#), Resource);

        let message = format!(
            "`{name}` is no principal; write `*`, an account id, or the ARN of a root, user, role or session"
        );
        refused(
            &text,
            Resource,
            1,
            column + 21,
            "Statement[0].Principal.AWS",
            &message,
        );
    }
}

#[test]
fn every_form_misses_what_it_needs() {
    let needed = |form| {
        problems(r#"{"Statement": {}}"#, form)
            .into_iter()
            .map(|p| p.3)
            .collect::<Vec<_>>()
    };
    let missing = |names: &[&str]| {
        names
            .iter()
            .map(|n| format!("`{n}` is missing"))
            .collect::<Vec<_>>()
    };

    assert_eq!(needed(Identity), missing(&["Effect", "Action", "Resource"]));
    assert_eq!(
        needed(Resource),
        missing(&["Effect", "Principal", "Action", "Resource"])
    );
    assert_eq!(needed(Trust), missing(&["Effect", "Principal", "Action"]));
    assert_eq!(needed(Endpoint), missing(&["Effect", "Action", "Resource"]));
}

#[test]
fn an_element_and_its_negation_exclude_each_other() {
    let text = r#"{"Statement": {"Effect": "Deny",
        "Principal": "*", "NotPrincipal": "*",
        "Action": "*", "NotAction": "s3:*",
        "Resource": "*", "NotResource": "arn:aws:s3:::x"}}"#;

    let at = |line, column, name: &str| {
        let message = format!("`{name}` and `Not{name}` exclude each other");
        (line, column, "Statement".to_owned(), message)
    };
    let expected = vec![
        at(2, 27, "Principal"),
        at(3, 24, "Action"),
        at(4, 26, "Resource"),
    ];
    assert_eq!(problems(text, Resource), expected);
}

#[test]
fn not_principal_with_allow_is_refused() {
    let text = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*",
        "NotPrincipal": {"AWS": "123456789012"}}}"#;

    let message =
        "`NotPrincipal` with `Allow` would let in everyone else; name who is meant, or use `Deny`";
    refused(text, Resource, 2, 9, "Statement", message);
}

#[test]
fn a_sid_is_given_once_in_a_policy_of_identities() {
    let text = r#"{"Statement": [
        {"Sid": "One", "Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Sid": "", "Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Sid": "", "Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Sid": "One", "Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;
    let resource = text
        .replace(r#""Effect""#, r#""Principal": "*", "Effect""#)
        .replace("One", "One of them");

    refused(
        text,
        Identity,
        5,
        17,
        "Statement[3].Sid",
        "`One` is the `Sid` of an earlier statement",
    );
    assert_eq!(problems(&resource, Resource), vec![]);
}

#[test]
fn all_problems_are_told_in_the_order_of_the_text() {
    let text = "{\n \"Version\": \"2013\",\n \"Statement\": [\n  {\"Effect\": \"Allow\", \"Resource\": \"x\",\n   \"Action\": \"y\"}]\n}";

    let error = Policy::parse(text, Identity).unwrap_err();

    assert_eq!(
        error.to_string(),
        "`2013` is no version of the policy language; write `2012-10-17` (line 2, column 13, in Version); \
         `x` is neither `*` nor an ARN of the form `arn:partition:service:region:account:resource` \
         (line 4, column 35, in Statement[0].Resource); \
         `y` names no service; write `service:Action` or `*` (line 5, column 14, in Statement[0].Action)"
    );
}

#[test]
fn problems_are_bounded_in_number_and_length() {
    let actions = vec![format!("\"{}\"", "x".repeat(300)); 300].join(",");
    let text = format!(
        r#"{{"Statement": {{"Effect": "Allow", "Resource": "*", "Action": [{actions}]}}}}"#
    );

    let found = problems(&text, Identity);

    assert_eq!(found.len(), 100);
    let message = format!(
        "`{}…` names no service; write `service:Action` or `*`",
        "x".repeat(100)
    );
    assert!(found.iter().all(|problem| problem.3 == message));
}

#[test]
fn what_the_language_allows_is_not_refused() {
    for (form, element) in [
        (
            Identity,
            r#""Action": ["*", "*:*", "a2c-x:Do*", "kafka-cluster:Read?ata"]"#,
        ),
        (Identity, r#""Sid": """#),
        (Identity, r#""Condition": {}"#),
        (Identity, r#""Condition": {"StringEquals": {}}"#),
        (
            Identity,
            r#""Condition": {"StringEquals": {"aws:ResourceTag/a b/é": [true, 7, "x"]}}"#,
        ),
        (
            Identity,
            r#""Condition": {"IpAddress": {"aws:SourceIp": "${aws:PrincipalTag/net}/24"}}"#,
        ),
        (
            Identity,
            r#""Condition": {"ArnLike": {"aws:SourceArn": ["*", "arn:aws:s3:*", "${aws:SourceArn}"]}}"#,
        ),
        (
            Identity,
            r#""Condition": {"StringEquals": {"issuer.example/path:sub": "x"}}"#,
        ),
        (
            Identity,
            r#""Resource": ["**", "arn:*", "arn:aws:s3:::${aws:username}/${*}"]"#,
        ),
        (Resource, r#""Sid": "Enable (all) users – é""#),
        (
            Resource,
            r#""Principal": {"AWS": ["*", "123456789012", "AROAEXAMPLEEXAMPLE01",
            "arn:aws-cn:iam::123456789012:root", "arn:aws:sts::123456789012:assumed-role/a/b@c.d",
            "arn:aws:sts::123456789012:federated-user/x"], "Service": "x.amazonaws.com"}"#,
        ),
        (Endpoint, r#""Sid": "without a principal""#),
    ] {
        let (text, _) = with(element, form);

        assert_eq!(problems(&text, form), vec![], "{text}");
    }
}

/// Text, line, column, message.
type Row = (&'static str, usize, usize, &'static str);

const NOT_JSON: &[Row] = &[
    ("", 1, 1, "the document is empty"),
    (" \n ", 2, 2, "the document is empty"),
    ("policy", 1, 1, "`p` where a value is expected"),
    (
        "{",
        1,
        2,
        "the document ends where a name in double quotes is expected",
    ),
    (
        "{\n  'Version'",
        2,
        3,
        "`'` where a name in double quotes is expected",
    ),
    (
        "{\"Version\" \"2012-10-17\"}",
        1,
        12,
        "`\"` where `:` is expected",
    ),
    (
        "{\"Id\": \"a\"\n\"Id\": 1}",
        2,
        1,
        "`\"` where `,` or `}` is expected",
    ),
    (
        "{\"Id\": \"a\",}",
        1,
        12,
        "`}` where a name in double quotes is expected",
    ),
    ("{\"Id\": [1,]}", 1, 11, "`]` where a value is expected"),
    ("{\"Id\": [1 2]}", 1, 11, "`2` where `,` or `]` is expected"),
    ("{\"Id\": \"a", 1, 8, "a string that is not closed"),
    (
        "{\"Id\": \"a\nb\"}",
        1,
        10,
        "a control character within a string",
    ),
    (
        "{\"Id\": \"\\x\"}",
        1,
        9,
        "an escape that JSON does not know",
    ),
    (
        "{\"Id\": \"\\ud83d\"}",
        1,
        9,
        "an escape that JSON does not know",
    ),
    (
        "{\"Id\": \"\\ud83dx\"}",
        1,
        9,
        "an escape that JSON does not know",
    ),
    (
        "{\"Id\": \"\\udc00\"}",
        1,
        9,
        "an escape that JSON does not know",
    ),
    ("{\"Id\": 01}", 1, 9, "`1` where `,` or `}` is expected"),
    ("{\"Id\": -}", 1, 9, "`}` where a digit is expected"),
    ("{\"Id\": 1.}", 1, 10, "`}` where a digit is expected"),
    ("{\"Id\": nul}", 1, 8, "`n` where a value is expected"),
    ("{} {}", 1, 4, "`{` after the end of the document"),
    ("// a policy\n{}", 1, 1, "`/` where a value is expected"),
    ("\u{feff}{}", 1, 1, "`\u{feff}` where a value is expected"),
    ("{\"Id\": \"é\", \"Id\": 1}", 1, 13, "`Id` is given twice"),
];
