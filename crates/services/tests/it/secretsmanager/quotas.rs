//! How many labels and versions a secret may have, and which versions go when there are many.

use super::DAY;
use serde_json::{Value, json};
use testkit::{Harness, token};

const TOO_MANY_LABELS: &str =
    "You can attach at most 20 staging labels to the versions of a secret.";
const TOO_MANY_VERSIONS: &str = "The secret has too many versions that are less than 24 hours \
                                 old. Wait before you create another.";

fn labels(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{prefix}{n}")).collect()
}

/// The numbers of the tokens of all versions.
async fn versions(h: &Harness) -> Vec<usize> {
    let mut numbers = Vec::new();
    let mut body = json!({ "SecretId": "db", "IncludeDeprecated": true });
    loop {
        let page = h.call("ListSecretVersionIds", body.clone()).await.ok();
        for version in page["Versions"].as_array().unwrap() {
            let id = version["VersionId"].as_str().unwrap();
            numbers.push(id[..8].parse().unwrap());
        }
        match page.get("NextToken") {
            Some(token) => body["NextToken"] = token.clone(),
            None => return numbers,
        }
    }
}

#[tokio::test]
async fn twenty_labels_fit_over_all_versions_and_one_more_does_not() {
    let h = Harness::new().await;
    h.a_secret("db", "0").await;
    h.put("db", 1, "1", json!(labels("A", 19))).await;
    let before = h.everything().await;

    let put = json!({
        "SecretId": "db", "SecretString": "2", "ClientRequestToken": token(2),
        "VersionStages": ["ONE-MORE"],
    });
    let put = h.call("PutSecretValue", put).await;
    let attach = json!({
        "SecretId": "db", "VersionStage": "ONE-MORE", "MoveToVersionId": token(0),
    });
    let attach = h.call("UpdateSecretVersionStage", attach).await;
    let promote = json!({
        "SecretId": "db", "VersionStage": "AWSCURRENT",
        "RemoveFromVersionId": token(0), "MoveToVersionId": token(1),
    });
    let promote = h.call("UpdateSecretVersionStage", promote).await;
    let update = json!({
        "SecretId": "db", "SecretString": "2", "ClientRequestToken": token(2),
    });
    let update = h.call("UpdateSecret", update).await;

    for reply in [put, attach, promote, update] {
        reply.refused("LimitExceededException", TOO_MANY_LABELS);
    }
    assert_eq!(h.everything().await, before);
    assert_eq!(h.value("db").await, "0");
}

#[tokio::test]
async fn a_label_that_moves_is_not_one_more() {
    let h = Harness::new().await;
    h.a_secret("db", "0").await;
    h.put("db", 1, "1", json!(labels("A", 19))).await;

    h.put("db", 2, "2", json!(["A0", "A1"])).await;
    let remove = json!({
        "SecretId": "db", "VersionStage": "A0", "RemoveFromVersionId": token(2),
    });
    h.call("UpdateSecretVersionStage", remove).await.ok();

    h.put("db", 3, "3", json!(["ONE-MORE"])).await;
    assert!(h.stages("db").await.ends_with("2:[A1] 3:[ONE-MORE]"));
}

#[tokio::test]
async fn versions_younger_than_a_day_are_kept_whatever_their_number() {
    let h = Harness::new().await;
    h.a_secret("db", "0").await;

    for n in 1..130 {
        h.put("db", n, "x", Value::Null).await;
    }
    h.clock.advance_seconds(DAY);
    h.put("db", 130, "x", Value::Null).await;

    assert_eq!(versions(&h).await, (0..=130).collect::<Vec<_>>());
}

#[tokio::test]
async fn of_old_versions_without_labels_the_newest_hundred_are_kept() {
    let h = Harness::new().await;
    h.a_secret("db", "0").await;
    h.put("db", 1, "kept by its label", json!(["KEEP"])).await;
    for n in 2..112 {
        h.clock.advance_seconds(1);
        h.put("db", n, "x", Value::Null).await;
    }
    h.clock.advance_seconds(DAY + 1);

    h.put("db", 112, "newest", Value::Null).await;

    // Labelled: 1 (KEEP), 111 (previous), 112 (current). Of 0 and 2 to 110, a hundred are left.
    let expected: Vec<usize> = std::iter::once(1).chain(11..=112).collect();
    assert_eq!(versions(&h).await, expected);
    assert_eq!(
        h.stages("db").await,
        "1:[KEEP] 111:[AWSPREVIOUS] 112:[AWSCURRENT]"
    );
}

#[tokio::test]
async fn a_pruned_version_is_gone_with_its_value_and_its_token_is_free() {
    let h = Harness::new().await;
    h.a_secret("db", "first").await;
    for n in 1..103 {
        h.clock.advance_seconds(1);
        h.put("db", n, "x", Value::Null).await;
    }
    h.clock.advance_seconds(DAY + 1);
    h.put("db", 103, "newest", Value::Null).await;

    let body = json!({ "SecretId": "db", "VersionId": token(0) });
    let gone = h.call("GetSecretValue", body.clone()).await;

    let text = format!(
        "Secrets Manager can't find the specified secret value for VersionId: {}",
        token(0)
    );
    gone.refused("ResourceNotFoundException", &text);
    // A value that were left behind would be in the way of this one.
    h.put("db", 0, "another", Value::Null).await;
    assert_eq!(
        h.call("GetSecretValue", body).await.ok()["SecretString"],
        "another"
    );
}

#[tokio::test]
async fn nothing_is_pruned_by_what_makes_no_version() {
    let h = Harness::new().await;
    h.a_secret("db", "0").await;
    for n in 1..105 {
        h.put("db", n, "x", Value::Null).await;
    }
    h.clock.advance_days(2);

    h.value("db").await;
    let describe = json!({ "SecretId": "db", "Description": "new" });
    h.call("UpdateSecret", describe).await.ok();

    assert_eq!(versions(&h).await.len(), 105);
}

#[tokio::test]
async fn a_thousand_versions_within_a_day_are_the_most() {
    let h = Harness::new().await;
    h.a_secret("db", "0").await;
    for n in 1..1_000 {
        h.put("db", n, "x", Value::Null).await;
    }
    let before = h.everything().await;
    let body = |operation| {
        let body = json!({
            "SecretId": "db", "SecretString": "one more", "ClientRequestToken": token(1_000),
        });
        h.call(operation, body)
    };

    for operation in ["PutSecretValue", "UpdateSecret"] {
        body(operation)
            .await
            .refused("LimitExceededException", TOO_MANY_VERSIONS);
    }

    assert_eq!(h.everything().await, before);
    h.clock.advance_seconds(DAY + 1);
    body("PutSecretValue").await.ok();
    assert_eq!(h.value("db").await, "one more");
    assert_eq!(versions(&h).await.len(), 881, "one call prunes at most 120");
    for n in 1_001..1_009 {
        h.put("db", n, "x", Value::Null).await;
    }
    assert_eq!(
        versions(&h).await.len(),
        102,
        "a hundred and the two labelled"
    );
}
