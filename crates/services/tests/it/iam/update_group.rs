use super::{
    SECRETS, a_group, a_plain_user, allowing, arn, assert_denied, assert_refused, denial, done,
    everything,
};
use serde_json::json;
use testkit::Harness;

const READERS: (&str, &str) = ("GroupName", "readers");

#[tokio::test]
async fn everything_follows_a_group_to_its_new_name_and_path() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", None).await;
    a_plain_user(&h, "bob").await;
    a_group(&h, "Aside", &["alice"]).await;
    a_group(&h, "Readers", &["alice", "bob"]).await;
    let document = allowing(&["iam:GetUser"]).to_string();
    let policy = [READERS, ("PolicyName", "p"), ("PolicyDocument", &document)];
    done(&h, "PutGroupPolicy", &policy).await;
    done(&h, "AttachGroupPolicy", &[READERS, ("PolicyArn", SECRETS)]).await;
    let before = everything(&h).await.to_string();

    let renamed = [READERS, ("NewGroupName", "Staff"), ("NewPath", "/team/")];
    done(&h, "UpdateGroup", &renamed).await;

    let expected = before
        .replace("group/Readers", "group/team/Staff")
        .replace("Readers", "Staff");
    let after = everything(&h).await.to_string();
    assert_eq!(after.replace("\"/team/\"", "\"/\""), expected);
    h.iam_as(&alice, "GetUser", &[]).await.xml_ok();
}

#[tokio::test]
async fn what_was_renamed_can_be_taken_apart_and_deleted() {
    let h = Harness::new().await;
    let before = everything(&h).await;
    a_plain_user(&h, "alice").await;
    a_group(&h, "readers", &["alice"]).await;
    done(&h, "AttachGroupPolicy", &[READERS, ("PolicyArn", SECRETS)]).await;
    done(&h, "UpdateGroup", &[READERS, ("NewGroupName", "staff")]).await;

    let staff = ("GroupName", "staff");
    done(&h, "DetachGroupPolicy", &[staff, ("PolicyArn", SECRETS)]).await;
    let member = [staff, ("UserName", "alice")];
    done(&h, "RemoveUserFromGroup", &member).await;
    done(&h, "DeleteGroup", &[staff]).await;
    done(&h, "DeleteUser", &[("UserName", "alice")]).await;

    assert_eq!(everything(&h).await, before);
}

#[tokio::test]
async fn a_name_may_change_its_case_only() {
    let h = Harness::new().await;
    a_plain_user(&h, "alice").await;
    a_group(&h, "readers", &["alice"]).await;
    let before = everything(&h).await.to_string();

    done(&h, "UpdateGroup", &[READERS, ("NewGroupName", "READERS")]).await;

    let after = everything(&h).await.to_string();
    assert_eq!(after, before.replace("readers", "READERS"));
}

#[tokio::test]
async fn a_taken_name_is_refused() {
    let h = Harness::new().await;
    a_group(&h, "readers", &[]).await;
    a_group(&h, "Staff", &[]).await;

    let text = "Group with name sTAFF already exists.";
    let renamed = [READERS, ("NewGroupName", "sTAFF")];
    assert_refused(
        &h,
        "UpdateGroup",
        &renamed,
        (409, "EntityAlreadyExists", text),
    )
    .await;
}

#[tokio::test]
async fn an_unknown_group_is_told_so() {
    let h = Harness::new().await;

    let text = "The group with name readers cannot be found.";
    let renamed = [READERS, ("NewGroupName", "x")];
    assert_refused(&h, "UpdateGroup", &renamed, (404, "NoSuchEntity", text)).await;
}

#[tokio::test]
async fn a_denied_caller_changes_nothing() {
    let h = Harness::new().await;
    a_group(&h, "readers", &[]).await;

    let renamed = [READERS, ("NewGroupName", "x")];
    assert_denied(&h, "UpdateGroup", &renamed, "group readers").await;
}

#[tokio::test]
async fn who_may_rename_one_group_may_not_make_it_another() {
    let h = Harness::new().await;
    a_group(&h, "readers", &[]).await;
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow", "Action": "iam:UpdateGroup", "Resource": arn("group/readers"),
        },
    });
    let delegate = h.a_user("delegate", Some(&policy)).await;
    let before = everything(&h).await;

    let renamed = [READERS, ("NewPath", "/admin/")];
    let refused = h.iam_as(&delegate, "UpdateGroup", &renamed).await;

    let text = denial("delegate", "UpdateGroup", "group readers");
    refused.xml_refused(403, "AccessDenied", &text);
    assert_eq!(everything(&h).await, before);
}
