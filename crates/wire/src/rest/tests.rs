use super::*;
use crate::json::MessageKey;
use crate::probe::{self, RestRequest};
use crate::{Input, Shape};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

const NAME: Shape = Shape::text(1, 20);
const NUMBER: Shape = Shape::integer().between(1, 9);
const FLAG: Shape = Shape::boolean();
const NAMES: Shape = Shape::list(&NAME, 1, 3);
const SECRET: Shape = Shape::text(0, 9).sensitive();
const BYTES: Shape = Shape::blob(0, 90);
const ORDER: Shape = Shape::one_of(&["asc", "desc"]);

crate::input! {
    struct Everything {
        name: String = required audited "Name" NAME,
        part: String = required audited "Part" NAME,
        limit: Option<i64> = audited "Limit" NUMBER,
        force: Option<bool> = audited "Force" FLAG,
        keys: Option<Vec<String>> = audited "Keys" NAMES,
        order: Option<String> = audited "Order" ORDER,
        token: Option<Plaintext> = "Token" SECRET,
        note: Option<String> = audited "Note" NAME,
        count: Option<i64> = audited "Count" NUMBER,
    }
}

crate::input! {
    struct Call {
        name: String = required audited "Name" NAME,
        payload: Option<Plaintext> = "Payload" BYTES,
    }
}

static HTTP: Http = Http::new("PUT", "/v1/things/{Name}/parts/{Part}", 200)
    .query(&[("Limit", "limit"), ("Force", "force"), ("Keys", "key")])
    .headers(&[("Order", "x-order"), ("Token", "x-token")]);

static CALL: Http = Http::new("POST", "/v1/things/{Name}/calls", 200).payload("Payload");

fn read(path: &str, query: &str, headers: &[(&str, &str)], body: &str) -> Result<Json, Rejection> {
    let header = |name: &str| {
        let found = headers.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| *value)
    };
    let request = Request {
        path,
        query,
        header: &header,
        body: body.as_bytes(),
    };
    let parsed = HTTP.read(Everything::SHAPE, request)?;
    parsed.validate()?;
    Ok(serde_json::from_str(&parsed.request_parameters()).unwrap())
}

const PATH: &str = "/v1/things/a/parts/b";

#[test]
fn every_member_is_read_from_its_own_place() {
    let read = read(
        "/v1/things/arn%3Aaws%3Alambda%2Fx/parts/%24LATEST",
        "limit=3&key=a&other=1&key=b%20c&force=true&key=%2B+",
        &[("x-order", "desc"), ("x-token", "CANARY")],
        r#"{"Note":"hello","Count":4}"#,
    );

    assert_eq!(
        read.unwrap(),
        json!({
            "name": "arn:aws:lambda/x", "part": "$LATEST", "limit": 3, "force": true,
            "keys": ["a", "b c", "+ "], "order": "desc", "note": "hello", "count": 4,
        })
    );
}

#[test]
fn a_member_is_never_taken_from_another_place() {
    let read = read(
        PATH,
        "Limit=3&note=x&Note=x",
        &[("x-limit", "3")],
        r#"{"Name":"body","Part":"body","Limit":5,"Keys":["body"],"Order":"asc","Token":"body"}"#,
    );

    assert_eq!(read.unwrap(), json!({ "name": "a", "part": "b" }));
}

#[test]
fn paths_match_whole_and_labels_are_not_empty() {
    for (path, expected) in [
        (PATH, true),
        ("/v1/things/a/parts/b/", true),
        ("/v1/things/a%2Fparts/parts/b", true),
        ("/v1/things/a/parts", false),
        ("/v1/things/a/parts/", false),
        ("/v1/things//parts/b", false),
        ("/v1/things/a/parts/b/c", false),
        ("/v1/things/a/parts/b//", false),
        ("/V1/things/a/parts/b", false),
        ("//v1/things/a/parts/b", false),
        ("/", false),
        ("", false),
    ] {
        assert_eq!(HTTP.has_path(path), expected, "{path}");
        assert_eq!(HTTP.matches("PUT", path), expected, "{path}");
        assert!(!HTTP.matches("GET", path), "{path}");
    }
}

#[test]
fn what_cannot_be_read_is_refused_without_a_piece_of_it() {
    for (path, query, order, body) in [
        ("/v1/things/%/parts/b", "", None, ""),
        ("/v1/things/%zz/parts/b", "", None, ""),
        ("/v1/things/%ff/parts/b", "", None, ""),
        (PATH, "limit=one", None, ""),
        (PATH, "limit=", None, ""),
        (PATH, "limit=1&limit=1", None, ""),
        (PATH, "force=yes", None, ""),
        (PATH, "other=%", None, ""),
        (PATH, "", None, "{"),
    ] {
        let headers: Vec<_> = order.map(|order| ("x-order", order)).into_iter().collect();

        let refused = read(path, query, &headers, body);

        assert_eq!(
            refused,
            Err(Rejection::Serialization(None)),
            "{path}?{query} {body}"
        );
    }
    let many = "a=1&".repeat(1_001);
    assert_eq!(
        read(PATH, &many, &[], ""),
        Err(Rejection::Serialization(None))
    );
}

