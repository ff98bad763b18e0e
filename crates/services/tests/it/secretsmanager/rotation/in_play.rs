//! What the log of a rotation function is cleaned of, beside what its step reads and writes itself.

use super::checks::checked;
use super::kit::{FUNCTION, Rig};
use serde_json::{Value, json};
use strongroom_services::NotAllKnown;
use testkit::token;

/// Encrypts `db` from now on under a key of the customer's, and gives its id.
async fn under_a_key(rig: &Rig) -> String {
    let key = rig.h.a_key().await;
    let body = json!({ "SecretId": "db", "KmsKeyId": key });
    rig.h.call("UpdateSecret", body).await.ok();
    rig.h
        .put("db", 9, "under the key", json!(["AWSCURRENT"]))
        .await;
    key
}

fn calls_of_kms(rig: &Rig) -> Vec<Value> {
    let mut events = rig.h.audit.events();
    events.retain(|event| event["eventSource"] == "kms.amazonaws.com");
    events
}

#[tokio::test]
async fn each_step_has_the_labelled_values_of_its_secret_in_play() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "before").await;
    rig.h.put("db", 5, "old", json!(["AWSCURRENT"])).await;

    rig.rotate(1).await.ok();
    rig.work().await;

    let new = rig.h.value("db").await;
    let mut steps = rig.rotator.in_play().into_iter().map(Result::unwrap);
    let (mut first, later) = (steps.next().unwrap(), steps.collect::<Vec<_>>());
    first.sort();
    assert_eq!(first, ["before", "old"], "createSecret");
    assert_eq!(later.len(), 3);
    for mut step in later {
        assert!(step.contains(&new), "the value that createSecret made");
        step.retain(|value| *value != new);
        step.sort();
        assert_eq!(step, ["before", "old"]);
    }
}

#[tokio::test]
async fn values_are_put_in_play_without_an_event_or_a_day_of_access() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    let quiet = [super::kit::Act::Skip];
    rig.rotator.script("createSecret", quiet.clone());
    for step in ["setSecret", "testSecret", "finishSecret"] {
        rig.rotator.script(step, quiet.clone());
    }
    rig.rotate(1).await.ok();
    let before = calls_of_kms(&rig).len();

    rig.h.app.rotate_next("worker").await.unwrap();

    assert_eq!(rig.rotator.in_play()[0], Ok(vec![String::from("old")]));
    assert_eq!(calls_of_kms(&rig).len(), before);
    assert_eq!(rig.describe("db").await["LastAccessedDate"], Value::Null);
}

#[tokio::test]
async fn values_under_a_customers_key_are_put_in_play_whoever_may_use_the_key() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    under_a_key(&rig).await;

    rig.rotate(1).await.ok();
    rig.work().await;

    let first = rig.rotator.in_play().remove(0).unwrap();
    assert!(first.contains(&String::from("under the key")), "{first:?}");
}

#[tokio::test]
async fn a_disabled_key_keeps_values_from_the_scrubber_which_is_told_so() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    let key = under_a_key(&rig).await;
    rig.rotate(1).await.ok();
    rig.h.kms("DisableKey", json!({ "KeyId": key })).await.ok();

    rig.h.app.rotate_next("worker").await.unwrap();

    assert_eq!(rig.rotator.in_play(), [Err(NotAllKnown::NotOpened)]);
    let shown = rig.shown().await;
    let call = &shown["Runs"][0]["Calls"][0];
    assert_eq!(call["Step"], "createSecret", "{shown}");
    let labels = rig.labels().await;
    assert_eq!(labels[token(9)], json!(["AWSCURRENT"]));
}

#[tokio::test]
async fn a_check_has_the_values_of_its_secret_in_play() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    rig.rotator.be_built_in();
    rig.rotate(1).await.ok();
    rig.work().await;

    let checked = checked(&rig, "db").await;

    let function = checked.unwrap().rotation_lambda_arn;
    assert_eq!(function.as_deref(), Some(FUNCTION));
    let last = rig.rotator.in_play().pop().unwrap().unwrap();
    assert!(last.contains(&rig.h.value("db").await));
    assert!(last.contains(&String::from("old")));
}
