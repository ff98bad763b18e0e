use super::{MIDNIGHT, NOON};
use serde_json::{Value, json};
use testkit::{Harness, token, with};

async fn names(h: &Harness, body: Value) -> Vec<String> {
    let page = h.call("ListSecrets", body).await.ok();
    let listed = page["SecretList"].as_array().unwrap().iter();
    listed
        .map(|secret| secret["Name"].as_str().unwrap().to_owned())
        .collect()
}

async fn filtered(h: &Harness, key: &str, values: &[&str]) -> Vec<String> {
    names(h, json!({ "Filters": [{ "Key": key, "Values": values }] })).await
}

async fn described(h: &Harness, name: &str, more: Value) {
    let body = json!({ "Name": name, "SecretString": "x", "ClientRequestToken": token(0) });
    h.call("CreateSecret", with(body, more)).await.ok();
    h.clock.advance_seconds(1);
}

#[tokio::test]
async fn an_account_without_secrets_has_an_empty_list_without_a_token() {
    let h = Harness::new().await;

    let listed = h.call("ListSecrets", json!({})).await.ok();

    assert_eq!(listed, json!({ "SecretList": [] }));
}

#[tokio::test]
async fn a_plain_entry_has_six_members() {
    let h = Harness::new().await;
    let body = json!({
        "Name": "db", "SecretString": "x", "ClientRequestToken": token(0), "Description": "d",
    });
    let arn = h.call("CreateSecret", body).await.ok()["ARN"].clone();

    let listed = h.call("ListSecrets", json!({})).await.ok();

    let entry = json!({
        "ARN": arn,
        "Name": "db",
        "Description": "d",
        "CreatedDate": NOON,
        "LastChangedDate": NOON,
        "SecretVersionsToStages": { token(0): ["AWSCURRENT"] },
    });
    assert_eq!(listed, json!({ "SecretList": [entry] }));
}

#[tokio::test]
async fn a_deleted_secret_is_shown_only_when_asked_for() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    h.value("db").await;
    let tags = json!({ "SecretId": "db", "Tags": [{ "Key": "k", "Value": "v" }] });
    h.call("TagResource", tags).await.ok();
    h.clock.advance_seconds(5);
    h.call("DeleteSecret", json!({ "SecretId": "db" }))
        .await
        .ok();

    let hidden = h
        .call("ListSecrets", json!({ "IncludePlannedDeletion": false }))
        .await
        .ok();
    let shown = h
        .call("ListSecrets", json!({ "IncludePlannedDeletion": true }))
        .await
        .ok();

    assert_eq!(hidden, json!({ "SecretList": [] }));
    let entry = &shown["SecretList"][0];
    assert_eq!(entry["DeletedDate"], NOON + 5);
    assert_eq!(entry["LastAccessedDate"], MIDNIGHT);
    assert_eq!(entry["Tags"], json!([{ "Key": "k", "Value": "v" }]));
    assert_eq!(
        entry["SecretVersionsToStages"],
        json!({ token(0): ["AWSCURRENT"] })
    );
}

#[tokio::test]
async fn the_order_is_that_of_creation_unless_another_is_asked_for() {
    let h = Harness::new().await;
    for name in ["c", "a", "b"] {
        described(&h, name, json!({})).await;
    }
    h.call("UpdateSecret", json!({ "SecretId": "c" }))
        .await
        .ok();
    h.clock.advance_days(1);
    h.value("a").await;

    let sorted = |by: &'static str, order: &'static str| {
        let h = &h;
        async move {
            names(h, json!({ "SortBy": by, "SortOrder": order }))
                .await
                .concat()
        }
    };
    assert_eq!(names(&h, json!({})).await, ["c", "a", "b"]);
    assert_eq!(
        names(&h, json!({ "SortOrder": "desc" })).await,
        ["b", "a", "c"]
    );
    assert_eq!(sorted("created-date", "asc").await, "cab");
    assert_eq!(sorted("name", "asc").await, "abc");
    assert_eq!(sorted("name", "desc").await, "cba");
    assert_eq!(sorted("last-changed-date", "asc").await, "abc");
    assert_eq!(sorted("last-changed-date", "desc").await, "cba");
    assert_eq!(sorted("last-accessed-date", "desc").await, "acb");
    assert_eq!(
        names(&h, json!({ "SortBy": "name" })).await,
        ["a", "b", "c"]
    );
}

#[tokio::test]
async fn the_name_filter_is_a_prefix_of_the_whole_name() {
    let h = Harness::new().await;
    for name in ["testing1/one", "/testing2/two", "Testing1"] {
        described(&h, name, json!({})).await;
    }

    assert_eq!(filtered(&h, "name", &["testing1"]).await, ["testing1/one"]);
    assert_eq!(filtered(&h, "name", &["/"]).await, ["/testing2/two"]);
    assert_eq!(filtered(&h, "name", &["testing1 one"]).await, [""; 0]);
    assert_eq!(
        filtered(&h, "name", &["!/"]).await,
        ["testing1/one", "Testing1"]
    );
    assert_eq!(
        filtered(&h, "name", &["testing1", "/t"]).await,
        ["testing1/one", "/testing2/two"]
    );
}