#[test]
fn constraints_are_told_as_of_every_protocol() {
    let refused = read(PATH, "limit=10", &[("x-order", "up")], "");

    let text = "2 validation errors detected: Value '10' at 'limit' failed to satisfy constraint: \
                Member must have value less than or equal to 9; Value 'up' at 'order' failed to \
                satisfy constraint: Member must satisfy enum value set: [asc, desc]";
    assert_eq!(refused, Err(Rejection::Validation(text.to_owned())));
}

#[test]
fn a_payload_is_the_body_as_it_is() {
    let read = |body: &[u8]| {
        let request = Request {
            path: "/v1/things/a/calls/",
            query: "",
            header: &|_| None,
            body,
        };
        let parsed = CALL.read(Call::SHAPE, request).unwrap();
        assert_eq!(parsed.request_parameters(), r#"{"name":"a"}"#);
        parsed.into_input::<Call>().unwrap()
    };

    let given = read(b"{\"Name\": \xff");

    assert_eq!(given.name, "a");
    assert_eq!(given.payload.unwrap().expose(), b"{\"Name\": \xff");
    assert!(read(b"").payload.is_none());
}

#[test]
fn an_input_has_its_members() {
    let document = probe::complete(Everything::SHAPE);
    let RestRequest {
        path,
        query,
        headers,
        body,
    } = probe::rest(&document, &HTTP).unwrap();
    let header = |name: &str| {
        let found = headers.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str())
    };
    let request = Request {
        path: &path,
        query: &query,
        header: &header,
        body: &body,
    };

    let input: Everything = HTTP
        .read(Everything::SHAPE, request)
        .unwrap()
        .into_input()
        .unwrap();

    assert_eq!((input.name.as_str(), input.part.as_str()), ("x", "x"));
    assert_eq!(
        (input.limit, input.force, input.count),
        (Some(1), Some(true), Some(1))
    );
    assert_eq!(input.keys.unwrap(), ["x"]);
    assert_eq!(input.order.unwrap(), "asc");
    assert_eq!(input.token.unwrap().expose(), b"x");
    assert_eq!(input.note.unwrap(), "x");
}

#[test]
fn every_violation_that_can_be_said_is_found() {
    let violations = probe::rest_violations(Everything::SHAPE, &HTTP);
    for violation in &violations {
        let sent = probe::rest(&violation.body, &HTTP).unwrap();
        let headers: Vec<(&str, &str)> = sent
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let body = String::from_utf8(sent.body).unwrap();

        let refused = read(&sent.path, &sent.query, &headers, &body).unwrap_err();

        assert_eq!(
            (refused.code(), refused.message()),
            (violation.code, violation.message.as_deref()),
            "{}",
            violation.what
        );
    }
    assert!(violations.len() > 15, "only {}", violations.len());
}

#[test]
fn errors_say_whose_fault_they_are_or_nothing() {
    let bodies = [
        error_body(Some(Fault::User), Some("no"), MessageKey::Upper),
        error_body(Some(Fault::Service), Some("no"), MessageKey::Lower),
        error_body(None, None, MessageKey::Lower),
    ];

    let texts = bodies.map(|body| String::from_utf8(body.as_ref().to_vec()).unwrap());
    assert_eq!(
        texts,
        [
            r#"{"Type":"User","Message":"no"}"#,
            r#"{"Type":"Service","message":"no"}"#,
            "{}"
        ]
    );
}

proptest! {
    #[test]
    fn nothing_that_is_sent_panics(path in ".{0,40}", query in ".{0,40}", body in ".{0,40}") {
        if HTTP.has_path(&path) || path.is_empty() {
            let _ = read(&path, &query, &[], &body);
        }
        let _ = read(PATH, &query, &[("x-order", &path)], &body);
    }

    #[test]
    fn labels_come_back_as_they_were(name in ".{1,9}", part in "[a-z/:%$ é]{1,9}") {
        let document = json!({ "Name": name, "Part": part });
        let sent = probe::rest(&document, &HTTP).unwrap();

        prop_assert!(HTTP.has_path(&sent.path));
        let shown = read(&sent.path, "", &[], "").unwrap();

        prop_assert_eq!(shown, json!({ "name": name, "part": part }));
    }
}
