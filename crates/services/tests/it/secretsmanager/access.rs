//! Who may do what: root of the owning account everything, anybody else nothing.

use super::{DELETED, DELETED_BEFORE, denial, operations_on};
use serde_json::{Value, json};
use testkit::{Harness, token};

#[tokio::test]
async fn another_account_is_refused_with_the_full_arn_of_what_exists() {
    let h = Harness::new().await;
    let other = h.another_account("999988887777").await;
    let arn = h.a_secret("prod/db", "hunter2").await;
    let before = h.everything().await;
    let partial = &arn[..arn.len() - 7];

    for id in [arn.as_str(), partial] {
        for (operation, body) in operations_on(id) {
            let reply = h.call_as(&other, operation, body).await;
            let text = denial("999988887777", operation, &arn);
            reply.refused("AccessDeniedException", &text);
            let event = &h.audit.events_of(&reply.request_id)[0];
            assert_eq!(event["errorCode"], "AccessDeniedException");
            assert_eq!(event["errorMessage"], text);
            assert_eq!(
                event["userIdentity"]["arn"],
                "arn:aws:iam::999988887777:root"
            );
        }
    }

    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn another_account_is_refused_with_the_identifier_as_sent_of_what_does_not_exist() {
    let h = Harness::new().await;
    let other = h.another_account("999988887777").await;
    let arn = h.a_secret("prod/db", "hunter2").await;
    let prefix = "arn:aws:secretsmanager:us-east-1:123456789012:secret";
    let wrong_suffix = format!("{}-000000", &arn[..arn.len() - 7]);

    for id in [
        format!("{prefix}:nothing"),
        format!("{prefix}:nothing-AbCdEf"),
        wrong_suffix,
    ] {
        for (operation, body) in operations_on(&id) {
            let reply = h.call_as(&other, operation, body).await;
            reply.refused(
                "AccessDeniedException",
                &denial("999988887777", operation, &id),
            );
        }
    }
}

#[tokio::test]
async fn refusal_comes_before_the_state_of_the_secret() {
    let h = Harness::new().await;
    let other = h.another_account("999988887777").await;
    let arn = h.a_secret("prod/db", "hunter2").await;
    h.call("DeleteSecret", json!({ "SecretId": arn }))
        .await
        .ok();
    let before = h.everything().await;

    for (operation, body) in operations_on(&arn) {
        let reply = h.call_as(&other, operation, body).await;
        reply.refused(
            "AccessDeniedException",
            &denial("999988887777", operation, &arn),
        );
    }

    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn forcing_away_what_another_account_has_or_has_not_is_refused() {
    let h = Harness::new().await;
    let other = h.another_account("999988887777").await;
    let arn = h.a_secret("prod/db", "hunter2").await;
    let missing = "arn:aws:secretsmanager:us-east-1:123456789012:secret:nothing";

    for id in [arn.as_str(), missing] {
        let body = json!({ "SecretId": id, "ForceDeleteWithoutRecovery": true });
        let reply = h.call_as(&other, "DeleteSecret", body).await;
        reply.refused(
            "AccessDeniedException",
            &denial("999988887777", "DeleteSecret", id),
        );
    }

    assert_eq!(h.value("prod/db").await, "hunter2");
}

#[tokio::test]
async fn an_arn_of_another_region_is_refused_even_to_its_owner() {
    let h = Harness::new().await;
    let elsewhere = h.root.in_region("eu-west-1");
    let body = json!({ "Name": "db", "SecretString": "x", "ClientRequestToken": token(0) });
    let there = h.call_as(&elsewhere, "CreateSecret", body).await.ok();
    let arn = there["ARN"].as_str().unwrap();

    for (operation, body) in operations_on(arn) {
        let reply = h.call(operation, body).await;
        reply.refused(
            "AccessDeniedException",
            &denial("123456789012", operation, arn),
        );
    }

    let read = h
        .call_as(&elsewhere, "GetSecretValue", json!({ "SecretId": arn }))
        .await
        .ok();
    assert_eq!(read["SecretString"], "x");
}

#[tokio::test]
async fn a_name_always_means_the_callers_own_account() {
    let h = Harness::new().await;
    let other = h.another_account("999988887777").await;
    h.a_secret("db", "mine").await;
    let body = json!({ "Name": "db", "SecretString": "theirs", "ClientRequestToken": token(0) });
    h.call_as(&other, "CreateSecret", body).await.ok();

    let read = h
        .call_as(&other, "GetSecretValue", json!({ "SecretId": "db" }))
        .await
        .ok();

    assert_eq!(read["SecretString"], "theirs");
    assert_eq!(h.value("db").await, "mine");
}

#[tokio::test]
async fn lists_show_the_callers_own_account_only() {
    let h = Harness::new().await;
    let other = h.another_account("999988887777").await;
    h.a_secret("db", "mine").await;

    let listed = h.call_as(&other, "ListSecrets", json!({})).await.ok();

    assert_eq!(listed, json!({ "SecretList": [] }));
}

#[tokio::test]
async fn a_deleted_secret_refuses_what_would_use_or_change_it() {
    let allowed = ["DescribeSecret", "ListSecretVersionIds", "RestoreSecret"];
    let h = Harness::new().await;
    h.a_secret("db", "hunter2").await;
    h.call("DeleteSecret", json!({ "SecretId": "db" }))
        .await
        .ok();
    let before = h.everything().await;

    for (operation, body) in operations_on("db") {
        if !allowed.contains(&operation) {
            let text = if operation == "DeleteSecret" {
                DELETED_BEFORE
            } else {
                DELETED
            };
            let reply = h.call(operation, body).await;
            reply.refused("InvalidRequestException", text);
        }
    }

    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn an_audit_log_that_fails_withholds_every_answer_and_its_reasons() {
    let h = Harness::new().await;
    let other = h.another_account("999988887777").await;
    let arn = h.a_secret("db", "hunter2").await;
    h.audit.fail(true);
    let silent = json!({ "__type": "InternalServiceError" });

    for (operation, body) in operations_on(&arn) {
        for caller in [&h.root, &other] {
            let reply = h.call_as(caller, operation, body.clone()).await;
            assert_eq!(
                (reply.status, reply.json()),
                (500, silent.clone()),
                "{operation}"
            );
        }
    }
    for (operation, body) in other_operations() {
        let reply = h.call(operation, body).await;
        assert_eq!(
            (reply.status, reply.json()),
            (500, silent.clone()),
            "{operation}"
        );
    }
}

fn other_operations() -> [(&'static str, Value); 4] {
    [
        ("BatchGetSecretValue", json!({ "SecretIdList": ["db"] })),
        ("GetRandomPassword", json!({})),
        ("ListSecrets", json!({})),
        ("RotateSecret", json!({ "SecretId": "db" })),
    ]
}
