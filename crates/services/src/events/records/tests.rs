use super::*;
use crate::events::fixtures::{a_connection, an_api_destination};
use crate::events::holding::{self, Holding as _};
use crate::fixtures;
use proptest::prelude::*;

fn account() -> AccountId {
    AccountId::parse("123456789012").unwrap()
}

fn region() -> RegionName {
    RegionName::parse("eu-central-1").unwrap()
}

fn target(id: &str, input: Input) -> Target {
    Target {
        id: id.to_owned(),
        arn: String::from("arn:aws:lambda:eu-central-1:123456789012:function:told"),
        input,
        retries: None,
        seconds: None,
        invoking: None,
    }
}

fn pair(key: &str, value: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(key.to_owned(), value.to_owned())])
}

/// With a target that is an API destination, too.
fn rule_that_invokes() -> Rule {
    let mut rule = rule();
    rule.targets.push(Target {
        arn: an_api_destination().arn(),
        invoking: Some(Invoking {
            role: String::from("arn:aws:iam::123456789012:role/hooks"),
            parameters: Some(HttpParameters {
                path: vec![String::from("$.detail.name")],
                headers: pair("x-team", "blue"),
                query: pair("of", "$.id"),
            }),
        }),
        ..target("api", Input::Event)
    });
    rule
}

/// With a target of every kind of input.
fn rule() -> Rule {
    let mut tags = Tags::default();
    let tag = (Some(String::from("team")), String::from("blue"));
    tags.set([tag].into_iter()).unwrap();
    let path = (String::from("name"), String::from("$.detail.name"));
    let template = Input::Template {
        paths: BTreeMap::from([path]),
        template: String::from("\"<name> was rotated\""),
    };
    Rule {
        account: account(),
        region: region(),
        name: String::from("rotated"),
        description: Some(String::from("secrets that were rotated")),
        pattern: String::from(r#"{"source":["aws.secretsmanager"]}"#),
        state: State::EnabledForAll,
        tags,
        targets: vec![
            target("event", Input::Event),
            target("constant", Input::Constant(String::from("{}"))),
            target("path", Input::Path(String::from("$.detail"))),
            Target {
                retries: Some(3),
                seconds: Some(3_600),
                ..target("template", template)
            },
        ],
    }
}

fn put_event() -> PutEvent {
    PutEvent {
        account: account(),
        region: region(),
        id: String::from("11111111-2222-4333-8444-555555555555"),
        came: Timestamp::from_millis(1_768_478_400_123),
        event: String::from(r#"{"version":"0","detail-type":"order"}"#),
    }
}

#[test]
fn what_was_stored_is_read() {
    fixtures::assert_reads(1, &rule());
    fixtures::assert_reads(2, &rule_that_invokes());
    fixtures::assert_reads(1, &a_connection());
    fixtures::assert_reads(1, &an_api_destination());
    fixtures::assert_reads(1, &put_event());
}

#[test]
fn records_are_filed_under_what_names_them() {
    let (rule, event) = (rule(), put_event());

    assert_eq!(rule.key(), Rule::key_of(&account(), &region(), &rule.name));
    assert_eq!(rule.columns(), []);
    assert_eq!(event.key(), key![&account(), &region(), event.id.as_str()]);
    assert_eq!(event.columns(), [Value::Int(1_768_478_400_123)]);
    let (connection, destination) = (a_connection(), an_api_destination());
    let key = |name| holding::key_of(&account(), &region(), name);
    assert_eq!(connection.key(), key("hooks"));
    assert_eq!(destination.key(), key("pager"));
}

#[test]
fn a_state_is_read_by_the_name_that_it_is_shown_by() {
    for state in [State::Enabled, State::Disabled, State::EnabledForAll] {
        assert_eq!(State::parse(Some(state.name())), state);
    }
    assert_eq!(State::parse(None), State::Enabled);
}

#[test]
fn an_arn_names_what_an_account_has() {
    let named = |arn: &str| {
        let named = named_by(arn, "connection", &account(), &region());
        named.map(|(name, id)| (name.to_owned(), id.to_owned()))
    };
    let connection = a_connection();
    let arn = connection.arn();

    assert_eq!(named(&arn), Some((connection.name, connection.id)));
    for (from, to) in [
        ("arn:aws:", "arn:aws-cn:"),
        ("123456789012", "210987654321"),
        ("eu-central-1", "eu-west-1"),
        (":connection/", ":api-destination/"),
        (":events:", ":sns:"),
        ("/hooks/", "/hooks/x/"),
        ("/hooks/", "//"),
        ("/hooks/", "/hooks"),
    ] {
        assert_eq!(named(&arn.replace(from, to)), None, "{to}");
    }
}

#[test]
fn a_method_is_read_by_the_name_that_it_is_shown_by() {
    for method in Method::ALL {
        assert_eq!(Method::parse(method.name()), Some(method));
    }
    assert_eq!(Method::parse("TRACE"), None);
}

#[test]
#[ignore = "writes the fixtures of a new version; run once for each"]
fn write_fixtures() {
    fixtures::write(&rule_that_invokes());
    fixtures::write(&a_connection());
    fixtures::write(&an_api_destination());
    fixtures::write(&put_event());
}

proptest! {
    #[test]
    fn records_survive_being_stored(text in ".{0,40}", number: u32, millis: i64, has: bool) {
        let state = match number % 3 {
            0 => State::Enabled,
            1 => State::Disabled,
            _ => State::EnabledForAll,
        };
        fixtures::assert_survives(&Rule {
            name: text.clone(),
            description: has.then(|| text.clone()),
            state,
            targets: vec![Target {
                retries: has.then_some(number),
                seconds: has.then_some(number),
                ..target(&text, Input::Constant(text.clone()))
            }],
            ..rule()
        });
        fixtures::assert_survives(&Connection {
            authorization: Authorization::ApiKey { name: text.clone() },
            parameters: has.then(Vec::new),
            sealed: has.then(|| text.clone().into_bytes()),
            authorized: Timestamp::from_millis(millis),
            ..a_connection()
        });
        fixtures::assert_survives(&ApiDestination {
            method: Method::ALL[number as usize % Method::ALL.len()],
            endpoint: text.clone(),
            per_second: number,
            ..an_api_destination()
        });
        fixtures::assert_survives(&PutEvent {
            came: Timestamp::from_millis(millis),
            event: text,
            ..put_event()
        });
    }
}
