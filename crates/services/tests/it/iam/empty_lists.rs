//! Lists of what nobody has here: what holds of each of them.

use super::{a_plain_user, allowing, assert_denied, assert_refused, told};
use serde_json::json;
use testkit::Harness;

/// An operation, and what its answer calls the list.
#[derive(Clone, Copy)]
pub(super) struct EmptyList {
    pub(super) action: &'static str,
    pub(super) member: &'static str,
}

/// Asserts everything about one list.
pub(super) async fn assert_empty(list: EmptyList) {
    nobody_has_any(list).await;
    without_a_name_it_is_about_the_caller(list).await;
    what_cannot_be_listed_is_refused(list.action).await;
    a_denied_caller_learns_nothing(list.action).await;
}

async fn nobody_has_any(EmptyList { action, member }: EmptyList) {
    let h = Harness::new().await;
    a_plain_user(&h, "alice").await;

    let of_alice = told(&h, action, &[("UserName", "alice")]).await;
    let of_root = told(&h, action, &[]).await;

    let none = json!({ member: "", "IsTruncated": "false" });
    assert_eq!((of_alice, of_root), (none.clone(), none));
}

async fn without_a_name_it_is_about_the_caller(EmptyList { action, member }: EmptyList) {
    let h = Harness::new().await;
    let allowed = allowing(&[&format!("iam:{action}")]);
    let alice = h.a_user("alice", Some(&allowed)).await;

    let own = h.iam_as(&alice, action, &[]).await.xml_ok();

    let none = json!({ member: "", "IsTruncated": "false" });
    assert_eq!(own[&format!("{action}Result")], none);
}

async fn what_cannot_be_listed_is_refused(action: &str) {
    let h = Harness::new().await;
    let no_user = "The user with name nobody cannot be found.";

    for (parameter, refusal) in [
        (("Marker", "x"), (400, "ValidationError", "Invalid Marker.")),
        (("UserName", "nobody"), (404, "NoSuchEntity", no_user)),
    ] {
        assert_refused(&h, action, &[parameter], refusal).await;
    }
}

async fn a_denied_caller_learns_nothing(action: &str) {
    let h = Harness::new().await;

    let nobody = [("UserName", "nobody")];
    assert_denied(&h, action, &nobody, "user nobody").await;
}
