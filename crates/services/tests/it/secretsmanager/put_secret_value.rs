use super::{NO_TOKEN, NOON, NOT_FOUND};
use serde_json::{Value, json};
use testkit::{Harness, token, with};

fn request() -> Value {
    json!({ "SecretId": "db", "SecretString": "new", "ClientRequestToken": token(1) })
}

async fn put(h: &Harness, more: Value) -> testkit::Reply {
    h.call("PutSecretValue", with(request(), more)).await
}

#[tokio::test]
async fn a_new_version_is_current_and_the_old_one_previous() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "old").await;
    h.clock.advance_seconds(5);

    let answer = put(&h, json!({})).await.ok();

    let expected = json!({
        "ARN": arn, "Name": "db", "VersionId": token(1), "VersionStages": ["AWSCURRENT"],
    });
    assert_eq!(answer, expected);
    let mut described = h.describe("db").await;
    assert_eq!(described["LastChangedDate"], NOON + 5);
    assert_eq!(described["CreatedDate"], NOON);
    assert_eq!(
        described["VersionIdsToStages"].take(),
        json!({ token(0): ["AWSPREVIOUS"], token(1): ["AWSCURRENT"] })
    );
    assert_eq!(h.value("db").await, "new");
}

#[tokio::test]
async fn the_previous_version_is_deprecated_by_the_next() {
    let h = Harness::new().await;
    h.a_secret("db", "0").await;

    h.put("db", 1, "1", Value::Null).await;
    h.put("db", 2, "2", Value::Null).await;

    assert_eq!(h.stages("db").await, "1:[AWSPREVIOUS] 2:[AWSCURRENT]");
    let old = json!({ "SecretId": "db", "VersionId": token(0) });
    assert_eq!(
        h.call("GetSecretValue", old).await.ok()["SecretString"],
        "0"
    );
}

