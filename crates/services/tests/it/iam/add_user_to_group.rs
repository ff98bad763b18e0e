use super::{
    a_group, a_plain_user, allowing, arn, assert_denied, assert_refused, done, everything, told,
};
use serde_json::json;
use testkit::Harness;

const ACTION: &str = "AddUserToGroup";
const MEMBER: [(&str, &str); 2] = [("GroupName", "readers"), ("UserName", "alice")];

#[tokio::test]
async fn a_member_has_the_groups_policies_from_the_next_request_on() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", None).await;
    a_group(&h, "readers", &[]).await;
    let document = allowing(&["iam:GetUser"]).to_string();
    let policy = [
        MEMBER[0],
        ("PolicyName", "p"),
        ("PolicyDocument", &document),
    ];
    done(&h, "PutGroupPolicy", &policy).await;
    assert_eq!(h.iam_as(&alice, "GetUser", &[]).await.status, 403);

    done(&h, ACTION, &MEMBER).await;

    h.iam_as(&alice, "GetUser", &[]).await.xml_ok();
}

#[tokio::test]
async fn a_group_given_more_gives_more_from_the_next_request_on() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", None).await;
    a_group(&h, "readers", &["alice"]).await;
    let admin = [MEMBER[0], ("PolicyArn", super::ADMIN)];

    done(&h, "AttachGroupPolicy", &admin).await;
    let while_attached = h.iam_as(&alice, "GetUser", &[]).await;
    done(&h, "DetachGroupPolicy", &admin).await;
    let afterwards = h.iam_as(&alice, "GetUser", &[]).await;

    while_attached.xml_ok();
    assert_eq!(afterwards.status, 403);
}

#[tokio::test]
async fn a_member_stays_one_whatever_the_case() {
    let h = Harness::new().await;
    a_plain_user(&h, "alice").await;
    a_group(&h, "readers", &["alice"]).await;
    let before = everything(&h).await;

    done(
        &h,
        ACTION,
        &[("GroupName", "READERS"), ("UserName", "ALICE")],
    )
    .await;

    assert_eq!(everything(&h).await, before);
}

#[tokio::test]
async fn a_user_is_in_ten_groups_at_most() {
    let h = Harness::new().await;
    a_plain_user(&h, "alice").await;
    for n in 0..10 {
        a_group(&h, &format!("g{n}"), &["alice"]).await;
    }
    a_group(&h, "readers", &[]).await;

    let text = "Cannot exceed quota for GroupsPerUser: 10";
    assert_refused(&h, ACTION, &MEMBER, (409, "LimitExceeded", text)).await;
    done(&h, ACTION, &[("GroupName", "g0"), MEMBER[1]]).await;
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
    a_group(&h, "readers", &[]).await;

    let itself = [MEMBER[0], ("UserName", "mallory")];
    assert_denied(&h, ACTION, &itself, "group readers").await;
}

#[tokio::test]
async fn the_group_is_what_is_asked_for() {
    let h = Harness::new().await;
    a_group(&h, "readers", &[]).await;
    a_group(&h, "admins", &[]).await;
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow", "Action": "iam:AddUserToGroup", "Resource": arn("group/readers"),
        },
    });
    let alice = h.a_user("alice", Some(&policy)).await;

    let readers = h.iam_as(&alice, ACTION, &MEMBER).await;
    let admins = [("GroupName", "admins"), MEMBER[1]];
    let admins = h.iam_as(&alice, ACTION, &admins).await;

    readers.xml_ok();
    assert_eq!(admins.status, 403);
    let groups = told(&h, "ListGroupsForUser", &[MEMBER[1]]).await;
    let groups = groups["Groups"].as_array().unwrap();
    assert_eq!(groups.len(), 1);
}
