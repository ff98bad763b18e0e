use super::done;
use super::kit::{
    NO_ROLE, POLICY, READER, a_policy, a_role, assert_denied, assert_refused, picture,
};
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn the_boundary_goes_from_role_and_policy() {
    let h = Harness::new().await;
    a_policy(&h).await;
    a_role(&h).await;
    let before = picture(&h).await;
    done(
        &h,
        "PutRolePermissionsBoundary",
        &[READER, ("PermissionsBoundary", POLICY)],
    )
    .await;

    done(&h, "DeleteRolePermissionsBoundary", &[READER]).await;

    assert_eq!(picture(&h).await, before);
}

#[tokio::test]
async fn a_role_without_a_boundary_is_refused() {
    let h = Harness::new().await;
    a_role(&h).await;

    let text = "Role Reader does not have a permissions boundary.";
    let expected = (404, "NoSuchEntity", text);
    assert_refused(&h, "DeleteRolePermissionsBoundary", &[READER], expected).await;
}

#[tokio::test]
async fn the_present_boundary_is_a_condition_key() {
    let h = Harness::new().await;
    a_policy(&h).await;
    a_role(&h).await;
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow", "Action": "iam:DeleteRolePermissionsBoundary", "Resource": "*",
            "Condition": { "StringNotEquals": { "iam:PermissionsBoundary": POLICY } },
        },
    });
    let admin = h.a_user("admin", Some(&policy)).await;
    done(
        &h,
        "PutRolePermissionsBoundary",
        &[READER, ("PermissionsBoundary", POLICY)],
    )
    .await;

    let kept = h
        .iam_as(&admin, "DeleteRolePermissionsBoundary", &[READER])
        .await;
    let other = [READER, ("PermissionsBoundary", super::ADMIN)];
    done(&h, "PutRolePermissionsBoundary", &other).await;
    let taken = h
        .iam_as(&admin, "DeleteRolePermissionsBoundary", &[READER])
        .await;

    assert_eq!((kept.status, taken.status), (403, 200));
}

#[tokio::test]
async fn what_is_not_there_cannot_be_found() {
    let h = Harness::new().await;

    let parameters = [READER];
    assert_refused(&h, "DeleteRolePermissionsBoundary", &parameters, NO_ROLE).await;
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [READER];
    assert_denied(
        "DeleteRolePermissionsBoundary",
        &parameters,
        "role Reader",
        None,
    )
    .await;
}
