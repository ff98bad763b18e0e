//! How many labels and versions a secret may have, and which versions go when there are many.

use super::DAY;
use base::AccountId;
use data_encoding::BASE64;
use serde_json::{Value, json};
use strongroom_services::{AccountQuotas, Limits, Quotas, Rates};
use testkit::{Engine, Harness, token};

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

/// A store whose accounts may have this.
async fn under(limits: Limits) -> Harness {
    Harness::over(Engine::Memory, limits).await
}

#[tokio::test]
async fn a_value_may_be_as_large_as_the_quota_says_and_no_larger() {
    for (bytes, other) in [(1_000_000, 999_999), (10, 9)] {
        let limits = Limits {
            value_bytes: bytes,
            ..Limits::default()
        };
        let h = under(limits).await;
        h.a_secret("db", &"x".repeat(bytes)).await;
        let before = h.everything().await;

        let text = json!({
            "SecretId": "db", "ClientRequestToken": token(1), "SecretString": "x".repeat(bytes + 1),
        });
        let text = h.call("PutSecretValue", text).await;
        let binary = BASE64.encode(&vec![7; bytes + 1]);
        let binary = json!({
            "SecretId": "db", "ClientRequestToken": token(1), "SecretBinary": binary,
        });
        let binary = h.call("PutSecretValue", binary).await;

        for (reply, member) in [(text, "secretString"), (binary, "secretBinary")] {
            reply.rejected(
                "ValidationException",
                Some(&format!(
                    "1 validation error detected: Value at '{member}' failed to satisfy \
                     constraint: Member must have length less than or equal to {bytes}"
                )),
            );
        }
        assert_eq!(h.everything().await, before);
        assert_eq!(h.value("db").await.len(), other + 1);
    }
}

#[tokio::test]
async fn the_quotas_of_an_account_are_its_own() {
    let own = AccountQuotas {
        limits: Limits {
            secrets: 1,
            value_bytes: 4,
            tags: 1,
            ..Limits::default()
        },
        rates: Rates::unlimited(),
    };
    let account = AccountId::parse("210987654321").unwrap();
    let quotas = Quotas::unthrottled(Limits::default()).with(account, own);
    let h = Harness::under(quotas).await;
    let other = h.another_account("210987654321").await;
    let secret = |name: &str, value: &str| json!({ "Name": name, "SecretString": value, "ClientRequestToken": token(0) });
    let tags = json!({ "SecretId": "one", "Tags": [{ "Key": "a" }, { "Key": "b" }] });

    for name in ["one", "two"] {
        h.call("CreateSecret", secret(name, "larger")).await.ok();
    }
    h.call("TagResource", tags.clone()).await.ok();
    let larger = h
        .call_as(&other, "CreateSecret", secret("one", "larger"))
        .await;
    h.call_as(&other, "CreateSecret", secret("one", "less"))
        .await
        .ok();
    let one_more = h
        .call_as(&other, "CreateSecret", secret("two", "less"))
        .await;
    let tagged = h.call_as(&other, "TagResource", tags).await;

    assert!(
        larger.text.contains("less than or equal to 4"),
        "{}",
        larger.text
    );
    one_more.refused(
        "LimitExceededException",
        "The account has reached its limit of secrets in this Region.",
    );
    tagged.refused(
        "InvalidParameterException",
        "A secret can have at most 1 tags.",
    );
}

#[tokio::test]
async fn versions_without_labels_stay_as_many_and_as_long_as_the_quotas_say() {
    let limits = Limits {
        unlabelled_versions: 2,
        unlabelled_hours: 1,
        ..Limits::default()
    };
    let h = under(limits).await;
    h.a_secret("db", "0").await;
    for n in 1..6 {
        h.put("db", n, "v", json!(["AWSCURRENT"])).await;
    }
    // 0, 1, 2 and 3 have no label, and none is an hour old.
    let young = versions(&h).await.len();

    h.clock.advance_seconds(3_601);
    h.put("db", 6, "v", json!(["AWSCURRENT"])).await;

    assert_eq!(young, 6);
    let mut left = versions(&h).await;
    left.sort_unstable();
    assert_eq!(left, [3, 4, 5, 6]);
}

#[tokio::test]
async fn labels_and_versions_have_the_quotas_that_were_set() {
    let limits = Limits {
        labels: 3,
        versions: 4,
        ..Limits::default()
    };
    let h = under(limits).await;
    h.a_secret("db", "0").await;
    let put = |n: usize, stages: &[&str]| {
        json!({
            "SecretId": "db", "SecretString": "v", "ClientRequestToken": token(n),
            "VersionStages": stages,
        })
    };

    let labels = h.call("PutSecretValue", put(1, &["A", "B", "C"])).await;
    for n in 1..4 {
        h.call("PutSecretValue", put(n, &["AWSCURRENT"])).await.ok();
    }
    let versions = h.call("PutSecretValue", put(4, &["AWSCURRENT"])).await;

    labels.refused(
        "LimitExceededException",
        "You can attach at most 3 staging labels to the versions of a secret.",
    );
    versions.refused("LimitExceededException", TOO_MANY_VERSIONS);
}

#[tokio::test]
async fn a_resource_policy_may_be_as_long_as_the_quota_says() {
    let limits = Limits {
        resource_policy_characters: 300,
        ..Limits::default()
    };
    let h = under(limits).await;
    h.a_secret("db", "0").await;
    let body = json!({ "SecretId": "db", "ResourcePolicy": " ".repeat(301) });

    let refused = h.call("PutResourcePolicy", body).await;

    assert!(
        refused
            .text
            .contains("Member must have length less than or equal to 300"),
        "{}",
        refused.text
    );
}
