use super::kit::{
    NO_ROLE, POLICY, READER, a_policy, a_role, assert_denied, assert_refused, the_policy, the_role,
};
use super::{ADMIN, done};
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_boundary_takes_the_place_of_another() {
    let h = Harness::new().await;
    a_policy(&h).await;
    a_role(&h).await;

    done(
        &h,
        "PutRolePermissionsBoundary",
        &[READER, ("PermissionsBoundary", POLICY)],
    )
    .await;
    done(
        &h,
        "PutRolePermissionsBoundary",
        &[READER, ("PermissionsBoundary", POLICY)],
    )
    .await;
    assert_eq!(the_policy(&h).await["PermissionsBoundaryUsageCount"], "1");
    done(
        &h,
        "PutRolePermissionsBoundary",
        &[READER, ("PermissionsBoundary", ADMIN)],
    )
    .await;

    let expected = json!({ "PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": ADMIN });
    assert_eq!(the_role(&h).await["PermissionsBoundary"], expected);
    assert_eq!(the_policy(&h).await["PermissionsBoundaryUsageCount"], "0");
}

#[tokio::test]
async fn a_boundary_must_be_there() {
    let h = Harness::new().await;
    a_role(&h).await;

    let parameters = [READER, ("PermissionsBoundary", POLICY)];
    let text = format!("Scope ARN: {POLICY} does not exist or is not attachable.");
    let expected = (404, "NoSuchEntity", text.as_str());
    assert_refused(&h, "PutRolePermissionsBoundary", &parameters, expected).await;
}

#[tokio::test]
async fn what_is_not_there_cannot_be_found() {
    let h = Harness::new().await;

    let parameters = [READER, ("PermissionsBoundary", POLICY)];
    assert_refused(&h, "PutRolePermissionsBoundary", &parameters, NO_ROLE).await;
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [READER, ("PermissionsBoundary", POLICY)];
    assert_denied(
        "PutRolePermissionsBoundary",
        &parameters,
        "role Reader",
        None,
    )
    .await;
}
