//! A made-up operation that takes one member of every kind.

use crate::parse::{Parsed, parse};
use crate::shape::{Pattern, Shape, Structure, UNBOUNDED};
use crate::value::{Members, Value};
use crate::{Input, Rejection};
use base::Plaintext;
use data_encoding::BASE64;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

pub(crate) const HOURS: Pattern = Pattern {
    text: "[0-9]+h",
    matches: |text| {
        text.strip_suffix('h')
            .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    },
    example: "3h",
    counterexample: "3d",
};

const NAME: Shape = Shape::text(1, 5);
const NAMES: Shape = Shape::list(&NAME, 1, 2);
const DURATION: Shape = Shape::text(2, 3).matching(&HOURS);
const ORDER: Shape = Shape::one_of(&["asc", "desc"]);
const NOTE: Shape = Shape::text(0, 8).in_bytes();
const FREE: Shape = Shape::text(0, UNBOUNDED);
const DAYS: Shape = Shape::long().between(1, 1_000);
const LIMIT: Shape = Shape::integer().between(-3, 5);
const ANY_NUMBER: Shape = Shape::integer();
const FORCE: Shape = Shape::boolean();
const VALUE: Shape = Shape::text(3, 16).sensitive();
const VALUES: Shape = Shape::list(&VALUE, 1, 2);
const TOKEN: Shape = Shape::text(2, 3).matching(&HOURS).sensitive();
const BYTES: Shape = Shape::blob(2, 6);
const TAGS: Shape = Shape::list(&Shape::structure(Tag::SHAPE), 0, 3);
const RULES: Shape = Shape::structure(Rules::SHAPE);
const LOGIN: Shape = Shape::structure(Login::SHAPE);

crate::input! {
    /// A structure in a list.
    pub(crate) struct Tag {
        pub(crate) key: String = required audited "Key" NAME,
        pub(crate) value: Option<String> = "Value" NOTE,
        pub(crate) hosts: Option<Vec<String>> = audited "Hosts" NAMES,
    }
}

crate::input! {
    /// A structure in the request.
    pub(crate) struct Rules {
        pub(crate) after_days: Option<i64> = audited "AfterDays" DAYS,
        pub(crate) duration: Option<String> = audited "Duration" DURATION,
        pub(crate) force: bool = required audited "Force" FORCE,
    }
}

crate::input! {
    /// A structure with a secret in it.
    pub(crate) struct Login {
        pub(crate) user: String = required audited "User" NAME,
        pub(crate) password: Plaintext = required "Password" VALUE,
    }
}

crate::input! {
    /// Everything at once.
    pub(crate) struct Everything {
        pub(crate) secret_id: String = required audited "SecretId" NAME,
        pub(crate) required_names: Vec<String> = required audited "RequiredNames" NAMES,
        pub(crate) value: Plaintext = required "SecretString" VALUE,
        pub(crate) days: i64 = required "Days" DAYS,
        pub(crate) duration: Option<String> = audited "Duration" DURATION,
        pub(crate) order: Option<String> = audited "SortOrder" ORDER,
        pub(crate) note: Option<String> = audited "Note" NOTE,
        pub(crate) hidden: Option<String> = "Hidden" FREE,
        pub(crate) limit: Option<i64> = audited "Limit" LIMIT,
        pub(crate) any_number: Option<i64> = audited "AnyNumber" ANY_NUMBER,
        pub(crate) force: Option<bool> = audited "Force" FORCE,
        pub(crate) names: Option<Vec<String>> = "Names" NAMES,
        pub(crate) tags: Option<Vec<Tag>> = audited "Tags" TAGS,
        pub(crate) rules: Option<Rules> = audited "RotationRules" RULES,
        pub(crate) login: Option<Login> = "Login" LOGIN,
        pub(crate) values: Option<Vec<Plaintext>> = "Values" VALUES,
        pub(crate) bytes: Option<Plaintext> = "SecretBinary" BYTES,
        pub(crate) token: Option<Plaintext> = "RotationToken" TOKEN,
    }
}

/// What parsing `body` gives.
pub(crate) fn parsed(body: &str) -> Parsed {
    match parse(Everything::SHAPE, body.as_bytes()) {
        Ok(parsed) => parsed,
        Err(rejection) => panic!("{rejection:?}: {body}"),
    }
}

/// Why `body` is refused, by the parser or by validation; `None` when it is valid.
pub(crate) fn rejected(body: &[u8]) -> Option<Rejection> {
    match parse(Everything::SHAPE, body) {
        Ok(parsed) => parsed.validate().err(),
        Err(rejection) => Some(rejection),
    }
}

