use super::*;
use policy::{
    Caller, Context, Form, Identity, Named, Policies, Policy, Request, Rule, Values, evaluate,
};
use proptest::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Keys of the namespace `open:` are open.
fn is_open(key: &str) -> bool {
    key.starts_with("open:")
}

fn both(text: &Value) -> (Option<Value>, Option<Value>) {
    let text = text.to_string();
    let read = |resolve| {
        let resolved = resolved(&text, resolve, &is_open)?;
        Policy::parse(&resolved, Form::Identity).unwrap();
        serde_json::from_str(&resolved).ok()
    };
    (read(Resolve::Hopefully), read(Resolve::Warily))
}

fn statement(effect: &str, condition: Value) -> Value {
    let mut statement = json!({ "Effect": effect, "Action": "*", "Resource": "*" });
    if !condition.is_null() {
        statement["Condition"] = condition;
    }
    statement
}

fn document(statement: Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statement })
}

const UNMET: &str = r#"{"Null":{"strongroom:never":"false"}}"#;

#[test]
fn a_document_without_open_tests_is_left_as_it_is() {
    let closed = statement(
        "Allow",
        json!({ "StringEquals": { "aws:username": "ada" } }),
    );

    for document in [
        document(closed.clone()),
        document(json!([closed, statement("Deny", Value::Null)])),
    ] {
        assert_eq!(both(&document), (None, None));
    }
}

#[test]
fn what_is_no_document_has_nothing_to_resolve() {
    for text in ["", "[]", "{}", r#"{"Statement":1}"#] {
        assert_eq!(resolved(text, Resolve::All, &is_open), None, "{text}");
        assert!(open_keys(text, 0, &is_open).is_empty(), "{text}");
    }
}

#[test]
fn an_open_statement_applies_in_one_end_and_not_in_the_other() {
    let condition = json!({ "StringEquals": { "open:A": "1" }, "Bool": { "open:B": "true" } });
    let unmet: Value = serde_json::from_str(UNMET).unwrap();

    for (effect, applies_in_hope) in [("Allow", true), ("Deny", false)] {
        let (hopeful, wary) = both(&document(statement(effect, condition.clone())));

        let applying = Some(document(statement(effect, Value::Null)));
        let unapplied = Some(document(statement(effect, unmet.clone())));
        let expected = if applies_in_hope {
            (applying, unapplied)
        } else {
            (unapplied, applying)
        };
        assert_eq!((hopeful, wary), expected, "{effect}");
    }
}

#[test]
fn closed_tests_of_an_open_statement_stay() {
    let condition = json!({ "StringEquals": { "open:A": "1", "aws:username": "ada" } });

    let (hopeful, _) = both(&document(json!([statement("Allow", condition)])));

    let kept = json!({ "StringEquals": { "aws:username": "ada" } });
    assert_eq!(hopeful, Some(document(json!([statement("Allow", kept)]))));
}

#[test]
fn statements_keep_their_places() {
    let open = json!({ "StringEquals": { "open:A": "1" } });
    let list = json!([
        statement("Deny", open.clone()),
        statement("Allow", Value::Null),
        statement("Allow", open),
    ]);

    let (_, wary) = both(&document(list));

    let wary = wary.unwrap();
    let statements = wary["Statement"].as_array().unwrap();
    assert_eq!(statements.len(), 3);
    assert_eq!(statements[0], statement("Deny", Value::Null));
    assert_eq!(statements[1], statement("Allow", Value::Null));
    assert_eq!(statements[2]["Condition"].to_string(), UNMET);
}

#[test]
fn open_keys_are_those_of_the_one_statement() {
    let text = document(json!([
        statement(
            "Allow",
            json!({ "StringEquals": { "open:A": "1", "aws:username": "ada" } })
        ),
        statement(
            "Deny",
            json!({ "Null": { "open:B": "true" }, "Bool": { "open:C": "true" } })
        ),
    ]))
    .to_string();

    assert_eq!(open_keys(&text, 0, &is_open), ["open:A"]);
    let mut second = open_keys(&text, 1, &is_open);
    second.sort();
    assert_eq!(second, ["open:B", "open:C"]);
    assert!(open_keys(&text, 2, &is_open).is_empty());
}

#[test]
fn a_variable_makes_a_closed_test_open() {
    let condition = json!({ "StringEquals": { "aws:ResourceTag/team": ["x", "${open:Team}"] } });
    let text = document(statement("Allow", condition));

    let (hopeful, _) = both(&text);

    assert_eq!(hopeful, Some(document(statement("Allow", Value::Null))));
    assert_eq!(open_keys(&text.to_string(), 0, &is_open), ["open:Team"]);
}

