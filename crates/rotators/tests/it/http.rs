use crate::endpoint::{Endpoint, URL};
use crate::{SECRET, event};
use rotator_testkit::{Lines, MemorySecrets};
use serde_json::{Value, json};
use strongroom_rotators::{Options, RotationError, Step, rotate_over_http};

fn secrets() -> MemorySecrets {
    let secrets = MemorySecrets::default();
    secrets.put(SECRET, "v1", &json!({"user": "app", "password": "old"}));
    secrets.start(SECRET, "v2");
    secrets
}

async fn step(
    step: Step,
    url: &str,
    secrets: &MemorySecrets,
    endpoint: &Endpoint,
) -> Result<(), RotationError> {
    let options = Options::default();
    rotate_over_http(
        url,
        &event(step),
        secrets,
        endpoint,
        &Lines::default(),
        &options,
    )
    .await
}

fn asked(step: &str, values: Value) -> Value {
    let mut body = json!({"Step": step, "SecretId": SECRET, "ClientRequestToken": "v2"});
    for (key, value) in values.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

#[tokio::test]
async fn an_endpoint_is_told_each_step_and_makes_the_value() {
    let secrets = secrets();
    let made = r#"{"user": "app", "password": "made"}"#;
    let reply = json!({ "SecretString": made }).to_string();
    let endpoint = Endpoint::with([(200, &reply), (204, ""), (200, "{}"), (204, "")]);

    for one in Step::ALL {
        step(one, URL, &secrets, &endpoint).await.unwrap();
    }

    let old = r#"{"password":"old","user":"app"}"#;
    let expected = [
        asked("createSecret", json!({"Current": old})),
        asked("setSecret", json!({"Current": old, "Pending": made})),
        asked("testSecret", json!({"Pending": made})),
        asked("finishSecret", json!({})),
    ];
    assert_eq!(endpoint.asked(), expected);
    assert_eq!(secrets.text_at(SECRET, "AWSCURRENT").unwrap(), made);
}

#[tokio::test]
async fn without_an_answer_a_password_is_drawn() {
    let secrets = secrets();
    let endpoint = Endpoint::with([(204, "")]);
    secrets.draw_next("drawn");

    step(Step::CreateSecret, URL, &secrets, &endpoint)
        .await
        .unwrap();
    step(Step::CreateSecret, URL, &secrets, &endpoint)
        .await
        .unwrap();

    assert_eq!(endpoint.asked().len(), 1);
    assert_eq!(
        secrets.value_at(SECRET, "AWSPENDING"),
        Some(json!({"user": "app", "password": "drawn"}))
    );
}

#[tokio::test]
async fn an_endpoint_that_refuses_changes_nothing() {
    let cases = [
        (
            500,
            "{}",
            "the rotation endpoint answered 500 to createSecret",
        ),
        (
            302,
            "",
            "the rotation endpoint answered 302 to createSecret",
        ),
        (
            200,
            "made",
            "the rotation endpoint's answer to createSecret is malformed: it is not a JSON object",
        ),
        (
            200,
            "{}",
            "the rotation endpoint's answer to createSecret is malformed: there is no SecretString",
        ),
    ];

    for (status, body, expected) in cases {
        let secrets = secrets();
        let endpoint = Endpoint::with([(status, body)]);

        let refusal = step(Step::CreateSecret, URL, &secrets, &endpoint).await;

        assert_eq!(refusal.unwrap_err().to_string(), expected);
        assert_eq!(secrets.value_at(SECRET, "AWSPENDING"), None);
    }
}

#[tokio::test]
async fn finishing_waits_for_the_endpoint() {
    let secrets = secrets();
    let endpoint = Endpoint::with([(503, "")]);

    step(Step::FinishSecret, URL, &secrets, &endpoint)
        .await
        .unwrap_err();

    assert_eq!(secrets.labels(SECRET)["AWSCURRENT"], "v1");
}

#[tokio::test]
async fn values_go_out_encrypted_only() {
    for url in [
        "http://rotation.example.com/",
        "http://localhost.example.com/",
        "http://127.0.0.1@example.com/",
        "ftp://127.0.0.1/",
        "",
    ] {
        let endpoint = Endpoint::default();

        let refusal = step(Step::CreateSecret, url, &secrets(), &endpoint).await;

        let text = refusal.unwrap_err().to_string();
        assert_eq!(text, "the rotation endpoint's URL is not https");
        assert!(endpoint.asked().is_empty());
    }
}
