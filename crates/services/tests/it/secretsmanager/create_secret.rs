use serde_json::{Value, json};
use strongroom_services::Limits;
use testkit::{Engine, Harness, token, with};

fn request() -> Value {
    json!({ "Name": "prod/db", "SecretString": "hunter2", "ClientRequestToken": token(1) })
}

#[tokio::test]
async fn a_secret_with_a_value_is_current_at_once() {
    let h = Harness::new().await;

    let created = h.call("CreateSecret", request()).await.ok();

    let arn = created["ARN"].as_str().unwrap().to_owned();
    assert!(arn.starts_with("arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-"));
    assert_eq!(
        arn.len(),
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-".len() + 6
    );
    assert_eq!(
        created,
        json!({ "ARN": arn, "Name": "prod/db", "VersionId": token(1) })
    );
    let described = h
        .call("DescribeSecret", json!({ "SecretId": "prod/db" }))
        .await
        .ok();
    assert_eq!(
        described,
        json!({
            "ARN": arn,
            "Name": "prod/db",
            "CreatedDate": 1_768_478_400,
            "LastChangedDate": 1_768_478_400,
            "VersionIdsToStages": { token(1): ["AWSCURRENT"] },
        })
    );
}

#[tokio::test]
async fn the_event_names_the_arn_and_never_the_value() {
    let h = Harness::new().await;

    let reply = h
        .call(
            "CreateSecret",
            with(request(), json!({ "Description": "d" })),
        )
        .await;

    let events = h.audit.events_of(&reply.request_id);
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["resources"][0]["ARN"], reply.ok()["ARN"]);
    assert_eq!(
        events[0]["requestParameters"],
        json!({ "name": "prod/db", "clientRequestToken": token(1), "description": "d" })
    );
    assert!(!events[0].to_string().contains("hunter2"));
}

#[tokio::test]
async fn a_secret_without_a_value_has_no_version() {
    let h = Harness::new().await;

    let body = with(
        request(),
        json!({ "SecretString": null, "Description": "later" }),
    );
    let created = h.call("CreateSecret", body).await.ok();

    assert_eq!(created.get("VersionId"), None);
    let described = h
        .call("DescribeSecret", json!({ "SecretId": "prod/db" }))
        .await
        .ok();
    assert_eq!(described.get("VersionIdsToStages"), None);
    assert_eq!(described["Description"], "later");
}

#[tokio::test]
async fn an_empty_description_is_none_and_tags_keep_their_order() {
    let h = Harness::new().await;
    let tags = json!([{ "Key": "b", "Value": "1" }, { "Key": "a", "Value": "" }]);

    let body = with(request(), json!({ "Description": "", "Tags": tags }));
    h.call("CreateSecret", body).await.ok();

    let described = h
        .call("DescribeSecret", json!({ "SecretId": "prod/db" }))
        .await
        .ok();
    assert_eq!(described.get("Description"), None);
    assert_eq!(described["Tags"], tags);
}

#[tokio::test]
async fn an_empty_list_of_tags_is_remembered() {
    let h = Harness::new().await;

    h.call("CreateSecret", with(request(), json!({ "Tags": [] })))
        .await
        .ok();

    let described = h
        .call("DescribeSecret", json!({ "SecretId": "prod/db" }))
        .await
        .ok();
    assert_eq!(described["Tags"], json!([]));
}