#[test]
fn a_resource_with_an_open_variable_is_widened() {
    let mut statement = statement("Allow", Value::Null);
    statement["Resource"] = json!([
        "arn:aws:s3:::${open:A}/${aws:username}/${open:B, 'x'}",
        "arn:aws:s3:::${*}"
    ]);
    let text = document(statement.clone());

    let (hopeful, wary) = both(&text);

    statement["Resource"] = json!(["arn:aws:s3:::*/${aws:username}/*", "arn:aws:s3:::${*}"]);
    assert_eq!(hopeful, Some(document(statement)));
    let unmet: Value = serde_json::from_str(UNMET).unwrap();
    assert_eq!(wary.unwrap()["Statement"]["Condition"], unmet);
    assert_eq!(
        open_keys(&text.to_string(), 0, &is_open),
        ["open:A", "open:B"]
    );
}

/// A request with these keys.
struct With(BTreeMap<String, String>);

impl Context for With {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let value = self.0.get(key)?;
        Some(Values::One(Cow::Borrowed(value.as_str())))
    }
}

fn is_allowed(text: &str, context: &With) -> bool {
    let policy = Policy::parse(text, Form::Identity).unwrap();
    let identity = [Named {
        name: "p",
        policy: &policy,
    }];
    let request = Request {
        action: "s:A",
        resource: "*",
        resource_account: Some("123456789012"),
        caller: Caller {
            account: "123456789012",
            identity: Identity::User {
                arn: "arn:aws:iam::123456789012:user/ada",
                id: "AIDA",
            },
        },
        context,
    };
    let policies = Policies {
        identity: &identity,
        rule: Rule::Union,
        ..Policies::default()
    };
    evaluate(&request, &policies).is_allowed()
}

fn a_test() -> impl Strategy<Value = (String, String, String)> {
    let operator = prop::sample::select(vec![
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIfExists",
        "StringNotLike",
        "Null",
    ]);
    let key = prop::sample::select(vec!["open:a", "open:b", "shut:a", "shut:b"]);
    (operator, key, 0..4_u8).prop_map(|(operator, key, value)| {
        let value = match (operator, value) {
            ("Null", value) => (value % 2 == 0).to_string(),
            (_, 2) => String::from("${open:a}"),
            (_, 3) => String::from("${shut:b}"),
            (_, value) => value.to_string(),
        };
        (operator.to_owned(), key.to_owned(), value)
    })
}

fn a_statement() -> impl Strategy<Value = Value> {
    let tests = prop::collection::vec(a_test(), 0..4);
    (any::<bool>(), tests).prop_map(|(denies, tests)| {
        let mut condition = Map::new();
        for (operator, key, value) in tests {
            let block = condition.entry(operator).or_insert_with(|| json!({}));
            block[key] = Value::String(value);
        }
        let condition = if condition.is_empty() {
            Value::Null
        } else {
            Value::Object(condition)
        };
        statement(if denies { "Deny" } else { "Allow" }, condition)
    })
}

fn values(namespace: &'static str) -> impl Strategy<Value = BTreeMap<String, String>> {
    let value = prop::option::of((0..2_u8).prop_map(|value| value.to_string()));
    (value.clone(), value).prop_map(move |(a, b)| {
        let named = [("a", a), ("b", b)].into_iter();
        named
            .filter_map(|(name, value)| Some((format!("{namespace}:{name}"), value?)))
            .collect()
    })
}

proptest! {
    /// Whatever a request turns out to bring, its answer lies between the two ends, and where
    /// nothing is open there is one answer.
    #[test]
    fn every_request_lies_between_the_ends(
        statements in prop::collection::vec(a_statement(), 1..5),
        known in values("shut"),
        brought in values("open"),
    ) {
        let text = document(Value::Array(statements)).to_string();
        let end = |resolve| {
            let resolved = resolved(&text, resolve, &is_open);
            is_allowed(&resolved.unwrap_or_else(|| text.clone()), &With(known.clone()))
        };
        let mut request = known.clone();
        request.extend(brought);

        let allowed = is_allowed(&text, &With(request));
        let (hope, certainty) = (end(Resolve::Hopefully), end(Resolve::Warily));

        prop_assert!(hope || !allowed);
        prop_assert!(allowed || !certainty);
        prop_assert!(hope || !certainty);
    }
}
