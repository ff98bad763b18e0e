//! What a watched session gets to know is noted, whatever becomes of its requests.

use serde_json::json;
use services::Watch;
use testkit::{Harness, token};

/// What was noted, in order.
fn noted(watch: &Watch) -> Vec<String> {
    let values = watch.take().unwrap();
    values
        .iter()
        .map(|value| String::from_utf8(value.expose().to_vec()).unwrap())
        .collect()
}

#[tokio::test]
async fn values_that_a_watched_session_reads_writes_and_draws_are_noted() {
    let h = Harness::new().await;
    h.a_secret("db", "first").await;
    let watch = h.witness.watch(h.root.access_key_id());

    h.value("db").await;
    h.put("db", 1, "second", json!(["AWSPENDING"])).await;
    let drawn = h.call("GetRandomPassword", json!({})).await.ok();
    let listed = json!({ "SecretIdList": ["db"] });
    h.call("BatchGetSecretValue", listed).await.ok();

    let password = drawn["RandomPassword"].as_str().unwrap();
    assert_eq!(noted(&watch), ["first", "second", password]);
}

#[tokio::test]
async fn a_value_that_is_refused_is_noted() {
    let h = Harness::new().await;
    h.a_secret("db", "first").await;
    let nobody = h.a_user("nobody", None).await;
    let watch = h.witness.watch(nobody.access_key_id());
    let body = json!({
        "SecretId": "db", "SecretString": "second", "ClientRequestToken": token(1),
    });

    let refused = h.call_as(&nobody, "PutSecretValue", body).await;

    assert_eq!(refused.status, 400);
    assert_eq!(noted(&watch), ["second"]);
}

#[tokio::test]
async fn what_others_do_is_not_noted() {
    let h = Harness::new().await;
    h.a_secret("db", "first").await;
    let alice = h.a_user("alice", Some(&h.everything().await)).await;
    let watch = h.witness.watch(h.root.access_key_id());

    let read = json!({ "SecretId": "db" });
    h.call_as(&alice, "GetSecretValue", read).await.ok();

    assert_eq!(noted(&watch), [""; 0]);
}
