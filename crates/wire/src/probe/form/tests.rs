use super::*;
use proptest::prelude::*;
use serde_json::json;

fn written(document: &Value) -> String {
    String::from_utf8(form(document, "Act", "2010-05-08")).unwrap()
}

#[test]
fn every_kind_of_value_is_written() {
    let body = written(&json!({
        "Name": "a b&c=d%é",
        "Number": -3,
        "Truth": true,
        "Texts": ["x", null, "y"],
        "None": [],
        "Nothing": null,
        "Pair": {"Key": "k", "Inner": {"Deep": ["z"]}},
        "Pairs": [{"Key": "k"}, {}],
        "Bare": {},
    }));

    let mut pairs: Vec<&str> = body.split('&').collect();
    assert_eq!(
        pairs.drain(..2).collect::<Vec<_>>(),
        ["Action=Act", "Version=2010-05-08"]
    );
    pairs.sort_unstable();
    assert_eq!(
        pairs,
        [
            "Bare.NamedByNone=",
            "Name=a%20b%26c%3Dd%25%C3%A9",
            "None=",
            "Number=-3",
            "Pair.Inner.Deep.member.1=z",
            "Pair.Key=k",
            "Pairs.member.1.Key=k",
            "Pairs.member.2.NamedByNone=",
            "Texts.member.1=x",
            "Texts.member.3=y",
            "Truth=true",
        ]
    );
}

#[test]
fn a_document_without_members_is_its_action_alone() {
    assert_eq!(written(&json!({})), "Action=Act&Version=2010-05-08");
}

proptest! {
    #[test]
    fn texts_read_back(name in "[A-Za-z]{1,9}", text in any::<String>()) {
        prop_assume!(name != "Action" && name != "Version");

        let body = form(&json!({ name.clone(): text.clone() }), "Act", "1");

        let request = crate::query::parse(&body).ok().unwrap();
        prop_assert_eq!((request.action(), request.version()), ("Act", Some("1")));
        prop_assert_eq!(request.param(&name), Some(text.as_str()));
    }
}
