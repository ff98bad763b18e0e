use super::{NOON, NOT_FOUND};
use serde_json::{Value, json};
use testkit::{Harness, token, with};

async fn stage(h: &Harness, label: &str, from: Option<usize>, to: Option<usize>) -> testkit::Reply {
    let body = json!({
        "SecretId": "db",
        "VersionStage": label,
        "RemoveFromVersionId": from.map(token),
        "MoveToVersionId": to.map(token),
    });
    h.call("UpdateSecretVersionStage", body).await
}

/// Versions 0 (previous), 1 (current, BLUE) and 2 (AWSPENDING).
async fn with_history() -> (Harness, String) {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "0").await;
    h.put("db", 1, "1", json!(["AWSCURRENT", "BLUE"])).await;
    h.put("db", 2, "2", json!(["AWSPENDING"])).await;
    assert_eq!(
        h.stages("db").await,
        "0:[AWSPREVIOUS] 1:[AWSCURRENT,BLUE] 2:[AWSPENDING]"
    );
    (h, arn)
}

#[tokio::test]
async fn moving_awscurrent_moves_awsprevious_and_leaves_other_labels() {
    let (h, arn) = with_history().await;
    h.clock.advance_seconds(3);

    let answer = stage(&h, "AWSCURRENT", Some(1), Some(2)).await.ok();

    assert_eq!(answer, json!({ "ARN": arn, "Name": "db" }));
    assert_eq!(
        h.stages("db").await,
        "1:[AWSPREVIOUS,BLUE] 2:[AWSCURRENT,AWSPENDING]"
    );
    assert_eq!(h.value("db").await, "2");
    assert_eq!(h.describe("db").await["LastChangedDate"], NOON + 3);
}

#[tokio::test]
async fn rolling_back_exchanges_current_and_previous() {
    let (h, _) = with_history().await;

    stage(&h, "AWSCURRENT", Some(1), Some(0)).await.ok();

    assert_eq!(
        h.stages("db").await,
        "0:[AWSCURRENT] 1:[AWSPREVIOUS,BLUE] 2:[AWSPENDING]"
    );
    assert_eq!(h.value("db").await, "0");
}

#[tokio::test]
async fn a_move_of_awscurrent_leaves_awspending_where_it_is() {
    let h = Harness::new().await;
    h.a_secret("db", "0").await;
    h.put("db", 1, "1", json!(["AWSCURRENT", "AWSPENDING"]))
        .await;

    stage(&h, "AWSCURRENT", Some(1), Some(0)).await.ok();

    assert_eq!(
        h.stages("db").await,
        "0:[AWSCURRENT] 1:[AWSPENDING,AWSPREVIOUS]"
    );
}

#[tokio::test]
async fn the_worked_example_of_aws_holds() {
    let h = Harness::new().await;
    h.a_secret("db", "0").await;

    h.put("db", 1, "1", json!(["AWSCURRENT", "PUT0"])).await;
    assert_eq!(h.stages("db").await, "0:[AWSPREVIOUS] 1:[AWSCURRENT,PUT0]");
    h.put("db", 2, "2", json!(["AWSPENDING", "PUT1"])).await;
    stage(&h, "AWSCURRENT", Some(1), Some(2)).await.ok();
    assert_eq!(
        h.stages("db").await,
        "1:[AWSPREVIOUS,PUT0] 2:[AWSCURRENT,AWSPENDING,PUT1]"
    );
    h.put("db", 3, "3", json!(["AWSPENDING", "PUT2"])).await;
    assert_eq!(
        h.stages("db").await,
        "1:[AWSPREVIOUS,PUT0] 2:[AWSCURRENT,PUT1] 3:[AWSPENDING,PUT2]"
    );
    stage(&h, "AWSCURRENT", Some(2), Some(3)).await.ok();

    assert_eq!(
        h.stages("db").await,
        "1:[PUT0] 2:[AWSPREVIOUS,PUT1] 3:[AWSCURRENT,AWSPENDING,PUT2]"
    );
    assert_eq!(h.value("db").await, "3");
}

#[tokio::test]
async fn a_label_is_attached_moved_and_removed() {
    let (h, _) = with_history().await;

    stage(&h, "GREEN", None, Some(0)).await.ok();
    assert_eq!(
        h.stages("db").await,
        "0:[AWSPREVIOUS,GREEN] 1:[AWSCURRENT,BLUE] 2:[AWSPENDING]"
    );
    stage(&h, "GREEN", Some(0), Some(2)).await.ok();
    assert_eq!(
        h.stages("db").await,
        "0:[AWSPREVIOUS] 1:[AWSCURRENT,BLUE] 2:[AWSPENDING,GREEN]"
    );
    stage(&h, "GREEN", Some(2), None).await.ok();
    stage(&h, "AWSPENDING", Some(2), None).await.ok();
    stage(&h, "AWSPREVIOUS", Some(0), None).await.ok();

    assert_eq!(h.stages("db").await, "1:[AWSCURRENT,BLUE]");
}

