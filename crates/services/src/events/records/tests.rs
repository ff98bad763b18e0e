use super::*;
use crate::fixtures;
use proptest::prelude::*;
use store::Record as _;

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
    }
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
    fixtures::assert_reads(1, &put_event());
}

#[test]
fn records_are_filed_under_what_names_them() {
    let (rule, event) = (rule(), put_event());

    assert_eq!(rule.key(), Rule::key_of(&account(), &region(), &rule.name));
    assert_eq!(rule.columns(), []);
    assert_eq!(event.key(), key![&account(), &region(), event.id.as_str()]);
    assert_eq!(event.columns(), [Value::Int(1_768_478_400_123)]);
}

#[test]
fn a_state_is_read_by_the_name_that_it_is_shown_by() {
    for state in [State::Enabled, State::Disabled, State::EnabledForAll] {
        assert_eq!(State::parse(Some(state.name())), state);
    }
    assert_eq!(State::parse(None), State::Enabled);
}

#[test]
#[ignore = "writes the fixtures of a new version; run once for each"]
fn write_fixtures() {
    fixtures::write(&rule());
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
        fixtures::assert_survives(&PutEvent {
            came: Timestamp::from_millis(millis),
            event: text,
            ..put_event()
        });
    }
}
