use super::{NO_TOKEN, NOON, NOT_FOUND};
use serde_json::{Value, json};
use testkit::{Harness, token, with};

async fn update(h: &Harness, more: Value) -> testkit::Reply {
    h.call("UpdateSecret", with(json!({ "SecretId": "db" }), more))
        .await
}

#[tokio::test]
async fn a_value_makes_a_new_current_version() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "old").await;
    h.clock.advance_seconds(5);

    let body = json!({ "SecretString": "new", "ClientRequestToken": token(1) });
    let answer = update(&h, body).await.ok();

    assert_eq!(
        answer,
        json!({ "ARN": arn, "Name": "db", "VersionId": token(1) })
    );
    assert_eq!(h.stages("db").await, "0:[AWSPREVIOUS] 1:[AWSCURRENT]");
    assert_eq!(h.value("db").await, "new");
    assert_eq!(h.describe("db").await["LastChangedDate"], NOON + 5);
}

#[tokio::test]
async fn a_new_current_version_abandons_what_was_pending_and_keeps_other_labels() {
    let h = Harness::new().await;
    h.a_secret("db", "0").await;
    h.put("db", 1, "1", json!(["AWSCURRENT", "BLUE"])).await;
    h.put("db", 2, "2", json!(["AWSPENDING", "GREEN"])).await;

    let body = json!({ "SecretBinary": "AP8=", "ClientRequestToken": token(3) });
    update(&h, body).await.ok();

    assert_eq!(
        h.stages("db").await,
        "1:[AWSPREVIOUS,BLUE] 2:[GREEN] 3:[AWSCURRENT]"
    );
}

#[tokio::test]
async fn a_description_is_set_kept_and_cleared_without_touching_versions() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "old").await;
    let unchanged = json!({ token(0): ["AWSCURRENT"] });

    let set = update(&h, json!({ "Description": "first" })).await.ok();
    assert_eq!(set, json!({ "ARN": arn, "Name": "db" }));
    assert_eq!(h.describe("db").await["Description"], "first");

    let body = json!({ "SecretString": "old", "ClientRequestToken": token(0) });
    update(&h, body).await.ok();
    assert_eq!(h.describe("db").await["Description"], "first");

    update(&h, json!({ "Description": "" })).await.ok();
    let described = h.describe("db").await;
    assert_eq!(described.get("Description"), None);
    assert_eq!(described["VersionIdsToStages"], unchanged);
}

#[tokio::test]
async fn a_token_alone_makes_no_version() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "old").await;

    let body = json!({ "Description": "d", "ClientRequestToken": token(1) });
    let answer = update(&h, body).await.ok();

    assert_eq!(answer, json!({ "ARN": arn, "Name": "db" }));
    assert_eq!(h.stages("db").await, "0:[AWSCURRENT]");
}

#[tokio::test]
async fn with_nothing_to_change_only_the_date_moves() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "old").await;
    let mut before = h.everything().await;
    h.clock.advance_seconds(7);

    let answer = update(&h, json!({})).await.ok();

    assert_eq!(answer, json!({ "ARN": arn, "Name": "db" }));
    before[0]["secret"]["LastChangedDate"] = json!(NOON + 7);
    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn a_repetition_succeeds_and_makes_no_version() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "old").await;
    let body = json!({ "SecretString": "new", "ClientRequestToken": token(1) });
    update(&h, body.clone()).await.ok();
    let mut before = h.everything().await;
    h.clock.advance_seconds(9);

    let again = update(&h, body).await.ok();

    assert_eq!(
        again,
        json!({ "ARN": arn, "Name": "db", "VersionId": token(1) })
    );
    before[0]["secret"]["LastChangedDate"] = json!(NOON + 9);
    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn a_used_token_with_another_value_is_refused() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "old").await;
    let before = h.everything().await;
    let text = format!(
        "You can't use ClientRequestToken {} because that value is already in use for a version \
         of secret {arn}.",
        token(0)
    );

    for value in [
        json!({ "SecretString": "new" }),
        json!({ "SecretBinary": "b2xk" }),
    ] {
        let more = json!({ "ClientRequestToken": token(0), "Description": "not set" });
        let reply = update(&h, with(value, more)).await;
        reply.refused("ResourceExistsException", &text);
    }

    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn the_default_key_may_be_named_and_makes_no_version() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "old").await;

    for key in ["", "alias/aws/secretsmanager"] {
        let answer = update(&h, json!({ "KmsKeyId": key })).await.ok();
        assert_eq!(answer, json!({ "ARN": arn, "Name": "db" }));
    }

    let described = h.describe("db").await;
    assert_eq!(described.get("KmsKeyId"), None);
    assert_eq!(h.stages("db").await, "0:[AWSCURRENT]");
    assert_eq!(h.value("db").await, "old");
}

