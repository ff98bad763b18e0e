use super::{BAD_PAGE, MIDNIGHT, NOON, NOT_FOUND};
use serde_json::{Value, json};
use testkit::{Harness, token, with};

async fn list(h: &Harness, more: Value) -> testkit::Reply {
    h.call(
        "ListSecretVersionIds",
        with(json!({ "SecretId": "db" }), more),
    )
    .await
}

/// Versions 0 (deprecated), 1 (previous), 2 (current), a second apart.
async fn with_history() -> (Harness, String) {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "0").await;
    for n in 1..3 {
        h.clock.advance_seconds(1);
        h.put("db", n, "x", Value::Null).await;
    }
    (h, arn)
}

fn entry(n: usize, stage: &str) -> Value {
    json!({
        "VersionId": token(n),
        "VersionStages": [stage],
        "CreatedDate": NOON + i64::try_from(n).unwrap(),
        "KmsKeyIds": ["DefaultEncryptionKey"],
    })
}

#[tokio::test]
async fn labelled_versions_are_listed_oldest_first() {
    let (h, arn) = with_history().await;

    let listed = list(&h, json!({})).await.ok();

    let versions = json!([entry(1, "AWSPREVIOUS"), entry(2, "AWSCURRENT")]);
    assert_eq!(
        listed,
        json!({ "ARN": arn, "Name": "db", "Versions": versions })
    );
}

#[tokio::test]
async fn deprecated_versions_are_listed_when_asked_for_and_have_no_stages() {
    let (h, arn) = with_history().await;

    let listed = list(&h, json!({ "IncludeDeprecated": true })).await.ok();

    let deprecated = json!({
        "VersionId": token(0), "CreatedDate": NOON, "KmsKeyIds": ["DefaultEncryptionKey"],
    });
    let versions = json!([deprecated, entry(1, "AWSPREVIOUS"), entry(2, "AWSCURRENT")]);
    assert_eq!(
        listed,
        json!({ "ARN": arn, "Name": "db", "Versions": versions })
    );
}

#[tokio::test]
async fn the_day_of_the_last_read_is_that_of_the_version() {
    let (h, _) = with_history().await;

    let body = json!({ "SecretId": "db", "VersionStage": "AWSPREVIOUS" });
    h.call("GetSecretValue", body).await.ok();

    let listed = list(&h, json!({})).await.ok();
    let read = with(
        entry(1, "AWSPREVIOUS"),
        json!({ "LastAccessedDate": MIDNIGHT }),
    );
    assert_eq!(listed["Versions"], json!([read, entry(2, "AWSCURRENT")]));
}

#[tokio::test]
async fn a_secret_without_a_value_has_no_versions() {
    let h = Harness::new().await;
    let body = json!({ "Name": "db", "ClientRequestToken": token(0) });
    let arn = h.call("CreateSecret", body).await.ok()["ARN"].clone();

    let listed = list(&h, json!({ "IncludeDeprecated": true })).await.ok();

    assert_eq!(listed, json!({ "ARN": arn, "Name": "db", "Versions": [] }));
}

#[tokio::test]
async fn a_deleted_secret_still_lists_its_versions() {
    let (h, _) = with_history().await;
    let before = list(&h, json!({})).await.ok();

    h.call("DeleteSecret", json!({ "SecretId": "db" }))
        .await
        .ok();

    assert_eq!(list(&h, json!({})).await.ok(), before);
}

#[tokio::test]
async fn pages_join_to_the_whole_list() {
    let (h, _) = with_history().await;
    let all = json!({ "IncludeDeprecated": true });
    let whole = list(&h, all.clone()).await.ok();

    for size in 1..=3 {
        let mut joined = Vec::new();
        let mut body = with(all.clone(), json!({ "MaxResults": size }));
        loop {
            let page = list(&h, body.clone()).await.ok();
            let versions = page["Versions"].as_array().unwrap();
            assert!(versions.len() <= size);
            joined.extend(versions.clone());
            match page.get("NextToken") {
                Some(next) => body["NextToken"] = next.clone(),
                None => break,
            }
        }
        assert_eq!(Value::Array(joined), whole["Versions"], "{size}");
    }
}

