mod properties;

use super::*;
use crate::Input as _;
use crate::fixture::{Everything, describe_members};
use crate::probe::{complete, form, minimal};
use crate::query::parse;
use serde_json::{Value as Json, json};

/// What parsing `parameters` gives.
fn read(parameters: &str) -> Result<Parsed, Rejection> {
    match parse(format!("Action=X&{parameters}").as_bytes()) {
        Ok(request) => request.parse_input(Everything::SHAPE),
        Err(rejection) => panic!("{rejection}: {parameters}"),
    }
}

fn parsed(parameters: &str) -> Parsed {
    match read(parameters) {
        Ok(parsed) => parsed,
        Err(rejection) => panic!("{rejection:?}: {parameters}"),
    }
}

fn members(parameters: &str) -> Json {
    describe_members(&parsed(parameters).members)
}

/// Why `parameters` are refused together with all that is required.
fn violation_of(parameters: &str) -> Rejection {
    let required = form(&minimal(Everything::SHAPE), "X", "1");
    let required = String::from_utf8(required).unwrap();
    let (_, required) = required.split_once("&Version=1&").unwrap();
    parsed(&format!("{required}&{parameters}"))
        .validate()
        .unwrap_err()
}

#[test]
fn every_kind_of_member_reaches_its_field() {
    let body = form(&complete(Everything::SHAPE), "X", "1");
    let parsed = parse(&body)
        .ok()
        .and_then(|request| request.parse_input(Everything::SHAPE).ok())
        .unwrap();
    assert_eq!(parsed.validate(), Ok(()));

    let Ok(input) = parsed.into_input::<Everything>() else {
        panic!("does not fit");
    };

    assert_eq!(input.secret_id, "x");
    assert_eq!(input.required_names, ["x"]);
    assert_eq!(input.value.expose(), b"xxx");
    assert_eq!(input.days, 1);
    assert_eq!(input.limit, Some(-3));
    assert_eq!(input.force, Some(true));
    let tag = input.tags.unwrap().pop().unwrap();
    assert_eq!((tag.key.as_str(), tag.value.as_deref()), ("x", Some("x")));
    assert_eq!(tag.hosts, Some(vec!["x".to_owned()]));
    let rules = input.rules.unwrap();
    assert_eq!((rules.after_days, rules.force), (Some(1), true));
    let login = input.login.unwrap();
    assert_eq!(
        (login.user.as_str(), login.password.expose()),
        ("x", b"xxx".as_slice())
    );
    assert_eq!(input.values.unwrap()[0].expose(), b"xxx");
    assert_eq!(input.bytes.unwrap().expose(), b"xx");
    assert_eq!(input.token.unwrap().expose(), b"3h");
}

#[test]
fn structures_have_dots_and_lists_have_numbered_members() {
    let read = members(
        "Tags.member.1.Key=a&Tags.member.1.Hosts.member.1=h&Tags.member.1.Hosts.member.2=i\
         &Tags.member.2.Key=b&Tags.member.2.Value=&RotationRules.AfterDays=7&Login.User=u",
    );

    assert_eq!(
        read,
        json!({
            "Tags": [{"Key": "a", "Hosts": ["h", "i"]}, {"Key": "b", "Value": ""}],
            "RotationRules": {"AfterDays": 7},
            "Login": {"User": "u"},
        })
    );
}

#[test]
fn items_come_in_the_order_of_their_numbers_without_gaps() {
    let read = members(
        "Names.member.10=d&Names.member.2=b&Names.member.10000=e&Names.member.1=a&Names.member.9=c",
    );

    assert_eq!(read, json!({"Names": ["a", "b", "c", "d", "e"]}));
}

#[test]
fn an_empty_value_is_an_empty_text_or_an_empty_list() {
    let read = members("SecretId=&Note&SecretString=&SecretBinary=&Names=&Tags&Values=");

    assert_eq!(
        read,
        json!({
            "SecretId": "", "Note": "", "SecretString": "", "SecretBinary": "",
            "Names": [], "Tags": [], "Values": [],
        })
    );
}

#[test]
fn what_the_shape_does_not_name_is_ignored() {
    let read = members(
        "Colour=red&secretId=x&SecretId-x=x&SecretIds.member.0=x&.SecretId=x&=x&.=x\
         &Tags.member.1.Colour=red&Tags.member.2.Colour.member.x=red&Tags.member.2.Key=k\
         &Login.=x&SecretId=db",
    );

    assert_eq!(
        read,
        json!({"SecretId": "db", "Tags": [{}, {"Key": "k"}], "Login": {}})
    );
}

#[test]
fn a_neighbour_in_the_order_of_bytes_does_not_part_a_member() {
    let read = members("Tags=&Tags-x=1&Login.User=u&Login-x=1&Login.Password=p&Login.User-x=1");

    assert_eq!(
        read,
        json!({"Tags": [], "Login": {"User": "u", "Password": "p"}})
    );
}

