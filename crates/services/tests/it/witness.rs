//! What a watched session gets to know is noted, whatever becomes of its requests.

use serde_json::json;
use strongroom_services::InPlay;
use testkit::{Harness, token};

/// What was noted, in order.
fn noted(in_play: &InPlay) -> Vec<String> {
    let values = in_play.values().unwrap();
    values
        .iter()
        .map(|value| String::from_utf8(value.expose().to_vec()).unwrap())
        .collect()
}

#[tokio::test]
async fn values_that_a_watched_session_reads_writes_and_draws_are_noted() {
    let h = Harness::new().await;
    h.a_secret("db", "first").await;
    let in_play = InPlay::default();
    let _watch = h.witness.watch(h.root.access_key_id(), &in_play);

    h.value("db").await;
    h.put("db", 1, "second", json!(["AWSPENDING"])).await;
    let drawn = h.call("GetRandomPassword", json!({})).await.ok();
    let listed = json!({ "SecretIdList": ["db"] });
    h.call("BatchGetSecretValue", listed).await.ok();

    let password = drawn["RandomPassword"].as_str().unwrap();
    assert_eq!(noted(&in_play), ["first", "second", password]);
}

#[tokio::test]
async fn a_value_that_is_refused_is_noted() {
    let h = Harness::new().await;
    h.a_secret("db", "first").await;
    let nobody = h.a_user("nobody", None).await;
    let in_play = InPlay::default();
    let _watch = h.witness.watch(nobody.access_key_id(), &in_play);
    let body = json!({
        "SecretId": "db", "SecretString": "second", "ClientRequestToken": token(1),
    });

    let refused = h.call_as(&nobody, "PutSecretValue", body).await;

    assert_eq!(refused.status, 400);
    assert_eq!(noted(&in_play), ["second"]);
}

#[tokio::test]
async fn what_a_role_reads_that_a_watched_session_assumed_is_noted() {
    let h = Harness::new().await;
    h.a_secret("db", "first").await;
    let everything = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "*", "Resource": "*",
    } });
    let alice = h.a_user("alice", Some(&everything)).await;
    let trust = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "AWS": "arn:aws:iam::123456789012:root" },
    } });
    let (trust, leave) = (trust.to_string(), everything.to_string());
    let role = [
        ("RoleName", "r"),
        ("AssumeRolePolicyDocument", trust.as_str()),
    ];
    h.iam("CreateRole", &role).await.xml_ok();
    let policy = [
        ("RoleName", "r"),
        ("PolicyName", "p"),
        ("PolicyDocument", leave.as_str()),
    ];
    h.iam("PutRolePolicy", &policy).await.xml_ok();
    let in_play = InPlay::default();
    let _watch = h.witness.watch(alice.access_key_id(), &in_play);

    let assumed = h.assume(&alice, "arn:aws:iam::123456789012:role/r").await;
    let read = json!({ "SecretId": "db" });
    h.call_as(&assumed, "GetSecretValue", read).await.ok();

    let noted = noted(&in_play);
    let token = assumed.session_token().unwrap();
    assert_eq!(noted.len(), 3, "its key, its token, the value");
    assert_eq!((noted[1].as_str(), noted[2].as_str()), (token, "first"));
}

#[tokio::test]
async fn what_others_do_is_not_noted() {
    let h = Harness::new().await;
    h.a_secret("db", "first").await;
    let policy = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "*", "Resource": "*",
    } });
    let alice = h.a_user("alice", Some(&policy)).await;
    let in_play = InPlay::default();
    let _watch = h.witness.watch(h.root.access_key_id(), &in_play);

    let read = json!({ "SecretId": "db" });
    h.call_as(&alice, "GetSecretValue", read).await.ok();

    assert_eq!(noted(&in_play), [""; 0]);
}
