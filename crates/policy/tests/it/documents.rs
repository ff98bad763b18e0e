//! What a parsed document tells about itself.

use std::collections::{BTreeMap, BTreeSet};

use strongroom_policy::{Effect, Form, Place, Policy, PrincipalType, StatementView};

fn policy(text: &str) -> Policy {
    Policy::parse(text, Form::Resource).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// A policy of one statement that allows all to `principal` under `condition`.
fn granting(principal: &str, condition: &str) -> Policy {
    policy(&format!(
        r#"{{"Version": "2012-10-17", "Statement": [
            {{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*",
              "Condition": {{"Bool": {{"aws:SecureTransport": "false"}}}}}},
            {{"Effect": "Allow", "Principal": {principal}, "Action": "*", "Resource": "*",
              "Condition": {condition}}}]}}"#
    ))
}

#[test]
fn statements_know_their_place() {
    let text = "{\n  \"Statement\": [\n    {\n      \"Sid\": \"é first\", \"Effect\": \"Allow\",\n      \
                \"Principal\": \"*\", \"Action\": \"*\", \"Resource\": \"*\"\n    }, {\"Sid\": \"\", \
                \"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"*\", \"Resource\": \"*\"}]\n}";

    let policy = policy(text);

    let found: Vec<StatementView<'_>> = policy.statements().collect();
    let expected = [
        StatementView {
            index: 0,
            sid: Some("é first"),
            effect: Effect::Allow,
            start: Place { line: 3, column: 5 },
            end: Place { line: 6, column: 6 },
        },
        StatementView {
            index: 1,
            sid: None,
            effect: Effect::Deny,
            start: Place { line: 6, column: 8 },
            end: Place {
                line: 6,
                column: 87,
            },
        },
    ];
    assert_eq!(found, expected);
}

#[test]
fn all_principals_are_named_as_written() {
    let policy = policy(
        r#"{"Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"},
            {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": {
                "AWS": ["123456789012", "AIDAEXAMPLEEXAMPLE01"], "Service": "a.amazonaws.com",
                "Federated": "accounts.google.com", "CanonicalUser": "79a5"}},
            {"Effect": "Deny", "Action": "*", "Resource": "*", "NotPrincipal": {
                "AWS": "arn:aws:iam::123456789012:user/ana"}}]}"#,
    );

    let named: Vec<(PrincipalType, &str)> = policy.named_principals().collect();

    let expected = [
        (PrincipalType::Aws, "*"),
        (PrincipalType::Aws, "123456789012"),
        (PrincipalType::Aws, "AIDAEXAMPLEEXAMPLE01"),
        (PrincipalType::Service, "a.amazonaws.com"),
        (PrincipalType::Federated, "accounts.google.com"),
        (PrincipalType::CanonicalUser, "79a5"),
        (PrincipalType::Aws, "arn:aws:iam::123456789012:user/ana"),
    ];
    assert_eq!(named, expected);
}

#[test]
fn keys_are_those_of_conditions_and_variables() {
    let policy = policy(
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*",
            "Action": "*", "Resource": "arn:aws:s3:::${aws:username}/${*}/${s:Tag, 'x'}",
            "Condition": {
                "StringLike": {"aws:PrincipalTag/Team": "${aws:userid}*"},
                "IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "${s:Net}"]},
                "ArnEquals": {"aws:SourceArn": "arn:aws:s3:::${s:Box}"},
                "Null": {"aws:TokenIssueTime": true}}}}"#,
    );

    let expected = [
        "aws:username",
        "s:Tag",
        "aws:PrincipalTag/Team",
        "aws:userid",
        "aws:SourceIp",
        "s:Net",
        "aws:SourceArn",
        "s:Box",
        "aws:TokenIssueTime",
    ];
    assert_eq!(
        policy.context_keys(),
        expected
            .map(str::to_owned)
            .into_iter()
            .collect::<BTreeSet<_>>()
    );
}

#[test]
fn the_older_language_has_no_variables_to_ask_for() {
    let policy = policy(
        r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*",
            "Resource": "arn:aws:s3:::${aws:username}", "Condition": {"StringEquals": {"s:A": "${s:B"}}}}"#,
    );

    assert_eq!(policy.context_keys(), BTreeSet::from(["s:A".to_owned()]));
}

#[test]
fn a_longer_policy_weighs_more() {
    let short = granting("\"*\"", "{}").weight();
    let long = granting(
        "\"*\"",
        r#"{"StringLike": {"s:A": ["a*b", "${s:B}c", "dddddddddddddd"]}}"#,
    )
    .weight();

    assert!(
        short > 300 && long > short + 100 && long < short * 4,
        "{short} {long}"
    );
}

