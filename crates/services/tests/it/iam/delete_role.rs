use super::kit::{
    NO_ROLE, POLICY, READER, a_policy, a_role, assert_denied, assert_refused, attached, document,
    picture, the_policy, the_role,
};
use super::{done, told};
use testkit::Harness;

#[tokio::test]
async fn a_role_goes_with_its_boundary() {
    let h = Harness::new().await;
    a_policy(&h).await;
    let before = picture(&h).await;
    a_role(&h).await;
    let boundary = [READER, ("PermissionsBoundary", POLICY)];
    done(&h, "PutRolePermissionsBoundary", &boundary).await;
    assert_eq!(the_policy(&h).await["PermissionsBoundaryUsageCount"], "1");

    done(&h, "DeleteRole", &[READER]).await;

    assert_eq!(picture(&h).await, before);
}

#[tokio::test]
async fn policies_keep_a_role() {
    let h = Harness::new().await;
    a_policy(&h).await;
    a_role(&h).await;
    let text = document("s3:A");
    let inline = [
        READER,
        ("PolicyName", "p"),
        ("PolicyDocument", text.as_str()),
    ];
    done(&h, "PutRolePolicy", &inline).await;
    attached(&h).await;

    let expected = (
        409,
        "DeleteConflict",
        "Cannot delete entity, must detach all policies first.",
    );
    assert_refused(&h, "DeleteRole", &[READER], expected).await;

    done(&h, "DetachRolePolicy", &[READER, ("PolicyArn", POLICY)]).await;
    let expected = (
        409,
        "DeleteConflict",
        "Cannot delete entity, must delete policies first.",
    );
    assert_refused(&h, "DeleteRole", &[READER], expected).await;

    done(&h, "DeleteRolePolicy", &inline[..2]).await;
    done(&h, "DeleteRole", &[READER]).await;
    assert_eq!(told(&h, "ListRoles", &[]).await["Roles"], "");
}

#[tokio::test]
async fn a_successor_is_another_role() {
    let h = Harness::new().await;
    a_role(&h).await;
    let before = the_role(&h).await;

    done(&h, "DeleteRole", &[READER]).await;
    a_role(&h).await;

    assert_ne!(the_role(&h).await["RoleId"], before["RoleId"]);
}

#[tokio::test]
async fn what_is_not_there_cannot_be_found() {
    let h = Harness::new().await;

    let parameters = [READER];
    assert_refused(&h, "DeleteRole", &parameters, NO_ROLE).await;
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [READER];
    assert_denied("DeleteRole", &parameters, "role Reader", None).await;
}