#[test]
fn numbers_and_truths_are_read_from_their_text() {
    let read =
        members("Days=-9223372036854775808&AnyNumber=9223372036854775807&Limit=007&Force=false");

    assert_eq!(
        read,
        json!({"Days": i64::MIN, "AnyNumber": i64::MAX, "Limit": 7, "Force": false})
    );
}

#[test]
fn what_cannot_be_read_as_its_type_is_malformed() {
    for parameters in [
        "Days=",
        "Days=x",
        "Days=1.5",
        "Days=1e3",
        "Days=+1",
        "Days=9223372036854775808",
        "Days.member.1=1",
        "Force=",
        "Force=True",
        "Force=1",
        "SecretBinary=*",
        "SecretBinary=YQ",
        "SecretBinary=YQ==%0A",
        "SecretId.x=1",
        "SecretId.=1",
        "SecretId=x&SecretId.member.1=x",
        "SecretString.x=1",
        "Login=",
        "Login=x",
        "Login=&Login.User=u",
        "Tags=x",
        "Tags=&Tags.member.1.Key=k",
        "Tags.Key=k",
        "Tags.1.Key=k",
        "Tags.member=",
        "Tags.member.1=k",
        "Tags.member.1=",
        "Names.member.1.x=k",
        "Names.member.=k",
        "Names.member.0=k",
        "Names.member.01=k",
        "Names.member.%2B1=k",
        "Names.member.-1=k",
        "Names.member.x=k",
        "Names.member.10001=k",
        "Names.member.65537=k",
        "Names.member.%D9%A1=k",
        "Names.member.1=k&Names.member.x=k",
        "Names.member.1=k&Names.1=k",
        "Tags.member.1.Hosts.member.0=k",
    ] {
        let Some(rejection) = read(parameters).err() else {
            panic!("accepted: {parameters}");
        };

        assert_eq!(
            (rejection.query_code(), rejection.message()),
            ("MalformedInput", None),
            "{parameters}"
        );
    }
}

#[test]
fn a_violation_is_told_in_the_words_of_json_under_the_name_of_query() {
    let rejection = violation_of("Tags.member.4.Key=toolong&Values.member.1=s3cret-s3cret-s3cret");

    assert_eq!(
        (rejection.query_code(), rejection.message()),
        (
            "ValidationError",
            Some(
                "2 validation errors detected: \
                 Value 'toolong' at 'tags.1.member.key' failed to satisfy constraint: Member must have length less than or equal to 5; \
                 Value at 'values.1.member' failed to satisfy constraint: Member must have length less than or equal to 16"
            )
        )
    );
}

#[test]
fn audited_members_are_shown_and_secrets_are_not() {
    let shown = parsed(
        "SecretId=db&SecretString=CANARY&Login.Password=CANARY&Hidden=CANARY&CANARY=CANARY\
         &SecretBinary=CANARYCA&Tags.member.3.Key=k&Tags.member.3.Value=CANARY&Limit=3",
    )
    .request_parameters();

    assert_eq!(shown, r#"{"secretId":"db","limit":3,"tags":[{"key":"k"}]}"#);
}

#[test]
fn a_secret_is_moved_and_never_copied() {
    let Ok(request) = parse(b"Action=X&SecretString=hunter2") else {
        panic!("refused");
    };
    let decoded = request.param("SecretString").map(str::as_ptr);

    let members = request.parse_input(Everything::SHAPE).ok().unwrap().members;

    let taken = members.iter().find_map(|(_, value)| match value {
        Some(Value::Secret(secret)) => Some(secret.expose().as_ptr()),
        _ => None,
    });
    assert!(taken.is_some());
    assert_eq!(taken, decoded);
}

#[test]
fn as_many_items_are_read_as_parameters_are_admitted() {
    let most: Vec<String> = (1..10_000)
        .rev()
        .map(|n| format!("Tags.member.{n}.Hosts.member.{n}=h{n}"))
        .collect();

    let read = members(&most.join("&"));

    let expected: Vec<Json> = (1..10_000)
        .map(|n| json!({"Hosts": [format!("h{n}")]}))
        .collect();
    assert_eq!(read, json!({ "Tags": expected }));
}

#[test]
fn the_entries_of_a_map_are_numbered_under_a_name_of_their_own() {
    let as_entries = members("Tags.entry.1.Key=a&Tags.entry.2.Key=b");
    let as_items = members("Tags.member.1.Key=a&Tags.member.2.Key=b");
    let (request, shape) = (
        crate::query::parse(b"Action=A&Tags.entry.1.Key=a&Tags.member.2.Key=b").unwrap(),
        crate::fixture::Everything::SHAPE,
    );

    assert_eq!(as_entries, as_items);
    assert!(request.parse_input(shape).is_err());
}
