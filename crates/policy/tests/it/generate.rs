//! Policies and requests out of a seed, from pools small enough for them to meet.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use strongroom_policy::{Caller, Form, Identity};

use crate::naive::Held;

/// A source of choices (splitmix64).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
    }

    pub fn percent(&mut self, share: usize) -> bool {
        self.below(100) < share
    }

    pub fn of<T: Copy>(&mut self, pool: &[T]) -> T {
        pool[self.below(pool.len())]
    }

    fn some_of(&mut self, pool: &[&str]) -> Value {
        if self.percent(50) {
            return self.of(pool).into();
        }
        let count = 1 + self.below(3);
        (0..count).map(|_| Value::from(self.of(pool))).collect()
    }
}

/// How lenient the policies of a slot are made: bounds have to let something through.
#[derive(Clone, Copy)]
pub enum Bias {
    Grants,
    Bounds,
}

pub fn document(dice: &mut Dice, form: Form, bias: Bias) -> Value {
    let new = dice.percent(75);
    let count = 1 + dice.below(3);
    let mut statements: Vec<Value> = (0..count).map(|_| statement(dice, form, new)).collect();
    let generous = match bias {
        Bias::Grants => 12,
        Bias::Bounds => 65,
    };
    if dice.percent(generous) {
        let mut every = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
        if form == Form::Resource {
            every["Principal"] = principal(dice);
        }
        if form == Form::Trust {
            every = json!({"Effect": "Allow", "Action": "sts:*", "Principal": principal(dice)});
        }
        let at = dice.below(statements.len() + 1);
        statements.insert(at, every);
    }
    let mut document = Map::new();
    match (new, dice.percent(50)) {
        (true, _) => drop(document.insert("Version".into(), "2012-10-17".into())),
        (false, true) => drop(document.insert("Version".into(), "2008-10-17".into())),
        (false, false) => {}
    }
    let statement = if statements.len() == 1 && dice.percent(50) {
        statements.remove(0)
    } else {
        Value::Array(statements)
    };
    document.insert("Statement".into(), statement);
    Value::Object(document)
}

fn statement(dice: &mut Dice, form: Form, new: bool) -> Value {
    let mut statement = Map::new();
    let denies = dice.percent(22);
    statement.insert(
        "Effect".into(),
        if denies { "Deny" } else { "Allow" }.into(),
    );
    let (actions, not_action) = if form == Form::Trust {
        (&TRUST_ACTIONS[..], false)
    } else {
        (&ACTIONS[..], dice.percent(10))
    };
    let name = if not_action { "NotAction" } else { "Action" };
    statement.insert(name.into(), dice.some_of(actions));
    if form != Form::Trust {
        let name = if dice.percent(10) {
            "NotResource"
        } else {
            "Resource"
        };
        let every = name == "Resource" && dice.percent(45);
        let pool = if new {
            &RESOURCES[..]
        } else {
            &RESOURCES[..PLAIN_RESOURCES]
        };
        let value = if every {
            "*".into()
        } else {
            dice.some_of(pool)
        };
        statement.insert(name.into(), value);
    }
    let needs = matches!(form, Form::Resource | Form::Trust);
    if needs || (form == Form::Endpoint && dice.percent(60)) {
        let except = denies && dice.percent(40);
        let name = if except { "NotPrincipal" } else { "Principal" };
        statement.insert(name.into(), principal(dice));
    }
    let chance = if denies { 60 } else { 30 };
    if dice.percent(chance) {
        statement.insert("Condition".into(), condition(dice, new));
    }
    Value::Object(statement)
}

fn principal(dice: &mut Dice) -> Value {
    if dice.percent(20) {
        return "*".into();
    }
    let mut kinds = Map::new();
    if dice.percent(85) {
        kinds.insert("AWS".into(), dice.some_of(&PRINCIPALS));
    }
    if dice.percent(15) {
        kinds.insert("Service".into(), dice.some_of(&SERVICES));
    }
    if dice.percent(15) {
        kinds.insert("Federated".into(), dice.some_of(&PROVIDERS));
    }
    if kinds.is_empty() || dice.percent(3) {
        kinds.insert(
            "CanonicalUser".into(),
            "79a59df900b949e55d96a1e698fbaced".into(),
        );
    }
    Value::Object(kinds)
}

fn condition(dice: &mut Dice, new: bool) -> Value {
    let mut block = Map::new();
    let count = if dice.percent(75) { 1 } else { 2 };
    for _ in 0..count {
        let (base, keys, operands) = dice.of(&OPERATORS);
        let prefix = match dice.below(4) {
            0 if base != "Null" => "ForAllValues:",
            1 if base != "Null" => "ForAnyValue:",
            _ => "",
        };
        let suffix = if base != "Null" && dice.percent(25) {
            "IfExists"
        } else {
            ""
        };
        let variables = VARIABLES.iter().any(|(kind, _)| base.contains(kind));
        let open = VARIABLES
            .iter()
            .find(|(kind, _)| base.contains(kind))
            .map(|(_, list)| *list);
        let operand = match open {
            Some(open) if new && variables && dice.percent(25) => dice.some_of(open),
            _ => dice.some_of(operands),
        };
        let operand = match operand.as_str() {
            Some(text @ ("true" | "false")) if dice.percent(50) => json!(text == "true"),
            Some("7") if dice.percent(50) => json!(7),
            _ => operand,
        };
        let key = dice.of(keys);
        let key = if dice.percent(20) {
            key.to_uppercase()
        } else {
            key.to_owned()
        };
        block.insert(format!("{prefix}{base}{suffix}"), json!({ key: operand }));
    }
    Value::Object(block)
}

