//! What generated policies and requests are made of.

use strongroom_policy::Identity;

pub(crate) const CALLERS: [(&str, Identity<'static>); 12] = [
    (
        "111111111111",
        Identity::User {
            arn: "arn:aws:iam::111111111111:user/ana",
            id: "AIDAANAANAANAANAANA1",
        },
    ),
    (
        "111111111111",
        Identity::User {
            arn: "arn:aws:iam::111111111111:user/team/bob",
            id: "AIDABOBBOBBOBBOBBOB1",
        },
    ),
    (
        "222222222222",
        Identity::User {
            arn: "arn:aws:iam::222222222222:user/ana",
            id: "AIDAFARFARFARFARFAR1",
        },
    ),
    (
        "111111111111",
        Identity::Session {
            session_arn: "arn:aws:sts::111111111111:assumed-role/app/one",
            role_arn: "arn:aws:iam::111111111111:role/app",
            role_id: "AROAAPPAPPAPPAPPAPP1",
        },
    ),
    (
        "111111111111",
        Identity::Session {
            session_arn: "arn:aws:sts::111111111111:assumed-role/app/two",
            role_arn: "arn:aws:iam::111111111111:role/app",
            role_id: "AROAAPPAPPAPPAPPAPP1",
        },
    ),
    (
        "222222222222",
        Identity::Session {
            session_arn: "arn:aws:sts::222222222222:assumed-role/app/one",
            role_arn: "arn:aws:iam::222222222222:role/svc/app",
            role_id: "AROAFARFARFARFARFAR1",
        },
    ),
    (
        "111111111111",
        Identity::Root {
            arn: "arn:aws:iam::111111111111:root",
        },
    ),
    (
        "222222222222",
        Identity::Root {
            arn: "arn:aws:iam::222222222222:root",
        },
    ),
    (
        "",
        Identity::Service {
            name: "lambda.amazonaws.com",
        },
    ),
    (
        "",
        Identity::Service {
            name: "secretsmanager.amazonaws.com",
        },
    ),
    (
        "",
        Identity::Federated {
            provider: "arn:aws:iam::111111111111:oidc-provider/issuer.example",
        },
    ),
    ("", Identity::Anonymous),
];
pub(crate) const PRINCIPALS: [&str; 17] = [
    "*",
    "111111111111",
    "arn:aws:iam::111111111111:root",
    "222222222222",
    "arn:aws:iam::222222222222:root",
    "arn:aws:iam::111111111111:user/ana",
    "arn:aws:iam::111111111111:user/team/bob",
    "arn:aws:iam::222222222222:user/ana",
    "arn:aws:iam::111111111111:role/app",
    "arn:aws:iam::111111111111:role/app",
    "arn:aws:iam::222222222222:role/svc/app",
    "arn:aws:sts::111111111111:assumed-role/app/one",
    "arn:aws:sts::222222222222:assumed-role/app/one",
    "AIDAANAANAANAANAANA1",
    "AROAAPPAPPAPPAPPAPP1",
    "AIDAGONEGONEGONEGON1",
    "arn:aws:iam::333333333333:user/ana",
];
pub(crate) const SERVICES: [&str; 2] = ["lambda.amazonaws.com", "secretsmanager.amazonaws.com"];
pub(crate) const PROVIDERS: [&str; 2] = [
    "arn:aws:iam::111111111111:oidc-provider/issuer.example",
    "accounts.google.com",
];
pub(crate) const REQUEST_ACTIONS: [&str; 6] = [
    "secretsmanager:GetSecretValue",
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutSecretValue",
    "secretsmanager:ListSecrets",
    "kms:Decrypt",
    "sts:AssumeRole",
];
pub(crate) const ACTIONS: [&str; 14] = [
    "*",
    "*:*",
    "secretsmanager:*",
    "secretsmanager:*",
    "SecretsManager:get*VALUE",
    "secretsmanager:Get*",
    "secretsmanager:GetSecretValue",
    "secretsmanager:?utSecretValue",
    "secretsmanager:*Secret*e*",
    "secretsmanager:GetSecretValue?",
    "kms:*",
    "kms:Decrypt",
    "sts:AssumeRole",
    "s3:*",
];
pub(crate) const TRUST_ACTIONS: [&str; 4] =
    ["sts:AssumeRole", "sts:*", "sts:Assume*", "STS:assumerole*"];
pub(crate) const REQUEST_RESOURCES: [&str; 9] = [
    "arn:aws:secretsmanager:us-east-1:111111111111:secret:db-AbCdEf",
    "arn:aws:secretsmanager:us-east-1:111111111111:secret:ana/key-123456",
    "arn:aws:secretsmanager:eu-west-1:222222222222:secret:db:two-AbCdEf",
    "arn:aws:kms:us-east-1:111111111111:key/ana",
    "arn:aws-cn:secretsmanager:us-east-1:111111111111:secret:*",
    "arn:aws:secretsmanager:us-east-1",
    "db",
    "ana/key",
    "*",
];
pub(crate) const PLAIN_RESOURCES: usize = 15;
pub(crate) const RESOURCES: [&str; 25] = [
    "arn:aws:secretsmanager:us-east-1:111111111111:secret:db-AbCdEf",
    "arn:aws:secretsmanager:us-east-1:111111111111:secret:db-??????",
    "arn:aws:secretsmanager:us-east-1:111111111111:secret:*",
    "arn:aws:secretsmanager:*:*:secret:*",
    "arn:aws:secretsmanager:*:111111111111:secret:*b*-*f",
    "arn:aws:*:*:*:*",
    "arn:*:*:us-east-1:*:secret:*",
    "arn:aws:secretsmanager:us-east-1:*",
    "arn:aws:secretsmanager:us-*",
    "arn:*",
    "arn:aws:secretsmanager:::secret:db-AbCdEf",
    "arn:aws:secretsmanager:us-east-1:1?????11111?:secret:ana/*",
    "arn:aws:secretsmanager:eu-west-1:222222222222:secret:d*:*",
    "arn:aws:secretsmanager:us-east-1:111111111111:secret:DB-*",
    "arn:aws:secretsmanager:us-east-1:111111111111:secret:${aws:username}/*",
    "arn:aws:secretsmanager:us-east-1:111111111111:secret:${aws:username}/*",
    "arn:aws:secretsmanager:us-east-1:111111111111:secret:${AWS:UserName}/key-??????",
    "arn:aws:secretsmanager:us-east-1:111111111111:${aws:PrincipalTag/team}",
    "arn:aws:secretsmanager:${aws:RequestedRegion, 'us-east-1'}:*:secret:*",
    "arn:aws:secretsmanager:${aws:RequestedRegion}:111111111111:secret:*",
    "arn:aws:kms:*:*:key/${aws:username, 'ana'}",
    "arn:aws:secretsmanager:us-east-1:111111111111:secret:${*}",
    "arn:aws-cn:secretsmanager:*:*:secret:${*}",
    "arn:aws:secretsmanager:us-east-1:111111111111:secret:${aws:TagKeys}*",
    "arn:aws:secretsmanager:*:${aws:PrincipalAccount}:secret:*",
];
pub(crate) const SINGLE: [(&str, &[&str]); 11] = [
    ("aws:username", &["ana", "bob", "*", "", "ANA", "an?"]),
    (
        "aws:PrincipalTag/team",
        &["red", "secret:*", "*", "secret:db-AbCdEf", "true", "7"],
    ),
    (
        "aws:RequestedRegion",
        &["us-east-1", "us-*", "eu-west-1:222222222222"],
    ),
    (
        "aws:PrincipalAccount",
        &["111111111111", "222222222222", "*"],
    ),
    (
        "aws:SourceIp",
        &[
            "203.0.113.7",
            "10.1.2.3",
            "2001:db8::1",
            "::ffff:203.0.113.7",
            "none",
        ],
    ),
    (
        "aws:CurrentTime",
        &[
            "2026-01-31T12:00:00Z",
            "2026-01-31T13:00:00+01:00",
            "1769860800",
            "2025-12-31",
            "today",
            "2026-01-31T12:00Z",
            "1769860801",
        ],
    ),
    ("aws:SecureTransport", &["true", "false", "TRUE", "yes"]),
    (
        "secretsmanager:RecoveryWindowInDays",
        &["7", "7.0", "30", "-0.5", "0", "-0", "seven", "1e3"],
    ),
    ("s:Blob", &["QUJD", "QQ==", "QR==", "", "?"]),
    (
        "aws:SourceArn",
        &[
            "arn:aws:s3:::box",
            "arn:aws:sns:us-east-1:111111111111:top:ic",
            "box",
            "*",
        ],
    ),
    (
        "aws:PrincipalArn",
        &[
            "arn:aws:iam::111111111111:user/ana",
            "arn:aws:iam::111111111111:role/app",
        ],
    ),
];
pub(crate) const MULTI: [(&str, &[&str]); 3] = [
    ("aws:TagKeys", &["team", "Owner", "ana", "*"]),
    (
        "secretsmanager:VersionStage",
        &["AWSCURRENT", "AWSPREVIOUS", "red", "ana"],
    ),
    (
        "s:Many",
        &[
            "7",
            "30",
            "true",
            "203.0.113.7",
            "QUJD",
            "2026-01-31",
            "arn:aws:s3:::box",
        ],
    ),
];
pub(crate) const STRING_KEYS: &[&str] = &[
    "aws:username",
    "aws:PrincipalTag/team",
    "aws:TagKeys",
    "secretsmanager:VersionStage",
];
pub(crate) const STRINGS: &[&str] = &[
    "ana",
    "bob",
    "*",
    "team",
    "AWSCURRENT",
    "red",
    "true",
    "7",
    "Ana",
];
pub(crate) const NUMBER_KEYS: &[&str] = &["secretsmanager:RecoveryWindowInDays", "s:Many"];
pub(crate) const NUMBERS: &[&str] = &["7", "07.00", "30", "0", "-0.5", "-1", "6.999"];
pub(crate) const DATE_KEYS: &[&str] = &["aws:CurrentTime", "s:Many"];
pub(crate) const DATES: &[&str] = &[
    "2026-01-31T12:00:00Z",
    "2026-01-31",
    "1769860800",
    "2026-01-31T12:00:00.5Z",
    "2026-01-31T07:00:00-05:00",
    "2030-01-01T00:00Z",
];
pub(crate) const ARN_KEYS: &[&str] = &["aws:SourceArn", "aws:PrincipalArn", "s:Many"];
pub(crate) const ARNS: &[&str] = &[
    "arn:aws:s3:::box",
    "arn:aws:s3:::*",
    "arn:aws:iam::*:role/*",
    "*",
    "arn:aws:iam:*",
    "arn:aws:sns:us-east-1:111111111111:top:*",
    "arn:aws:sns:*:top:ic",
    "arn:*:s3:*:*:b?x",
];
pub(crate) const ADDRESSES: &[&str] = &[
    "203.0.113.0/24",
    "203.0.113.7",
    "10.0.0.0/8",
    "2001:db8::/32",
    "0.0.0.0/0",
    "::ffff:203.0.113.0/120",
    "::/0",
    "203.0.112.0/23",
];
pub(crate) type Row = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);
pub(crate) const OPERATORS: [Row; 27] = [
    ("StringEquals", STRING_KEYS, STRINGS),
    ("StringNotEquals", STRING_KEYS, STRINGS),
    ("StringEqualsIgnoreCase", STRING_KEYS, STRINGS),
    ("StringNotEqualsIgnoreCase", STRING_KEYS, STRINGS),
    (
        "StringLike",
        STRING_KEYS,
        &["a*", "*", "?", "AWS*", "*e*", "ana", "${aws:username}"],
    ),
    (
        "StringNotLike",
        STRING_KEYS,
        &["a*", "?*?", "AWS*", "*e*", "ana", "${*}"],
    ),
    ("NumericEquals", NUMBER_KEYS, NUMBERS),
    ("NumericNotEquals", NUMBER_KEYS, NUMBERS),
    ("NumericLessThan", NUMBER_KEYS, NUMBERS),
    ("NumericLessThanEquals", NUMBER_KEYS, NUMBERS),
    ("NumericGreaterThan", NUMBER_KEYS, NUMBERS),
    ("NumericGreaterThanEquals", NUMBER_KEYS, NUMBERS),
    ("DateEquals", DATE_KEYS, DATES),
    ("DateNotEquals", DATE_KEYS, DATES),
    ("DateLessThan", DATE_KEYS, DATES),
    ("DateLessThanEquals", DATE_KEYS, DATES),
    ("DateGreaterThan", DATE_KEYS, DATES),
    ("DateGreaterThanEquals", DATE_KEYS, DATES),
    (
        "Bool",
        &["aws:SecureTransport", "s:Many"],
        &["true", "false", "True"],
    ),
    ("BinaryEquals", &["s:Blob", "s:Many"], &["QUJD", "QQ==", ""]),
    ("IpAddress", &["aws:SourceIp", "s:Many"], ADDRESSES),
    ("NotIpAddress", &["aws:SourceIp", "s:Many"], ADDRESSES),
    ("ArnEquals", ARN_KEYS, ARNS),
    ("ArnLike", ARN_KEYS, ARNS),
    ("ArnNotEquals", ARN_KEYS, ARNS),
    ("ArnNotLike", ARN_KEYS, ARNS),
    (
        "Null",
        &["aws:username", "aws:TagKeys", "s:Absent"],
        &["true", "false"],
    ),
];
/// Operands with variables, by what an operator's name holds.
pub(crate) const VARIABLES: [(&str, &[&str]); 7] = [
    (
        "String",
        &[
            "${aws:username}",
            "${aws:PrincipalTag/team, 'red'}",
            "${*}",
            "x${$}",
            "${aws:TagKeys}",
        ],
    ),
    (
        "Numeric",
        &["${aws:PrincipalTag/team}", "${aws:username, '7'}"],
    ),
    (
        "Date",
        &["${aws:CurrentTime}", "${aws:RequestedRegion, '2026-01-31'}"],
    ),
    (
        "Bool",
        &["${aws:PrincipalTag/team}", "${aws:SecureTransport}"],
    ),
    ("Binary", &["${s:Blob}", "${aws:username, 'QUJD'}"]),
    (
        "IpAddress",
        &["${aws:SourceIp}", "${aws:SourceIp, '10.0.0.1'}/8"],
    ),
    (
        "Arn",
        &[
            "${aws:SourceArn}",
            "arn:aws:iam::111111111111:user/${aws:username}",
            "arn:aws:s3:::${aws:PrincipalTag/team, 'box'}",
        ],
    ),
];