#[tokio::test]
async fn a_repetition_succeeds_and_changes_nothing() {
    let h = Harness::new().await;
    let first = h.call("CreateSecret", request()).await.ok();
    let before = h.everything().await;
    h.clock.advance_seconds(10);

    let again = h
        .call(
            "CreateSecret",
            with(request(), json!({ "Description": "new" })),
        )
        .await;

    assert_eq!(again.ok(), first);
    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn a_repeated_token_with_another_value_is_refused() {
    let h = Harness::new().await;
    let arn = h.call("CreateSecret", request()).await.ok()["ARN"].clone();
    let before = h.everything().await;
    let text = format!(
        "You can't use ClientRequestToken {} because that value is already in use for a version \
         of secret {}.",
        token(1),
        arn.as_str().unwrap()
    );

    let other = h
        .call(
            "CreateSecret",
            with(request(), json!({ "SecretString": "other" })),
        )
        .await;
    let binary = with(
        request(),
        json!({ "SecretString": null, "SecretBinary": "aHVudGVyMg==" }),
    );
    let same_bytes_other_kind = h.call("CreateSecret", binary).await;

    other.refused("ResourceExistsException", &text);
    same_bytes_other_kind.refused("ResourceExistsException", &text);
    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn a_taken_name_is_refused() {
    let h = Harness::new().await;
    h.call("CreateSecret", request()).await.ok();
    let before = h.everything().await;
    let text = "The operation failed because the secret prod/db already exists.";

    let other_token = with(request(), json!({ "ClientRequestToken": token(2) }));
    h.call("CreateSecret", other_token)
        .await
        .refused("ResourceExistsException", text);
    let no_value = with(request(), json!({ "SecretString": null }));
    h.call("CreateSecret", no_value)
        .await
        .refused("ResourceExistsException", text);

    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn a_name_in_its_recovery_window_is_refused() {
    let h = Harness::new().await;
    h.call("CreateSecret", request()).await.ok();
    h.call("DeleteSecret", json!({ "SecretId": "prod/db" }))
        .await
        .ok();
    let before = h.everything().await;

    h.call("CreateSecret", request()).await.refused(
        "InvalidRequestException",
        "You can't create this secret because a secret with this name is already scheduled for \
         deletion.",
    );

    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn each_wrong_request_is_refused_and_creates_nothing() {
    let h = Harness::new().await;
    let many: Vec<Value> = (0..51)
        .map(|n| json!({ "Key": format!("k{n}"), "Value": "" }))
        .collect();
    let cases = [
        (
            json!({ "Name": "prod db" }),
            "ValidationException",
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the \
             following: -/_+=.@!",
        ),
        (
            json!({ "Name": "rds!cluster" }),
            "ValidationException",
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the \
             following: -/_+=.@!",
        ),
        (
            json!({ "ClientRequestToken": null }),
            "InvalidRequestException",
            "You must provide a ClientRequestToken value. We recommend a UUID-type value.",
        ),
        (
            json!({ "SecretBinary": "YQ==" }),
            "InvalidParameterException",
            "You can't specify both a binary secret value and a string secret value in the same \
             secret.",
        ),
        (
            json!({ "Tags": many }),
            "InvalidParameterException",
            "A secret can have at most 50 tags.",
        ),
        (
            json!({ "Tags": [{ "Key": "aws:x", "Value": "" }] }),
            "InvalidParameterException",
            "Tag keys that begin with the reserved prefix aws: can't be added or removed.",
        ),
        (
            json!({ "KmsKeyId": "alias/mine" }),
            "ResourceNotFoundException",
            "Key 'alias/mine' does not exist",
        ),
        (
            json!({ "AddReplicaRegions": [{ "Region": "eu-west-1" }] }),
            "InvalidRequestException",
            "AddReplicaRegions is not supported by this server yet.",
        ),
        (
            json!({ "Type": "partner" }),
            "InvalidRequestException",
            "Type is not supported by this server yet.",
        ),
    ];

    for (change, code, message) in cases {
        h.call("CreateSecret", with(request(), change))
            .await
            .refused(code, message);
    }

    assert_eq!(h.everything().await, json!([]));
}

#[tokio::test]
async fn the_default_key_may_be_named_in_every_form() {
    let h = Harness::new().await;

    for (n, key) in ["", "alias/aws/secretsmanager", ALIAS_ARN]
        .into_iter()
        .enumerate()
    {
        let name = format!("db{n}");
        let body = with(request(), json!({ "Name": name, "KmsKeyId": key }));
        h.call("CreateSecret", body).await.ok();
        let described = h
            .call("DescribeSecret", json!({ "SecretId": name }))
            .await
            .ok();
        assert_eq!(described.get("KmsKeyId"), None, "{key}");
    }
}

#[tokio::test]
async fn the_quota_of_secrets_holds_and_deleting_makes_room() {
    let h = Harness::over(
        Engine::Sqlite,
        Limits {
            secrets: 2,
            ..Limits::default()
        },
    )
    .await;
    h.a_secret("a", "1").await;
    h.a_secret("b", "2").await;
    let before = h.everything().await;

    let third = h.call("CreateSecret", request()).await;

    third.refused(
        "LimitExceededException",
        "The account has reached its limit of secrets in this Region.",
    );
    assert_eq!(h.everything().await, before);
    h.call("DeleteSecret", json!({ "SecretId": "a" }))
        .await
        .ok();
    assert_eq!(h.call("CreateSecret", request()).await.status, 400);
    let force = json!({ "SecretId": "a", "ForceDeleteWithoutRecovery": true });
    h.call("DeleteSecret", force).await.ok();
    h.call("CreateSecret", request()).await.ok();
}

#[tokio::test]
async fn regions_and_accounts_are_apart() {
    let h = Harness::new().await;
    let other = h.another_account("999988887777").await;
    let elsewhere = h.root.in_region("eu-west-1");

    h.call("CreateSecret", request()).await.ok();
    let there = h.call_as(&elsewhere, "CreateSecret", request()).await.ok();
    let theirs = h.call_as(&other, "CreateSecret", request()).await.ok();

    assert!(
        there["ARN"]
            .as_str()
            .unwrap()
            .starts_with("arn:aws:secretsmanager:eu-west-1:123456")
    );
    assert!(
        theirs["ARN"]
            .as_str()
            .unwrap()
            .contains(":us-east-1:999988887777:")
    );
    assert_eq!(h.everything().await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_audit_log_that_fails_withholds_the_answer() {
    let h = Harness::new().await;
    h.audit.fail(true);

    let reply = h.call("CreateSecret", request()).await;

    assert_eq!(reply.status, 500);
    assert_eq!(reply.json(), json!({ "__type": "InternalServiceError" }));
}

const ALIAS_ARN: &str = "arn:aws:kms:us-east-1:123456789012:alias/aws/secretsmanager";
