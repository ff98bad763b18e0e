//! By which texts a request may mean a secret: the same for every operation that takes one.

use super::{INVALID_NAME, NOT_FOUND, operations_on};
use serde_json::{Value, json};
use testkit::{Harness, token};

fn partial(arn: &str) -> &str {
    &arn[..arn.len() - "-AbCdEf".len()]
}

#[tokio::test]
async fn a_name_a_complete_and_a_partial_arn_mean_the_same_secret() {
    for position in 0..operations_on("").len() {
        for form in 0..3 {
            let h = Harness::new().await;
            let arn = h.a_secret("prod/db", "hunter2").await;
            let id = ["prod/db", &arn, partial(&arn)][form];
            let (operation, body) = operations_on(id).swap_remove(position);

            let reply = h.call(operation, body).await;

            let answer = reply.ok();
            if answer.get("ARN").is_some() {
                assert_eq!(
                    (&answer["ARN"], &answer["Name"]),
                    (&json!(arn), &json!("prod/db"))
                );
            }
            let event = &h.audit.events_of(&reply.request_id)[0];
            assert_eq!(event["resources"][0]["ARN"], arn, "{operation}");
            assert_eq!(event["requestParameters"]["secretId"], id, "{operation}");
        }
    }
}

#[tokio::test]
async fn what_means_no_secret_is_not_found() {
    let h = Harness::new().await;
    let arn = h.a_secret("prod/db", "hunter2").await;
    let before = h.everything().await;
    let wrong_suffix = format!("{}-000000", partial(&arn));
    let longer = format!("{}x", partial(&arn));
    let others = [
        "nothing",
        "PROD/DB",
        "rds!cluster-1",
        "prod",
        &wrong_suffix,
        &longer,
    ];

    for id in others {
        for (operation, body) in operations_on(id) {
            let reply = h.call(operation, body).await;
            reply.refused("ResourceNotFoundException", NOT_FOUND);
        }
    }

    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn a_text_that_is_no_name_is_refused_before_anything_else() {
    let h = Harness::new().await;
    h.a_secret("prod/db", "hunter2").await;
    let before = h.everything().await;

    for id in [
        " prod/db", "prod/db ", "prod db", "*", "db?", "db]", "db\\", "größe", "a\nb", "a:b",
    ] {
        for (operation, mut body) in operations_on(id) {
            body.as_object_mut().unwrap().remove("ClientRequestToken");
            let reply = h.call(operation, body).await;
            reply.refused("ValidationException", INVALID_NAME);
        }
        let force = json!({ "SecretId": id, "ForceDeleteWithoutRecovery": true });
        let forced = h.call("DeleteSecret", force).await;
        forced.refused("ValidationException", INVALID_NAME);
    }

    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn a_partial_arn_that_ends_like_a_complete_one_is_taken_for_one() {
    let h = Harness::new().await;
    let name = "Invalid/_+=.@-Name-a1b2c3";
    let arn = h.a_secret(name, "hunter2").await;

    let by_partial = h
        .call("GetSecretValue", json!({ "SecretId": partial(&arn) }))
        .await;

    by_partial.refused("ResourceNotFoundException", NOT_FOUND);
    assert_eq!(h.value(name).await, "hunter2");
    assert_eq!(h.value(&arn).await, "hunter2");
}

#[tokio::test]
async fn names_that_only_resemble_a_suffix_resolve() {
    let h = Harness::new().await;

    for name in [
        "Name-a1b2",
        "Name-a1b2c3-",
        "/leading",
        "a1b2c3",
        "Name-a1b2c_",
    ] {
        let arn = h.a_secret(name, "hunter2").await;
        assert_eq!(h.value(partial(&arn)).await, "hunter2", "{name}");
        assert_eq!(h.value(name).await, "hunter2", "{name}");
    }
}

#[tokio::test]
async fn the_trap_may_even_hit_another_secret_and_still_finds_nothing() {
    let h = Harness::new().await;
    h.a_secret("Name", "the other").await;
    let arn = h.a_secret("Name-a1b2c3", "hunter2").await;

    let reply = h
        .call("GetSecretValue", json!({ "SecretId": partial(&arn) }))
        .await;

    reply.refused("ResourceNotFoundException", NOT_FOUND);
}

#[tokio::test]
async fn an_arn_of_something_else_is_not_found() {
    let h = Harness::new().await;
    h.a_secret("db", "hunter2").await;
    let before = h.everything().await;
    let arns = [
        "arn:",
        "arn:aws:iam::123456789012:root",
        "arn:aws:secretsmanager:us-east-1:123456789012:thing:db",
        "arn:aws:secretsmanager:us-east-1:123:secret:db",
        "arn:aws-cn:secretsmanager:us-east-1:123456789012:secret:db",
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:",
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:a b",
    ];

    for arn in arns {
        for (operation, body) in operations_on(arn) {
            let reply = h.call(operation, body).await;
            reply.refused("ResourceNotFoundException", NOT_FOUND);
        }
    }

    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn names_tell_case_apart() {
    let h = Harness::new().await;
    h.a_secret("db", "lower").await;
    h.a_secret("DB", "upper").await;

    assert_eq!(h.value("db").await, "lower");
    assert_eq!(h.value("DB").await, "upper");
    assert_eq!(h.everything().await.as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_name_may_have_512_characters_and_be_any_of_the_listed() {
    let h = Harness::new().await;
    let longest = "n".repeat(512);
    let every = "AZaz09/_+=.@-";

    for name in [longest.as_str(), every, "x"] {
        let arn = h.a_secret(name, "hunter2").await;
        assert_eq!(h.describe(&arn).await["Name"], name);
    }
    let too_long: Value = json!({
        "Name": "n".repeat(513), "ClientRequestToken": token(1),
    });
    let reply = h.call("CreateSecret", too_long).await;

    let text = format!(
        "1 validation error detected: Value '{}' at 'name' failed to satisfy constraint: Member \
         must have length less than or equal to 512",
        "n".repeat(513)
    );
    reply.rejected("ValidationException", Some(&text));
}
