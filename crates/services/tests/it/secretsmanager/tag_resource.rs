use super::{DELETED, NOON, NOT_FOUND};
use serde_json::{Value, json};
use testkit::Harness;

async fn tag(h: &Harness, tags: Value) -> testkit::Reply {
    h.call("TagResource", json!({ "SecretId": "db", "Tags": tags }))
        .await
}

fn pairs(range: std::ops::Range<usize>) -> Value {
    range
        .map(|n| json!({ "Key": format!("k{n}"), "Value": "v" }))
        .collect()
}

#[tokio::test]
async fn tags_are_set_over_those_there_are_and_keep_their_order() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    h.clock.advance_seconds(4);

    let answer = tag(
        &h,
        json!([{ "Key": "b", "Value": "1" }, { "Key": "a", "Value": "2" }]),
    )
    .await;
    tag(
        &h,
        json!([{ "Key": "c", "Value": "" }, { "Key": "b", "Value": "3" }]),
    )
    .await
    .ok();

    assert_eq!((answer.status, answer.text.as_str()), (200, "{}"));
    let described = h.describe("db").await;
    let expected = json!([
        { "Key": "b", "Value": "3" },
        { "Key": "a", "Value": "2" },
        { "Key": "c", "Value": "" },
    ]);
    assert_eq!(described["Tags"], expected);
    assert_eq!(described["LastChangedDate"], NOON + 4);
}

#[tokio::test]
async fn keys_and_values_may_be_any_text() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let tags =
        json!([{ "Key": "größe 密🔑", "Value": "\"\\\n\u{2028}" }, { "Key": " ", "Value": " " }]);

    tag(&h, tags.clone()).await.ok();

    assert_eq!(h.describe("db").await["Tags"], tags);
}

#[tokio::test]
async fn fifty_tags_fit_and_one_more_does_not() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    tag(&h, pairs(0..30)).await.ok();
    tag(&h, pairs(30..50)).await.ok();
    let before = h.everything().await;

    let one_more = tag(&h, pairs(50..51)).await;
    let many_at_once = tag(&h, pairs(0..5_000)).await;

    for reply in [one_more, many_at_once] {
        reply.refused(
            "InvalidParameterException",
            "A secret can have at most 50 tags.",
        );
    }
    assert_eq!(h.everything().await, before);
    tag(&h, pairs(0..50)).await.ok();
    assert_eq!(
        h.describe("db").await["Tags"].as_array().map(Vec::len),
        Some(50)
    );
}

#[tokio::test]
async fn reserved_and_duplicate_keys_are_refused_and_change_nothing() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    tag(&h, pairs(0..2)).await.ok();
    let before = h.everything().await;
    let reserved = "Tag keys that begin with the reserved prefix aws: can't be added or removed.";
    let cases = [
        (
            json!([{ "Key": "ok", "Value": "" }, { "Key": "aws:x", "Value": "" }]),
            reserved,
        ),
        (json!([{ "Key": "AWS:x", "Value": "" }]), reserved),
        (
            json!([{ "Key": "a", "Value": "1" }, { "Key": "a", "Value": "2" }]),
            "Duplicate tag keys found. Please note that Tag keys are case sensitive. Key: a",
        ),
    ];

    for (tags, text) in cases {
        tag(&h, tags)
            .await
            .refused("InvalidParameterException", text);
    }

    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn an_empty_list_only_marks_the_secret_as_tagged() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    assert_eq!(h.describe("db").await.get("Tags"), None);

    tag(&h, json!([])).await.ok();

    assert_eq!(h.describe("db").await["Tags"], json!([]));
}

#[tokio::test]
async fn what_is_missing_or_deleted_is_refused() {
    let h = Harness::new().await;

    tag(&h, pairs(0..1))
        .await
        .refused("ResourceNotFoundException", NOT_FOUND);
    h.a_secret("db", "x").await;
    h.call("DeleteSecret", json!({ "SecretId": "db" }))
        .await
        .ok();
    let before = h.everything().await;

    tag(&h, pairs(0..1))
        .await
        .refused("InvalidRequestException", DELETED);
    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn the_event_shows_the_tags() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "x").await;

    let reply = tag(&h, json!([{ "Key": "team", "Value": "a" }])).await;

    let events = h.audit.events_of(&reply.request_id);
    assert_eq!(events.len(), 1);
    let parameters = json!({ "secretId": "db", "tags": [{ "key": "team", "value": "a" }] });
    assert_eq!(events[0]["requestParameters"], parameters);
    assert_eq!(events[0]["resources"][0]["ARN"], arn);
    assert_eq!(events[0]["readOnly"], false);
}
