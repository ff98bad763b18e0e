//! Nothing anybody can send makes the engine panic, hang, or read a pattern otherwise than the
//! naive evaluator does.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use strongroom_policy::{
    Caller, Context, Form, Identity, Named, Policies, Policy, Request, Values, evaluate, matching,
};

use crate::naive;

const FORMS: [Form; 4] = [Form::Identity, Form::Resource, Form::Trust, Form::Endpoint];

struct Empty;

impl Context for Empty {
    fn values(&self, _: &str) -> Option<Values<'_>> {
        None
    }
}

/// Parses in every form; what is accepted is asked everything there is to ask.
fn exercise(text: &str, action: &str, resource: &str) {
    for form in FORMS {
        let Ok(policy) = Policy::parse(text, form) else {
            continue;
        };
        let policy = policy.with_principal_ids(&BTreeMap::new());
        let named = Named {
            name: "policy",
            policy: &policy,
        };
        let request = Request {
            action,
            resource,
            resource_account: Some("123456789012"),
            caller: Caller {
                account: "123456789012",
                identity: Identity::Anonymous,
            },
            context: &Empty,
        };
        let policies = Policies {
            identity: &[named],
            resource: Some(named),
            ..Policies::default()
        };
        let decision = evaluate(&request, &policies);
        assert!(decision.is_allowed() || decision.reason(action).is_some());
        assert!(matching(&request, &policies).len() <= policy.statements().count() * 2);
        assert!(policy.weight() > 0);
        let _ = (policy.grants_broad_access(), policy.context_keys());
    }
}

/// Values shaped like the parts of policies.
fn value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "[a-z*?:${}', ./-]{0,12}",
        prop::sample::select(vec![
            "*",
            "Allow",
            "Deny",
            "2012-10-17",
            "s3:*",
            "arn:aws:s3:::x",
            "arn:aws:iam::123456789012:root",
            "${aws:username}",
            "10.0.0.0/8",
            "true",
            "7",
            "2026-01-31"
        ])
        .prop_map(String::from),
        any::<String>(),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    let name = prop::sample::select(vec![
        "Version",
        "Id",
        "Statement",
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
        "AWS",
        "Service",
        "StringLike",
        "ForAnyValue:NumericEquals",
        "IpAddress",
        "Null",
        "aws:username",
        "s:A",
        "x",
    ]);
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name.clone().prop_map(String::from), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Patterns of few letters, so that they meet texts of the same letters.
fn pattern() -> impl Strategy<Value = String> {
    "[ab*?é]{0,12}"
}

proptest! {
    #[test]
    fn any_bytes_are_parsed_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        exercise(&String::from_utf8_lossy(&bytes), "s3:x", "*");
    }

    #[test]
    fn any_text_like_json_is_parsed_or_refused(text in r#"[{}\[\]":,\\ut0-9a-f\n-]{0,60}"#) {
        exercise(&text, "s3:x", "*");
    }

    #[test]
    fn any_json_is_parsed_or_refused(value in value(), action in any::<String>()) {
        exercise(&value.to_string(), &action, "arn:aws:s3:::x");
    }

    #[test]
    fn any_json_in_a_statement_is_parsed_or_refused(
        part in value(),
        element in prop::sample::select(vec!["Sid", "Effect", "Principal", "NotPrincipal", "Action",
            "NotAction", "Resource", "NotResource", "Condition"]),
        resource in any::<String>(),
    ) {
        let mut statement = json!({"Effect": "Deny", "Action": "sts:*", "Resource": "*"});
        statement[element] = part;
        let document = json!({"Version": "2012-10-17", "Statement": statement});

        exercise(&document.to_string(), "sts:x", &resource);
    }

    #[test]
    fn strings_read_as_serde_reads_them(text in any::<String>()) {
        let sid: String = text.chars().filter(|c| !c.is_control()).collect();
        let document = json!({"Id": &text, "Statement": {"Sid": &sid, "Effect": "Deny",
            "Principal": "*", "Action": "*", "Resource": "*"}});

        let policy = Policy::parse(&document.to_string(), Form::Resource).unwrap();

        let read = policy.statements().next().unwrap().sid.map(str::to_owned);
        prop_assert_eq!(read, Some(sid).filter(|sid| !sid.is_empty()));
    }

    #[test]
    fn globs_match_as_trying_everything_does(
        pattern in pattern(),
        text in "[abé]{0,14}",
        as_action in any::<bool>(),
    ) {
        let ascii = pattern.replace('é', "b");
        let (pattern, text) = if as_action { (ascii, text.replace('é', "a")) } else { (pattern, text) };
        prop_assume!(!as_action || (!pattern.is_empty() && !text.is_empty()));
        let (action, resource) = if as_action {
            (format!("s:{pattern}"), "*".to_owned())
        } else {
            ("*".to_owned(), format!("arn:aws:s3:::{pattern}"))
        };
        let document = json!({"Statement": {"Effect": "Allow", "Action": action, "Resource": resource}});
        let policy = Policy::parse(&document.to_string(), Form::Identity).unwrap();
        let named = [Named { name: "policy", policy: &policy }];
        let asked = if as_action { format!("s:{}", text.to_uppercase()) } else { "s:x".to_owned() };
        let request = Request {
            action: &asked,
            resource: &if as_action { "*".to_owned() } else { format!("arn:aws:s3:::{text}") },
            resource_account: Some("1"),
            caller: Caller { account: "1", identity: Identity::User { arn: "", id: "" } },
            context: &Empty,
        };

        let found = evaluate(&request, &Policies { identity: &named, ..Policies::default() });

        let symbols = naive::symbols(&pattern, false, &BTreeMap::new()).unwrap();
        prop_assert_eq!(found.is_allowed(), naive::glob(&symbols, &naive::chars(&text)));
    }
}

#[test]
fn a_pattern_made_to_be_slow_is_not() {
    let pattern = "a*".repeat(5_000);
    let document = json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": {"StringLike": {"s:A": vec![format!("{pattern}b"); 8]}}}});
    let policy = Policy::parse(&document.to_string(), Form::Identity).unwrap();
    let named = [Named {
        name: "policy",
        policy: &policy,
    }];
    struct Long(String);
    impl Context for Long {
        fn values(&self, _: &str) -> Option<Values<'_>> {
            Some(Values::One(self.0.as_str().into()))
        }
    }
    let request = Request {
        action: "s:x",
        resource: "*",
        resource_account: Some("1"),
        caller: Caller {
            account: "1",
            identity: Identity::User { arn: "", id: "" },
        },
        context: &Long("a".repeat(10_000)),
    };

    let decision = evaluate(
        &request,
        &Policies {
            identity: &named,
            ..Policies::default()
        },
    );

    assert!(!decision.is_allowed());
}
