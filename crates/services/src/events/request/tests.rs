use super::*;
use crate::events::fixtures::{a_connection, an_api_destination};
use crate::events::records::{Method, Parameter};
use proptest::prelude::*;
use serde_json::json;

/// What a target adds, and what it is told.
#[derive(Default)]
struct Told {
    path: Vec<String>,
    headers: Vec<(String, String)>,
    query: Vec<(String, String)>,
    body: String,
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let pairs = pairs.iter();
    pairs
        .map(|&(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

fn secrets(values: &[&str]) -> Secrets {
    let secret = |text: &str| Plaintext::from(text.to_owned());
    Secrets {
        credential: secret("hunter2"),
        values: values.iter().map(|value| secret(value)).collect(),
    }
}

fn bare() -> Connection {
    Connection {
        parameters: None,
        ..a_connection()
    }
}

fn composed(
    destination: &ApiDestination,
    connection: &Connection,
    secrets: &Secrets,
    told: &Told,
) -> Result<Composed, NotSent> {
    let invoked = Invoked {
        account: &destination.account,
        region: &destination.region,
        arn: "arn:d",
        role: "arn:r",
        rule: "arn:rule",
        path: &told.path,
        headers: &told.headers,
        query: &told.query,
        body: &told.body,
    };
    compose(destination, connection, secrets, &invoked)
}

fn text(secret: &Plaintext) -> String {
    String::from_utf8(secret.expose().to_vec()).unwrap()
}

/// The URL that `endpoint` becomes with these values for its path.
fn url_of(endpoint: &str, path: &[&str]) -> Result<String, String> {
    let destination = ApiDestination {
        endpoint: endpoint.to_owned(),
        ..an_api_destination()
    };
    let told = Told {
        path: path.iter().map(|&one| one.to_owned()).collect(),
        ..Told::default()
    };
    let composed = composed(&destination, &bare(), &secrets(&[]), &told);
    composed.map(|one| text(&one.url)).map_err(|refusal| {
        assert!(refusal.is_final);
        refusal.why
    })
}

#[test]
fn a_request_has_what_target_and_connection_add() {
    let told = Told {
        path: vec![String::from("a b")],
        headers: pairs(&[
            ("X-Team", "red"),
            ("X-Of", "r"),
            ("Content-Type", "text/json"),
        ]),
        query: pairs(&[("key", "theirs"), ("q", "&")]),
        body: String::from(r#"{"a":1,"token":"theirs"}"#),
    };

    let composed = composed(
        &an_api_destination(),
        &a_connection(),
        &secrets(&["s=1", "t\""]),
        &told,
    );

    let composed = composed.ok().unwrap();
    assert_eq!((composed.method, composed.per_second), ("POST", 300));
    assert_eq!(
        text(&composed.url),
        "https://hooks.example/in/a%20b?q=%26&key=s%3D1"
    );
    let expected = [
        ("accept-encoding", "gzip,deflate"),
        ("content-type", "text/json"),
        ("range", "bytes=0-1048575"),
        ("user-agent", "Amazon/EventBridge/ApiDestinations"),
        ("x-of", "r"),
        ("x-team", "blue"),
    ];
    assert_eq!(composed.headers, pairs(&expected));
    let secret: Vec<_> = composed
        .secrets
        .iter()
        .map(|(name, value)| (name.as_str(), text(value)))
        .collect();
    let credential = String::from("Basic YW5hOmh1bnRlcjI=");
    assert_eq!(secret, [("authorization", credential)]);
    let body: Value = serde_json::from_str(&text(&composed.body)).unwrap();
    assert_eq!(body, json!({ "a": 1, "token": "t\"" }));
}

#[test]
fn an_api_key_is_a_header_over_all_others() {
    let connection = Connection {
        authorization: Authorization::ApiKey {
            name: String::from("X-Key"),
        },
        ..bare()
    };
    let told = Told {
        headers: pairs(&[
            ("x-key", "theirs"),
            ("Host", "169.254.169.254"),
            ("Via", "x"),
        ]),
        path: vec![String::from("x")],
        ..Told::default()
    };

    let composed = composed(&an_api_destination(), &connection, &secrets(&[]), &told);

    let composed = composed.ok().unwrap();
    let names: Vec<&str> = composed
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(
        names,
        ["accept-encoding", "content-type", "range", "user-agent"]
    );
    assert_eq!(
        (composed.secrets[0].0.as_str(), text(&composed.secrets[0].1)),
        ("x-key", String::from("hunter2"))
    );
}

#[test]
fn values_stand_in_the_places_of_the_wildcards_of_the_path() {
    let few = String::from(TOO_FEW_VALUES);

    for (endpoint, path, expected) in [
        ("https://h.example", &[][..], Ok("https://h.example")),
        (
            "https://h.example/*/b/*",
            &["1", "2"],
            Ok("https://h.example/1/b/2"),
        ),
        ("https://h.example/a*c", &["b"], Ok("https://h.example/abc")),
        (
            "https://h.example/a?x=*",
            &["b"],
            Ok("https://h.example/a?x=*"),
        ),
        (
            "https://h.example/*",
            &["../?x#@é"],
            Ok("https://h.example/..%2F%3Fx%23%40%C3%A9"),
        ),
        (
            "https://h.example/*",
            &["1", "2"],
            Ok("https://h.example/1"),
        ),
        ("https://h.example/*/*", &["1"], Err(few)),
    ] {
        assert_eq!(
            url_of(endpoint, path),
            expected.map(str::to_owned),
            "{endpoint} {path:?}"
        );
    }
}

#[test]
fn a_query_goes_on_where_that_of_the_endpoint_ends() {
    let destination = ApiDestination {
        endpoint: String::from("https://h.example?a=b"),
        ..an_api_destination()
    };
    let told = Told {
        query: pairs(&[("c", "d")]),
        ..Told::default()
    };

    let composed = composed(&destination, &bare(), &secrets(&[]), &told);

    assert_eq!(
        text(&composed.ok().unwrap().url),
        "https://h.example?a=b&c=d"
    );
}

#[test]
fn a_body_is_sent_where_there_is_one_and_changed_where_it_is_an_object() {
    for (method, told, expected) in [
        (Method::Get, "{}", ""),
        (Method::Head, "{}", ""),
        (Method::Delete, "[1]", "[1]"),
        (Method::Put, "plain", "plain"),
        (Method::Patch, "{}", r#"{"token":"t"}"#),
        (Method::Options, r#"{"a":{}}"#, r#"{"a":{},"token":"t"}"#),
    ] {
        let destination = ApiDestination {
            method,
            ..an_api_destination()
        };
        let told = Told {
            path: vec![String::from("x")],
            body: told.to_owned(),
            ..Told::default()
        };

        let composed = composed(&destination, &a_connection(), &secrets(&["s", "t"]), &told);

        assert_eq!(text(&composed.ok().unwrap().body), expected, "{method:?}");
    }
}

#[test]
fn a_connection_whose_secrets_are_not_all_there_is_not_used() {
    let composed = composed(
        &an_api_destination(),
        &a_connection(),
        &secrets(&["one"]),
        &Told::default(),
    );

    let refusal = composed.err().unwrap();
    assert_eq!(
        (refusal.is_final, refusal.why.as_str()),
        (true, "the connection cannot be read")
    );
}

#[test]
fn a_sample_has_no_wildcards_in_its_path() {
    for (endpoint, expected) in [
        (
            "https://h.example/*/b?c=*",
            Some("https://h.example/x/b?c=*"),
        ),
        ("https://h.example", Some("https://h.example")),
        ("https://*.example/", None),
        ("h.example/in", None),
    ] {
        assert_eq!(sample(endpoint).as_deref(), expected, "{endpoint}");
    }
}

proptest! {
    /// Escaped, a value can neither leave its segment nor begin a query.
    #[test]
    fn a_value_stays_in_its_segment(value in any::<String>()) {
        let url = url_of("https://h.example/a/*/c?d=e", &[&value]).unwrap();

        let rest = url.strip_prefix("https://h.example/a/").unwrap();
        let segment = rest.strip_suffix("/c?d=e").unwrap();
        prop_assert!(segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~%".contains(&b)));
    }

    #[test]
    fn a_secret_stays_in_its_member(key in "[a-z\"\\\\]{1,4}", value in any::<String>()) {
        let connection = Connection {
            parameters: Some(vec![Parameter { place: Place::Body, key: key.clone(), value: None }]),
            ..a_connection()
        };
        let told = Told {
            path: vec![String::from("x")],
            body: String::from(r#"{"A":1}"#),
            ..Told::default()
        };

        let composed = composed(&an_api_destination(), &connection, &secrets(&[&value]), &told);

        let body: Value = serde_json::from_str(&text(&composed.ok().unwrap().body)).unwrap();
        let mut expected = json!({ "A": 1 });
        expected[&key] = json!(value);
        prop_assert_eq!(body, expected);
    }
}