#[tokio::test]
async fn the_description_filter_matches_words() {
    let h = Harness::new().await;
    for description in ["a secret", "an secret", "asecret", "thesecret"] {
        let name = description.replace(' ', "-");
        described(&h, &name, json!({ "Description": description })).await;
    }

    assert_eq!(
        filtered(&h, "description", &["a"]).await,
        ["a-secret", "an-secret", "asecret"]
    );
    assert_eq!(
        filtered(&h, "description", &["a secret"]).await,
        ["a-secret", "an-secret"]
    );
    assert_eq!(
        filtered(&h, "description", &["A SECRET"]).await,
        ["a-secret", "an-secret"]
    );
    assert_eq!(filtered(&h, "description", &["!a"]).await, ["thesecret"]);
    assert_eq!(filtered(&h, "description", &["!c"]).await.len(), 4);
}

#[tokio::test]
async fn filters_are_joined_by_and_and_their_values_by_or() {
    let h = Harness::new().await;
    for description in ["one", "two", "one two"] {
        let name = description.replace(' ', "-");
        let tags = json!([{ "Key": "Team", "Value": name }]);
        described(
            &h,
            &name,
            json!({ "Description": description, "Tags": tags }),
        )
        .await;
    }
    let filter = |key: &str, value: &str| json!({ "Key": key, "Values": [value] });

    let both = [filter("description", "one"), filter("description", "two")];
    assert_eq!(names(&h, json!({ "Filters": both })).await, ["one-two"]);
    assert_eq!(filtered(&h, "description", &["one", "two"]).await.len(), 3);
    let mixed = [
        filter("tag-key", "Te"),
        filter("tag-value", "two"),
        filter("all", "tw"),
    ];
    assert_eq!(names(&h, json!({ "Filters": mixed })).await, ["two"]);
    assert_eq!(filtered(&h, "tag-key", &["te"]).await, [""; 0]);
    assert_eq!(filtered(&h, "all", &["team"]).await.len(), 3);
    assert_eq!(filtered(&h, "owning-service", &["rds"]).await, [""; 0]);
    assert_eq!(filtered(&h, "primary-region", &["us"]).await, [""; 0]);
}

#[tokio::test]
async fn each_wrong_request_is_refused() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let cases = [
        (
            json!({ "Filters": [{ "Values": ["a"] }] }),
            "InvalidParameterException",
            "Invalid filter key",
        ),
        (
            json!({ "Filters": [{ "Key": "name" }] }),
            "InvalidParameterException",
            "Invalid filter values for key: name",
        ),
        (
            json!({ "NextToken": "x" }),
            "InvalidNextTokenException",
            super::BAD_PAGE,
        ),
        (
            json!({ "NextToken": "ä" }),
            "InvalidNextTokenException",
            super::BAD_PAGE,
        ),
    ];

    for (body, code, text) in cases {
        h.call("ListSecrets", body).await.refused(code, text);
    }
    let unknown = json!({ "Filters": [{ "Key": "colour", "Values": ["a"] }] });
    h.call("ListSecrets", unknown).await.rejected(
        "ValidationException",
        Some(
            "1 validation error detected: Value 'colour' at 'filters.1.member.key' failed to \
             satisfy constraint: Member must satisfy enum value set: [description, name, \
             tag-key, tag-value, primary-region, owning-service, all]",
        ),
    );
    let two = json!({ "MaxResults": 101, "SortOrder": "up" });
    h.call("ListSecrets", two).await.rejected(
        "ValidationException",
        Some(
            "2 validation errors detected: Value '101' at 'maxResults' failed to satisfy \
             constraint: Member must have value less than or equal to 100; Value 'up' at \
             'sortOrder' failed to satisfy constraint: Member must satisfy enum value set: [asc, \
             desc]",
        ),
    );
}

#[tokio::test]
async fn listing_is_recorded_without_its_token_and_changes_nothing() {
    let h = Harness::new().await;
    h.a_secret("a", "hunter2").await;
    h.a_secret("b", "hunter2").await;
    let before = h.everything().await;
    let first = h.call("ListSecrets", json!({ "MaxResults": 1 })).await.ok();
    let token = first["NextToken"].as_str().unwrap();

    let body = json!({ "MaxResults": 1, "NextToken": token });
    let reply = h.call("ListSecrets", body).await;

    let events = h.audit.events_of(&reply.request_id);
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["requestParameters"], json!({ "maxResults": 1 }));
    assert_eq!(events[0].get("resources"), None);
    assert!(!events[0].to_string().contains(token));
    assert!(!reply.text.contains("hunter2"));
    assert_eq!(h.everything().await, before);
}
