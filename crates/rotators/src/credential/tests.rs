use super::*;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn secret(value: &Value) -> Plaintext {
    Plaintext::from(value.to_string())
}

fn problem(engine: Engine, value: &Value) -> String {
    match Credential::parse(engine, &secret(value)) {
        Ok(_) => panic!("taken: {value}"),
        Err(problem) => problem.to_string(),
    }
}

fn complete() -> Value {
    json!({
        "engine": "postgres",
        "host": "db.example.com",
        "username": "app",
        "password": "hunter2",
    })
}

fn with(key: &str, value: Value) -> Value {
    let mut secret = complete();
    secret[key] = value;
    secret
}

#[test]
fn what_the_guide_requires_is_enough() {
    let credential = Credential::parse(Engine::Postgres, &secret(&complete()))
        .ok()
        .unwrap();

    assert_eq!(credential.host(), "db.example.com");
    assert_eq!(credential.port(), None);
    assert_eq!(credential.username(), "app");
    assert_eq!(credential.password().expose(), b"hunter2");
    assert_eq!(credential.dbname(), None);
    assert_eq!(credential.master_arn(), None);
    assert_eq!(credential.tls(), Tls::Verified);
}

#[test]
fn a_port_may_be_a_number_or_a_text() {
    for port in [json!(6432), json!("6432")] {
        let credential = Credential::parse(Engine::Postgres, &secret(&with("port", port)));

        assert_eq!(credential.ok().unwrap().port(), Some(6432));
    }
}

#[test]
fn only_false_means_a_connection_in_the_clear() {
    let read = |ssl: Value| {
        Credential::parse(Engine::Postgres, &secret(&with("ssl", ssl)))
            .map(|credential| credential.tls())
    };

    for clear in [json!(false), json!("false"), json!("False")] {
        assert_eq!(read(clear), Ok(Tls::Plain));
    }
    for verified in [json!(true), json!("true"), json!(null)] {
        assert_eq!(read(verified), Ok(Tls::Verified));
    }
    for neither in [json!("no"), json!(0), json!("")] {
        assert_eq!(read(neither), Err(MalformedSecret::Ssl));
    }
}

#[test]
fn what_does_not_fit_is_told_without_its_value() {
    let long = "x".repeat(254);
    let cases = [
        (json!("hunter2"), "the secret's value is not a JSON object"),
        (
            with("engine", json!("mysql")),
            "Database engine must be set to 'postgres' in order to use this rotation lambda",
        ),
        (
            with("host", Value::Null),
            "host key is missing from secret JSON",
        ),
        (
            with("username", Value::Null),
            "username key is missing from secret JSON",
        ),
        (
            with("password", Value::Null),
            "password key is missing from secret JSON",
        ),
        (
            with("password", json!(7)),
            "password key in secret JSON is not a string",
        ),
        (
            with("port", json!("x")),
            "port key in secret JSON is not a TCP port",
        ),
        (
            with("port", json!(0)),
            "port key in secret JSON is not a TCP port",
        ),
        (with("host", json!("/run/postgresql")), HOST),
        (with("host", json!("@abstract")), HOST),
        (with("host", json!("a,b")), HOST),
        (with("host", json!("")), HOST),
        (with("host", json!(long)), HOST),
    ];

    for (value, expected) in cases {
        assert_eq!(problem(Engine::Postgres, &value), expected);
    }
    let mut oracle = complete();
    oracle["engine"] = "oracle".into();
    assert_eq!(
        problem(Engine::Oracle, &oracle),
        "dbname key is missing from secret JSON"
    );
}

#[test]
fn a_change_leaves_the_rest_as_it_is_written() {
    let written = r#"{"b" : 1.50, "password":"old", "a":[ 1,2 ], "x\u00e9": null}"#;
    let secret = Plaintext::from(String::from(written));
    let new = Plaintext::from(String::from("n\"e\\wé😀\n"));

    let changed = Members::parse(&secret)
        .ok()
        .unwrap()
        .with(&[("password", &new)]);

    assert_eq!(
        std::str::from_utf8(changed.expose()).unwrap(),
        r#"{"b": 1.50, "password": "n\"e\\w\u00e9\ud83d\ude00\n", "a": [ 1,2 ], "x\u00e9": null}"#
    );
}

proptest! {
    /// As a reader of JSON sees it, only the named members change.
    #[test]
    fn a_change_is_what_a_map_would_do(
        members in prop::collection::btree_map(any::<String>(), any::<String>(), 0..6),
        password in any::<String>(),
    ) {
        let map: Map<String, Value> =
            members.into_iter().map(|(key, value)| (key, value.into())).collect();
        let secret = Plaintext::from(Value::Object(map.clone()).to_string());
        let new = Plaintext::from(password.clone());

        let changed = Members::parse(&secret).ok().unwrap().with(&[("password", &new)]);

        let mut expected = map;
        expected.insert("password".to_owned(), password.into());
        let read: Value = serde_json::from_slice(changed.expose()).unwrap();
        prop_assert_eq!(read, Value::Object(expected));
    }
}

const HOST: &str = "host key in secret JSON is neither a DNS name nor an IP address";
