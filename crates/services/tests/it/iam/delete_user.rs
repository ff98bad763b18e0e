use super::{
    SECRETS, a_group, a_plain_user, allowing, assert_denied, assert_refused, done, everything, told,
};
use testkit::Harness;

const ALICE: (&str, &str) = ("UserName", "alice");

#[tokio::test]
async fn what_hangs_on_a_user_has_to_go_first() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", Some(&allowing(&["iam:GetUser"]))).await;
    a_group(&h, "one", &["alice"]).await;
    let policy = ("PolicyArn", SECRETS);
    done(&h, "AttachUserPolicy", &[ALICE, policy]).await;
    let steps = [
        (
            "must delete access keys first.",
            "DeleteAccessKey",
            ("AccessKeyId", alice.access_key_id()),
        ),
        (
            "must delete policies first.",
            "DeleteUserPolicy",
            ("PolicyName", "p"),
        ),
        (
            "must detach all policies first.",
            "DetachUserPolicy",
            policy,
        ),
        (
            "must remove users from group first.",
            "RemoveUserFromGroup",
            ("GroupName", "one"),
        ),
    ];

    for (conflict, action, rest) in steps {
        let text = format!("Cannot delete entity, {conflict}");
        assert_refused(&h, "DeleteUser", &[ALICE], (409, "DeleteConflict", &text)).await;
        done(&h, action, &[ALICE, rest]).await;
    }
    done(&h, "DeleteUser", &[ALICE]).await;

    let text = "The user with name alice cannot be found.";
    assert_refused(&h, "DeleteUser", &[ALICE], (404, "NoSuchEntity", text)).await;
    let group = told(&h, "GetGroup", &[("GroupName", "one")]).await;
    assert_eq!(group["Users"], "");
}

#[tokio::test]
async fn the_boundary_goes_with_the_user() {
    let h = Harness::new().await;
    let before = everything(&h).await;
    let bounded = [ALICE, ("PermissionsBoundary", SECRETS)];
    h.iam("CreateUser", &bounded).await.xml_ok();

    done(&h, "DeleteUser", &[ALICE]).await;

    assert_eq!(everything(&h).await, before);
    // The same name can be bounded by the same policy again.
    h.iam("CreateUser", &bounded).await.xml_ok();
}

#[tokio::test]
async fn a_user_of_the_same_name_is_another_one() {
    let h = Harness::new().await;
    let first = told(&h, "CreateUser", &[ALICE]).await;
    done(&h, "DeleteUser", &[ALICE]).await;

    let second = told(&h, "CreateUser", &[ALICE]).await;

    assert_ne!(first["User"]["UserId"], second["User"]["UserId"]);
}

#[tokio::test]
async fn an_unknown_user_is_told_so() {
    let h = Harness::new().await;

    let text = "The user with name nobody cannot be found.";
    let nobody = [("UserName", "nobody")];
    assert_refused(&h, "DeleteUser", &nobody, (404, "NoSuchEntity", text)).await;
}

#[tokio::test]
async fn a_denied_caller_changes_nothing() {
    let h = Harness::new().await;
    a_plain_user(&h, "alice").await;

    assert_denied(&h, "DeleteUser", &[ALICE], "user alice").await;
}