#[tokio::test]
async fn labels_given_with_awscurrent_are_attached_too() {
    let h = Harness::new().await;
    h.a_secret("db", "0").await;

    let answer = h
        .put("db", 1, "1", json!(["BLUE", "AWSCURRENT", "GREEN"]))
        .await;

    let mut stages: Vec<&str> = answer["VersionStages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s.as_str().unwrap())
        .collect();
    stages.sort_unstable();
    assert_eq!(stages, ["AWSCURRENT", "BLUE", "GREEN"]);
    assert_eq!(
        h.stages("db").await,
        "0:[AWSPREVIOUS] 1:[AWSCURRENT,BLUE,GREEN]"
    );
}

#[tokio::test]
async fn labels_of_the_old_current_version_stay_except_awspending() {
    let h = Harness::new().await;
    h.a_secret("db", "0").await;
    h.put("db", 1, "1", json!(["AWSCURRENT", "AWSPENDING", "BLUE"]))
        .await;

    h.put("db", 2, "2", Value::Null).await;

    assert_eq!(h.stages("db").await, "1:[AWSPREVIOUS,BLUE] 2:[AWSCURRENT]");
}

#[tokio::test]
async fn a_new_current_version_abandons_what_was_pending_elsewhere() {
    let h = Harness::new().await;
    h.a_secret("db", "0").await;
    h.put("db", 1, "1", json!(["AWSPENDING"])).await;
    assert_eq!(h.stages("db").await, "0:[AWSCURRENT] 1:[AWSPENDING]");

    h.put("db", 2, "2", Value::Null).await;

    assert_eq!(h.stages("db").await, "0:[AWSPREVIOUS] 2:[AWSCURRENT]");
}

#[tokio::test]
async fn labels_without_awscurrent_move_and_leave_the_current_version() {
    let h = Harness::new().await;
    h.a_secret("db", "0").await;
    h.put("db", 1, "1", Value::Null).await;
    h.put("db", 2, "2", json!(["BLUE", "AWSPENDING"])).await;

    let answer = h.put("db", 3, "3", json!(["BLUE"])).await;

    assert_eq!(answer["VersionStages"], json!(["BLUE"]));
    assert_eq!(
        h.stages("db").await,
        "0:[AWSPREVIOUS] 1:[AWSCURRENT] 2:[AWSPENDING] 3:[BLUE]"
    );
    h.put("db", 4, "4", json!(["AWSPENDING"])).await;
    assert_eq!(
        h.stages("db").await,
        "0:[AWSPREVIOUS] 1:[AWSCURRENT] 3:[BLUE] 4:[AWSPENDING]"
    );
    assert_eq!(h.value("db").await, "1");
}

#[tokio::test]
async fn the_first_version_is_current_whatever_its_labels() {
    for (stages, shown) in [
        (json!(["AWSPENDING"]), "1:[AWSCURRENT,AWSPENDING]"),
        (json!(["BLUE"]), "1:[AWSCURRENT,BLUE]"),
        (Value::Null, "1:[AWSCURRENT]"),
    ] {
        let h = Harness::new().await;
        let body = json!({ "Name": "db", "ClientRequestToken": token(0) });
        h.call("CreateSecret", body).await.ok();

        h.put("db", 1, "1", stages).await;

        assert_eq!(h.stages("db").await, shown);
        assert_eq!(h.value("db").await, "1");
    }
}

#[tokio::test]
async fn a_repetition_answers_as_before_and_changes_nothing() {
    let h = Harness::new().await;
    h.a_secret("db", "old").await;
    let first = put(&h, json!({})).await.ok();
    let before = h.everything().await;
    h.clock.advance_seconds(60);

    let again = put(&h, json!({})).await.ok();
    let with_other_labels = put(&h, json!({ "VersionStages": ["BLUE"] })).await.ok();

    assert_eq!((&again, &with_other_labels), (&first, &first));
    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn a_repetition_tells_where_the_labels_are_now() {
    let h = Harness::new().await;
    h.a_secret("db", "old").await;
    put(&h, json!({})).await.ok();
    h.put("db", 2, "newer", Value::Null).await;

    let previous = put(&h, json!({})).await.ok();
    h.put("db", 3, "newest", Value::Null).await;
    let deprecated = put(&h, json!({})).await.ok();

    assert_eq!(previous["VersionStages"], json!(["AWSPREVIOUS"]));
    assert_eq!(deprecated.get("VersionStages"), None);
    assert_eq!(h.value("db").await, "newest");
}

#[tokio::test]
async fn a_used_token_with_another_value_is_refused() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "old").await;
    put(&h, json!({})).await.ok();
    let before = h.everything().await;
    let text = |n| {
        format!(
            "You can't use ClientRequestToken {} because that value is already in use for a \
             version of secret {arn}.",
            token(n)
        )
    };

    let other = put(&h, json!({ "SecretString": "other" })).await;
    let other_kind = put(&h, json!({ "SecretString": null, "SecretBinary": "bmV3" })).await;
    let of_creation = put(&h, json!({ "ClientRequestToken": token(0) })).await;

    other.refused("ResourceExistsException", &text(1));
    other_kind.refused("ResourceExistsException", &text(1));
    of_creation.refused("ResourceExistsException", &text(0));
    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn tokens_are_unique_within_a_secret_only() {
    let h = Harness::new().await;
    h.a_secret("db", "old").await;
    h.a_secret("other", "old").await;

    put(&h, json!({})).await.ok();
    put(
        &h,
        json!({ "SecretId": "other", "SecretString": "different" }),
    )
    .await
    .ok();

    assert_eq!(h.value("db").await, "new");
    assert_eq!(h.value("other").await, "different");
}

#[tokio::test]
async fn each_wrong_request_is_refused_and_changes_nothing() {
    let h = Harness::new().await;
    h.a_secret("db", "old").await;
    let before = h.everything().await;
    let neither = "You must provide either SecretString or SecretBinary.";
    let cases = [
        (
            json!({ "ClientRequestToken": null }),
            "InvalidRequestException",
            NO_TOKEN,
        ),
        (
            json!({ "SecretId": "missing", "ClientRequestToken": null }),
            "InvalidRequestException",
            NO_TOKEN,
        ),
        (
            json!({ "SecretString": null }),
            "InvalidRequestException",
            neither,
        ),
        (
            json!({ "SecretId": "missing", "SecretString": null }),
            "InvalidRequestException",
            neither,
        ),
        (
            json!({ "SecretBinary": "YQ==" }),
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
            json!({ "RotationToken": "01234567-89ab-cdef-0123-456789abcdef" }),
            "InvalidParameterException",
            "The RotationToken isn't the token of a rotation in progress of this version.",
        ),
    ];

    for (change, code, text) in cases {
        put(&h, change).await.refused(code, text);
    }

    assert_eq!(h.everything().await, before);
    assert_eq!(h.value("db").await, "old");
}

#[tokio::test]
async fn a_value_beyond_64_kib_is_refused_without_being_shown() {
    let h = Harness::new().await;
    h.a_secret("db", "old").await;
    let before = h.everything().await;
    let rule = "failed to satisfy constraint: Member must have length less than or equal to 65536";
    let string = format!("1 validation error detected: Value at 'secretString' {rule}");
    let binary = format!("1 validation error detected: Value at 'secretBinary' {rule}");

    let ascii = put(&h, json!({ "SecretString": "x".repeat(65_537) })).await;
    let wide = put(&h, json!({ "SecretString": "é".repeat(32_768) + "x" })).await;
    let bytes = data_encoding::BASE64.encode(&[7; 65_537]);
    let bytes = put(&h, json!({ "SecretString": null, "SecretBinary": bytes })).await;

    ascii.rejected("ValidationException", Some(&string));
    wide.rejected("ValidationException", Some(&string));
    bytes.rejected("ValidationException", Some(&binary));
    assert_eq!(h.everything().await, before);
    put(&h, json!({ "SecretString": "x".repeat(65_536) }))
        .await
        .ok();
}

#[tokio::test]
async fn the_kind_of_value_may_change() {
    let h = Harness::new().await;
    h.a_secret("db", "text").await;

    put(&h, json!({ "SecretString": null, "SecretBinary": "AP8=" }))
        .await
        .ok();
    let binary = h
        .call("GetSecretValue", json!({ "SecretId": "db" }))
        .await
        .ok();
    h.put("db", 2, "text again", Value::Null).await;

    assert_eq!(
        (&binary["SecretBinary"], binary.get("SecretString")),
        (&json!("AP8="), None)
    );
    assert_eq!(h.value("db").await, "text again");
}

#[tokio::test]
async fn the_event_names_token_and_labels_and_never_the_value() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "old").await;

    let reply = put(
        &h,
        json!({ "SecretString": "hunter2", "VersionStages": ["BLUE"] }),
    )
    .await;

    let events = h.audit.events_of(&reply.request_id);
    assert_eq!(events.len(), 1);
    let parameters = json!({
        "secretId": "db", "clientRequestToken": token(1), "versionStages": ["BLUE"],
    });
    assert_eq!(events[0]["requestParameters"], parameters);
    assert_eq!(events[0]["resources"][0]["ARN"], arn);
    assert_eq!(
        (&events[0]["readOnly"], &events[0]["responseElements"]),
        (&json!(false), &json!(null))
    );
    assert!(!events[0].to_string().contains("hunter2"));
}
