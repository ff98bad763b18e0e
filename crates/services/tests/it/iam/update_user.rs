use super::{
    SECRETS, a_group, a_plain_user, allowing, arn, assert_denied, assert_refused, denial, done,
    everything, told,
};
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn everything_follows_a_user_to_its_new_name_and_path() {
    let h = Harness::new().await;
    let alice = h.a_user("Alice", Some(&allowing(&["iam:GetUser"]))).await;
    a_group(&h, "one", &["Alice"]).await;
    a_group(&h, "two", &["Alice"]).await;
    let attached = [("UserName", "Alice"), ("PolicyArn", SECRETS)];
    done(&h, "AttachUserPolicy", &attached).await;
    let bounded = [("UserName", "Alice"), ("PermissionsBoundary", super::ADMIN)];
    done(&h, "PutUserPermissionsBoundary", &bounded).await;
    let before = everything(&h).await.to_string();

    let renamed = [
        ("UserName", "aLICE"),
        ("NewUserName", "Berta"),
        ("NewPath", "/team/"),
    ];
    done(&h, "UpdateUser", &renamed).await;

    let expected = before
        .replace("user/Alice", "user/team/Berta")
        .replace("Alice", "Berta");
    let after = everything(&h).await.to_string();
    assert_eq!(after.replace("\"/team/\"", "\"/\""), expected);
    let own = h.iam_as(&alice, "GetUser", &[]).await.xml_ok();
    assert_eq!(own["GetUserResult"]["User"]["Arn"], arn("user/team/Berta"));
    let old = h.iam("GetUser", &[("UserName", "Alice")]).await;
    assert_eq!(old.status, 404);
}

#[tokio::test]
async fn what_was_renamed_can_be_taken_apart_and_deleted() {
    let h = Harness::new().await;
    let before = everything(&h).await;
    let alice = h.a_user("alice", None).await;
    a_group(&h, "one", &["alice"]).await;
    let attached = [("UserName", "alice"), ("PolicyArn", SECRETS)];
    done(&h, "AttachUserPolicy", &attached).await;
    let renamed = [("UserName", "alice"), ("NewUserName", "berta")];
    done(&h, "UpdateUser", &renamed).await;

    let berta = ("UserName", "berta");
    done(&h, "DetachUserPolicy", &[berta, ("PolicyArn", SECRETS)]).await;
    done(&h, "RemoveUserFromGroup", &[berta, ("GroupName", "one")]).await;
    let key = [berta, ("AccessKeyId", alice.access_key_id())];
    done(&h, "DeleteAccessKey", &key).await;
    done(&h, "DeleteUser", &[berta]).await;
    done(&h, "DeleteGroup", &[("GroupName", "one")]).await;

    assert_eq!(everything(&h).await, before);
}

#[tokio::test]
async fn a_name_may_change_its_case_only() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", Some(&allowing(&["iam:GetUser"]))).await;
    a_group(&h, "one", &["alice"]).await;
    let attached = [("UserName", "alice"), ("PolicyArn", SECRETS)];
    done(&h, "AttachUserPolicy", &attached).await;
    let before = everything(&h).await.to_string();

    let renamed = [("UserName", "alice"), ("NewUserName", "ALICE")];
    done(&h, "UpdateUser", &renamed).await;

    let after = everything(&h).await.to_string();
    assert_eq!(after, before.replace("alice", "ALICE"));
    h.iam_as(&alice, "GetUser", &[]).await.xml_ok();
}

#[tokio::test]
async fn a_path_alone_may_change_and_nothing_at_all_too() {
    let h = Harness::new().await;
    a_plain_user(&h, "alice").await;
    let before = everything(&h).await;

    done(&h, "UpdateUser", &[("UserName", "alice")]).await;
    assert_eq!(everything(&h).await, before);
    let moved = [("UserName", "alice"), ("NewPath", "/team/")];
    done(&h, "UpdateUser", &moved).await;

    let user = told(&h, "GetUser", &[("UserName", "alice")]).await;
    assert_eq!(user["User"]["Arn"], arn("user/team/alice"));
}

#[tokio::test]
async fn a_taken_name_is_refused() {
    let h = Harness::new().await;
    a_plain_user(&h, "alice").await;
    a_plain_user(&h, "Berta").await;

    let text = "User with name bERTA already exists.";
    let renamed = [("UserName", "alice"), ("NewUserName", "bERTA")];
    assert_refused(
        &h,
        "UpdateUser",
        &renamed,
        (409, "EntityAlreadyExists", text),
    )
    .await;
}

#[tokio::test]
async fn an_unknown_user_is_told_so() {
    let h = Harness::new().await;

    let text = "The user with name nobody cannot be found.";
    let renamed = [("UserName", "nobody"), ("NewUserName", "x")];
    assert_refused(&h, "UpdateUser", &renamed, (404, "NoSuchEntity", text)).await;
}

#[tokio::test]
async fn a_denied_caller_changes_nothing() {
    let h = Harness::new().await;
    a_plain_user(&h, "alice").await;

    let renamed = [("UserName", "alice"), ("NewUserName", "x")];
    assert_denied(&h, "UpdateUser", &renamed, "user alice").await;
}

#[tokio::test]
async fn who_may_rename_one_user_may_not_make_it_another() {
    let h = Harness::new().await;
    a_plain_user(&h, "alice").await;
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "iam:UpdateUser",
            "Resource": [arn("user/alice"), arn("user/berta")],
        },
    });
    let delegate = h.a_user("delegate", Some(&policy)).await;
    let before = everything(&h).await;
    let renamed = |name| [("UserName", "alice"), ("NewUserName", name)];

    let refused = h.iam_as(&delegate, "UpdateUser", &renamed("admin")).await;

    let text = denial("delegate", "UpdateUser", "user admin");
    refused.xml_refused(403, "AccessDenied", &text);
    assert_eq!(everything(&h).await, before);
    h.iam_as(&delegate, "UpdateUser", &renamed("berta"))
        .await
        .xml_ok();
}
