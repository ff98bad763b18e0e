use super::{allowing, assert_denied, assert_refused, done};
use serde_json::json;
use testkit::Harness;

const ACTION: &str = "UpdateAccessKey";
const ALICE: (&str, &str) = ("UserName", "alice");

#[tokio::test]
async fn an_inactive_key_is_refused_from_the_next_request_on_and_works_again_when_active() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", Some(&allowing(&["*"]))).await;
    let key = ("AccessKeyId", alice.access_key_id());
    h.iam_as(&alice, "GetUser", &[]).await.xml_ok();

    done(&h, ACTION, &[ALICE, key, ("Status", "Inactive")]).await;
    let inactive = h.send(alice.signed_form("iam", GET_USER, h.now())).await;
    let json = h
        .send(alice.signed("ListSecrets", &json!({}), h.now()))
        .await;
    done(&h, ACTION, &[ALICE, key, ("Status", "Active")]).await;

    let text = "The security token included in the request is invalid.";
    inactive.xml_refused(403, "InvalidClientTokenId", text);
    json.rejected("UnrecognizedClientException", Some(text));
    h.iam_as(&alice, "GetUser", &[]).await.xml_ok();
}

#[tokio::test]
async fn a_caller_may_switch_off_its_own_key() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", Some(&allowing(&["*"]))).await;
    let key = ("AccessKeyId", alice.access_key_id());

    let own = h
        .iam_as(&alice, ACTION, &[key, ("Status", "Inactive")])
        .await;

    own.xml_ok();
    let refused = h.send(alice.signed_form("iam", GET_USER, h.now())).await;
    assert_eq!(refused.status, 403);
}

#[tokio::test]
async fn a_key_of_somebody_else_cannot_be_found() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", None).await;
    let bob = h.a_user("bob", None).await;
    let other = h.another_account("999988887777").await;

    for caller in [&bob, &other, &h.root] {
        let key = ("AccessKeyId", caller.access_key_id());
        let id = key.1;
        let text = format!("The Access Key with id {id} cannot be found.");
        let parameters = [ALICE, key, ("Status", "Inactive")];
        assert_refused(&h, ACTION, &parameters, (404, "NoSuchEntity", &text)).await;
    }
    let key = ("AccessKeyId", alice.access_key_id());
    let text = format!("The Access Key with id {} cannot be found.", key.1);
    let of_root = [key, ("Status", "Inactive")];
    assert_refused(&h, ACTION, &of_root, (404, "NoSuchEntity", &text)).await;
}

#[tokio::test]
async fn a_key_cannot_be_made_to_expire() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", None).await;
    let key = ("AccessKeyId", alice.access_key_id());

    let text = "the status `Expired` cannot be set";
    let expired = [ALICE, key, ("Status", "Expired")];
    assert_refused(&h, ACTION, &expired, (400, "InvalidInput", text)).await;
}

#[tokio::test]
async fn a_denied_caller_changes_nothing() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", None).await;

    let key = ("AccessKeyId", alice.access_key_id());
    let parameters = [ALICE, key, ("Status", "Inactive")];
    assert_denied(&h, ACTION, &parameters, "user alice").await;
}

const GET_USER: &str = "Action=GetUser&Version=2010-05-08";
