use super::{allowing, assert_denied, assert_refused, done, told};
use serde_json::json;
use testkit::{Caller, Harness};

const ACTION: &str = "DeleteAccessKey";
const ALICE: (&str, &str) = ("UserName", "alice");

fn key(caller: &Caller) -> (&str, &str) {
    ("AccessKeyId", caller.access_key_id())
}

#[tokio::test]
async fn a_deleted_key_is_refused_from_the_next_request_on() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", Some(&allowing(&["*"]))).await;
    h.iam_as(&alice, "GetUser", &[]).await.xml_ok();

    done(&h, ACTION, &[ALICE, key(&alice)]).await;

    let body = "Action=GetUser&Version=2010-05-08";
    let refused = h.send(alice.signed_form("iam", body, h.now())).await;
    let text = "The security token included in the request is invalid.";
    refused.xml_refused(403, "InvalidClientTokenId", text);
    let left = told(&h, "ListAccessKeys", &[ALICE]).await;
    assert_eq!(left["AccessKeyMetadata"], "");
}

#[tokio::test]
async fn a_deleted_key_makes_room_for_another() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", None).await;
    let second = told(&h, "CreateAccessKey", &[ALICE]).await;

    done(&h, ACTION, &[ALICE, key(&alice)]).await;
    let third = told(&h, "CreateAccessKey", &[ALICE]).await;

    let left = told(&h, "ListAccessKeys", &[ALICE]).await;
    let ids = [0, 1].map(|n| left["AccessKeyMetadata"][n]["AccessKeyId"].clone());
    assert_eq!(
        ids,
        [second, third].map(|key| key["AccessKey"]["AccessKeyId"].clone())
    );
}

#[tokio::test]
async fn when_it_was_used_is_forgotten_with_the_key() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", Some(&allowing(&["*"]))).await;
    h.iam_as(&alice, "GetUser", &[]).await.xml_ok();
    h.app.tick().await.unwrap();

    done(&h, ACTION, &[ALICE, key(&alice)]).await;

    let text = format!("The Access Key with id {} cannot be found.", key(&alice).1);
    let refusal = (404, "NoSuchEntity", text.as_str());
    assert_refused(&h, "GetAccessKeyLastUsed", &[key(&alice)], refusal).await;
    assert_refused(&h, ACTION, &[ALICE, key(&alice)], refusal).await;
}

#[tokio::test]
async fn a_root_without_its_key_gets_another_on_the_host() {
    let h = Harness::new().await;
    let old = h.root.clone();

    let deleted = h.iam(ACTION, &[key(&old)]).await;
    let refused = h
        .send(old.signed_form("iam", "Action=GetUser&Version=2010-05-08", h.now()))
        .await;
    let account = base::AccountId::parse("123456789012").unwrap();
    let renewed = h.app.renew_root_credentials(account).await.unwrap();

    assert_eq!(deleted.xml_ok(), json!({}));
    assert_eq!(refused.status, 403);
    let secret = std::str::from_utf8(renewed.secret_access_key.expose()).unwrap();
    let root = old
        .with_access_key_id(&renewed.access_key_id)
        .with_secret(secret);
    h.iam_as(&root, "ListUsers", &[]).await.xml_ok();
}

#[tokio::test]
async fn a_key_of_somebody_else_cannot_be_found() {
    let h = Harness::new().await;
    h.a_user("alice", None).await;
    let bob = h.a_user("bob", None).await;

    let text = format!("The Access Key with id {} cannot be found.", key(&bob).1);
    let parameters = [ALICE, key(&bob)];
    assert_refused(&h, ACTION, &parameters, (404, "NoSuchEntity", &text)).await;
}

#[tokio::test]
async fn a_denied_caller_changes_nothing() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", None).await;

    assert_denied(&h, ACTION, &[ALICE, key(&alice)], "user alice").await;
}
