use super::{DELETED, NOON, NOT_FOUND};
use serde_json::{Value, json};
use testkit::Harness;

async fn untag(h: &Harness, keys: Value) -> testkit::Reply {
    h.call(
        "UntagResource",
        json!({ "SecretId": "db", "TagKeys": keys }),
    )
    .await
}

async fn tagged() -> (Harness, String) {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "x").await;
    let tags = json!([
        { "Key": "a", "Value": "1" }, { "Key": "c", "Value": "2" }, { "Key": "b", "Value": "" },
    ]);
    h.call("TagResource", json!({ "SecretId": "db", "Tags": tags }))
        .await
        .ok();
    (h, arn)
}

#[tokio::test]
async fn the_named_tags_go_and_the_others_stay() {
    let (h, _) = tagged().await;
    h.clock.advance_seconds(4);

    let answer = untag(&h, json!(["b", "a", "a"])).await;

    assert_eq!((answer.status, answer.text.as_str()), (200, "{}"));
    let described = h.describe("db").await;
    assert_eq!(described["Tags"], json!([{ "Key": "c", "Value": "2" }]));
    assert_eq!(described["LastChangedDate"], NOON + 4);
}

#[tokio::test]
async fn after_the_last_tag_an_empty_list_is_left() {
    let (h, _) = tagged().await;

    untag(&h, json!(["a", "c", "b"])).await.ok();

    assert_eq!(h.describe("db").await["Tags"], json!([]));
}

#[tokio::test]
async fn keys_that_no_tag_has_are_ignored() {
    let (h, _) = tagged().await;
    let before = h.everything().await;

    untag(&h, json!(["d", "B", "aws:x"])).await.ok();
    untag(&h, json!([])).await.ok();

    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn a_secret_that_was_never_tagged_stays_so() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;

    untag(&h, json!(["a"])).await.ok();

    assert_eq!(h.describe("db").await.get("Tags"), None);
}

#[tokio::test]
async fn what_is_missing_or_deleted_is_refused() {
    let (h, _) = tagged().await;
    let body = json!({ "SecretId": "missing", "TagKeys": ["a"] });
    h.call("UntagResource", body)
        .await
        .refused("ResourceNotFoundException", NOT_FOUND);
    h.call("DeleteSecret", json!({ "SecretId": "db" }))
        .await
        .ok();
    let before = h.everything().await;

    untag(&h, json!(["a"]))
        .await
        .refused("InvalidRequestException", DELETED);

    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn the_event_shows_the_keys() {
    let (h, arn) = tagged().await;

    let reply = untag(&h, json!(["a"])).await;

    let events = h.audit.events_of(&reply.request_id);
    assert_eq!(events.len(), 1);
    let parameters = json!({ "secretId": "db", "tagKeys": ["a"] });
    assert_eq!(events[0]["requestParameters"], parameters);
    assert_eq!(events[0]["resources"][0]["ARN"], arn);
}
