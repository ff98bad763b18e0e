use super::{a_plain_user, allowing, assert_denied, assert_refused};
use testkit::Harness;

const ACTION: &str = "GetLoginProfile";

#[tokio::test]
async fn a_user_has_none() {
    let h = Harness::new().await;
    a_plain_user(&h, "Alice").await;

    let text = "Login Profile for User Alice cannot be found.";
    let alice = [("UserName", "aLICE")];
    assert_refused(&h, ACTION, &alice, (404, "NoSuchEntity", text)).await;
}

#[tokio::test]
async fn without_a_name_it_is_the_callers() {
    let h = Harness::new().await;
    let alice = h
        .a_user("alice", Some(&allowing(&["iam:GetLoginProfile"])))
        .await;

    let own = h.iam_as(&alice, ACTION, &[]).await;

    let text = "Login Profile for User alice cannot be found.";
    own.xml_refused(404, "NoSuchEntity", text);
    let text = "Must specify userName when calling with non-User credentials";
    assert_refused(&h, ACTION, &[], (400, "ValidationError", text)).await;
}

#[tokio::test]
async fn an_unknown_user_is_told_so() {
    let h = Harness::new().await;

    let text = "The user with name nobody cannot be found.";
    let nobody = [("UserName", "nobody")];
    assert_refused(&h, ACTION, &nobody, (404, "NoSuchEntity", text)).await;
}

#[tokio::test]
async fn a_denied_caller_learns_nothing() {
    let h = Harness::new().await;

    let nobody = [("UserName", "nobody")];
    assert_denied(&h, ACTION, &nobody, "user nobody").await;
}