#[tokio::test]
async fn each_wrong_request_is_refused_and_changes_nothing() {
    let h = Harness::new().await;
    h.a_secret("db", "old").await;
    let before = h.everything().await;
    let cases = [
        (
            json!({ "SecretString": "new" }),
            "InvalidRequestException",
            NO_TOKEN,
        ),
        (
            json!({ "SecretId": "missing", "SecretString": "new" }),
            "InvalidRequestException",
            NO_TOKEN,
        ),
        (
            json!({
                "SecretString": "a", "SecretBinary": "YQ==", "ClientRequestToken": token(1),
            }),
            "InvalidParameterException",
            "You can't specify both a binary secret value and a string secret value in the same \
             secret.",
        ),
        (
            json!({ "SecretId": "missing" }),
            "ResourceNotFoundException",
            NOT_FOUND,
        ),
        (
            json!({ "KmsKeyId": "alias/mine", "Description": "not set" }),
            "ResourceNotFoundException",
            "Key 'alias/mine' does not exist",
        ),
        (
            json!({ "Type": "partner", "Description": "not set" }),
            "InvalidRequestException",
            "Type is not supported by this server yet.",
        ),
    ];

    for (change, code, text) in cases {
        update(&h, change).await.refused(code, text);
    }

    assert_eq!(h.everything().await, before);
    assert_eq!(h.value("db").await, "old");
}

#[tokio::test]
async fn another_account_cannot_choose_the_default_key_which_it_may_not_use() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "old").await;
    let other = h.another_account("999988887777").await;
    let policy = super::a_policy("999988887777", &json!("secretsmanager:UpdateSecret"));
    let body = json!({ "SecretId": "db", "ResourcePolicy": policy.to_string() });
    h.call("PutResourcePolicy", body).await.ok();
    let before = h.everything().await;
    let default = "You can't access a secret from a different AWS account if you encrypt the \
                   secret with the default KMS service key.";
    let theirs = "arn:aws:kms:us-east-1:999988887777:alias/aws/secretsmanager";
    let unknown = format!("Key '{theirs}' does not exist");
    let own = "arn:aws:kms:us-east-1:123456789012:alias/aws/secretsmanager";

    for (key, code, text) in [
        ("", "InvalidRequestException", default),
        (
            "alias/aws/secretsmanager",
            "InvalidRequestException",
            default,
        ),
        (own, "InvalidRequestException", default),
        (theirs, "ResourceNotFoundException", &unknown),
    ] {
        let body = json!({ "SecretId": arn, "KmsKeyId": key });
        let refused = h.call_as(&other, "UpdateSecret", body).await;
        refused.refused(code, text);
    }

    assert_eq!(h.everything().await, before);
    let body = json!({ "SecretId": arn, "Description": "theirs" });
    h.call_as(&other, "UpdateSecret", body).await.ok();
}

#[tokio::test]
async fn a_secret_without_a_value_gets_its_first() {
    let h = Harness::new().await;
    let body = json!({ "Name": "db", "ClientRequestToken": token(0) });
    h.call("CreateSecret", body).await.ok();

    let body = json!({ "SecretString": "first", "ClientRequestToken": token(0) });
    update(&h, body).await.ok();

    assert_eq!(h.stages("db").await, "0:[AWSCURRENT]");
    assert_eq!(h.value("db").await, "first");
}

#[tokio::test]
async fn a_description_has_at_most_2048_characters() {
    let h = Harness::new().await;
    h.a_secret("db", "old").await;
    let longest = "ü".repeat(2_048);

    update(&h, json!({ "Description": longest })).await.ok();
    let too_long = update(&h, json!({ "Description": format!("{longest}ü") })).await;

    assert_eq!(too_long.status, 400);
    assert_eq!(too_long.json()["__type"], "ValidationException");
    assert_eq!(h.describe("db").await["Description"], longest);
}

#[tokio::test]
async fn the_event_names_what_changed_and_never_the_value() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "old").await;

    let body = json!({
        "SecretString": "hunter2", "Description": "d", "KmsKeyId": "",
        "ClientRequestToken": token(1),
    });
    let reply = update(&h, body).await;

    let events = h.audit.events_of(&reply.request_id);
    assert_eq!(events.len(), 1);
    let parameters = json!({
        "secretId": "db", "clientRequestToken": token(1), "description": "d", "kmsKeyId": "",
    });
    assert_eq!(events[0]["requestParameters"], parameters);
    assert_eq!(events[0]["resources"][0]["ARN"], arn);
    assert!(!events[0].to_string().contains("hunter2"));
}
