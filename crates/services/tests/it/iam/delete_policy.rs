use super::kit::{
    NO_POLICY, POLICY, READER, THE_POLICY, a_policy, a_policy_with_versions, a_role, assert_denied,
    assert_refused, attached, picture,
};
use super::{ADMIN, done};
use testkit::Harness;

#[tokio::test]
async fn a_policy_goes_with_its_version() {
    let h = Harness::new().await;
    let before = picture(&h).await;
    a_policy(&h).await;

    done(&h, "DeletePolicy", &[("PolicyArn", POLICY)]).await;

    assert_eq!(picture(&h).await, before);
}

#[tokio::test]
async fn uses_keep_a_policy() {
    let h = Harness::new().await;
    a_policy(&h).await;
    a_role(&h).await;
    let used = (
        409,
        "DeleteConflict",
        "Cannot delete a policy attached to entities.",
    );

    attached(&h).await;
    assert_refused(&h, "DeletePolicy", &[("PolicyArn", POLICY)], used).await;
    done(&h, "DetachRolePolicy", &[READER, ("PolicyArn", POLICY)]).await;
    done(
        &h,
        "PutRolePermissionsBoundary",
        &[READER, ("PermissionsBoundary", POLICY)],
    )
    .await;
    assert_refused(&h, "DeletePolicy", &[("PolicyArn", POLICY)], used).await;
    done(&h, "DeleteRolePermissionsBoundary", &[READER]).await;

    done(&h, "DeletePolicy", &[("PolicyArn", POLICY)]).await;
}

#[tokio::test]
async fn further_versions_keep_a_policy() {
    let h = Harness::new().await;
    a_policy_with_versions(&h, 1).await;

    let text = "This policy has more than one version. Before you delete a policy, you must \
                delete the policy's versions. The default version is deleted with the policy.";
    let expected = (409, "DeleteConflict", text);
    assert_refused(&h, "DeletePolicy", &[("PolicyArn", POLICY)], expected).await;
}

#[tokio::test]
async fn a_policy_of_aws_is_nobodys_to_change() {
    let h = Harness::new().await;

    let parameters = [("PolicyArn", ADMIN)];
    let text = format!(
        "User: arn:aws:iam::123456789012:root is not authorized to perform: iam:DeletePolicy on \
         resource: policy {ADMIN} because no resource-based policy allows the iam:DeletePolicy action"
    );
    assert_refused(
        &h,
        "DeletePolicy",
        &parameters,
        (403, "AccessDenied", &text),
    )
    .await;
}

#[tokio::test]
async fn what_is_not_there_cannot_be_found() {
    let h = Harness::new().await;

    let parameters = [("PolicyArn", POLICY)];
    assert_refused(&h, "DeletePolicy", &parameters, NO_POLICY).await;
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [("PolicyArn", POLICY)];
    assert_denied("DeletePolicy", &parameters, THE_POLICY, None).await;
}
