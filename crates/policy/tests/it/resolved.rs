//! Policies without the keys that nobody knows: what may apply, and what surely does.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use strongroom_policy::{
    Caller, Context, Form, Identity, Named, Policies, Policy, Request, Towards, Values, matching,
};

use crate::naive::Held;

const SECRET: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:red/db-AbCdEf";
pub(crate) const ENDS: [Towards; 3] = [Towards::Applying, Towards::Allowing, Towards::Denying];

/// Keys of the namespace `open:` are open.
fn is_open(key: &str) -> bool {
    assert_eq!(key, key.to_ascii_lowercase());
    key.starts_with("open:")
}

/// A request with these keys, which may not be asked for others that are open.
pub(crate) struct Keys<'a> {
    pub(crate) held: &'a BTreeMap<String, Held>,
    pub(crate) open: &'a BTreeSet<String>,
}

impl Context for Keys<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        assert!(!self.open.contains(key), "{key} is open");
        Some(match self.held.get(key)? {
            Held::One(value) => Values::One(Cow::Borrowed(value)),
            Held::Many(values) => {
                Values::Many(values.iter().map(|v| Cow::Borrowed(v.as_str())).collect())
            }
        })
    }
}

fn policy(statements: &Value) -> Policy {
    let text = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    Policy::parse(&text, Form::Identity).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// A statement about everything, but for `element`.
fn statement(effect: &str, element: (&str, Value)) -> Value {
    let mut statement = json!({ "Effect": effect, "Action": "*", "Resource": "*" });
    if element.0 == "NotResource" {
        statement.as_object_mut().unwrap().remove("Resource");
    }
    statement[element.0] = element.1;
    statement
}

/// The statements that apply to a request for [`SECRET`] with `shut:a` and the two values of
/// `shut:many`.
fn applying(policy: &Policy) -> Vec<usize> {
    let one = |value: &str| Held::One(value.to_owned());
    let held = BTreeMap::from([
        (String::from("shut:a"), one("red")),
        (String::from("shut:n"), one("7")),
        (String::from("shut:true"), one("true")),
        (
            String::from("shut:many"),
            Held::Many(vec![String::from("red"), String::from("blue")]),
        ),
        (
            String::from("shut:arn"),
            one("arn:aws:iam::123456789012:user/red"),
        ),
    ]);
    let identity = [Named { name: "p", policy }];
    let open = BTreeSet::new();
    let context = Keys {
        held: &held,
        open: &open,
    };
    let request = Request {
        action: "secretsmanager:GetSecretValue",
        resource: SECRET,
        resource_account: Some("123456789012"),
        caller: Caller {
            account: "123456789012",
            identity: Identity::User {
                arn: "arn:aws:iam::123456789012:user/ada",
                id: "AIDA",
            },
        },
        context: &context,
    };
    let policies = Policies {
        identity: &identity,
        ..Policies::default()
    };
    let matched = matching(&request, &policies);
    matched.iter().map(|(cause, _)| cause.statement).collect()
}

/// Whether a statement with `element` may apply, and whether it surely does.
fn bounds(element: (&str, Value)) -> (bool, bool) {
    let policy = policy(&json!([
        statement("Allow", element.clone()),
        statement("Deny", element)
    ]));
    let [all, hope, caution] = ENDS.map(|towards| applying(&policy.resolved(towards, &is_open)));
    let may = all == [0, 1];
    let surely = hope == [0, 1];
    // An `Allow` of one end is taken as a `Deny` of the other.
    assert_eq!((hope.contains(&0), caution.contains(&1)), (may, may));
    assert_eq!((hope.contains(&1), caution.contains(&0)), (surely, surely));
    assert!(may || all.is_empty());
    (may, surely)
}

#[test]
fn a_policy_that_asks_for_nothing_open_is_taken_as_it_is() {
    let closed = json!({ "StringEquals": { "aws:username": "${shut:a}" } });
    let policy = policy(&json!([
        statement("Allow", ("Condition", closed)),
        statement("Deny", ("Resource", json!("arn:aws:s3:::${shut:open}${*}"))),
    ]));

    for towards in ENDS {
        let resolved = policy.resolved(towards, &is_open);

        assert!(matches!(resolved, Cow::Borrowed(_)), "{towards:?}");
    }
}

#[test]
fn resources_with_open_variables_may_match_and_surely_do_not() {
    let arn = |tail: &str| json!(format!("arn:aws:secretsmanager:*:*:secret:{tail}"));

    for (resource, may) in [
        (arn("${open:a}/*"), true),
        (arn("${open:a, 'red'}/*"), true),
        (arn("r${OPEN:a}d/${Open:b}-??????"), true),
        (arn("${shut:a}/${open:a}"), true),
        (arn("${open:a}"), true),
        (json!("arn:aws:secretsmanager:${open:a}:*:secret:*"), true),
        (json!("arn:aws:${open:a}*"), true),
        // Whatever the variable is, the rest does not match.
        (arn("${open:a}/web-*"), false),
        (arn("${shut:n}/${open:a}"), false),
        (arn("${shut:none}/${open:a}"), false),
        (json!("arn:aws:s3:${open:a}:*:secret:*"), false),
        (json!(["arn:aws:s3:::b", arn("${open:a}/*")]), true),
    ] {
        assert_eq!(
            bounds(("Resource", resource.clone())),
            (may, false),
            "{resource}"
        );
        // The negation: what may match may be left out, what cannot match never is.
        let surely = !may;
        assert_eq!(
            bounds(("NotResource", resource.clone())),
            (true, surely),
            "{resource}"
        );
    }
}

#[test]
fn a_closed_resource_beside_an_open_one_keeps_its_word() {
    let red = "arn:aws:secretsmanager:*:*:secret:${shut:a}/*";
    let open = "arn:aws:secretsmanager:*:*:secret:${open:a}/*";

    assert_eq!(bounds(("Resource", json!([red, open]))), (true, true));
    assert_eq!(bounds(("NotResource", json!([open, red]))), (false, false));
}

#[test]
fn a_test_of_an_open_key_may_hold_and_may_not() {
    for condition in [
        json!({ "StringEquals": { "open:a": "1" } }),
        json!({ "StringNotEqualsIfExists": { "Open:A": "1" } }),
        json!({ "ForAllValues:StringLike": { "open:a": ["x", "y"] } }),
        json!({ "ForAnyValue:StringNotLike": { "open:a": "x" } }),
        json!({ "Null": { "open:a": "true" } }),
        json!({ "Bool": { "open:a": "true" }, "StringEquals": { "shut:a": "red" } }),
    ] {
        assert_eq!(
            bounds(("Condition", condition.clone())),
            (true, false),
            "{condition}"
        );
    }
    let failing = json!({ "Bool": { "open:a": "true" }, "StringEquals": { "shut:a": "x" } });
    assert_eq!(bounds(("Condition", failing)), (false, false));
}

#[test]
fn open_operands_may_fit_and_surely_do_not() {
    for row in OPERANDS.trim().lines() {
        let row: Vec<&str> = row.split_whitespace().collect();
        let [operator, negated, key, operands, expected, of_negated] = row[..] else {
            panic!("{row:?}");
        };
        let operands: Value = serde_json::from_str(operands).unwrap();
        let of =
            |operator: &str| match bounds(("Condition", json!({ operator: { key: operands } }))) {
                (false, false) => "no",
                (true, false) => "may",
                (true, true) => "yes",
                (false, true) => "contradictory",
            };

        assert_eq!(of(operator), expected, "{row:?}");
        assert_eq!(of(negated), of_negated, "{row:?}");
    }
}

#[test]
fn open_truths_and_bytes_may_fit_and_surely_do_not() {
    for test in [
        json!({ "Bool": { "shut:true": "${open:a}" } }),
        json!({ "BinaryEquals": { "shut:a": ["${open:a}", "QUJD"] } }),
    ] {
        assert_eq!(bounds(("Condition", test.clone())), (true, false), "{test}");
    }
    let sure = json!({ "Bool": { "shut:true": ["${open:a}", "true"] } });
    assert_eq!(bounds(("Condition", sure)), (true, true));
}

#[test]
fn statements_keep_their_places_and_names() {
    let open = json!({ "Bool": { "open:a": "true" } });
    let mut named = statement("Allow", ("Condition", open.clone()));
    named["Sid"] = json!("Third");
    let policy = policy(&json!([
        statement("Deny", ("Condition", open)),
        statement("Allow", ("Action", json!("secretsmanager:*"))),
        named,
    ]));

    let caution = policy.resolved(Towards::Denying, &is_open);

    assert!(caution.statements().eq(policy.statements()));
    assert_eq!(applying(&caution), [0, 1]);
    assert!(caution.context_keys().is_empty());
}

#[test]
fn keys_are_told_by_statement() {
    let policy = policy(&json!([
        statement(
            "Allow",
            (
                "Condition",
                json!({
                    "StringEquals": { "aws:ResourceTag/Team": "${Open:B}" },
                    "Null": { "open:A": "true" },
                })
            )
        ),
        statement(
            "Deny",
            ("NotResource", json!("arn:aws:s3:::${open:C, 'x'}/${$}"))
        ),
    ]));

    let told = [0, 1, 2].map(|index| Vec::from_iter(policy.context_keys_of(index)));

    assert_eq!(told[0], ["Open:B", "aws:ResourceTag/Team", "open:A"]);
    assert_eq!(told[1], ["open:C"]);
    assert!(told[2].is_empty());
}

/// Tests of keys that are known by operands that are not: an operator, its negation, the key, the
/// operands, and whether the test holds with the one and the other.
const OPERANDS: &str = r#"
StringEquals StringNotEquals shut:a "${open:a}" may may
StringEquals StringNotEquals shut:a "x${open:a}" no yes
StringEquals StringNotEquals shut:a "*d${open:a}" no yes
StringEquals StringNotEquals shut:a ["red","${open:a}"] yes no
StringEquals StringNotEquals shut:a "r${open:a,'ed'}" may may
StringEquals StringNotEquals shut:none "${open:a}" no yes
StringEqualsIfExists StringNotEqualsIfExists shut:none "${open:a}" yes yes
StringEqualsIfExists StringNotEqualsIfExists shut:a "${open:a}" may may
StringLike StringNotLike shut:a "${open:a}*d" may may
StringLike StringNotLike shut:a "${shut:a}${open:a}" may may
StringLike StringNotLike shut:a "${shut:n}*${open:a}" no yes
StringEqualsIgnoreCase StringNotEqualsIgnoreCase shut:a "R${open:a}" may may
StringEqualsIgnoreCase StringNotEqualsIgnoreCase shut:a ["RED","${open:a}"] yes no
NumericEquals NumericNotEquals shut:n ["${open:a}","8"] may may
NumericEquals NumericNotEquals shut:n ["${open:a,'7'}",7] yes no
NumericLessThan NumericGreaterThanEquals shut:n "${open:a}" may may
DateEquals DateNotEquals shut:n "${open:a}" may may
IpAddress NotIpAddress shut:a "${open:a}/8" may may
ArnLike ArnNotLike shut:arn "arn:aws:iam::*:user/${open:a}" may may
ArnLike ArnNotLike shut:arn "arn:aws:iam::*:role/${open:a}" no yes
ArnEquals ArnNotEquals shut:arn ["*","${open:a}"] yes no
ForAnyValue:StringEquals ForAllValues:StringNotEquals shut:many "${open:a}" may may
ForAnyValue:StringEquals ForAllValues:StringNotEquals shut:many ["blue","${open:a}"] yes no
ForAnyValue:StringEquals ForAllValues:StringNotEquals shut:none "${open:a}" no yes
ForAllValues:StringEquals ForAnyValue:StringNotEquals shut:many ["blue","${open:a}"] may may
ForAllValues:StringEquals ForAnyValue:StringNotEquals shut:many ["blue","x${open:a}"] no yes
ForAllValues:StringEquals ForAnyValue:StringNotEquals shut:none "${open:a}" yes no
"#;