#[tokio::test]
async fn a_label_that_is_there_already_may_be_attached_again() {
    let (h, _) = with_history().await;

    stage(&h, "BLUE", None, Some(1)).await.ok();
    stage(&h, "AWSCURRENT", None, Some(1)).await.ok();
    stage(&h, "AWSCURRENT", Some(1), Some(1)).await.ok();

    assert_eq!(
        h.stages("db").await,
        "0:[AWSPREVIOUS] 1:[AWSCURRENT,BLUE] 2:[AWSPENDING]"
    );
}

#[tokio::test]
async fn labels_tell_case_apart_and_may_begin_with_aws() {
    let (h, _) = with_history().await;

    stage(&h, "awscurrent", None, Some(0)).await.ok();
    stage(&h, "AWSSOMETHING", None, Some(0)).await.ok();

    assert_eq!(
        h.stages("db").await,
        "0:[AWSPREVIOUS,AWSSOMETHING,awscurrent] 1:[AWSCURRENT,BLUE] 2:[AWSPENDING]"
    );
}

#[tokio::test]
async fn each_wrong_move_is_refused_and_changes_nothing() {
    let (h, _) = with_history().await;
    let before = h.everything().await;
    let held = |label: &str, holder| {
        format!(
            "The parameter RemoveFromVersionId can't be empty. Staging label {label} is currently \
             attached to version {}, so you must explicitly reference that version in \
             RemoveFromVersionId.",
            token(holder)
        )
    };
    let not_attached = |label: &str, n| {
        format!(
            "Staging label {label} isn't currently attached to version {}.",
            token(n)
        )
    };
    let unknown = format!("Not a valid version: {}", token(7));
    let fixed = "You can only move staging label AWSCURRENT to a different secret version. It \
                 can't be completely removed.";
    let cases = [
        ("AWSCURRENT", None, Some(2), held("AWSCURRENT", 1)),
        ("BLUE", None, Some(2), held("BLUE", 1)),
        ("AWSPENDING", None, Some(1), held("AWSPENDING", 2)),
        (
            "AWSCURRENT",
            Some(0),
            Some(2),
            not_attached("AWSCURRENT", 0),
        ),
        ("BLUE", Some(2), Some(0), not_attached("BLUE", 2)),
        ("GREEN", Some(1), None, not_attached("GREEN", 1)),
        ("GREEN", Some(1), Some(2), not_attached("GREEN", 1)),
        ("AWSCURRENT", Some(1), None, fixed.to_owned()),
        ("GREEN", None, Some(7), unknown.clone()),
        ("AWSCURRENT", Some(1), Some(7), unknown.clone()),
        ("AWSCURRENT", Some(7), Some(2), unknown.clone()),
        ("BLUE", Some(7), None, unknown),
        (
            "BLUE",
            None,
            None,
            "You must provide MoveToVersionId, RemoveFromVersionId, or both.".to_owned(),
        ),
    ];

    for (label, from, to, text) in cases {
        stage(&h, label, from, to)
            .await
            .refused("InvalidParameterException", &text);
    }

    assert_eq!(h.everything().await, before);
    assert_eq!(h.value("db").await, "1");
}

#[tokio::test]
async fn a_missing_secret_or_label_is_refused() {
    let (h, _) = with_history().await;
    let body = json!({ "SecretId": "x", "VersionStage": "A", "MoveToVersionId": token(0) });

    let missing = h.call("UpdateSecretVersionStage", body.clone()).await;
    let no_label = with(body, json!({ "VersionStage": null }));
    let no_label = h.call("UpdateSecretVersionStage", no_label).await;

    missing.refused("ResourceNotFoundException", NOT_FOUND);
    no_label.rejected(
        "ValidationException",
        Some(
            "1 validation error detected: Value null at 'versionStage' failed to satisfy \
             constraint: Member must not be null",
        ),
    );
}

#[tokio::test]
async fn a_deprecated_version_can_be_labelled_again() {
    let (h, _) = with_history().await;
    h.put("db", 3, "3", Value::Null).await;
    assert_eq!(h.stages("db").await, "1:[AWSPREVIOUS,BLUE] 3:[AWSCURRENT]");

    stage(&h, "AWSCURRENT", Some(3), Some(0)).await.ok();

    assert_eq!(
        h.stages("db").await,
        "0:[AWSCURRENT] 1:[BLUE] 3:[AWSPREVIOUS]"
    );
    assert_eq!(h.value("db").await, "0");
}

#[tokio::test]
async fn the_event_names_label_and_versions() {
    let (h, arn) = with_history().await;

    let reply = stage(&h, "AWSCURRENT", Some(1), Some(2)).await;

    let events = h.audit.events_of(&reply.request_id);
    assert_eq!(events.len(), 1);
    let parameters = json!({
        "secretId": "db", "versionStage": "AWSCURRENT",
        "removeFromVersionId": token(1), "moveToVersionId": token(2),
    });
    assert_eq!(events[0]["requestParameters"], parameters);
    assert_eq!(events[0]["resources"][0]["ARN"], arn);
    assert_eq!(events[0]["readOnly"], false);
}
