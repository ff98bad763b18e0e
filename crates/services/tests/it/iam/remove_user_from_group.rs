use super::{a_group, a_plain_user, allowing, assert_denied, assert_refused, done, everything};
use testkit::Harness;

const ACTION: &str = "RemoveUserFromGroup";
const MEMBER: [(&str, &str); 2] = [("GroupName", "readers"), ("UserName", "alice")];

#[tokio::test]
async fn who_leaves_a_group_loses_its_policies_from_the_next_request_on() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", None).await;
    a_plain_user(&h, "bob").await;
    a_group(&h, "others", &["alice"]).await;
    a_group(&h, "readers", &["bob"]).await;
    let document = allowing(&["iam:GetUser"]).to_string();
    let policy = [
        MEMBER[0],
        ("PolicyName", "p"),
        ("PolicyDocument", &document),
    ];
    done(&h, "PutGroupPolicy", &policy).await;
    let before = everything(&h).await;
    done(&h, "AddUserToGroup", &MEMBER).await;
    h.iam_as(&alice, "GetUser", &[]).await.xml_ok();

    let other_case = [("GroupName", "Readers"), ("UserName", "Alice")];
    done(&h, ACTION, &other_case).await;

    assert_eq!(h.iam_as(&alice, "GetUser", &[]).await.status, 403);
    assert_eq!(everything(&h).await, before);
}

#[tokio::test]
async fn who_is_no_member_cannot_leave() {
    let h = Harness::new().await;
    a_plain_user(&h, "alice").await;
    a_group(&h, "readers", &[]).await;

    let text = "User alice not in group readers";
    assert_refused(&h, ACTION, &MEMBER, (404, "NoSuchEntity", text)).await;
}

#[tokio::test]
async fn what_is_not_there_is_told_group_first() {
    let h = Harness::new().await;

    let text = "The group with name readers cannot be found.";
    assert_refused(&h, ACTION, &MEMBER, (404, "NoSuchEntity", text)).await;
    a_group(&h, "readers", &[]).await;
    let text = "The user with name alice cannot be found.";
    assert_refused(&h, ACTION, &MEMBER, (404, "NoSuchEntity", text)).await;
}

#[tokio::test]
async fn a_denied_caller_changes_nothing() {
    let h = Harness::new().await;
    a_plain_user(&h, "alice").await;
    a_group(&h, "readers", &["alice"]).await;

    assert_denied(&h, ACTION, &MEMBER, "group readers").await;
}