#[tokio::test]
async fn a_hundred_versions_are_a_page_unless_told_otherwise() {
    let h = Harness::new().await;
    h.a_secret("db", "0").await;
    for n in 1..105 {
        h.put("db", n, "x", Value::Null).await;
    }

    let first = list(&h, json!({ "IncludeDeprecated": true })).await.ok();
    let next = json!({ "IncludeDeprecated": true, "NextToken": first["NextToken"] });
    let second = list(&h, next).await.ok();

    assert_eq!(first["Versions"].as_array().map(Vec::len), Some(100));
    assert_eq!(second["Versions"].as_array().map(Vec::len), Some(5));
    assert_eq!(second.get("NextToken"), None);
}

#[tokio::test]
async fn a_page_continues_after_its_last_version_was_pruned() {
    let h = Harness::new().await;
    h.a_secret("db", "0").await;
    for n in 1..104 {
        h.clock.advance_seconds(1);
        h.put("db", n, "x", Value::Null).await;
    }
    let first = list(&h, json!({ "IncludeDeprecated": true, "MaxResults": 2 }))
        .await
        .ok();
    h.clock.advance_days(2);
    h.put("db", 104, "prunes 0, 1 and 2", Value::Null).await;

    let body = json!({
        "IncludeDeprecated": true, "MaxResults": 1, "NextToken": first["NextToken"],
    });
    let second = list(&h, body).await.ok();

    assert_eq!(second["Versions"][0]["VersionId"], token(3));
}

#[tokio::test]
async fn a_token_of_another_list_is_refused() {
    let (h, _) = with_history().await;
    h.a_secret("other", "0").await;
    h.put("other", 1, "1", Value::Null).await;
    let page = list(&h, json!({ "MaxResults": 1 })).await.ok();
    let next = page["NextToken"].as_str().unwrap();
    let last_changed = if next.ends_with('A') { 'B' } else { 'A' };
    let cases = [
        json!({ "SecretId": "other", "NextToken": next }),
        json!({ "IncludeDeprecated": true, "NextToken": next }),
        json!({ "NextToken": "no token" }),
        json!({ "NextToken": &next[..next.len() - 2] }),
        json!({ "NextToken": format!("{}{last_changed}{}", &next[..9], &next[10..]) }),
        json!({ "NextToken": format!("{next}AAAA") }),
    ];

    for case in cases {
        list(&h, case)
            .await
            .refused("InvalidNextTokenException", BAD_PAGE);
    }
    let of_secrets = h.call("ListSecrets", json!({ "NextToken": next })).await;

    of_secrets.refused("InvalidNextTokenException", BAD_PAGE);
    list(&h, json!({ "NextToken": next })).await.ok();
}

#[tokio::test]
async fn a_token_says_nothing_to_its_holder() {
    let (h, _) = with_history().await;

    let page = list(&h, json!({ "MaxResults": 1 })).await.ok();

    let next = page["NextToken"].as_str().unwrap();
    let bytes = data_encoding::BASE64URL_NOPAD
        .decode(next.as_bytes())
        .unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains(&token(1)[..20]));
}

#[tokio::test]
async fn a_missing_secret_is_not_found() {
    let h = Harness::new().await;

    list(&h, json!({}))
        .await
        .refused("ResourceNotFoundException", NOT_FOUND);
}

#[tokio::test]
async fn listing_changes_nothing_and_is_recorded_as_a_read() {
    let (h, arn) = with_history().await;
    let before = h.everything().await;

    let reply = list(&h, json!({ "MaxResults": 1, "IncludeDeprecated": true })).await;

    let events = h.audit.events_of(&reply.request_id);
    assert_eq!(events.len(), 1);
    let parameters = json!({ "secretId": "db", "maxResults": 1, "includeDeprecated": true });
    assert_eq!(events[0]["requestParameters"], parameters);
    assert_eq!(events[0]["resources"][0]["ARN"], arn);
    assert_eq!(events[0]["readOnly"], true);
    assert_eq!(h.everything().await, before);
}
