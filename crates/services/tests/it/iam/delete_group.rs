use super::{
    SECRETS, a_group, a_plain_user, allowing, assert_denied, assert_refused, done, everything,
};
use testkit::Harness;

const READERS: (&str, &str) = ("GroupName", "readers");

#[tokio::test]
async fn members_and_policies_have_to_go_first() {
    let h = Harness::new().await;
    a_plain_user(&h, "alice").await;
    let before = everything(&h).await;
    a_group(&h, "readers", &["alice"]).await;
    let document = allowing(&["a:b"]).to_string();
    let inline = [READERS, ("PolicyName", "p"), ("PolicyDocument", &document)];
    done(&h, "PutGroupPolicy", &inline).await;
    let attached = ("PolicyArn", SECRETS);
    done(&h, "AttachGroupPolicy", &[READERS, attached]).await;
    let steps = [
        (
            "must remove users from group first.",
            "RemoveUserFromGroup",
            ("UserName", "alice"),
        ),
        (
            "must delete policies first.",
            "DeleteGroupPolicy",
            ("PolicyName", "p"),
        ),
        (
            "must detach all policies first.",
            "DetachGroupPolicy",
            attached,
        ),
    ];

    for (conflict, action, rest) in steps {
        let text = format!("Cannot delete entity, {conflict}");
        let refusal = (409, "DeleteConflict", text.as_str());
        assert_refused(&h, "DeleteGroup", &[READERS], refusal).await;
        done(&h, action, &[READERS, rest]).await;
    }
    done(&h, "DeleteGroup", &[READERS]).await;

    assert_eq!(everything(&h).await, before);
}

#[tokio::test]
async fn an_unknown_group_is_told_so() {
    let h = Harness::new().await;

    let text = "The group with name readers cannot be found.";
    assert_refused(&h, "DeleteGroup", &[READERS], (404, "NoSuchEntity", text)).await;
}

#[tokio::test]
async fn a_denied_caller_changes_nothing() {
    let h = Harness::new().await;
    a_group(&h, "readers", &[]).await;

    assert_denied(&h, "DeleteGroup", &[READERS], "group readers").await;
}
