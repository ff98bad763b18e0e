//! What the operator is told and may do, against what callers then see.

use base::{AccountId, RegionName};
use serde_json::{Value, json};
use strongroom_services::{Operator, Question};
use testkit::{Caller, Harness, Reply};

const ACCOUNT: &str = "123456789012";

fn operator() -> Operator {
    Operator {
        uid: 7,
        request_id: String::from("operators-request"),
    }
}

fn account() -> AccountId {
    AccountId::parse(ACCOUNT).unwrap()
}

fn region() -> RegionName {
    RegionName::parse("us-east-1").unwrap()
}

/// Creates an administrator, who then may call.
async fn administrator(h: &Harness, name: &str) -> Caller {
    let new = h
        .app
        .create_administrator(&account(), name, &operator())
        .await
        .unwrap();
    let secret = String::from_utf8(new.secret_access_key.expose().to_vec()).unwrap();
    h.root
        .with_access_key_id(&new.access_key_id)
        .with_secret(&secret)
}

/// The decision on reading the secret `id`.
async fn explained(h: &Harness, principal: &str, id: &str) -> Value {
    let question = Question {
        principal: principal.to_owned(),
        action: String::from("secretsmanager:GetSecretValue"),
        resource: id.to_owned(),
        account: None,
        region: region(),
        context: Vec::new(),
    };
    let explanation = h.app.explain(&question).await.unwrap();
    serde_json::to_value(explanation).unwrap()
}

async fn read(h: &Harness, caller: &Caller, id: &str) -> Reply {
    h.call_as(caller, "GetSecretValue", json!({ "SecretId": id }))
        .await
}

#[tokio::test]
async fn an_administrator_is_a_user_that_iam_shows() {
    let h = Harness::new().await;

    let ada = administrator(&h, "Ada").await;

    let own = h.iam_as(&ada, "GetUser", &[("UserName", "ada")]).await;
    let user = &own.xml_ok()["GetUserResult"]["User"];
    assert_eq!(user["UserName"], "Ada");
    assert_eq!(user["Arn"], "arn:aws:iam::123456789012:user/Ada");
    assert_eq!(user["Path"], "/");
    let taken = h.iam("CreateUser", &[("UserName", "ADA")]).await;
    assert_eq!(taken.status, 409);
}

#[tokio::test]
async fn an_explanation_agrees_with_what_the_caller_sees() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "hunter2").await;
    let ada = administrator(&h, "ada").await;
    let eve = h.another_account("999988887777").await;

    let of_ada = explained(&h, "arn:aws:iam::123456789012:user/ada", "db").await;
    let of_root = explained(&h, "arn:aws:iam::123456789012:root", &arn).await;
    let of_eve = explained(&h, "arn:aws:iam::999988887777:root", &arn).await;

    assert_eq!(of_ada["Decision"], "allowed");
    assert_eq!(read(&h, &ada, "db").await.status, 200);
    assert_eq!(of_root["Decision"], "allowed");
    assert_eq!(read(&h, &h.root, &arn).await.status, 200);
    assert_eq!(of_eve["Decision"], "implicitDeny");
    let refused = read(&h, &eve, &arn).await;
    let reason = of_eve["Reason"].as_str().unwrap();
    assert_eq!(refused.status, 400);
    assert!(refused.text.contains(reason), "{} {reason}", refused.text);
}

#[tokio::test]
async fn who_can_is_who_then_does() {
    let h = Harness::new().await;
    h.a_secret("db", "hunter2").await;
    let ada = administrator(&h, "ada").await;
    h.iam("CreateUser", &[("UserName", "bob")]).await.xml_ok();

    let action = "secretsmanager:GetSecretValue";
    let found = h.app.who_can(action, "db", &account(), &region()).await;

    let found: Vec<(String, bool)> = found
        .unwrap()
        .into_iter()
        .map(|access| (access.principal, access.conditional))
        .collect();
    assert_eq!(
        found,
        [
            (String::from("arn:aws:iam::123456789012:root"), false),
            (String::from("arn:aws:iam::123456789012:user/ada"), false),
        ]
    );
    assert_eq!(read(&h, &ada, "db").await.status, 200);
}

#[tokio::test]
async fn rotated_root_keys_count_from_the_next_request_on() {
    let h = Harness::new().await;
    h.a_secret("db", "hunter2").await;

    let new = h.app.rotate_root_credentials(&account(), &operator()).await;

    let new = new.unwrap();
    let secret = String::from_utf8(new.secret_access_key.expose().to_vec()).unwrap();
    let root = h
        .root
        .with_access_key_id(&new.access_key_id)
        .with_secret(&secret);
    assert_eq!(read(&h, &h.root, "db").await.status, 400);
    assert_eq!(read(&h, &root, "db").await.status, 200);
}

#[tokio::test]
async fn every_change_leaves_an_event_that_names_the_operator() {
    let h = Harness::new().await;

    administrator(&h, "ada").await;
    h.app
        .restore_access(&account(), None, &operator())
        .await
        .unwrap();

    let events = h.audit.events_of("operators-request");
    let seen: Vec<(&str, &Value)> = events
        .iter()
        .map(|event| {
            let name = event["eventName"].as_str().unwrap();
            (name, &event["additionalEventData"]["uid"])
        })
        .collect();
    let uid = json!(7);
    assert_eq!(
        seen,
        [
            ("CreateAdministrator", &uid),
            ("RenewRootCredentials", &uid)
        ]
    );
}

#[tokio::test]
async fn questions_leave_the_records_and_the_log_alone() {
    let h = Harness::new().await;
    h.a_secret("db", "hunter2").await;
    let before = h.everything().await;
    let events = h.audit.events().len();

    explained(&h, "arn:aws:iam::123456789012:root", "db").await;
    let action = "secretsmanager:GetSecretValue";
    let found = h.app.who_can(action, "db", &account(), &region()).await;

    assert!(found.is_ok());
    assert_eq!(h.audit.events().len(), events);
    assert_eq!(h.everything().await, before);
}