/// The context of a request, keys in lower case.
pub fn keys(dice: &mut Dice) -> BTreeMap<String, Held> {
    let mut keys = BTreeMap::new();
    for (key, pool) in SINGLE {
        if dice.percent(75) {
            keys.insert(key.to_lowercase(), Held::One(dice.of(pool).to_owned()));
        }
    }
    for (key, pool) in MULTI {
        if dice.percent(75) {
            let count = dice.below(4);
            let values = (0..count).map(|_| dice.of(pool).to_owned()).collect();
            keys.insert(key.to_lowercase(), Held::Many(values));
        }
    }
    keys
}

pub fn caller(dice: &mut Dice) -> Caller<'static> {
    let (account, identity) = dice.of(&CALLERS);
    Caller { account, identity }
}

/// The ids that ARNs had when a policy was written: some of users and roles that are no more.
pub fn ids(dice: &mut Dice) -> BTreeMap<String, String> {
    let bound = [
        (
            "arn:aws:iam::111111111111:user/ana",
            ["AIDAANAANAANAANAANA1", "AIDAGONEGONEGONEGON1"],
        ),
        (
            "arn:aws:iam::111111111111:role/app",
            ["AROAAPPAPPAPPAPPAPP1", "AROAGONEGONEGONEGON1"],
        ),
        (
            "arn:aws:sts::111111111111:assumed-role/app/one",
            ["AROAAPPAPPAPPAPPAPP1", "AROAGONEGONEGONEGON1"],
        ),
    ];
    let mut ids = BTreeMap::new();
    if dice.percent(30) {
        for (arn, pool) in bound {
            if dice.percent(50) {
                ids.insert(arn.to_owned(), dice.of(&pool).to_owned());
            }
        }
    }
    ids
}

/// One of the request's own actions and resources, and the account of the latter.
pub fn target(dice: &mut Dice) -> (&'static str, &'static str, Option<&'static str>) {
    let account = if dice.percent(2) {
        None
    } else if dice.percent(65) {
        Some("111111111111")
    } else {
        Some("222222222222")
    };
    (
        dice.of(&REQUEST_ACTIONS),
        dice.of(&REQUEST_RESOURCES),
        account,
    )
}

pub const BASE_OPERATORS: usize = OPERATORS.len();

const CALLERS: [(&str, Identity<'static>); 12] = [
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
const PRINCIPALS: [&str; 17] = [
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
const SERVICES: [&str; 2] = ["lambda.amazonaws.com", "secretsmanager.amazonaws.com"];
const PROVIDERS: [&str; 2] = [
    "arn:aws:iam::111111111111:oidc-provider/issuer.example",
    "accounts.google.com",
];
const REQUEST_ACTIONS: [&str; 6] = [
    "secretsmanager:GetSecretValue",
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutSecretValue",
    "secretsmanager:ListSecrets",
    "kms:Decrypt",
    "sts:AssumeRole",
];
const ACTIONS: [&str; 14] = [
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
const TRUST_ACTIONS: [&str; 4] = ["sts:AssumeRole", "sts:*", "sts:Assume*", "STS:assumerole*"];
const REQUEST_RESOURCES: [&str; 9] = [
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
const PLAIN_RESOURCES: usize = 15;
const RESOURCES: [&str; 25] = [
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
const SINGLE: [(&str, &[&str]); 11] = [
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
const MULTI: [(&str, &[&str]); 3] = [
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
const STRING_KEYS: &[&str] = &[
    "aws:username",
    "aws:PrincipalTag/team",
    "aws:TagKeys",
    "secretsmanager:VersionStage",
];
const STRINGS: &[&str] = &[
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
const NUMBER_KEYS: &[&str] = &["secretsmanager:RecoveryWindowInDays", "s:Many"];
const NUMBERS: &[&str] = &["7", "07.00", "30", "0", "-0.5", "-1", "6.999"];
const DATE_KEYS: &[&str] = &["aws:CurrentTime", "s:Many"];
const DATES: &[&str] = &[
    "2026-01-31T12:00:00Z",
    "2026-01-31",
    "1769860800",
    "2026-01-31T12:00:00.5Z",
    "2026-01-31T07:00:00-05:00",
    "2030-01-01T00:00Z",
];
const ARN_KEYS: &[&str] = &["aws:SourceArn", "aws:PrincipalArn", "s:Many"];
const ARNS: &[&str] = &[
    "arn:aws:s3:::box",
    "arn:aws:s3:::*",
    "arn:aws:iam::*:role/*",
    "*",
    "arn:aws:iam:*",
    "arn:aws:sns:us-east-1:111111111111:top:*",
    "arn:aws:sns:*:top:ic",
    "arn:*:s3:*:*:b?x",
];
const ADDRESSES: &[&str] = &[
    "203.0.113.0/24",
    "203.0.113.7",
    "10.0.0.0/8",
    "2001:db8::/32",
    "0.0.0.0/0",
    "::ffff:203.0.113.0/120",
    "::/0",
    "203.0.112.0/23",
];
type Row = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);
const OPERATORS: [Row; 27] = [
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
const VARIABLES: [(&str, &[&str]); 7] = [
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