#[test]
fn a_wildcard_principal_that_nothing_narrows_is_broad() {
    for condition in [
        "{}",
        r#"{"StringEquals": {"aws:PrincipalTag/team": "red"}}"#,
        r#"{"StringLike": {"aws:SourceVpc": "vpc-*"}}"#,
        r#"{"StringEquals": {"aws:SourceVpc": ["vpc-1", "vpc-?"]}}"#,
        r#"{"StringEquals": {"aws:SourceVpc": "${aws:PrincipalTag/vpc}"}}"#,
        r#"{"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}"#,
        r#"{"ForAllValues:StringEquals": {"aws:SourceVpc": "vpc-1"}}"#,
        r#"{"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}"#,
        r#"{"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}}"#,
        r#"{"ArnEquals": {"aws:SourceArn": "arn:aws:s3:*:*:box"}}"#,
        r#"{"ArnEquals": {"aws:SourceArn": "*"}}"#,
        r#"{"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}"#,
        r#"{"IpAddress": {"aws:SourceIp": "203.0.113.7"}}"#,
        &every_address_by_its_first_byte(),
        r#"{"StringEquals": {"aws:PrincipalOrgID": "o-1"}}"#,
        r#"{"StringEquals": {"aws:PrincipalAccount": "123456789012"}}"#,
        r#"{"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/app"}}"#,
        r#"{"StringEquals": {"aws:userid": "AIDAEXAMPLEEXAMPLE01"}}"#,
        r#"{"StringEquals": {"aws:SourceOwner": "123456789012"}}"#,
        r#"{"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}"#,
        r#"{"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}}"#,
        r#"{"Null": {"aws:SourceVpc": "false"}}"#,
        r#"{"Bool": {"aws:SecureTransport": "true"}}"#,
    ] {
        for principal in [
            r#""*""#,
            r#"{"AWS": "*"}"#,
            r#"{"AWS": ["123456789012", "*"]}"#,
        ] {
            assert!(
                granting(principal, condition).grants_broad_access(),
                "{principal} {condition}"
            );
        }
    }
}

/// 256 ranges, none of them great, and together all there is.
fn every_address_by_its_first_byte() -> String {
    let ranges: Vec<String> = (0..256).map(|n| format!("\"{n}.0.0.0/8\"")).collect();
    format!(
        r#"{{"IpAddress": {{"aws:SourceIp": [{}]}}}}"#,
        ranges.join(",")
    )
}

#[test]
fn a_principal_or_a_fixed_origin_is_not_broad() {
    for condition in [
        r#"{"StringEquals": {"aws:SourceVpc": ["vpc-1", "vpc-2"]}}"#,
        r#"{"StringEquals": {"aws:sourcevpce": "vpce-1"}}"#,
        r#"{"StringLike": {"aws:SourceAccount": "123456789012"}}"#,
        r#"{"StringEqualsIgnoreCase": {"aws:SourceVpc": "vpc-1"}}"#,
        r#"{"ForAnyValue:StringEquals": {"aws:SourceAccount": "123456789012"}}"#,
        r#"{"ArnLike": {"aws:SourceArn": "arn:aws:s3:::box"}}"#,
        r#"{"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}, "StringEquals": {"aws:SourceVpc": "vpc-1"}}"#,
        r#"{"StringEquals": {"aws:SourceVpc": "vpc-1"}, "StringLike": {"aws:SourceArn": "*"}}"#,
    ] {
        assert!(
            !granting("\"*\"", condition).grants_broad_access(),
            "{condition}"
        );
    }
    for principal in [
        r#"{"AWS": "123456789012"}"#,
        r#"{"AWS": "arn:aws:iam::123456789012:role/app"}"#,
        r#"{"Service": "lambda.amazonaws.com"}"#,
    ] {
        assert!(
            !granting(principal, "{}").grants_broad_access(),
            "{principal}"
        );
    }
}

#[test]
fn a_deny_is_never_broad() {
    let policy = policy(
        r#"{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "NotPrincipal": {"AWS": "123456789012"}, "Action": "*", "Resource": "*"}]}"#,
    );

    assert!(!policy.grants_broad_access());
}

#[test]
fn binding_ids_keeps_the_names() {
    let arn = "arn:aws:iam::123456789012:user/ana";
    let ids = BTreeMap::from([(arn.to_owned(), "AIDAEXAMPLEEXAMPLE01".to_owned())]);

    let bound = granting(&format!(r#"{{"AWS": "{arn}"}}"#), "{}").with_principal_ids(&ids);

    let named: Vec<_> = bound.named_principals().collect();
    assert_eq!(
        named,
        [(PrincipalType::Aws, "*"), (PrincipalType::Aws, arn)]
    );
}