/// A parsed value as plain JSON, secrets as text and blobs as base64.
fn describe(value: &Value, shape: &Shape) -> Json {
    match (value, shape) {
        (Value::Null, _) => Json::Null,
        (Value::Text(text), _) => json!(text),
        (Value::Secret(bytes), Shape::Blob { .. }) => json!(BASE64.encode(bytes.expose())),
        (Value::Secret(bytes), _) => json!(std::str::from_utf8(bytes.expose()).unwrap()),
        (Value::Integer(number), _) => json!(number),
        (Value::Double(number), _) => json!(number),
        (Value::Timestamp(moment), _) => json!(moment.as_millis()),
        (Value::Boolean(truth), _) => json!(truth),
        (Value::List(items), Shape::List(list)) => {
            items.iter().map(|item| describe(item, list.item)).collect()
        }
        (Value::Structure(members), _) => describe_members(members),
        (Value::Map(values), Shape::Map(map)) => values
            .iter()
            .map(|(key, value)| (key.clone(), describe(value, map.value)))
            .collect(),
        (Value::List(_) | Value::Map(_), _) => panic!("a list or a map where none belongs"),
    }
}

pub(crate) fn describe_members(members: &Members) -> Json {
    let present = members.iter().filter_map(|(member, value)| {
        Some((member.name.to_owned(), describe(value?, member.shape)))
    });
    Json::Object(present.collect())
}

/// A document of the right types, with nulls, unknown members and values out of bounds.
pub(crate) fn any_document(shape: &'static Structure) -> BoxedStrategy<Json> {
    let unknown = prop::option::of("[a-z]{1,3}".prop_map(|text| json!([{ "SecretId": text }])));
    let known: Vec<_> = shape
        .members
        .iter()
        .map(|member| prop::option::weighted(0.6, any_value(member.shape)))
        .collect();
    (known, unknown)
        .prop_map(|(known, unknown)| {
            let names = shape.members.iter().map(|member| member.name);
            let pairs = names.zip(known).chain([("Unknown", unknown)]);
            Json::Object(
                pairs
                    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
                    .collect(),
            )
        })
        .boxed()
}

fn any_value(shape: &'static Shape) -> BoxedStrategy<Json> {
    let value = match shape {
        Shape::Text(_) => any::<String>().prop_map(Json::from).boxed(),
        Shape::Blob { .. } => prop::collection::vec(any::<u8>(), 0..9)
            .prop_map(|bytes| json!(BASE64.encode(&bytes)))
            .boxed(),
        Shape::Integer(_) => prop_oneof![
            any::<i64>().prop_map(Json::from),
            any::<u64>().prop_map(Json::from),
            any::<f64>().prop_map(Json::from),
        ]
        .boxed(),
        Shape::Double | Shape::Timestamp => any::<f64>().prop_map(Json::from).boxed(),
        Shape::Boolean => any::<bool>().prop_map(Json::from).boxed(),
        Shape::List(list) => prop::collection::vec(any_value(list.item), 0..4)
            .prop_map(Json::from)
            .boxed(),
        Shape::Map(map) => prop::collection::btree_map("[a-cA]{0,2}", any_value(map.value), 0..4)
            .prop_map(|values| Json::Object(values.into_iter().collect()))
            .boxed(),
        Shape::Structure(structure) => any_document(structure),
    };
    prop_oneof![9 => value, 1 => Just(Json::Null)].boxed()
}

/// `document` with the canary in the place of every confidential text and blob.
pub(crate) fn with_canaries(document: &Json, shape: &Shape) -> Json {
    match (document, shape) {
        (Json::String(_), _) if shape.is_confidential() => json!(CANARY),
        (Json::Array(items), Shape::List(list)) => items
            .iter()
            .map(|item| with_canaries(item, list.item))
            .collect(),
        (Json::Object(fields), Shape::Map(map)) => fields
            .iter()
            .map(|(key, value)| (key.clone(), with_canaries(value, map.value)))
            .collect(),
        (Json::Object(fields), Shape::Structure(structure)) => {
            let known = structure.members.iter().filter_map(|member| {
                let value = with_canaries(fields.get(member.name)?, member.shape);
                Some((member.name.to_owned(), value))
            });
            Json::Object(known.collect())
        }
        (other, _) => other.clone(),
    }
}

/// Also valid as base64, and longer than any of the fixture's secrets may be.
const CANARY: &str = "CANARYCANARYCANARYCANARY";
