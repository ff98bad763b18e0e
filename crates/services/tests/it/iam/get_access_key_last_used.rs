use super::{allowing, assert_denied, assert_refused, denial, told};
use serde_json::json;
use testkit::{Caller, Harness};

const ACTION: &str = "GetAccessKeyLastUsed";

fn key(caller: &Caller) -> [(&str, &str); 1] {
    [("AccessKeyId", caller.access_key_id())]
}

#[tokio::test]
async fn a_key_that_was_never_used_has_no_date() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", None).await;

    let never = told(&h, ACTION, &key(&alice)).await;

    assert_eq!(
        never,
        json!({
            "UserName": "alice",
            "AccessKeyLastUsed": { "ServiceName": "N/A", "Region": "N/A" },
        })
    );
}

#[tokio::test]
async fn a_use_is_told_at_once_and_after_it_was_stored() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", Some(&allowing(&["*"]))).await;
    let there = alice.in_region("eu-west-1");
    h.call_as(&there, "ListSecrets", json!({})).await.ok();
    h.clock.advance_seconds(5);

    let at_once = told(&h, ACTION, &key(&alice)).await;
    h.app.tick().await.unwrap();
    let stored = told(&h, ACTION, &key(&alice)).await;

    let expected = json!({
        "UserName": "alice",
        "AccessKeyLastUsed": {
            "LastUsedDate": "2026-01-15T12:00:00Z",
            "ServiceName": "secretsmanager",
            "Region": "eu-west-1",
        },
    });
    assert_eq!((at_once, stored), (expected.clone(), expected));
}

#[tokio::test]
async fn a_later_use_takes_the_place_of_a_stored_one() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", Some(&allowing(&["*"]))).await;
    h.call_as(&alice, "ListSecrets", json!({})).await.ok();
    h.app.tick().await.unwrap();
    h.clock.advance_seconds(61);
    h.iam_as(&alice, "GetUser", &[]).await.xml_ok();

    let used = told(&h, ACTION, &key(&alice)).await;

    assert_eq!(
        used["AccessKeyLastUsed"],
        json!({
            "LastUsedDate": "2026-01-15T12:01:01Z", "ServiceName": "iam", "Region": "us-east-1",
        })
    );
}

#[tokio::test]
async fn a_stop_stores_a_use_and_may_be_asked_for_twice() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", Some(&allowing(&["*"]))).await;
    h.call_as(&alice, "ListSecrets", json!({})).await.ok();

    let noted = told(&h, ACTION, &key(&alice)).await;
    h.app.settle().await.unwrap();
    h.app.settle().await.unwrap();
    let stored = told(&h, ACTION, &key(&alice)).await;

    assert_eq!(noted["AccessKeyLastUsed"]["ServiceName"], "secretsmanager");
    assert_eq!(stored, noted);
}

#[tokio::test]
async fn a_root_has_no_name() {
    let h = Harness::new().await;
    let root = h.root.clone();

    let used = told(&h, ACTION, &key(&root)).await;

    assert_eq!(used.get("UserName"), None);
}

#[tokio::test]
async fn a_key_of_no_one_and_one_of_another_account_cannot_be_found() {
    let h = Harness::new().await;
    let other = h.another_account("999988887777").await;

    for id in ["AKIAIOSFODNN7EXAMPLE", other.access_key_id()] {
        let text = format!("The Access Key with id {id} cannot be found.");
        let parameters = [("AccessKeyId", id)];
        assert_refused(&h, ACTION, &parameters, (404, "NoSuchEntity", &text)).await;
    }
}

#[tokio::test]
async fn a_denied_caller_learns_nothing() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", None).await;

    let resource = format!("access key {}", alice.access_key_id());
    assert_denied(&h, ACTION, &key(&alice), &resource).await;
}

#[tokio::test]
async fn a_denied_caller_is_refused_for_a_key_of_no_one_too() {
    let h = Harness::new().await;
    let mallory = h.a_user("mallory", None).await;

    let parameters = [("AccessKeyId", "AKIAIOSFODNN7EXAMPLE")];
    let refused = h.iam_as(&mallory, ACTION, &parameters).await;

    let text = denial("mallory", ACTION, "access key AKIAIOSFODNN7EXAMPLE");
    refused.xml_refused(403, "AccessDenied", &text);
}
